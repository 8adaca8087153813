"""What can be exported: payments, messages and answers, each as queries and a dictionary of columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from flows.loading.fields import Field
from flows.money import major
from flows.observed import in_words
from flows.values import Money
from gateway.exporting.columns import WHO, Column, Private, Row, moment, number, text
from gateway.record import outbox
from gateway.record.desk.cases import NOTE
from gateway.record.tables import client, conversation, message, observation, payment
from gateway.record.tables import outbox as sms

NAMES = ("answers", "messages", "payments")
WORDS = frozenset({"text", "phone", "name", "place", "media"})  # kinds of answers that a person words freely
_BY = (client.c.number.label("client_number"), client.c.name.label("client_name"))


@dataclass(frozen=True, slots=True)
class Source:
    """One query. ``order`` is a key of its rows, with an index: pages are read along it."""

    query: sa.Select[Any]
    order: tuple[sa.ColumnElement[Any], ...]
    at: sa.ColumnElement[Any]
    state: sa.ColumnElement[Any] | None = None
    hidden: sa.ColumnElement[Any] | None = None


@dataclass(frozen=True, slots=True)
class Export:
    name: str
    columns: tuple[Column, ...]
    sources: tuple[Source, ...]


def export(name: str, fields: Mapping[str, Field]) -> Export:
    """``fields``: the data dictionary, which says what is sensitive."""
    if name == "answers":
        return answers(fields)
    return payments() if name == "payments" else messages()


def payments() -> Export:
    one = payment.c
    named = ("account", "state", "reason", "told", "provider", "wallet", "provider_ref", "receipt", "bank_ref")
    money = ("amount_minor", "fee_minor", "taken_minor", "currency", "taken_currency")
    around = ("channel", "flow", "release", "conversation", "created_at", "moved_at", "history", "client")
    query = sa.select(one.id.label("payment"), *(one[name] for name in (*named, *money, *around)), *_BY)
    source = Source(query.outerjoin(client, client.c.id == one.client), (one.id,), one.created_at, one.state)
    return Export("payments", _PAYMENTS, (source,))


def messages() -> Export:
    """Every screen and what was typed at it, a call after the other; then every SMS that was sent on its own."""
    said, talk, sent = message.c, conversation.c, sms.c
    turns = ("conversation", "turn", "direction", "event", "text", "flow", "step", "release", "at", "matched")
    heard = sa.select(
        *(said[name] for name in (*turns, "took_ms")),
        *(talk[name] for name in ("channel", "kind", "language", "client")),
        talk.address.label("phone"),
        *_BY,
    ).select_from(
        message.outerjoin(conversation, talk.id == said.conversation).outerjoin(client, client.c.id == talk.client)
    )
    named = ("ref", "channel", "text", "state", "purpose", "client", "cost", "provider_ref", "reason", "sent_at")
    own = (sent.to.label("phone"), sent.created_at.label("at"), sa.literal("sms").label("kind"))
    texts = sa.select(*(sent[name] for name in named), *own, *_BY)
    alone = texts.outerjoin(client, client.c.id == sent.client)
    return Export(
        "messages",
        _MESSAGES,
        (
            Source(heard, (said.conversation, said.turn, said.direction), said.at, sa.literal(""), _kept_turn()),
            Source(alone, (sent.ref,), sent.created_at, sent.state, _reminder()),
        ),
    )


def _kept_turn() -> sa.ColumnElement[str]:
    """What was said in that turn is hidden from somebody: it is of a flow whose answers, in this call, are."""
    one, said = observation.c, message.c
    kept = sa.select(one.conversation, one.flow).where(one.hidden_from != "")
    return sa.case((sa.tuple_(said.conversation, said.flow).in_(kept), "officer"), else_="")


def _reminder() -> sa.ColumnElement[str]:
    """A second word about a survey tells that it was not finished."""
    again = sa.and_(sms.c.ref.like("%invite:%"), sa.not_(sms.c.ref.like("%:0")))
    return sa.case((again, "officer"), else_="")


def answers(fields: Mapping[str, Field]) -> Export:
    one = observation.c
    named = ("field", "kind", "value", "unit", "absent", "at", "channel", "flow", "step", "release", "conversation")
    rest = ("turn", "stage", "who", "hidden_from", "client")
    query = sa.select(one.id.label("answer"), *(one[name] for name in (*named, *rest)), one.address.label("phone"))
    joined = query.add_columns(*_BY).outerjoin(client, client.c.id == one.client)
    joined = joined.where(one.field != NOTE)  # what staff wrote to each other is no answer

    def judge(row: Row) -> Private:
        known = fields.get(row["field"])
        if known is not None and known.sensitive:
            return "sensitive"
        return "said" if known is None or row["kind"] in WORDS else ""

    def label(row: Row) -> str:
        known = fields.get(row["field"])
        return known.label if known else ""

    about = (
        "The answer: amounts in whole units, several choices with a ; between them, a place in words, of a file its "
        "kind, id, type and bytes. Private by its field and kind."
    )
    columns = {
        "label": Column("label", "text", "What the data dictionary calls the field.", of=label),
        "value": Column("value", "text", about, "said", _answer, judge),
        "latitude": Column("latitude", "number", _NORTH, "said", _degrees("latitude"), judge),
        "longitude": Column("longitude", "number", _EAST, "said", _degrees("longitude"), judge),
    }
    source = Source(joined, (one.id,), one.at, hidden=one.hidden_from)
    return Export("answers", tuple(columns.get(c.name, c) for c in _ANSWERS), (source,))


def _amount(name: str, about: str, currency: str = "currency") -> Column:
    def of(row: Row) -> Any:
        minor = row[f"{name}_minor"]
        return None if minor is None else major(Money(minor, row[currency]))

    return Column(name, "number", about, of=of)


def _answer(row: Row) -> Any:
    value = row["value"]
    if row["kind"] == "money" and isinstance(value, int):
        return major(Money(value, row["unit"]))
    if isinstance(value, list):
        return "; ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _words(value) if isinstance(value, dict) else value


def _words(value: dict[str, Any]) -> str:
    """Of a place what was said of it, as its degrees have columns of their own; of a file all there is."""
    return str(value.get("words") or "") if "latitude" in value else in_words(value)


def _degrees(name: str) -> Callable[[Row], Any]:
    return lambda row: float(row["value"][name]) if isinstance(row["value"], dict) and name in row["value"] else None


def _history(row: Row) -> str:
    """Its states, without the reasons: people write those."""
    return "; ".join(f"{state} {at}" for state, at, *_ in row["history"])


def _what(row: Row) -> str:
    return "sms" if "ref" in row else "typed" if row["direction"] == "in" else "screen"


def _parts(row: Row) -> int | None:
    return outbox.parts(row["text"]) if "ref" in row else None


_CONVERSATION = text("conversation", "The call or chat that it belongs to.")
_RELEASE = text("release", "The release of the flows that it happened in.")
_NORTH = "Of a place that was sent or typed as a point: degrees north of the equator; south is negative (WGS 84)."
_EAST = "Of such a place: degrees east of Greenwich; west is negative."
_PHONE = text("phone", "The telephone number.", "who")

_PAYMENTS = (
    text("payment", "Our reference, which the wallet and the bank have been given."),
    *WHO,
    text("account", "The account that it is for.", "who"),
    text("wallet", "The number that was asked to pay.", "who"),
    _amount("amount", "What the account gets, in whole units of the currency."),
    _amount("fee", "What the payer pays on top, to us."),
    _amount("taken", "What the wallet took; empty while that is not known.", "taken_currency"),
    text("currency", "ISO 4217."),
    text("state", "created, sent, unknown, failed, succeeded, posting, pending approval, posted or exception."),
    text("reason", "Why it failed, or why a person must look at it."),
    text("told", "What the payer was texted last: paid, not paid or unknown."),
    text("provider", "The wallet, as njia.toml names it."),
    text("receipt", "The wallet's receipt, as in the payer's own SMS."),
    text("provider_ref", "The wallet's name for our request."),
    text("bank_ref", "The bank's reference of the posting."),
    text("channel", "Where it was asked for, as njia.toml names it."),
    text("flow", "The flow that it was agreed to in."),
    _RELEASE,
    _CONVERSATION,
    moment("created_at", "When it was agreed to"),
    moment("moved_at", "When it came into its state"),
    Column("history", "text", "Every state and when it began.", of=_history),
)

_MESSAGES = (
    Column("what", "text", "screen: what was shown; typed: what was heard; sms: a message of its own.", of=_what),
    moment("at", "When it was shown, heard or made"),
    *WHO,
    _PHONE,
    text("channel", "The channel, as njia.toml names it; empty for an SMS: the first one for SMS."),
    text("kind", "The kind of channel: ussd, sms."),
    _CONVERSATION,
    number("turn", "The number of the turn in it."),
    text("event", "What began the turn: dial, said, timed out and so on."),
    text("flow", "The flow."),
    text("step", "Its step."),
    _RELEASE,
    text("language", "The language of the conversation."),
    text("matched", "What an answer was understood as; ? if it was not.", "said"),
    text("text", "The words. A PIN is in none of them.", "said"),
    number("took_ms", "Milliseconds that the answer took."),
    text("state", "Of an SMS: queued, uncertain (it may have gone out), sent, failed or delivered."),
    text("reason", "Of an SMS: why it waits, failed or is uncertain."),
    Column("parts", "number", "Of an SMS: the parts that it is charged as.", of=_parts),
    text("cost", "Of an SMS: what the provider charged, as it says so."),
    text("purpose", "Of an SMS: service, reminder, survey or marketing."),
    text("ref", "Of an SMS: our reference."),
    text("provider_ref", "Of an SMS: the provider's reference."),
    moment("sent_at", "Of an SMS: when the provider took it"),
)

_ANSWERS = (
    text("answer", "The answer's own id."),
    *WHO,
    _PHONE,
    text("field", "The field of the data dictionary."),
    text("label", ""),
    text("kind", "Its type: text, number, money, date, choice, choices, yes_no, rating and so on."),
    text("value", ""),
    number("latitude", ""),
    number("longitude", ""),
    text("unit", "The unit; of an amount the currency."),
    text("absent", "Why there is no answer: skipped, refused, timed out or not reached."),
    moment("at", "When it was given"),
    text("stage", "The client's stage at that time."),
    text("who", "Who gave it: client, or a member of staff."),
    text("channel", "The channel, as njia.toml names it."),
    text("flow", "The flow that asked."),
    text("step", "Its step."),
    _RELEASE,
    _CONVERSATION,
    number("turn", "The number of the turn in it."),
    text("hidden_from", "The staff whom it is kept from, as it may be about them."),
)
