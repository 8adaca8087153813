"""Accounts, the ledger and payments."""

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"

UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    _account()
    _ledger()
    _payment()


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("ref", sa.String(40), nullable=False),
        sa.Column("client", sa.String(32), nullable=False),
        sa.Column("product", sa.String(60), nullable=False),
        sa.Column("nickname", sa.String(60), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("opened", sa.Date(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_account")),
        sa.ForeignKeyConstraint(["client"], ["client.id"], name=op.f("fk_account_client")),
    )
    op.create_index(op.f("ix_account_client"), "account", ["client"])


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("leg", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("book", sa.String(80), nullable=False),
        sa.Column("account", sa.String(40)),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("provider_ref", sa.String(80), nullable=False, server_default=""),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("key", "leg", name=op.f("pk_ledger")),
    )
    op.create_index(op.f("ix_ledger_account"), "ledger", ["account"])
    op.create_index(op.f("ix_ledger_book"), "ledger", ["book"])


def _payment() -> None:
    op.create_table(
        "payment",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("ref", sa.String(120), nullable=False),
        sa.Column("client", sa.String(32), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("provider_ref", sa.String(80), nullable=False, server_default=""),
        sa.Column("next_at", UTC),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("conversation", sa.String(32), nullable=False, server_default=""),
        sa.Column("history", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.ForeignKeyConstraint(["client"], ["client.id"], name=op.f("fk_payment_client")),
        sa.UniqueConstraint("ref", name=op.f("uq_payment_ref")),
    )
    op.create_index(op.f("ix_payment_client"), "payment", ["client"])
    op.create_index(op.f("ix_payment_next_at"), "payment", ["next_at"])
    op.create_index(op.f("ix_payment_state"), "payment", ["state"])
