"""The client record as tables: the client at the centre, everything else related to the client.

Money is integer minor units beside its currency. Times are UTC. Rows written inside a turn have no foreign key to
rows that the scribe writes later (conversation, message, observation). A change here needs a migration:
``python -m gateway.record.migrations "what it adds"``.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.record.call_tables import answering, repeat
from gateway.record.desk_tables import client_word, staff, staff_session
from gateway.record.house_tables import audit, effect, guessing, outbox, pin, publication, release, staged_release
from gateway.record.ledger_tables import ledger, posting
from gateway.record.payment_tables import payment, payment_evidence
from gateway.record.schema import Address, Id, Key, Utc, client_, id_, metadata
from gateway.record.survey_tables import event, invitation, reached

__all__ = [
    "Address",
    "Id",
    "Key",
    "Utc",
    "account",
    "address",
    "answering",
    "audit",
    "case",
    "client",
    "client_word",
    "consent",
    "contact",
    "conversation",
    "effect",
    "event",
    "guessing",
    "invitation",
    "ledger",
    "message",
    "metadata",
    "observation",
    "outbox",
    "party",
    "payment",
    "payment_evidence",
    "pin",
    "posting",
    "publication",
    "reached",
    "relationship",
    "release",
    "repeat",
    "staff",
    "staff_session",
    "stage",
    "staged_release",
]

client = sa.Table(
    "client",
    metadata,
    id_(),
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
    id_(),
    client_(),
    sa.Column("stage", sa.String(20), nullable=False),
    sa.Column("since", Utc, nullable=False),
    sa.Column("source", sa.String(80), nullable=False, server_default=""),
)

contact = sa.Table(
    "contact",
    metadata,
    id_(),
    client_(),
    sa.Column("kind", sa.String(12), nullable=False, server_default="phone"),
    sa.Column("address", Address, nullable=False, index=True),
    sa.Column("since", Utc, nullable=False),
    sa.Column("until", Utc),  # end-dated, never deleted
    sa.Column("source", sa.String(80), nullable=False, server_default=""),
    # once at a time: a number that was given up may come back later, with a row of its own
    sa.Index(
        "uq_contact_open",
        "address",  # first: without statistics PostgreSQL takes this index for the shorter one to find an address by
        "client",
        "kind",
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
    id_(),
    sa.Column("key", Key, nullable=False, unique=True),
    client_(nullable=True),
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
    id_(),
    sa.Column("kind", sa.String(40), nullable=False),  # declared in kinds.yaml
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("ref", sa.String(40), nullable=False, unique=True),
)

relationship = sa.Table(
    "relationship",
    metadata,
    id_(),
    client_(),
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
    client_(),
    sa.Column("product", sa.String(60), nullable=False),
    sa.Column("nickname", sa.String(60), nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("opened", sa.Date, nullable=False),
    sa.Column("terms", sa.JSON, nullable=False),
)

conversation = sa.Table(
    "conversation",
    metadata,
    id_(),
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
    id_(),
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
    sa.Column("invitation", Id, nullable=False, server_default=""),  # that the conversation went on with
    sa.UniqueConstraint("conversation", "turn", "step", "field", "who"),
    sa.Index("ix_observation_flow_at", "flow", "at"),
)

case = sa.Table(
    "case",
    metadata,
    id_(),
    sa.Column("number", sa.String(20), nullable=False, unique=True),
    sa.Column("key", Key, nullable=False, unique=True),
    sa.Column("kind", sa.String(40), nullable=False),
    client_(nullable=True),
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
