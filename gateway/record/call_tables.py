"""The tables about calls as such: which one has a survey, and which requests came more than once.

They are used through ``gateway.record.tables``.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.record.schema import Address, Id, Utc, metadata

# Who answers a survey, or did last: of a client's phones one has it at a time.
answering = sa.Table(
    "answering",
    metadata,
    sa.Column("client", Id, primary_key=True),
    sa.Column("flow", sa.String(60), primary_key=True),
    sa.Column("conversation", Id, nullable=False),
    sa.Column("address", Address, nullable=False),
    sa.Column("heard_at", Utc, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),  # open, completed, left
)

# Requests that were answered before and got the same answer again. ``turn`` is the one whose screen went out again.
repeat = sa.Table(
    "repeat",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("conversation", Id, nullable=False, index=True),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
)
