"""The tables of the desk: the staff, their sessions, and the words by which clients are found.

They are used through ``gateway.record.tables``.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from gateway.record.schema import Id, Utc, id_, metadata

# Compared by code points, so that the words with one beginning lie together in the index on both databases.
Word = sa.String(60).with_variant(postgresql.VARCHAR(60, collation="C"), "postgresql")

staff = sa.Table(
    "staff",
    metadata,
    id_(),
    sa.Column("email", sa.String(80), nullable=False, unique=True),  # in lower case; what audit.who says
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("role", sa.String(12), nullable=False),  # agent, admin
    sa.Column("ref", sa.String(40), nullable=False, server_default=""),  # party.ref, if they are one
    sa.Column("hash", sa.String(200), nullable=False),  # of the password, argon2id
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("disabled_at", Utc),
    sa.Column("link", sa.String(64), nullable=False, server_default=""),  # SHA-256 of the token of an unused link
    sa.Column("link_until", Utc),
)

staff_session = sa.Table(
    "staff_session",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),  # SHA-256 of the token, which only the browser has
    sa.Column("staff", Id, sa.ForeignKey("staff.id"), nullable=False, index=True),
    sa.Column("begun_at", Utc, nullable=False, index=True),
    sa.Column("seen_at", Utc, nullable=False),
    sa.Column("shown", sa.JSON, nullable=False),  # client id -> until when they are not masked
    sa.Column("search", sa.String(200), nullable=False, server_default=""),  # the last one: never in an address
)

# Name, nickname and client number, folded: who is looked for is found by the beginnings of words.
client_word = sa.Table(
    "client_word",
    metadata,
    sa.Column("word", Word, primary_key=True),
    sa.Column("client", Id, sa.ForeignKey("client.id"), primary_key=True, index=True),
)
