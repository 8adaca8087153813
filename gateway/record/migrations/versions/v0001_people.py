"""Clients, their contacts, consents and relations."""

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None

UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    _client()
    _stage()
    _contact()
    _address()
    _consent()
    _party()
    _relationship()


def _client() -> None:
    op.create_table(
        "client",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("short_name", sa.String(40), nullable=False, server_default=""),
        sa.Column("nickname", sa.String(40), nullable=False, server_default=""),
        sa.Column("language", sa.String(12), nullable=False, server_default=""),
        sa.Column("birth_date", sa.Date()),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("source", sa.String(80), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("number", name=op.f("uq_client_number")),
    )


def _stage() -> None:
    op.create_table(
        "stage",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("client", sa.String(32), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("since", UTC, nullable=False),
        sa.Column("source", sa.String(80), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sa.ForeignKeyConstraint(["client"], ["client.id"], name=op.f("fk_stage_client")),
    )
    op.create_index(op.f("ix_stage_client"), "stage", ["client"])


def _contact() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("client", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False, server_default="phone"),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("since", UTC, nullable=False),
        sa.Column("until", UTC),
        sa.Column("source", sa.String(80), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.ForeignKeyConstraint(["client"], ["client.id"], name=op.f("fk_contact_client")),
    )
    op.create_index(op.f("ix_contact_address"), "contact", ["address"])
    op.create_index(op.f("ix_contact_client"), "contact", ["client"])
    op.create_index(
        "uq_contact_open",
        "contact",
        ["client", "kind", "address"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )


def _address() -> None:
    op.create_table(
        "address",
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("language", sa.String(12), nullable=False, server_default=""),
        sa.Column("language_at", UTC),
        sa.Column("notice", sa.String(20), nullable=False, server_default=""),
        sa.Column("notice_at", UTC),
        sa.Column("first_seen", UTC),
        sa.Column("last_seen", UTC),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_address")),
    )


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("client", sa.String(32)),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("channel", sa.String(40), nullable=False, server_default=""),
        sa.Column("conversation", sa.String(32), nullable=False, server_default=""),
        sa.Column("notice", sa.String(20), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.ForeignKeyConstraint(["client"], ["client.id"], name=op.f("fk_consent_client")),
        sa.UniqueConstraint("key", name=op.f("uq_consent_key")),
    )
    op.create_index(op.f("ix_consent_address"), "consent", ["address"])
    op.create_index(op.f("ix_consent_client"), "consent", ["client"])


def _party() -> None:
    op.create_table(
        "party",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("ref", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("ref", name=op.f("uq_party_ref")),
    )


def _relationship() -> None:
    op.create_table(
        "relationship",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("client", sa.String(32), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("other_kind", sa.String(40), nullable=False),
        sa.Column("other", sa.String(40), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("source", sa.String(80), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relationship")),
        sa.ForeignKeyConstraint(["client"], ["client.id"], name=op.f("fk_relationship_client")),
        sa.UniqueConstraint(
            "client",
            "role",
            "other_kind",
            "other",
            "since",
            name=op.f("uq_relationship_client_role_other_kind_other_since"),
        ),
    )
    op.create_index(op.f("ix_relationship_client"), "relationship", ["client"])
