"""Surveys start by themselves: what happened, who was invited, how far they came."""

import sqlalchemy as sa
from alembic import op

revision = "v0010"
down_revision = "v0009"


def upgrade() -> None:
    _event()
    _invitation()
    _reached()


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("client", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["client.id"], name=op.f("fk_event_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("key", name=op.f("uq_event_key")),
    )
    op.create_index(op.f("ix_event_client"), "event", ["client"])
    op.create_index("ix_event_name_at", "event", ["name", "at"])


def _invitation() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("flow", sa.String(length=60), nullable=False),
        sa.Column("release", sa.String(length=64), nullable=False),
        sa.Column("client", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=64), server_default="", nullable=False),
        sa.Column("event", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=20), server_default="", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conversation", sa.String(length=32), server_default="", nullable=False),
        sa.Column("claimed_from", sa.String(length=64), server_default="", nullable=False),
        sa.Column("step", sa.String(length=60), server_default="", nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open_for", sa.String(length=32), nullable=True),
        sa.Column("on_card", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("(state IN ('invited', 'begun')) = (open_for IS NOT NULL)", name="ck_invitation_open_for"),
        sa.ForeignKeyConstraint(["client"], ["client.id"], name=op.f("fk_invitation_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("client", "flow", "event", name=op.f("uq_invitation_client_flow_event")),
        sa.UniqueConstraint("open_for", name=op.f("uq_invitation_open_for")),
    )
    op.create_index(op.f("ix_invitation_client"), "invitation", ["client"])
    op.create_index(op.f("ix_invitation_due_at"), "invitation", ["due_at"])
    op.create_index("ix_invitation_state", "invitation", ["state"])


def _reached() -> None:
    op.create_table(
        "reached",
        sa.Column("invitation", sa.String(length=32), nullable=False),
        sa.Column("step", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("invitation", "step", name=op.f("pk_reached")),
    )
