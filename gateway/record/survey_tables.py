"""The tables of surveys that start by themselves: what happened, who was invited, and how far each of them came.

They are used through ``gateway.record.tables``. A response rate has a true base: who was left out, and why, is a row.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.record.schema import Address, Id, Key, Utc, client_, id_, metadata

# Something in the life of a client that a flow may wait for: "loan disbursed".
event = sa.Table(
    "event",
    metadata,
    id_(),
    client_(),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("key", Key, nullable=False, unique=True),
    sa.Column("at", Utc, nullable=False),
    sa.Index("ix_event_name_at", "name", "at"),
)

invitation = sa.Table(
    "invitation",
    metadata,
    id_(),
    sa.Column("flow", sa.String(60), nullable=False),
    sa.Column("release", sa.String(64), nullable=False),
    client_(),
    sa.Column("address", Address, nullable=False, server_default=""),
    sa.Column("event", Key, nullable=False),  # its key
    sa.Column("state", sa.String(12), nullable=False),  # scheduled, left out, invited, begun, completed, left, closed
    sa.Column("reason", sa.String(20), nullable=False, server_default=""),  # of being left out
    sa.Column("due_at", Utc, nullable=False, index=True),
    sa.Column("invited_at", Utc),
    sa.Column("reminders", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reminded_at", Utc),
    sa.Column("begun_at", Utc),
    sa.Column("ended_at", Utc),
    sa.Column("closes_at", Utc),
    sa.Column("conversation", Id, nullable=False, server_default=""),  # that has it, or had it last
    sa.Column("claimed_from", Address, nullable=False, server_default=""),
    sa.Column("step", sa.String(60), nullable=False, server_default=""),  # the question that was shown last
    sa.Column("heard_at", Utc),  # when it was
    # the client while it is invited or begun, so that nobody has two open ones at a time
    sa.Column("open_for", Id, unique=True),
    sa.Column("on_card", sa.Boolean, nullable=False, server_default=sa.false()),  # the contact card knows of it
    sa.Column("hidden_from", sa.String(80), nullable=False, server_default=""),  # by the flow, when it was made
    sa.UniqueConstraint("client", "flow", "event"),
    sa.CheckConstraint("(state IN ('invited', 'begun')) = (open_for IS NOT NULL)", name="ck_invitation_open_for"),
    sa.Index("ix_invitation_state", "state"),
    sa.Index("ix_invitation_flow_due", "flow", "due_at"),
)

# Each question of a survey that was shown, once for each time that somebody answered it: by the invitation, or by the
# conversation of whoever began it by themselves.
reached = sa.Table(
    "reached",
    metadata,
    sa.Column("invitation", Id, primary_key=True),
    sa.Column("flow", sa.String(60), primary_key=True, server_default=""),
    sa.Column("step", sa.String(60), primary_key=True),
    sa.Column("at", Utc, nullable=False),
    sa.Column("release", sa.String(64), nullable=False, server_default=""),
    sa.Index("ix_reached_flow_at", "flow", "at"),
)
