"""What journal entries come to as rows of the client record. No I/O.

Rows that one batch writes twice are joined here by the rule that ``scribing`` uses against the rows stored already:
a later turn wins, and an empty word never takes the place of one that is known.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from typing import Any

from gateway.journal import Entry, Saved

Row = dict[str, Any]
# What a conversation is known by; an entry may leave any of them empty (the notice that a session has closed does).
WORDS = ("channel", "kind", "address", "client", "service", "network", "release", "flow", "step", "language")
LATEST = (*WORDS, "outcome", "cost")
HEARD = {"dial", "redial", "said", "page"}  # events that the person caused; the rest is control
_AMOUNT = re.compile(r"(-?\d+) ([A-Z]{3})")
_MATCHED = 120  # the width of message.matched


def moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def conversations(entries: Iterable[Entry]) -> list[Row]:
    """One row per conversation, in order of the key (two scribes at once then wait, and do not lock each other out)."""
    rows: dict[str, Row] = {}
    for entry in sorted(entries, key=_place):
        at = moment(entry.at)
        row = rows.get(entry.conversation)
        if row is None:
            row = rows[entry.conversation] = {"id": entry.conversation, "started_at": at, "last_at": at}
            row.update(dict.fromkeys(LATEST, ""))
        row["turn"] = entry.turn
        row["started_at"], row["last_at"] = min(row["started_at"], at), max(row["last_at"], at)
        for name in LATEST:
            row[name] = getattr(entry, name) or row[name]
    return list(rows.values())


def messages(entries: Iterable[Entry]) -> list[Row]:
    """What was heard and what was told. A turn with neither (an expiry) is kept as heard without words."""
    rows = []
    for entry in sorted(entries, key=_place):
        if entry.heard is not None or entry.told is None:
            rows.append(_message(entry, "in", entry.heard or "") | _asked_at(entry))
        if entry.told is not None:
            rows.append(_message(entry, "out", entry.told))
    return rows


def addresses(entries: Iterable[Entry]) -> list[Row]:
    """One row per address: when it was first and last heard, its language and notice by the time of their choice."""
    rows: dict[str, Row] = {}
    for entry in sorted(entries, key=lambda entry: (entry.address, entry.at)):
        at = moment(entry.at)
        row = rows.setdefault(entry.address, _no_address(entry.address))
        if entry.event in HEARD:
            row["first_seen"] = row["first_seen"] or at
            row["last_seen"] = at
        for name in ("language", "notice"):
            if entry.contact.get(name):
                row[name], row[f"{name}_at"] = entry.contact[name], at
    return [row for row in rows.values() if row["last_seen"] or row["language"] or row["notice"]]


def observations(entries: Iterable[Entry]) -> list[Row]:
    """What was saved. ``whose`` and ``then`` are no columns: by them the stage of that time is looked up."""
    return [_observation(entry, saved) for entry in sorted(entries, key=_place) for saved in entry.saved]


def texts(entries: Iterable[Entry]) -> list[Row]:
    rows = [
        {"ref": ref, "to": to, "text": text, "client": entry.client, "created_at": moment(entry.at)}
        for entry in entries
        for ref, to, text in entry.texts
    ]
    return sorted(rows, key=lambda row: str(row["ref"]))


def _place(entry: Entry) -> tuple[str, int]:
    return entry.conversation, entry.turn


def _message(entry: Entry, direction: str, text: str) -> Row:
    return {
        "conversation": entry.conversation,
        "turn": entry.turn,
        "direction": direction,
        "event": entry.event,
        "text": text.replace("\x00", ""),  # PostgreSQL keeps no such character
        "flow": entry.flow,
        "step": entry.step,
        "release": entry.release,
        "at": moment(entry.at),
        "matched": entry.matched[:_MATCHED].replace("\x00", "") if direction == "in" else "",
        "page": entry.page,
        "took_ms": entry.took_ms,
    }


def _asked_at(entry: Entry) -> Row:
    """What was heard belongs to the step that asked for it, not to the one that follows."""
    return {"flow": entry.heard_flow or entry.flow, "step": entry.heard_step or entry.step}


def _no_address(address: str) -> Row:
    times = dict.fromkeys(("language_at", "notice_at", "first_seen", "last_seen"))
    return {"address": address, "language": "", "notice": "", **times}


def _observation(entry: Entry, saved: Saved) -> Row:
    value, unit = _measured(saved)
    return {
        "id": _observation_id(entry, saved),
        "client": entry.client,
        "address": entry.address,
        "field": saved.field,
        "kind": saved.kind,
        "value": value,
        "unit": unit,
        "absent": saved.absent,
        "channel": entry.channel,
        "flow": entry.flow,
        "release": entry.release,
        "step": saved.step,
        "conversation": entry.conversation,
        "turn": entry.turn,
        "at": moment(entry.at),
        "whose": entry.client,
        "then": moment(entry.at),
    }


def _measured(saved: Saved) -> tuple[Any, str]:
    """An amount is kept as a number of minor units, with its currency as the unit."""
    amount = _AMOUNT.fullmatch(saved.value) if saved.kind == "money" and isinstance(saved.value, str) else None
    return (int(amount[1]), amount[2]) if amount else (saved.value, "")


def _observation_id(entry: Entry, saved: Saved) -> str:
    """The same id whenever the same entry is applied: the time, as in ``gateway.ids``, and a hash of its unique key."""
    key = f"{entry.conversation}\n{entry.turn}\n{saved.step}\n{saved.field}"
    return f"{int(entry.at * 1000):012x}{hashlib.blake2b(key.encode(), digest_size=10).hexdigest()}"
