"""Every place where a shipped flow waits for somebody, found by walking all of them with a made-up world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from staging import CODE, PHONE, release

from adapters.channel import Reply
from flows import actions, sources
from flows import session as sessions
from flows.engine import hear, resume
from flows.events import Dial, Do, Event, Outcome, Said, Say
from flows.model import Ask, Choose, Confirm, Menu
from flows.screens.profile import Profile
from flows.session import Person, Session
from flows.sources.institution_languages import own_name
from flows.talk import Talk
from flows.values import Kind, Money, Name, Phone, Value
from gateway.build import profile_of
from gateway.telling import tell

TODAY = dt.date(2026, 6, 15)
USSD = profile_of("ussd/africastalking")
ANSWERS = ("0", "00", "98", "4071", "Amina Yusuf")  # beside the keys that a screen offers
VALUES: dict[Kind, Value] = {
    Kind.TEXT: "L-1001",
    Kind.NAME: Name("Biashara"),
    Kind.MONEY: Money(1230000, "KES"),
    Kind.DATE: dt.date(2026, 6, 20),
    Kind.NUMBER: 14,
    Kind.CHOICE: "waiting",
    Kind.PHONE: Phone(PHONE),
    Kind.LIST: ["credit", "savings"],
}
Decide = Callable[[list[Outcome]], Outcome]  # of the ways an action or a list can come out, one


@dataclass(frozen=True, slots=True)
class Turned:
    """One turn as it went."""

    talk: Talk
    reply: Reply
    choices: tuple[str, ...]  # the keys that were offered

    @property
    def kept(self) -> bytes:
        return sessions.encode(self.talk.session)


def client(number: str, has_pin: bool = True) -> dict[str, Value]:
    names = {"name": "Akinyi Odhiambo", "short_name": "Akinyi", "nickname": "", "language": "en"}
    return {"id": number, "number": number, "has_pin": has_pin, "stage": "active", **names}


@cache
def people() -> tuple[bytes, ...]:
    """Sessions of everybody who may dial: unknown, new, known in each language, without a PIN, sharing, long silent."""
    one, unenrolled, shared = [client("1")], [client("1", False)], [client("1"), client("2")]
    quiet = TODAY - dt.timedelta(days=release().institution.quiet_days + 1)
    persons = [
        Person(PHONE, "ussd"),
        Person(PHONE, "ussd", "sw", "1"),
        Person(PHONE, "ussd", "", "", None, unenrolled, "1"),
        Person(PHONE, "ussd", "en", "1", TODAY, one, "1"),
        Person(PHONE, "ussd", "sw", "1", TODAY, one, "1"),
        Person(PHONE, "ussd", "sw", "1", TODAY, unenrolled, "1"),
        Person(PHONE, "ussd", "en", "1", TODAY, shared),
        Person(PHONE, "ussd", "en", "1", quiet, one, "1"),
    ]
    return tuple(sessions.encode(Session(release().hash, "conversation", person, CODE)) for person in persons)


def turn(kept: bytes, event: Event, decide: Decide, profile: Profile = USSD) -> Turned:
    """Hears one event as the gateway does, with a world that answers what ``decide`` says."""
    session = sessions.decode(kept)
    talk = Talk(release(), session, TODAY, profile.asks_secrets, CODE)
    result = hear(talk, event)
    while isinstance(result, Do):
        result = resume(talk, decide(outcomes(talk, result)))
    session.turn += 1
    reply = tell(talk, result, profile)
    return Turned(talk, reply, tuple(c.key for c in result.choices) if isinstance(result, Say) else ())


def outcomes(talk: Talk, do: Do) -> list[Outcome]:
    """Every way in which this can come out."""
    if do.action == "institution.languages":
        return [Outcome("found", {"items": [{"id": c, "code": c, "own_name": own_name(c)} for c in ("en", "sw")]})]
    if do.action in sources.catalogue():
        fields = sources.catalogue()[do.action][0].fields
        item = {name: VALUES[kind] for name, kind in fields.items()}
        return [Outcome("found", {"items": [item] * many}) for many in (2, 0, 1, 60)] + [Outcome("unavailable")]
    action, _ = actions.catalogue()[do.action]
    ways = [Outcome(exit_, outputs(talk, do.action, action)) for exit_ in action.exits]
    return [*ways, Outcome("unknown")] if action.effect else ways


def outputs(talk: Talk, name: str, action: actions.Action) -> dict[str, Value]:
    made = {out: VALUES.get(kind, talk.person.clients[:1]) for out, kind in action.outputs.items()}
    if name == "identify":
        made["client"] = talk.person.clients[0]
    if name == "read statement":
        made["lines"] = [{"on": TODAY, "kind": "repaid", "amount": VALUES[Kind.MONEY]}] * 5
    return made


@cache
def places() -> dict[tuple[str, str], list[bytes]]:
    """The sessions in which a flow waits at a step (or before it, at a gate): at least one for each."""
    found: dict[tuple[str, str], list[bytes]] = {}
    seen: set[Any] = set()
    waiting = [turned for person in people() for turned in _ways(person, Dial())]
    while waiting:
        turned = waiting.pop(0)
        session = turned.talk.session
        if not turned.reply.more or _mark(session) in seen:
            continue
        seen.add(_mark(session))
        frame = session.frames[-1]
        found.setdefault((frame.flow, frame.gate or frame.step), []).append(turned.kept)
        waiting += [after for typed in (*turned.choices, *ANSWERS) for after in _ways(turned.kept, Said(typed))]
    return found


def _mark(session: Session) -> tuple[Any, ...]:
    """What makes a difference to where one can go from here."""
    stack = tuple((frame.flow, frame.gate or frame.step, frame.typing) for frame in session.frames)
    person = session.person
    known = tuple(each["has_pin"] for each in person.clients)
    return stack, bool(session.pages), frozenset(session.proofs), person.language, person.seen, known


def _ways(kept: bytes, event: Event) -> Iterator[Turned]:
    """The turn with every combination of outcomes."""
    scripts: list[list[int]] = [[]]
    while scripts:
        script, counts = scripts.pop(), list[int]()

        def decide(ways: list[Outcome], script: list[int] = script, counts: list[int] = counts) -> Outcome:
            counts.append(len(ways))
            return ways[script[len(counts) - 1] if len(counts) <= len(script) else 0]

        yield turn(kept, event, decide)
        for at in range(len(script), len(counts)):
            scripts += [[*script, *[0] * (at - len(script)), way] for way in range(1, counts[at])]


def wanted() -> set[tuple[str, str]]:
    """Where the shipped flows wait, by their files."""
    waits = (Menu, Ask, Choose, Confirm)
    flows = [flow for flow in release().flows.values() if not (flow.starts and flow.starts.event)]  # nobody is invited
    steps = {(flow.name, step.name) for flow in flows for step in flow.steps.values() if isinstance(step, waits)}
    guarded = [flow.name for flow in flows if flow.who == "client with PIN" and flow.starts.menu]
    return steps | {(flow, gate) for flow in guarded for gate in ("name", "pin", "number")}
