"""Money in two steps: all that a payment is, and what providers said of it. No payment was ever written before."""

import sqlalchemy as sa
from alembic import op

revision = "v0006"
down_revision = "v0005"

UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.drop_table("payment")
    _payment()
    _payment_evidence()


def _payment() -> None:
    op.create_table(
        "payment",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("client", sa.String(32), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("nickname", sa.String(60), nullable=False, server_default=""),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("wallet", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("moved_at", UTC, nullable=False),
        sa.Column("next_at", UTC),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("asked_at", UTC),
        sa.Column("unseen_since", UTC),
        sa.Column("provider_ref", sa.String(120), nullable=False, server_default=""),
        sa.Column("receipt", sa.String(80), nullable=False, server_default=""),
        sa.Column("taken_minor", sa.BigInteger()),
        sa.Column("taken_currency", sa.String(3), nullable=False, server_default=""),
        sa.Column("bank_ref", sa.String(80), nullable=False, server_default=""),
        sa.Column("told", sa.String(12), nullable=False, server_default=""),
        sa.Column("reason", sa.String(20), nullable=False, server_default=""),
        sa.Column("open_for", sa.String(80)),
        sa.Column("conversation", sa.String(32), nullable=False, server_default=""),
        sa.Column("address", sa.String(64), nullable=False, server_default=""),
        sa.Column("channel", sa.String(40), nullable=False, server_default=""),
        sa.Column("service", sa.String(40), nullable=False, server_default=""),
        sa.Column("language", sa.String(12), nullable=False, server_default=""),
        sa.Column("flow", sa.String(60), nullable=False, server_default=""),
        sa.Column("step", sa.String(60), nullable=False, server_default=""),
        sa.Column("release", sa.String(64), nullable=False, server_default=""),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("history", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.ForeignKeyConstraint(["client"], ["client.id"], name=op.f("fk_payment_client")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_key")),
        sa.UniqueConstraint("open_for", name=op.f("uq_payment_open_for")),
        sa.CheckConstraint("amount_minor > 0 AND fee_minor >= 0", name=op.f("ck_payment_amount")),
    )
    op.create_index(op.f("ix_payment_client"), "payment", ["client"])
    op.create_index(op.f("ix_payment_created_at"), "payment", ["created_at"])
    op.create_index(op.f("ix_payment_next_at"), "payment", ["next_at"])
    op.create_index(op.f("ix_payment_receipt"), "payment", ["receipt"])
    op.create_index(op.f("ix_payment_state"), "payment", ["state"])


def _payment_evidence() -> None:
    op.create_table(
        "payment_evidence",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("payment", sa.String(32), nullable=False, server_default=""),
        sa.Column("ref", sa.String(120), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("fact", sa.JSON(), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False, server_default=""),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_evidence")),
        sa.UniqueConstraint("digest", name=op.f("uq_payment_evidence_digest")),
    )
    op.create_index(op.f("ix_payment_evidence_at"), "payment_evidence", ["at"])
    op.create_index(op.f("ix_payment_evidence_kind"), "payment_evidence", ["kind"])
    op.create_index(op.f("ix_payment_evidence_payment"), "payment_evidence", ["payment"])
