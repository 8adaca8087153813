"""What was said, and what came of it."""

import sqlalchemy as sa
from alembic import op

revision = "v0003"
down_revision = "v0002"

UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    _conversation()
    _message()
    _observation()
    _case()
    _outbox()


def _conversation() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("client", sa.String(32), nullable=False, server_default=""),
        sa.Column("service", sa.String(40), nullable=False, server_default=""),
        sa.Column("network", sa.String(20), nullable=False, server_default=""),
        sa.Column("release", sa.String(64), nullable=False, server_default=""),
        sa.Column("flow", sa.String(60), nullable=False, server_default=""),
        sa.Column("step", sa.String(60), nullable=False, server_default=""),
        sa.Column("language", sa.String(12), nullable=False, server_default=""),
        sa.Column("started_at", UTC, nullable=False),
        sa.Column("last_at", UTC, nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False, server_default=""),
        sa.Column("cost", sa.String(40), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
    )
    op.create_index(op.f("ix_conversation_address"), "conversation", ["address"])
    op.create_index(op.f("ix_conversation_client"), "conversation", ["client"])


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("conversation", sa.String(32), nullable=False),
        sa.Column("turn", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("flow", sa.String(60), nullable=False, server_default=""),
        sa.Column("step", sa.String(60), nullable=False, server_default=""),
        sa.Column("release", sa.String(64), nullable=False, server_default=""),
        sa.Column("at", UTC, nullable=False),
        sa.Column("matched", sa.String(120), nullable=False, server_default=""),
        sa.Column("page", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("took_ms", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("conversation", "turn", "direction", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_at"), "message", ["at"])


def _observation() -> None:
    op.create_table(
        "observation",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("client", sa.String(32), nullable=False, server_default=""),
        sa.Column("address", sa.String(64), nullable=False, server_default=""),
        sa.Column("field", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("value", sa.JSON()),
        sa.Column("unit", sa.String(12), nullable=False, server_default=""),
        sa.Column("absent", sa.String(12), nullable=False, server_default=""),
        sa.Column("channel", sa.String(40), nullable=False, server_default=""),
        sa.Column("flow", sa.String(60), nullable=False, server_default=""),
        sa.Column("release", sa.String(64), nullable=False, server_default=""),
        sa.Column("step", sa.String(60), nullable=False, server_default=""),
        sa.Column("conversation", sa.String(32), nullable=False, server_default=""),
        sa.Column("turn", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("at", UTC, nullable=False),
        sa.Column("stage", sa.String(20), nullable=False, server_default=""),
        sa.Column("who", sa.String(80), nullable=False, server_default="client"),
        sa.Column("hidden_from", sa.String(80), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
        sa.UniqueConstraint(
            "conversation", "turn", "step", "field", "who", name=op.f("uq_observation_conversation_turn_step_field_who")
        ),
    )
    op.create_index(op.f("ix_observation_client"), "observation", ["client"])
    op.create_index(op.f("ix_observation_field"), "observation", ["field"])


def _case() -> None:
    op.create_table(
        "case",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("client", sa.String(32)),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("about", sa.Text(), nullable=False, server_default=""),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("owner", sa.String(80), nullable=False, server_default=""),
        sa.Column("opened_at", UTC, nullable=False),
        sa.Column("promised", sa.Date(), nullable=False),
        sa.Column("closed_at", UTC),
        sa.Column("conversation", sa.String(32), nullable=False, server_default=""),
        sa.Column("hidden_from", sa.String(80), nullable=False, server_default=""),
        sa.Column("open_for", sa.String(120)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.ForeignKeyConstraint(["client"], ["client.id"], name=op.f("fk_case_client")),
        sa.UniqueConstraint("key", name=op.f("uq_case_key")),
        sa.UniqueConstraint("number", name=op.f("uq_case_number")),
        sa.UniqueConstraint("open_for", name=op.f("uq_case_open_for")),
        sa.CheckConstraint("(state = 'closed') = (open_for IS NULL)", name=op.f("ck_case_open_for")),
    )
    op.create_index(op.f("ix_case_address"), "case", ["address"])
    op.create_index(op.f("ix_case_client"), "case", ["client"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("ref", sa.String(120), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("to", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False, server_default="service"),
        sa.Column("client", sa.String(32), nullable=False, server_default=""),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_at", UTC),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("sent_at", UTC),
        sa.Column("provider_ref", sa.String(80), nullable=False, server_default=""),
        sa.Column("reason", sa.String(200), nullable=False, server_default=""),
        sa.Column("cost", sa.String(40), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_next_at"), "outbox", ["next_at"])
    op.create_index(op.f("ix_outbox_provider_ref"), "outbox", ["provider_ref"])
    op.create_index(op.f("ix_outbox_to"), "outbox", ["to"])
