"""One turn in the making: the session, what is gathered to be said, and the names that words and conditions may use."""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol

import msgspec

from flows.events import Choice, End, Outcome, Say, Words
from flows.model import AnyStep, Flow, Text
from flows.release import Release
from flows.session import Frame, Person, Session
from flows.values import Name, Phone, Secret, Value

MAX_FRAMES = 8  # flows that run flows that run flows


class Trace(Protocol):
    """Looks on, and changes nothing: ``flows.tracing.Trace``."""

    def shown(self, talk: Talk, frame: Frame, step: str) -> None: ...
    def offered(self, talk: Talk, typed: str) -> str: ...
    def answered(self, talk: Talk, frame: Frame, step: str, offer: str) -> None: ...
    def resumed(self, talk: Talk, frame: Frame, step: str, outcome: Outcome) -> None: ...


class Talk(msgspec.Struct, eq=False):
    """What ``hear`` and ``resume`` work on. ``session`` is all that outlives the turn."""

    release: Release
    session: Session
    today: dt.date
    asks_secrets: bool = True  # whether a PIN may be typed on this channel
    code: str = ""  # the service code, to be dialled again
    carries: frozenset[str] = frozenset()  # what can be sent on this channel beside words: photo, location, …
    parts: list[Words] = []
    path: list[str] = []  # deep-dialled answers not yet taken
    asked: int = 0  # actions and lists that this turn has asked for
    asked_again: bool = False  # for an effect that had not answered: that it is unavailable now tells nothing of it
    lifted: list[tuple[Frame, str]] = []  # gates that hold again after this turn
    secrets: dict[str, Secret] = {}
    saved: list[tuple[str, Value, str]] = []  # field, value, step
    contact: dict[str, str] = {}  # changes of the address: language, notice
    heard: list[str] = []  # what was typed, secrets already replaced
    matched: str = ""
    where: tuple[str, str] = ("", "")  # flow and step that heard it
    taking: bool = False  # the survey was asked for, and it is not known yet whether this call has it
    surveyed: tuple[str, str] = ("", "")  # the survey that this turn went on with, and what became of it
    trace: Trace | None = None  # who looks on, where conversations are played
    _base: dict[str, Any] | None = None

    def __repr__(self) -> str:
        return f"Talk({self.session.conversation})"  # what was typed may be a PIN

    @property
    def frame(self) -> Frame:
        return self.session.frames[-1]

    @property
    def flow(self) -> Flow:
        return self.release.flows[self.session.frames[-1].flow]

    @property
    def person(self) -> Person:
        return self.session.person

    @property
    def quiet(self) -> bool:
        """Whether this address was silent so long that the number may belong to somebody else by now."""
        seen, proofs = self.session.person.seen, self.session.proofs
        if seen is None or (self.today - seen).days <= self.release.institution.quiet_days:
            return False
        return "number" not in proofs and "code" not in proofs

    def names(self) -> dict[str, Any]:
        """Every name known here and now: the engine's own, then what this flow knows."""
        known, base = self.session.frames[-1].known, self._built_in()
        return {**base, **known} if known else base

    def _built_in(self) -> dict[str, Any]:
        if self._base is None:
            self._base = _base(self)
        return self._base

    def forget_names(self) -> None:
        """The person or the language changed: built-in names are made anew."""
        self._base = None

    def words(self, text: Text, extra: dict[str, Value] | None = None) -> Words:
        """A text of the flow that talks, with what is known now."""
        return self.said(self.session.frames[-1].flow, text.key, extra)

    def system(self, key: str, extra: dict[str, Value] | None = None) -> Words:
        """One of the engine's own sentences."""
        return self.said("", key, extra)

    def said(self, flow: str, key: str, extra: dict[str, Value] | None = None) -> Words:
        """The words ``key`` of any flow. Words that are the same for everybody need no names."""
        fixed = self.release.fixed.get((flow, key))
        if fixed is not None:
            return fixed
        known = {**(self.session.frames[-1].known if self.session.frames else {}), **(extra or {})}
        needs = self.release.needs.get((flow, key))
        if needs is None or not needs <= known.keys():
            known = {**self._built_in(), **known}
        return Words(flow, key, known)

    def say(self, *choices: Choice, back: bool) -> Say:
        return Say(tuple(self.parts), choices, back)

    def end(self, outcome: str, *parts: Words) -> End:
        self.session.outcome = outcome
        return End((*self.parts, *parts), outcome)

    def next(self, step: AnyStep, goes: str | None = None) -> None:
        """Moves to ``goes``, or where the step says, or down."""
        frame = self.session.frames[-1]
        frame.step = goes or step.goes or self.release.flows[frame.flow].order[step.name] or ""
        frame.misses, frame.typing = 0, False

    def know(self, name: str, value: Value) -> None:
        self.frame.known[name] = value


def lookup(names: Any, dotted: str) -> Value:
    """The value of a dotted name, or None."""
    value = names
    for part in dotted.split("."):
        value = value.get(part) if isinstance(value, dict) else getattr(value, part, None)
        if value is None:
            return None
    return value


def client_of(person: Person) -> dict[str, Value]:
    """What the contact card says of the client who talks; empty for an unknown number."""
    return next((c for c in person.clients if c["id"] == person.client), {})


def _base(talk: Talk) -> dict[str, Any]:
    person = talk.session.person
    client = client_of(person)
    quiet = (talk.today - person.seen).days if person.seen else 0
    return {
        **talk.release.names,
        "code": talk.code,
        "contact": {
            "language": person.language,
            "notice": person.notice,
            "phone": Phone(person.address),
            "quiet_days": quiet,
        },
        "client": {
            "known": bool(person.clients),
            "name": Name(client.get("short_name") or client.get("name") or ""),
            "number": client.get("number", ""),
            "has_pin": bool(client.get("has_pin")),
            "stage": client.get("stage", ""),
        },
    }
