"""Plays a script to the engine alone: what is heard, and what must be said or asked of the world. See tests/engine.

``> words`` are typed · ``@ dial 5*1``, ``@ redial``, ``@ time out``, ``@ hang up``, ``@ called back KEY EXIT {…}``,
``@ take over NAME``, ``@ release NAME``, ``@ place -1.2921 36.8219 WORDS``, ``@ sent ID KIND MIME BYTES`` happen ·
``! exit {…}`` or ``! found […]`` is what came of the action or list that was asked for · ``= what is it`` looks
inside · ``[name]`` stands for the lines of a screen with a name · every other line is one that must come, in order.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from flows import actions, sources
from flows import session as sessions
from flows.actions import Action, Input
from flows.engine import hear, redial, resume
from flows.events import (
    CalledBack,
    Choice,
    Dial,
    Do,
    End,
    Event,
    HungUp,
    Outcome,
    Result,
    Said,
    Say,
    Sent,
    Silence,
    TakenOver,
    TimedOut,
    Words,
)
from flows.loading import SourceFile, load_fields, load_flows, load_system
from flows.model import Institution, Keys
from flows.observed import as_kept, in_words
from flows.release import Release
from flows.session import Person, Session
from flows.sources import Source
from flows.talk import Talk
from flows.values import Absent, Kind, Media, Money, Name, Place, Value
from flows.words.book import Setting
from flows.words.book import Words as Book
from flows.words.quoted import quoted

ROOT = Path(__file__).parents[1]
TODAY = dt.date(2026, 6, 15)
PHONE = "+254700000001"

# Beside the shipped ones: an effect that needs the PIN and no secret, one that may do without its input, a read, lists.
ACTIONS: dict[str, Action] = {
    "pay out": Action(
        effect=True,
        exits=("paid", "refused", "unavailable"),
        authority=("pin",),
        inputs={"amount": Input(Kind.MONEY)},
        outputs={"ref": Kind.TEXT},
    ),
    "note": Action(effect=True, exits=("noted", "unavailable"), inputs={"about": Input(Kind.TEXT, required=False)}),
    "weigh": Action(effect=False, exits=("heavy", "light", "unavailable"), outputs={"kilos": Kind.NUMBER}),
}
SOURCES: dict[str, Source] = {
    "any.things": Source(item="thing", fields={"id": Kind.TEXT, "label": Kind.TEXT, "price": Kind.MONEY}),
    "my.things": Source(item="thing", fields={"id": Kind.TEXT, "label": Kind.TEXT}, authority=("pin",)),
}


ALL_ACTIONS: dict[str, Any] = {**actions.catalogue(), **{name: (action, None) for name, action in ACTIONS.items()}}
ALL_SOURCES: dict[str, Any] = {**sources.catalogue(), **{name: (source, None) for name, source in SOURCES.items()}}


def _file(path: str) -> SourceFile:
    return SourceFile(path, (ROOT / path).read_text(encoding="utf-8"))


@cache
def _shared() -> tuple[Any, Any]:
    folder = ROOT / "flows/definitions/fields"
    fields, _ = load_fields([_file(str(path.relative_to(ROOT))) for path in folder.iterdir()], "KES")
    system, _ = load_system(
        {language: _file(f"templates/messages/{language}/system.yaml") for language in ("en", "sw")}
    )
    return fields, system


def release_of(flows: Mapping[str, str], institution: Institution) -> Release:
    """A release of a few small flows with the shipped system words."""
    fields, system = _shared()
    files = [SourceFile(f"flows/{name}.yaml", text) for name, text in flows.items()]
    made, faults = load_flows(files, institution, fields, ALL_ACTIONS, ALL_SOURCES)
    errors = [str(fault) for fault in faults if fault.level == "error"]
    assert not errors, "\n".join(errors)
    words = Book(Setting(institution.languages, "KE"), {f.name: quoted(f) for f in made.values()}, {}, system)
    return Release("r1", made, words, institution)


@dataclass
class Stand:
    """Who calls, on which channel, on which day."""

    release: Release
    language: str = "en"
    notice: str = "1"
    clients: list[dict[str, Value]] = field(default_factory=list)
    seen: dt.date | None = None
    asks_secrets: bool = True
    carries: str = ""


class Different(AssertionError):
    """The engine said something else than the script."""


class Player:
    """One script. The session goes through bytes after every turn, and must come back the same."""

    def __init__(self, stand: Stand, screens: Mapping[str, str] | None = None) -> None:
        self.stand = stand
        self.screens = screens or {}
        self.calls = 0
        self.session: Session | None = None
        self.talk: Talk
        self.policy = ""
        self.shown: list[str] = []

    def play(self, script: str) -> None:
        for number, line in enumerate(self._spelled(script), 1):
            try:
                self._line(line)
            except Different as different:
                raise Different(f"line {number}: {different}") from None
        self._nothing_left()

    def _spelled(self, script: str) -> Iterator[str]:
        """Every line, with those of the screens that have a name."""
        for line in script.rstrip("\n").split("\n"):
            if line.startswith("["):
                yield from self._spelled(self.screens[line[1:-1]])
            else:
                yield line

    def _line(self, line: str) -> None:
        mark, _, rest = line.partition(" ")
        if not line or mark == "#":
            return
        if mark in (">", "@", "!"):
            self._nothing_left()
            self.hear(mark, rest)
        elif mark == "=":
            what, _, value = rest.partition(" ")
            self._equal(value, str(getattr(self, f"_look_{what}")()))
        else:
            self._equal(line, self.shown.pop(0) if self.shown else "(nothing)")

    def _equal(self, expected: str, found: str) -> None:
        if expected != found:
            rest = "\n".join(self.shown)
            raise Different(f"expected {expected!r}, and it is {found!r}; then came:\n{rest}")

    def _nothing_left(self) -> None:
        if self.shown:
            self._equal("(nothing more)", self.shown.pop(0))

    def hear(self, mark: str, rest: str) -> None:
        """One line of what happens; ``shown`` is what came of it."""
        self.shown = list(self._lines(self._heard(mark, rest)))

    def known(self, name: str) -> str:
        return _plain(self.talk.frame.known.get(name))

    # -- heard ------------------------------------------------------------------------------------------------------

    def _heard(self, mark: str, rest: str) -> Result:
        if mark == "!":
            exit_, values = re.fullmatch(r"([a-z ]*[a-z]) ?([\[{].*)?", rest).groups()  # type: ignore[union-attr]
            return self._turned(resume(self.talk, Outcome(exit_, _values(values))))
        if mark == ">":
            self.talk = self._talk()
            return self._turned(hear(self.talk, Said(rest)))
        return self._turned(self._happens(rest))

    def _happens(self, rest: str) -> Result:
        for name, happen in _EVENTS.items():
            if rest == name or rest.startswith(f"{name} "):
                event = happen(rest[len(name) + 1 :])
                return self._dialled(event) if isinstance(event, Dial) else self._told(event)
        raise ValueError(rest)

    def _told(self, event: Event) -> Result:
        self.talk = self._talk()
        heard = hear(self.talk, event)
        return self._turned(heard) if isinstance(event, Sent) else heard

    def _dialled(self, event: Dial) -> Result:
        """As the gateway does it: an unfinished conversation is here, and its policy decides."""
        if event.again and self.session and self.session.frames and self.session.outcome in ("", "pending"):
            self.session.outcome = ""
            self.talk = self._talk()
            self.policy = redial(self.talk, Dial(event.path))
            if self.policy in ("continue", "ask"):
                return hear(self.talk, Dial(again=True))
        self.talk = self._new()
        if event.again and self.policy == "expire":
            self.talk.parts.append(self.talk.system("dropped"))
        return hear(self.talk, Dial(event.path))

    def _new(self) -> Talk:
        self.calls += 1
        stand = self.stand
        clients = [dict(client) for client in stand.clients]
        only = str(clients[0]["id"]) if len(clients) == 1 else ""
        person = Person(PHONE, "ussd", stand.language, stand.notice, stand.seen, clients, only)
        self.session = Session(stand.release.hash, f"c{self.calls}", person, "*384*7#")
        return self._talk()

    def _talk(self) -> Talk:
        assert self.session
        stand = self.stand
        return Talk(stand.release, self.session, TODAY, stand.asks_secrets, "*384*7#", frozenset(stand.carries.split()))

    def _turned(self, result: Result) -> Result:
        if not isinstance(result, Do):
            data = sessions.encode(self.talk.session)
            self.session = sessions.decode(data)
            assert self.session == self.talk.session
            assert sessions.encode(self.session) == data
        return result

    # -- said -------------------------------------------------------------------------------------------------------

    def _lines(self, result: Result) -> Iterator[str]:
        match result:
            case Do():
                key = f" [{result.key}]" if result.key else ""
                given = "".join(f" {name}={_plain(value)}" for name, value in result.inputs.items())
                yield f"do: {result.action}{key}{given}"
            case Silence():
                yield "(silence)"
            case Say() if result.page is not None:
                yield f"(page {result.page + 1})"
            case Say() | End():
                yield from self._words(result)

    def _words(self, result: Say | End) -> Iterator[str]:
        for part in result.parts:
            yield from self._text(part).split("\n")
        if isinstance(result, End):
            yield f"(end: {result.outcome})"
            return
        for choice in result.choices:
            yield f"{choice.key} {self._text(choice.label)}{self._value(choice)}"
        if result.back:
            yield f"{self.stand.release.institution.keys.back} Back"

    def _text(self, words: Words) -> str:
        return self.stand.release.words.render(self.talk.person.language, words.flow, words.key, words.values, TODAY)

    def _value(self, choice: Choice) -> str:
        if choice.value is None:
            return ""
        return " " + self.stand.release.words.show(self.talk.person.language, choice.value, TODAY)

    # -- looked at --------------------------------------------------------------------------------------------------

    def _look_heard(self) -> str:
        return "*".join(self.talk.heard)

    def _look_matched(self) -> str:
        return self.talk.matched

    def _look_saved(self) -> str:
        return ", ".join(f"{name} {_plain(value)}" for name, value, _ in self.talk.saved) or "nothing"

    def _look_contact(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in self.talk.contact.items())

    def _look_proofs(self) -> str:
        return " ".join(self.talk.session.proofs) or "none"

    def _look_policy(self) -> str:
        return self.policy

    def _look_doing(self) -> str:
        return self.talk.session.doing or "nothing"

    def _look_at(self) -> str:
        return " ".join(f"{frame.flow}.{frame.step}" for frame in self.talk.session.frames)

    def _look_known(self) -> str:
        return ", ".join(f"{name}={_plain(value)}" for name, value in self.talk.frame.known.items()) or "nothing"


_EVENTS = {
    "dial": lambda rest: Dial(tuple(rest.split("*")) if rest else ()),
    "redial": lambda rest: Dial(tuple(rest.split("*")) if rest else (), again=True),
    "place": lambda rest: Sent(_place(rest)),
    "sent": lambda rest: Sent(Media(*rest.split(" ")[:3], int(rest.split(" ")[3]))),
    "time out": lambda _: TimedOut(),
    "hang up": lambda _: HungUp("left"),
    "take over": TakenOver,
    "release": lambda rest: TakenOver(rest, released=True),
    "called back": lambda rest: CalledBack(*rest.split(" ", 2)[:2], _values((rest.split(" ", 2)[2:] or [""])[0])),
}


def _place(text: str) -> Place:
    """``-1.2921 36.8219 Kawangware``, or words alone."""
    latitude, longitude, words = re.fullmatch(r"(?:(-?[\d.]+) (-?[\d.]+) ?)?(.*)", text).groups()  # type: ignore[union-attr]
    return Place(words, latitude and Decimal(latitude), longitude and Decimal(longitude))


def _values(text: str | None) -> dict[str, Value]:
    found = _typed(yaml.safe_load(text)) if text else {}
    return {"items": found} if isinstance(found, list) else found


def _typed(value: Any) -> Value:
    if isinstance(value, dict):
        return {name: Name(v) if name == "nickname" else _typed(v) for name, v in value.items()}
    if isinstance(value, list):
        return [_typed(v) for v in value]
    if isinstance(value, str) and (money := re.fullmatch(r"([A-Z]{3}) ([\d,]+)", value)):
        return Money(int(money[2].replace(",", "")) * 100, money[1])
    return value


def _plain(value: Value) -> str:
    if isinstance(value, Absent):
        return f"({value.value})"
    if isinstance(value, Money):
        return f"{value.currency} {Decimal(value.minor) / 100:,}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Place | Media):
        return in_words(as_kept(value))
    if isinstance(value, dict):
        return "{" + " ".join(f"{name}:{_plain(v)}" for name, v in value.items()) + "}"
    return str(value)


def institution(**changes: Any) -> Institution:
    """The sample institution; ``keys`` are its reserved keys."""
    shown: dict[str, Any] = {"name": "Jamii Microfinance", "short_name": "Jamii", "phone": "0700000100"}
    return Institution(**{**shown, **changes, "keys": Keys(**changes.get("keys", {}))})
