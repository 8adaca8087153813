"""The tables that keep the house in order: secrets and guesses, effects, what is to be sent, releases, the audit.

They are used through ``gateway.record.tables``.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.record.schema import Address, Id, Key, Utc, id_, metadata

audit = sa.Table(
    "audit",
    metadata,
    id_(),
    sa.Column("at", Utc, nullable=False, index=True),
    sa.Column("who", sa.String(80), nullable=False),
    sa.Column("what", sa.String(60), nullable=False),
    sa.Column("about", sa.String(80), nullable=False, server_default="", index=True),  # a client's time line has it
    sa.Column("why", sa.Text, nullable=False, server_default=""),
    sa.Column("details", sa.JSON, nullable=False),
)

release = sa.Table(
    "release",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("sources", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("number", sa.Integer),  # 1, 2, 3 … by the first publication; null before it
    sa.Index("ix_release_number", "number", unique=True),
)

# The newest row says which release new conversations begin on; publishing an older release again rolls back.
publication = sa.Table(
    "publication",
    metadata,
    id_(),
    sa.Column("release", sa.String(64), sa.ForeignKey("release.hash"), nullable=False),
    sa.Column("at", Utc, nullable=False, index=True),
    sa.Column("who", sa.String(80), nullable=False, server_default=""),
    sa.Column("why", sa.Text, nullable=False, server_default=""),
    sa.Column("accepted", sa.JSON),  # the warnings that somebody ticked, as `njia flows check --json` has them
    sa.Column("played", sa.Integer),  # conversations that came as they are written; null: none were asked
)

# A release that some clients begin on, beside the current one. One at a time is in force; what is over has an end.
staged_release = sa.Table(
    "staged_release",
    metadata,
    id_(),
    sa.Column("release", sa.String(64), sa.ForeignKey("release.hash"), nullable=False),
    sa.Column("share", sa.Integer, nullable=False),  # of 10,000 clients
    sa.Column("numbers", sa.JSON, nullable=False),  # of staff, E.164
    sa.Column("seed", Id, nullable=False),  # what decides who is in the share
    sa.Column("at", Utc, nullable=False),
    sa.Column("who", sa.String(80), nullable=False, server_default=""),
    sa.Column("why", sa.Text, nullable=False, server_default=""),
    sa.Column("accepted", sa.JSON, nullable=False),  # as of a publication
    sa.Column("played", sa.Integer),
    sa.Column("ended_at", Utc),
    sa.Column("ended_by", sa.String(80), nullable=False, server_default=""),
    sa.Column("ended_why", sa.Text, nullable=False, server_default=""),
    sa.Column("in_force", sa.Boolean, unique=True),  # true, or null when it is over
)

pin = sa.Table(
    "pin",
    metadata,
    sa.Column("client", Id, sa.ForeignKey("client.id"), primary_key=True),
    sa.Column("hash", sa.String(200), nullable=False, server_default=""),
    sa.Column("set_at", Utc),
    sa.Column("candidate", sa.String(200), nullable=False, server_default=""),
    sa.Column("candidate_at", Utc),
    sa.Column("code_hash", sa.String(200), nullable=False, server_default=""),  # activation code
    sa.Column("code_expires", Utc),
    sa.Column("code_by", sa.String(80), nullable=False, server_default=""),
    sa.Column("cooling_until", Utc),  # no money goes out before this
)

# Wrong guesses, counted before each answer is known, across sessions and channels. The subject is what is guessed
# at or from: "pin ID", "code ID", "number ID" of a client, "address +254…".
guessing = sa.Table(
    "guessing",
    metadata,
    sa.Column("subject", sa.String(80), primary_key=True),
    sa.Column("misses", sa.Integer, nullable=False, server_default="0"),
    sa.Column("locks", sa.Integer, nullable=False, server_default="0"),
    sa.Column("locked_until", Utc),
    sa.Column("last_at", Utc),  # of the last miss: some are forgiven as time goes by
)

# What an effect came to, by its key: a second run returns the first outcome.
effect = sa.Table(
    "effect",
    metadata,
    sa.Column("key", Key, primary_key=True),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("outcome", sa.JSON),  # null while it runs
    sa.Column("at", Utc, nullable=False, index=True),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("ref", sa.String(120), primary_key=True),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("to", Address, nullable=False, index=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("purpose", sa.String(20), nullable=False, server_default="service"),
    sa.Column("client", Id, nullable=False, server_default=""),
    sa.Column("state", sa.String(12), nullable=False),  # queued, sent, delivered, failed, uncertain
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", Utc, index=True),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("sent_at", Utc),
    sa.Column("provider_ref", sa.String(80), nullable=False, server_default="", index=True),
    sa.Column("reason", sa.String(200), nullable=False, server_default=""),
    sa.Column("cost", sa.String(40), nullable=False, server_default=""),
)
