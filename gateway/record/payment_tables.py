"""Payments, and what providers said of them.

They are used through ``gateway.record.tables``.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.record.schema import Address, Id, Key, Utc, client_, id_, metadata


def _word(name: str, width: int, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.String(width), nullable=False, server_default=default)


payment = sa.Table(
    "payment",
    metadata,
    id_(),  # the reference that the provider and the bank are given
    sa.Column("key", Key, nullable=False, unique=True),  # of the effect that made it
    client_(),
    sa.Column("account", sa.String(40), nullable=False),
    _word("nickname", 60),  # of the account
    sa.Column("amount_minor", sa.BigInteger, nullable=False),  # what the account gets
    sa.Column("fee_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("provider", sa.String(40), nullable=False),
    sa.Column("wallet", Address, nullable=False),
    sa.Column("state", sa.String(20), nullable=False, index=True),
    sa.Column("created_at", Utc, nullable=False, index=True),
    sa.Column("moved_at", Utc, nullable=False),
    sa.Column("next_at", Utc, index=True),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("asked_at", Utc),
    sa.Column("unseen_since", Utc),
    _word("provider_ref", 120),  # the provider's name for the request
    sa.Column("receipt", sa.String(80), nullable=False, server_default="", index=True),
    sa.Column("taken_minor", sa.BigInteger),
    _word("taken_currency", 3),
    _word("bank_ref", 80),
    _word("told", 12),
    _word("reason", 20),
    # client and account while it is open: asking again finds it. A closed payment that wakes does not stand here again.
    sa.Column("open_for", sa.String(80), unique=True),
    # who asked for it and where, and what later texts are made of
    _word("conversation", 32),
    sa.Column("address", Address, nullable=False, server_default=""),
    _word("channel", 40),
    _word("service", 40),
    _word("language", 12),
    _word("flow", 60),
    _word("step", 60),
    _word("release", 64),
    sa.Column("names", sa.JSON, nullable=False),
    sa.Column("history", sa.JSON, nullable=False),  # [[state, when, why], …]
    sa.CheckConstraint("amount_minor > 0 AND fee_minor >= 0", name="ck_payment_amount"),
)

payment_evidence = sa.Table(
    "payment_evidence",
    metadata,
    id_(),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),  # of what was said of what: said again is not news
    sa.Column("payment", Id, nullable=False, server_default="", index=True),  # "": none of ours is known by this ref
    sa.Column("ref", sa.String(120), nullable=False),
    sa.Column("provider", sa.String(40), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False, index=True),  # Paid, NotPaid, StillOpen, NotThere
    sa.Column("fact", sa.JSON, nullable=False),
    sa.Column("proven", sa.Boolean, nullable=False),  # the provider has said so itself
    sa.Column("raw", sa.Text, nullable=False, server_default=""),  # as it came, its numbers masked
    sa.Column("at", Utc, nullable=False, index=True),
)
