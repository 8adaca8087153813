"""What journal entries come to as rows of the client record. No I/O.

Rows are tuples in the order of ``COLUMNS``. Those that one batch writes twice are joined here by the rule that
``scribing`` uses against the rows stored already: a later turn wins, and an empty word never takes the place of one
that is known.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from operator import attrgetter
from typing import Any

from gateway.journal import Entry, Saved
from gateway.record.invitations import Far

Row = tuple[Any, ...]  # texts, numbers and None; moments and JSON as text
Turn = tuple[str, int, int, Entry, str]  # conversation, turn, place in the batch; when it was

# What a conversation is known by; an entry may leave any of them empty (the notice that a session has closed does).
WORDS = ("channel", "kind", "address", "client", "service", "network", "release", "flow", "step", "language")
LATEST = (*WORDS, "outcome", "cost")
HEARD = {"dial", "redial", "said", "page"}  # events that the person caused; the rest is control
COLUMNS = {
    "conversation": ("id", "turn", "started_at", "last_at", *LATEST),
    "message": (
        *("conversation", "turn", "direction", "event", "text", "flow", "step"),
        *("release", "at", "matched", "page", "took_ms"),
    ),
    "address": ("address", "language", "language_at", "notice", "notice_at", "first_seen", "last_seen"),
    "observation": (
        *("id", "client", "address", "field", "kind", "value", "unit", "absent", "channel", "flow", "release", "step"),
        *("conversation", "turn", "at", "hidden_from", "invitation"),
    ),
    "repeat": ("id", "conversation", "turn", "at", "times"),
}
_AMOUNT = re.compile(r"(-?\d+) ([A-Z]{3})")
_MATCHED = 120  # the width of message.matched
_latest = attrgetter(*LATEST)


def moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def stamp(seconds: float) -> str:
    """The moment in UTC, as SQLAlchemy keeps it in SQLite; earlier ones sort first."""
    whole, part = divmod(round(seconds * 1e6), 1_000_000)
    return f"{_second(whole)}.{part:06d}"


@lru_cache(64)
def _second(seconds: int) -> str:
    return moment(seconds).isoformat(" ")[:19]


def turns(entries: Iterable[Entry]) -> list[Turn]:
    """In the order of their keys: two scribes at once then wait for each other, and do not lock each other out.

    Raises ValueError, OverflowError or OSError when one of them says no moment.
    """
    said = ((n, one) for n, one in enumerate(entries) if not one.repeated[1])
    return sorted((one.conversation, one.turn, n, one, stamp(one.at)) for n, one in said)


def conversations(said: Iterable[Turn]) -> list[Row]:
    """One row per conversation."""
    rows: dict[str, Row] = {}
    for talk, turn, _, entry, at in said:
        row = rows.get(talk)
        if row is None:
            rows[talk] = (talk, turn, at, at, *_latest(entry))
        else:
            _, _, first, last, *known = row
            words = [new or old for new, old in zip(_latest(entry), known, strict=True)]
            rows[talk] = (talk, turn, min(first, at), max(last, at), *words)
    return list(rows.values())


def messages(said: Iterable[Turn]) -> list[Row]:
    """What was heard and what was told. A turn with neither (an expiry) is kept as heard without words.

    What was heard belongs to the step that asked for it, not to the one that follows.
    """
    rows: list[Row] = []
    for talk, turn, _, entry, at in said:
        event, release, page, took = entry.event, entry.release, entry.page, entry.took_ms
        heard, told, flow, step = entry.heard, entry.told, entry.flow, entry.step
        if heard is not None or told is None:
            asked, matched = (entry.heard_flow or flow, entry.heard_step or step), _kept(entry.matched[:_MATCHED])
            rows.append((talk, turn, "in", event, _kept(heard or ""), *asked, release, at, matched, page, took))
        if told is not None:
            rows.append((talk, turn, "out", event, _kept(told), flow, step, release, at, "", page, took))
    return rows


def addresses(said: Iterable[Turn]) -> list[Row]:
    """One row per address: when it was first and last heard, its language and notice by the time of their choice."""
    rows: dict[str, list[Any]] = {}
    for _, _, _, entry, at in said:
        if entry.event in HEARD or entry.contact:
            address = entry.address
            row = rows.get(address)
            if row is None:
                row = rows[address] = [address, "", None, "", None, None, None]
            if entry.event in HEARD:
                row[5] = at if row[5] is None else min(row[5], at)
                row[6] = at if row[6] is None else max(row[6], at)
            if entry.contact:
                _choose(row, entry.contact, at)
    return [tuple(rows[address]) for address in sorted(rows) if any(rows[address][1:])]


def observations(said: Iterable[Turn]) -> list[Row]:
    """What was saved."""
    return [_observation(entry, saved, at) for _, _, _, entry, at in said for saved in entry.saved]


def surveyed(entries: Iterable[Entry]) -> list[Far]:
    """How far the invited came, and those who began by themselves."""
    rows = []
    for one in entries:
        if one.invitation:
            rows.append(Far(one.invitation, one.reached, one.became, moment(one.at), one.flow, one.release))
        if one.asked:
            rows.append(Far(one.conversation, one.asked, "", moment(one.at), one.flow, one.release))
    return rows


def repeats(entries: Iterable[Entry]) -> list[Row]:
    """Screens that went out again, by an id of each telling: told twice it is the same row."""
    told = sorted((one for one in entries if one.repeated[1]), key=lambda one: one.repeated)
    return [(one.repeated[0], one.conversation, one.turn, stamp(one.at), one.repeated[1]) for one in told]


def answering(entries: Iterable[Entry]) -> list[tuple[str, str, str, str, dt.datetime]]:
    """Who goes on with a survey: client, survey, conversation, what became of it, when."""
    held = [one for one in entries if one.answering]
    return [(one.client, one.answering, one.conversation, one.became, moment(one.at)) for one in held]


def texts(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    rows = [
        {"ref": ref, "to": to, "text": text, "client": entry.client, "created_at": moment(entry.at)}
        for entry in entries
        for ref, to, text in entry.texts
    ]
    return sorted(rows, key=lambda row: str(row["ref"]))


def _kept(text: str) -> str:
    return text.replace("\x00", "")  # PostgreSQL keeps no such character


def _choose(row: list[Any], contact: dict[str, str], at: str) -> None:
    for name, place in (("language", 1), ("notice", 3)):
        chosen = contact.get(name)
        if chosen and (row[place + 1] is None or at >= row[place + 1]):
            row[place], row[place + 1] = chosen, at


def _observation(entry: Entry, saved: Saved, at: str) -> Row:
    """An answer belongs to the flow that asked for it; by the end of the turn another one may go on."""
    value, unit = _measured(saved)
    who = (_observation_id(entry, saved), entry.client, entry.address)
    what = (saved.field, saved.kind, json.dumps(value), unit, saved.absent)
    where = (entry.channel, entry.heard_flow or entry.flow, entry.release, saved.step)
    invitation = entry.invitation if entry.invited == where[1] else ""  # the call may have gone on to another survey
    when = (entry.conversation, entry.turn, at, entry.hidden_from[:80], invitation)
    return (*who, *what, *where, *when)


def _measured(saved: Saved) -> tuple[Any, str]:
    """An amount is kept as a number of minor units, with its currency as the unit."""
    amount = _AMOUNT.fullmatch(saved.value) if saved.kind == "money" and isinstance(saved.value, str) else None
    return (int(amount[1]), amount[2]) if amount else (saved.value, "")


def _observation_id(entry: Entry, saved: Saved) -> str:
    """The same id whenever the same entry is applied: the time, as in ``gateway.ids``, and a hash of its unique key."""
    key = f"{entry.conversation}\n{entry.turn}\n{saved.step}\n{saved.field}"
    return f"{int(entry.at * 1000):012x}{hashlib.blake2b(key.encode(), digest_size=10).hexdigest()}"
