"""Somebody who presses anything, and a world that answers anything it may: what a flow that was published must stand.

A walk is drawn from a seed. It tells, as an AssertionError with what was said so far, of whatever no client should
ever meet: a crash, words that cannot be filled in, a screen that does not fit or is empty, a line that cannot be
chosen, the engine's own refusal (an action without its authority or its inputs), money that was not agreed to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from staging import CODE, PHONE
from walking import TODAY, VALUES, client

from adapters.channel import Reply
from flows import actions, sources
from flows import session as sessions
from flows.answers import pick
from flows.engine import hear, resume
from flows.events import Dial, Do, End, Event, HungUp, Outcome, Result, Said, Say, TimedOut
from flows.release import Release
from flows.screens.profile import Profile
from flows.session import LIMIT, Person, Session
from flows.sources.institution_languages import own_name
from flows.talk import Talk
from flows.values import Kind, Money, Value
from gateway.telling import tell

MOST_TURNS = 30
MOST_PAGES = 20
TYPED = ("1", "2", "9", "0", "00", "98", "4071", "100", "1e3", "0712345678", "Amina Yusuf", "2026-06-20", "", "ngapi?")
CREDIT = ("due", "due_on", "overdue", "payoff")
SHARES = ("shares", "share_price", "worth", "kept")


@dataclass
class Walk:
    """One client's calls to one release over one channel."""

    chance: Random
    release: Release
    profile: Profile
    session: Session
    said: list[str] = field(default_factory=list)
    refused: bool = False  # by the world, in this turn

    def one(self, of: Sequence[Any]) -> Any:
        return self.chance.choice(of)

    def go(self) -> None:
        turned = self.turn(Dial(path=("9",)))
        for _ in range(MOST_TURNS):
            if not turned.more:
                return
            turned = self.turn(self.one((*self.presses(turned), HungUp(), TimedOut())))

    def presses(self, reply: Reply) -> Iterator[Said]:
        """Three times as often something that the screen offers as something that it does not."""
        offered = [line.partition(" ")[0] for line in reply.text.split("\n") if line[:1].isdigit()]
        yield from (Said(key) for key in [*offered * 3, *TYPED])

    def turn(self, event: Event) -> Reply:
        """One event, and a new call where it was the end of one."""
        talk = Talk(self.release, self.session, TODAY, self.profile.asks_secrets, CODE)
        self.said.append(repr(event.text if isinstance(event, Said) else event))
        self.refused = False
        result = hear(talk, event)
        while isinstance(result, Do):
            self.agreed(talk, result)
            result = resume(talk, self.answer(talk, result))
        self.session.turn += 1
        if isinstance(event, HungUp | TimedOut):
            self.kept()
            return self.turn(Dial(again=True))
        reply = tell(talk, result, self.profile)
        self.shown(talk, result, reply)
        self.kept()
        return reply

    def kept(self) -> None:
        """The session as the next turn finds it."""
        data = sessions.encode(self.session)
        assert len(data) <= LIMIT, self.story(f"a session of {len(data)} bytes")
        self.session = sessions.decode(data)

    def shown(self, talk: Talk, result: Result, reply: Reply) -> None:
        pages = self.session.pages or [reply.text]
        self.said.append(f"    {reply.text}")
        assert all(page.strip() for page in pages), self.story("an empty screen")
        assert all(self.profile.fits(page) for page in pages), self.story("a screen that is too long")
        assert len(pages) <= MOST_PAGES, self.story(f"{len(pages)} pages")
        if isinstance(result, Say) and result.page is None:
            self.offers(result, pages)
        if isinstance(result, End) and result.outcome == "unavailable":
            assert self.refused, self.story("the engine refused by itself")

    def offers(self, say: Say, pages: list[str]) -> None:
        """Each line can be seen, and pressed."""
        keys = [choice.key for choice in say.choices]
        lines = [line for page in pages for line in page.split("\n")]
        for key in keys:
            seen = [line for line in lines if line == key or line.startswith(f"{key} ")]
            assert seen, self.story(f"nobody sees line {key}")
            assert pick(key, tuple(keys)) == key, self.story(f"{key} cannot be chosen")
        assert len(set(keys)) == len(keys), self.story("two lines with one key")

    def agreed(self, talk: Talk, do: Do) -> None:
        """Money is asked for as it was shown, to somebody who pressed yes."""
        if do.action == "collect":
            words, languages = self.release.words, {"en", *self.release.institution.languages}
            amounts = [words.show(language, do.inputs["amount"], TODAY) for language in languages]
            shown = any(amount in line for amount in amounts for line in self.said)
            assert shown, self.story("money that nobody agreed to")

    def answer(self, talk: Talk, do: Do) -> Outcome:
        if do.action in sources.catalogue():
            return self.listed(do)
        action, _ = actions.catalogue()[do.action]
        exit_ = self.one((*action.exits, "unknown") if action.effect else action.exits)
        self.refused |= exit_ in ("unavailable", "unknown", "no pin")
        return Outcome(exit_, {out: self.output(talk, do, out, kind) for out, kind in action.outputs.items()})

    def output(self, talk: Talk, do: Do, out: str, kind: Kind) -> Value:
        if do.action == "read statement":
            return [{"on": TODAY, "kind": "repaid", "amount": Money(150000, "KES")}] * self.one((1, 5))
        return talk.person.clients[0] if do.action == "identify" else VALUES.get(kind, {"id": "a", "ref": "L-1001"})

    def listed(self, do: Do) -> Outcome:
        many = self.one((2, 1, 60, 0, -1))
        if many < 0:
            self.refused = True
            return Outcome("unavailable")
        if do.action == "institution.languages":
            return Outcome("found", {"items": [{"id": c, "code": c, "own_name": own_name(c)} for c in ("en", "sw")]})
        fields = sources.catalogue()[do.action][0].fields
        return Outcome(
            "found", {"items": [self.item(do.action, fields) for _ in range(min(many, 3))] * (many // 3 or 1)}
        )

    def item(self, name: str, fields: dict[str, Kind]) -> dict[str, Value]:
        """One line of a list, without what such a one does not have."""
        item = {name: VALUES[kind] for name, kind in fields.items()}
        if name == "my.requests":
            item["state"] = self.one(("waiting", "late", "closed"))
            return item if item["state"] == "closed" else {**item, "closed": None}
        if "features" not in fields:
            return item
        item["features"] = features = self.one((["credit"], ["savings"], ["shares"], ["credit", "savings"]))
        lacks = [*(CREDIT if "credit" not in features else ()), *(SHARES if "shares" not in features else ())]
        lacks += ["saved"] if "savings" not in features else []
        lacks += ["last_paid", "last_paid_on"] if self.one((True, False)) else []
        lacks += ["shared_out_on"] if self.one((True, False)) else []
        return {**item, **{field: None for field in lacks if field in item}}

    def story(self, what: str) -> str:
        return "\n".join([f"{what}, on {self.profile.kind}:", *self.said])


def people() -> list[Person]:
    known = ("en", "1", TODAY - dt.timedelta(days=3))
    return [
        Person(PHONE, "ussd", *known, [client("1")], "1"),
        Person(PHONE, "ussd", "sw", *known[1:], [client("1")], "1"),
        Person(PHONE, "ussd", *known, [client("1", has_pin=False)], "1"),
        Person(PHONE, "ussd", *known),
        Person(PHONE, "ussd"),
    ]


def roam(chance: Random, release: Release, profile: Profile) -> None:
    """Raises AssertionError with the story where a client met what nobody should."""
    person = chance.choice(people())
    if person.language:
        person.language = chance.choice(release.institution.languages)
    session = Session(release.hash, "conversation", person, CODE)
    walk = Walk(chance, release, profile, session)
    try:
        walk.go()
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(walk.story(f"{type(error).__name__}: {error}")) from error
