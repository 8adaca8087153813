"""PINs, effects, releases and the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "v0004"
down_revision = "v0003"

UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    _audit()
    _release()
    _publication()
    _pin()
    _guessing()
    _effect()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("what", sa.String(60), nullable=False),
        sa.Column("about", sa.String(80), nullable=False, server_default=""),
        sa.Column("why", sa.Text(), nullable=False, server_default=""),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])


def _release() -> None:
    op.create_table(
        "release",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("sources", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_release")),
    )


def _publication() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("release", sa.String(64), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("who", sa.String(80), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.ForeignKeyConstraint(["release"], ["release.hash"], name=op.f("fk_publication_release")),
    )
    op.create_index(op.f("ix_publication_at"), "publication", ["at"])


def _pin() -> None:
    op.create_table(
        "pin",
        sa.Column("client", sa.String(32), nullable=False),
        sa.Column("hash", sa.String(200), nullable=False, server_default=""),
        sa.Column("set_at", UTC),
        sa.Column("candidate", sa.String(200), nullable=False, server_default=""),
        sa.Column("candidate_at", UTC),
        sa.Column("code_hash", sa.String(200), nullable=False, server_default=""),
        sa.Column("code_expires", UTC),
        sa.Column("code_by", sa.String(80), nullable=False, server_default=""),
        sa.Column("cooling_until", UTC),
        sa.PrimaryKeyConstraint("client", name=op.f("pk_pin")),
        sa.ForeignKeyConstraint(["client"], ["client.id"], name=op.f("fk_pin_client")),
    )


def _guessing() -> None:
    op.create_table(
        "guessing",
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("locks", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("locked_until", UTC),
        sa.Column("last_at", UTC),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_guessing")),
    )


def _effect() -> None:
    op.create_table(
        "effect",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("outcome", sa.JSON()),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_effect")),
    )
    op.create_index(op.f("ix_effect_at"), "effect", ["at"])
