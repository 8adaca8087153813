"""The client record as tables: the client at the centre, everything else related to the client.

Money is integer minor units beside its currency. Times are UTC. Rows written inside a turn have no foreign key to
rows that the scribe writes later (conversation, message, observation). A change here needs a migration:
``python -m gateway.record.migrations "what it adds"``.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Utc(TypeDecorator[dt.datetime]):
    """A moment in UTC, aware on both databases (SQLite keeps no zone of its own)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        if not isinstance(value, dt.datetime):
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = sa.String(32)
Address = sa.String(64)
Key = sa.String(200)  # of an effect: conversation, count, flow and step


def _id() -> sa.Column[str]:
    return sa.Column("id", Id, primary_key=True)


def _client(nullable: bool = False) -> sa.Column[str]:
    return sa.Column("client", Id, sa.ForeignKey("client.id"), nullable=nullable, index=True)


client = sa.Table(
    "client",
    metadata,
    _id(),
    sa.Column("number", sa.String(32), nullable=False, unique=True),  # the client number, printed on the pass book
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("short_name", sa.String(40), nullable=False, server_default=""),
    sa.Column(
        "nickname", sa.String(40), nullable=False, server_default=""
    ),  # what they call themselves on a shared phone
    sa.Column("language", sa.String(12), nullable=False, server_default=""),
    sa.Column("birth_date", sa.Date),
    sa.Column("stage", sa.String(20), nullable=False),  # prospect applicant active in_arrears dormant exited
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("source", sa.String(80), nullable=False, server_default=""),
)

stage = sa.Table(
    "stage",
    metadata,
    _id(),
    _client(),
    sa.Column("stage", sa.String(20), nullable=False),
    sa.Column("since", Utc, nullable=False),
    sa.Column("source", sa.String(80), nullable=False, server_default=""),
)

contact = sa.Table(
    "contact",
    metadata,
    _id(),
    _client(),
    sa.Column("kind", sa.String(12), nullable=False, server_default="phone"),
    sa.Column("address", Address, nullable=False, index=True),
    sa.Column("since", Utc, nullable=False),
    sa.Column("until", Utc),  # end-dated, never deleted
    sa.Column("source", sa.String(80), nullable=False, server_default=""),
    # once at a time: a number that was given up may come back later, with a row of its own
    sa.Index(
        "uq_contact_open",
        "client",
        "kind",
        "address",
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    ),
)

# What belongs to the address itself, whoever uses the phone: the first dial of an unknown number has a row here.
address = sa.Table(
    "address",
    metadata,
    sa.Column("address", Address, primary_key=True),
    sa.Column("language", sa.String(12), nullable=False, server_default=""),
    sa.Column("language_at", Utc),  # when it was chosen: a later choice wins, in whatever order choices arrive
    sa.Column("notice", sa.String(20), nullable=False, server_default=""),
    sa.Column("notice_at", Utc),
    sa.Column("first_seen", Utc),
    sa.Column("last_seen", Utc),
)

consent = sa.Table(
    "consent",
    metadata,
    _id(),
    sa.Column("key", Key, nullable=False, unique=True),
    _client(nullable=True),
    sa.Column("address", Address, nullable=False, index=True),
    sa.Column("purpose", sa.String(20), nullable=False),
    sa.Column("given", sa.Boolean, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("channel", sa.String(40), nullable=False, server_default=""),
    sa.Column("conversation", Id, nullable=False, server_default=""),
    sa.Column("notice", sa.String(20), nullable=False, server_default=""),
)

party = sa.Table(
    "party",
    metadata,
    _id(),
    sa.Column("kind", sa.String(40), nullable=False),  # declared in kinds.yaml
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("ref", sa.String(40), nullable=False, unique=True),
)

relationship = sa.Table(
    "relationship",
    metadata,
    _id(),
    _client(),
    sa.Column("role", sa.String(40), nullable=False),  # declared in kinds.yaml
    sa.Column("other_kind", sa.String(40), nullable=False),  # client, account, or a kind of party
    sa.Column("other", sa.String(40), nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date),
    sa.Column("source", sa.String(80), nullable=False, server_default=""),
    sa.UniqueConstraint("client", "role", "other_kind", "other", "since"),
)

account = sa.Table(
    "account",
    metadata,
    sa.Column("ref", sa.String(40), primary_key=True),
    _client(),
    sa.Column("product", sa.String(60), nullable=False),
    sa.Column("nickname", sa.String(60), nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("opened", sa.Date, nullable=False),
    sa.Column("terms", sa.JSON, nullable=False),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("key", sa.String(120), primary_key=True),  # of the posting; its legs sum to zero per currency
    sa.Column("leg", sa.Integer, primary_key=True),
    sa.Column("book", sa.String(80), nullable=False, index=True),
    sa.Column("account", sa.String(40), index=True),  # the account a book belongs to, if any
    sa.Column("minor", sa.BigInteger, nullable=False),  # debit positive, credit negative
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("on", sa.Date, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("provider_ref", sa.String(80), nullable=False, server_default=""),
    sa.Column("at", Utc, nullable=False),
)

payment = sa.Table(
    "payment",
    metadata,
    _id(),
    sa.Column("ref", sa.String(120), nullable=False, unique=True),
    _client(),
    sa.Column("account", sa.String(40), nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("state", sa.String(20), nullable=False, index=True),
    sa.Column("provider_ref", sa.String(80), nullable=False, server_default=""),
    sa.Column("next_at", Utc, index=True),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("conversation", Id, nullable=False, server_default=""),
    sa.Column("history", sa.JSON, nullable=False),  # [[state, when, why], …]
)

conversation = sa.Table(
    "conversation",
    metadata,
    _id(),
    sa.Column("channel", sa.String(40), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("address", Address, nullable=False, index=True),
    sa.Column("client", Id, nullable=False, server_default="", index=True),
    sa.Column("service", sa.String(40), nullable=False, server_default=""),
    sa.Column("network", sa.String(20), nullable=False, server_default=""),
    sa.Column("release", sa.String(64), nullable=False, server_default=""),
    sa.Column("flow", sa.String(60), nullable=False, server_default=""),
    sa.Column("step", sa.String(60), nullable=False, server_default=""),
    sa.Column("language", sa.String(12), nullable=False, server_default=""),
    sa.Column("started_at", Utc, nullable=False),
    sa.Column("last_at", Utc, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),  # the last one applied; only ever grows
    sa.Column("outcome", sa.String(20), nullable=False, server_default=""),
    sa.Column("cost", sa.String(40), nullable=False, server_default=""),
)

message = sa.Table(
    "message",
    metadata,
    sa.Column("conversation", Id, primary_key=True),
    sa.Column("turn", sa.Integer, primary_key=True),
    sa.Column("direction", sa.String(3), primary_key=True),  # in, out
    sa.Column("event", sa.String(20), nullable=False),
    sa.Column("text", sa.Text, nullable=False),  # redacted at birth
    sa.Column("flow", sa.String(60), nullable=False, server_default=""),
    sa.Column("step", sa.String(60), nullable=False, server_default=""),
    sa.Column("release", sa.String(64), nullable=False, server_default=""),
    sa.Column("at", Utc, nullable=False, index=True),
    sa.Column("matched", sa.String(120), nullable=False, server_default=""),
    sa.Column("page", sa.Integer, nullable=False, server_default="0"),
    sa.Column("took_ms", sa.Integer, nullable=False, server_default="0"),
)

observation = sa.Table(
    "observation",
    metadata,
    _id(),
    sa.Column("client", Id, nullable=False, server_default="", index=True),
    sa.Column("address", Address, nullable=False, server_default=""),
    sa.Column("field", sa.String(80), nullable=False, index=True),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("value", sa.JSON),
    sa.Column("unit", sa.String(12), nullable=False, server_default=""),
    sa.Column("absent", sa.String(12), nullable=False, server_default=""),
    sa.Column("channel", sa.String(40), nullable=False, server_default=""),
    sa.Column("flow", sa.String(60), nullable=False, server_default=""),
    sa.Column("release", sa.String(64), nullable=False, server_default=""),
    sa.Column("step", sa.String(60), nullable=False, server_default=""),
    sa.Column("conversation", Id, nullable=False, server_default=""),
    sa.Column("turn", sa.Integer, nullable=False, server_default="0"),
    sa.Column("at", Utc, nullable=False),
    sa.Column("stage", sa.String(20), nullable=False, server_default=""),
    sa.Column("who", sa.String(80), nullable=False, server_default="client"),
    sa.Column("hidden_from", sa.String(80), nullable=False, server_default=""),
    sa.UniqueConstraint("conversation", "turn", "step", "field", "who"),
)

case = sa.Table(
    "case",
    metadata,
    _id(),
    sa.Column("number", sa.String(20), nullable=False, unique=True),
    sa.Column("key", Key, nullable=False, unique=True),
    sa.Column("kind", sa.String(40), nullable=False),
    _client(nullable=True),
    sa.Column("address", Address, nullable=False, index=True),
    sa.Column("about", sa.Text, nullable=False, server_default=""),
    sa.Column("state", sa.String(20), nullable=False),  # open, promised, closed
    sa.Column("owner", sa.String(80), nullable=False, server_default=""),
    sa.Column("opened_at", Utc, nullable=False),
    sa.Column("promised", sa.Date, nullable=False),
    sa.Column("closed_at", Utc),
    sa.Column("conversation", Id, nullable=False, server_default=""),
    sa.Column("hidden_from", sa.String(80), nullable=False, server_default=""),
    # kind and client (or address) while it is not closed, so that the same thing is never opened twice
    sa.Column("open_for", sa.String(120), unique=True),
    sa.CheckConstraint("(state = 'closed') = (open_for IS NULL)", name="ck_case_open_for"),
)

audit = sa.Table(
    "audit",
    metadata,
    _id(),
    sa.Column("at", Utc, nullable=False, index=True),
    sa.Column("who", sa.String(80), nullable=False),
    sa.Column("what", sa.String(60), nullable=False),
    sa.Column("about", sa.String(80), nullable=False, server_default=""),
    sa.Column("why", sa.Text, nullable=False, server_default=""),
    sa.Column("details", sa.JSON, nullable=False),
)

release = sa.Table(
    "release",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("sources", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
)

# The newest row says which release new conversations begin on; publishing an older release again rolls back.
publication = sa.Table(
    "publication",
    metadata,
    _id(),
    sa.Column("release", sa.String(64), sa.ForeignKey("release.hash"), nullable=False),
    sa.Column("at", Utc, nullable=False, index=True),
    sa.Column("who", sa.String(80), nullable=False, server_default=""),
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
