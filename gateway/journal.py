"""One journal entry carries one turn to the client record. The scribe writes it to SQL; nothing in it is secret."""

from __future__ import annotations

from typing import Any

import msgspec


class Saved(msgspec.Struct, array_like=True):
    """One observation: a declared field of the data dictionary and what was heard for it."""

    field: str
    kind: str  # flows.values.Kind, by its word
    value: Any  # text, integer, minor units + currency as "1500 KES", ISO date, list of texts, or null;
    # a place or a file as flows.observed.as_kept has it
    step: str
    absent: str = ""  # skipped, refused, timed out


class Entry(msgspec.Struct, array_like=True, omit_defaults=True):
    """Everything one turn did. SQL key: ``conversation`` and ``turn``; an entry is applied once, forwards only."""

    conversation: str
    turn: int
    at: float  # seconds since 1970
    event: str  # dial, redial, said, page, timed out, hung up, closed, left, called back, taken over, repeated
    channel: str  # the name in njia.toml
    kind: str  # ussd, sms, …
    address: str
    client: str = ""
    service: str = ""
    network: str = ""
    release: str = ""
    flow: str = ""
    step: str = ""
    language: str = ""
    heard: str | None = None  # what was typed, secrets already replaced
    matched: str = ""  # what it was understood as
    told: str | None = None  # the screen as it was shown, secrets already replaced
    page: int = 0
    more: bool = False  # the session stayed open
    took_ms: int = 0
    outcome: str = ""  # of the conversation, once it has one
    saved: list[Saved] = []
    contact: dict[str, str] = {}  # changes of the address: language, notice
    texts: list[tuple[str, str, str]] = []  # SMS to send: (our reference, to, text)
    cost: str = ""
    heard_flow: str = ""  # where the words that were heard were asked for
    heard_step: str = ""
    hidden_from: str = ""  # the staff that what was saved is hidden from, with commas
    invitation: str = ""  # the survey that this turn went on with
    reached: str = ""  # the question of it that is now on the screen
    became: str = ""  # completed, left
    answering: str = ""  # the survey that this turn went on with, however it began
    repeated: tuple[str, int] = ("", 0)  # of that event: an id of its own, how often the screen of this turn went out
    asked: str = ""  # the question on the screen, of a survey that nobody invited to
    invited: str = ""  # the survey that the invitation is to


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Entry)
encode = _encoder.encode
decode = _decoder.decode
