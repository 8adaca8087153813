"""The state of one conversation between two turns: small, typed, and the same after a trip through bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
from msgspec.structs import replace

from flows.values import Absent, Media, Money, Name, Phone, Place, Value, Word

LIMIT = 8 * 1024  # bytes of a session at most
LIST = LIMIT // 2  # bytes of one list in it


class Frame(msgspec.Struct, array_like=True, omit_defaults=True):
    """One running flow: where it stands and what it knows. The last frame of a session is the one that talks."""

    flow: str
    step: str = ""  # "": not begun
    gate: str = ""  # "": open; "name" or "pin": the hop that this person must pass before the step
    known: dict[str, Value] = {}
    lists: dict[str, Value] = {}  # snapshots of lists of records, by step, as they were shown
    trail: list[str] = []  # the waiting steps behind us, for the back key
    called: bool = False  # run by another flow's step: `end` comes back to it
    misses: int = 0  # wrong answers in a row at this step
    typing: bool = False  # "another amount" was chosen: the offers are no longer shown
    doing: str = ""  # the key of an effect that this flow asked for and that has not answered yet


class Person(msgspec.Struct, array_like=True, omit_defaults=True):
    """Who is at the other end: the address, and the clients known on it."""

    address: str  # E.164, or a provider's id
    channel: str = ""  # its name in njia.toml
    language: str = ""  # "": not asked yet
    notice: str = ""  # the version of the notice that was shown
    seen: dt.date | None = None  # the last day this address was heard before this conversation
    clients: list[dict[str, Value]] = []  # [{id, number, name, has_pin, ...}] from the contact card
    client: str = ""  # the one who talks, once known


class Invited(msgspec.Struct, array_like=True):
    """A survey that this call was invited to. ``state`` is a word of ``flows.inviting``."""

    id: str
    flow: str
    state: str


class Session(msgspec.Struct, array_like=True, omit_defaults=True):
    """Everything a conversation must remember. Never a secret: encoding one fails loudly."""

    release: str
    conversation: str
    person: Person
    service: str = ""  # the service code dialled
    turn: int = 0
    frames: list[Frame] = []
    proofs: list[str] = []  # authorities shown in this call: "pin", "code"
    effects: int = 0  # how many effects were finished: part of the next effect's key
    pages: list[str] = []  # the screens of the last reply, as they were shown
    page: int = 0
    shortcut: str = ""  # the first part of a deep dial, until the main menu takes it
    paused: str = ""  # the member of staff who speaks
    asks_redial: bool = False  # "1 Continue 2 Start again" is on the screen
    outcome: str = ""  # "" while it runs
    invited: Invited | None = None
    answering: str = ""  # the survey that this call has taken; see ``flows.answering``

    @property
    def doing(self) -> str:
        """The key of an effect that has not answered yet; "" when there is none."""
        return next((frame.doing for frame in self.frames if frame.doing), "")


_MONEY, _DATE, _PHONE, _NAME, _ABSENT, _DECIMAL, _TABLE, _WORD, _PLACE, _MEDIA = range(1, 11)
_PLAIN = {str, int, bool, type(None)}


def encode(session: Session) -> bytes:
    """The session as bytes. Raises TypeError if a secret or an unknown type stands in it."""
    for frame in session.frames:
        if frame.lists or not _PLAIN.issuperset(map(type, frame.known.values())):
            session = replace(session, frames=[_packed(one) for one in session.frames])
            break
    for client in session.person.clients:
        if not _PLAIN.issuperset(map(type, client.values())):
            session = replace(session, person=replace(session.person, clients=list(map(pack, session.person.clients))))
            break
    return _encoder.encode(session)


def forget(session: Session) -> None:
    """What a finished conversation knew is not kept: nothing goes on from it."""
    for frame in session.frames:
        frame.known, frame.lists, frame.trail = {}, {}, []


class Unreadable(Exception):
    """These bytes are no session that this version knows: another version wrote them, or they were damaged."""


def decode(data: bytes) -> Session:
    """The session that ``encode`` gave these bytes for. Raises Unreadable."""
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, ValueError, KeyError) as error:
        raise Unreadable(type(error).__name__) from None


def _packed(frame: Frame) -> Frame:
    """The frame, unless something in it would not come back from msgpack as it is."""
    if not frame.lists and _PLAIN.issuperset(map(type, frame.known.values())):
        return frame
    return replace(frame, known=pack(frame.known), lists=pack(frame.lists))


def pack(value: Value) -> Value:
    """``value`` with every type that plain msgpack would lose marked by an extension code."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is Absent:
        return _ABSENCES[value._value_]
    if kind is dict:
        return {k: v if type(v) in _PLAIN else pack(v) for k, v in value.items()}
    if kind is list:
        return _table(value) or [pack(v) for v in value]
    writer = _WRITERS.get(kind)
    if writer is None:
        raise TypeError(f"a session cannot hold a {kind.__name__}")
    code, text = writer(value)
    return msgspec.msgpack.Ext(code, text.encode())


def _table(rows: list[Value]) -> Value:
    """Records with the same names, the names once; None for any other list."""
    names = list(rows[0]) if len(rows) > 1 and type(rows[0]) is dict else []
    if not names or any(type(row) is not dict or list(row) != names for row in rows):
        return None
    return msgspec.msgpack.Ext(_TABLE, _encoder.encode([names, [[pack(v) for v in row.values()] for row in rows]]))


def size(value: Value) -> int:
    """How many bytes of a session this value takes."""
    return len(_encoder.encode(pack(value)))


_WRITERS: dict[type, Callable[[Any], tuple[int, str]]] = {
    Money: lambda v: (_MONEY, f"{v.minor} {v.currency}"),
    dt.date: lambda v: (_DATE, v.isoformat()),
    Phone: lambda v: (_PHONE, str(v)),
    Name: lambda v: (_NAME, str(v)),
    Decimal: lambda v: (_DECIMAL, str(v)),
    Word: lambda v: (_WORD, str(v)),
    Place: lambda v: (_PLACE, " ".join(["" if n is None else str(n) for n in (v.latitude, v.longitude)] + [v.words])),
    Media: lambda v: (_MEDIA, f"{v.size}\n{v.kind}\n{v.mime}\n{v.id}"),
}


def _money(text: str) -> Money:
    minor, currency = text.split(" ")
    return Money(int(minor), currency)


def _place(text: str) -> Place:
    latitude, longitude, words = text.split(" ", 2)
    return Place(words, Decimal(latitude) if latitude else None, Decimal(longitude) if longitude else None)


def _media(text: str) -> Media:
    size, kind, mime, id_ = text.split("\n", 3)
    return Media(id_, kind, mime, int(size))


_READERS: dict[int, Callable[[str], Value]] = {
    _MONEY: _money,
    _DATE: dt.date.fromisoformat,
    _PHONE: Phone,
    _NAME: Name,
    _DECIMAL: Decimal,
    _WORD: Word,
    _PLACE: _place,
    _MEDIA: _media,
}


_ABSENCES = {one.value: msgspec.msgpack.Ext(_ABSENT, one.value.encode()) for one in Absent}
_ABSENT_BY = {one.value.encode(): one for one in Absent}


def _unpack(code: int, data: memoryview) -> Value:
    if code == _ABSENT:
        return _ABSENT_BY[bytes(data)]
    if code == _TABLE:
        names, rows = _values.decode(data)
        return [dict(zip(names, row, strict=True)) for row in rows]
    return _READERS[code](bytes(data).decode())


_encoder = msgspec.msgpack.Encoder()
_values = msgspec.msgpack.Decoder(ext_hook=_unpack)
_decoder = msgspec.msgpack.Decoder(Session, ext_hook=_unpack)
