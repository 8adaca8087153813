"""The kill drill: clients call while everything is killed again and again, and nothing that they were told is lost.

200 calls over a provider's real protocol, at least 40 times ``kill -9``. Afterwards what the phones heard is laid
beside the record, hop by hop. ``NJIA_DRILL_SEED=…`` plays the same people and the same plan of kills again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from drill import money
from drill import record as records
from drill.callers import PURPOSES, Caller, Goal, Person, Phone
from drill.comparing import align, follows, story
from drill.judging import Judge, stray
from drill.kills import Killer
from drill.network import Asked, Network, Noticed
from drill.product import Product, database_url, running, until
from drill.record import Record

from gateway.home import definitions
from gateway.settings import SAMPLE

CALLS = 200
NETWORKS = 8
KILLS = {"gateway": 10, "jobs": 8, "schedule": 8, "scribe": 9, "valkey": 9, "keeper": 2}
SETTINGS = {"NJIA_REDIS__APPENDFSYNC": "always", "NJIA_WEB__WORKERS": "2"}
AHEAD = 120  # seconds by which the clock is moved in the end
NICKNAMES = {"Nafula Wekesa": "Mama", "Barasa Wekesa": "Baba"}
NAMES = ("Amina Yusuf", "Fatuma Said", "Juma", "Kwame Boateng", "Neema Ali", "Chiku", "Otis Mbugua", "Rehema Noor")
AWAY = ("ConnectionError", "TimeoutError", "BusyLoadingError", "Unavailable")  # a store, for one that was starting
REDIAL = {"register": "ask", "messages": "continue"}  # as an institution may have it; the shipped flows begin again


@pytest.mark.timeout(1200)  # a minute on a machine that does nothing else: each kill costs the start of a process
def test_nothing_that_a_client_was_told_is_lost(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("NJIA_DRILL_SEED") or random.SystemRandom().randrange(10**6))
    with capfd.disabled():
        print(f"\nkill drill: NJIA_DRILL_SEED={seed}", flush=True)
    data, began = tmp_path / "data", time.monotonic()
    with running(data, NJIA_HOME=str(home(tmp_path)), **SETTINGS) as product:
        drill = asyncio.run(Drill(product, random.Random(seed)).play())
        settle(product)
        record = asyncio.run(records.read(database_url(data)))
        judge = Judge(record, {phone: align(heard, record.turns[phone]) for phone, heard in drill.heard.items()})
        odd = [*drill.odd(), *judge.all(), *stray(record, drill.heard), *said_of_errors(product)]
        odd += [line for pairs in judge.pairs.values() for line in follows(pairs)]
    with capfd.disabled():
        print(summary(drill, record, judge, time.monotonic() - began), flush=True)
    assert not odd, "\n".join([*stories(odd, judge), f"{len(odd)} things should not be:", *odd[:40]])
    drill.check_that_it_was_one()


def home(folder: Path) -> Path:
    """An institution whose unfinished calls go on in the ways that the shipped flows do not use."""
    made = folder / "home"
    (made / "flows").mkdir(parents=True)
    shutil.copy(SAMPLE, made / "njia.toml")
    for flow, policy in REDIAL.items():
        text = (definitions() / "flows" / f"{flow}.yaml").read_text()
        (made / "flows" / f"{flow}.yaml").write_text(text.replace("\nsteps:", f"\nredial: {policy}\n\nsteps:", 1))
    return made


@dataclass
class Drill:
    """The networks and the killer, and what came of them."""

    product: Product
    chance: random.Random
    network: Network = field(init=False)
    killer: Killer = field(init=False)
    people: list[Person] = field(default_factory=list)
    goals: int = 0  # taken up
    done: int = 0

    def __post_init__(self) -> None:
        self.killer = Killer(self.product.data, KILLS, random.Random(self.chance.random()))

    async def play(self) -> Drill:
        channel = self.product.facts["channels"]["ussd"]
        kept, new = aiohttp.TCPConnector(), aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(connector=kept) as often, aiohttp.ClientSession(connector=new) as once:
            url, code = self.product.url(channel["path"]), channel["service_codes"][0]
            self.network = Network(url, code, [often, once], random.Random(self.chance.random()))
            killing = asyncio.ensure_future(self.killer.run(lambda: self.done / CALLS))
            calling = [asyncio.ensure_future(self._lane(n)) for n in range(NETWORKS)]
            try:
                await asyncio.gather(killing, *calling)
            finally:
                for task in (killing, *calling):
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
        return self

    async def _lane(self, number: int) -> None:
        """One simulated network: its own phones, one call after another."""
        chance = random.Random(self.chance.random())
        people, last = self._people(number, chance), dict[str, Asked | None]()
        while self.goals < CALLS or not self.killer.over:
            self.goals += 1
            person = next(people)
            caller, number_ = Caller(person, _goal(person, chance), self.network, chance), person.phone.number
            last[number_] = await caller.pursue(last.get(number_))
            self.done += 1

    def _people(self, number: int, chance: random.Random) -> Iterator[Person]:
        """Now a client, now a number that nobody is known by; each comes back."""
        mine = [one for phone in _clients(self.product.facts["clients"])[number::NETWORKS] for one in phone]
        strangers: list[Person] = []
        self.people += mine
        while True:
            if mine and chance.random() < 0.5:
                yield chance.choice(mine)
                continue
            if not strangers or chance.random() < 0.35:
                phone = Phone(f"+254711{number:02d}{len(strangers):04d}", chance.choice(["en", "sw"]))
                strangers.append(Person(phone, chance.choice(NAMES)))
                self.people.append(strangers[-1])
            yield chance.choice(strangers[-3:])

    @property
    def heard(self) -> dict[str, list[Asked | Noticed]]:
        return self.network.history

    def odd(self) -> list[str]:
        return [*self.network.odd, *(line for person in self.people for line in person.odd)]

    def sessions(self) -> int:
        return len({one.session for heard in self.heard.values() for one in heard})

    def check_that_it_was_one(self) -> None:
        """A drill in which nothing happens would find nothing."""
        means = Counter(a.means.split(" ")[0] for heard in self.heard.values() for a in heard if isinstance(a, Asked))
        assert self.sessions() >= CALLS
        assert self.killer.done == KILLS
        assert self.network.counts.retries > 0
        assert all(means[one] > 2 for one in ("register", "call", "consent", "language")), means


def _clients(facts: list[dict[str, str]]) -> list[list[Person]]:
    """The sample people, phone by phone. Who has a PIN has chosen a language, too."""
    phones = {one["phone"]: Phone(one["phone"], one["language"], bool(one["pin"])) for one in facts}
    people = [
        Person(phones[one["phone"]], one["name"], [one["pin"]] if one["pin"] else [], NICKNAMES.get(one["name"], ""))
        for one in facts
    ]
    return [[one for one in people if one.phone is phone] for phone in phones.values()]


def _goal(person: Person, chance: random.Random) -> Goal:
    if person.pins:
        what = chance.choice(["balance"] * 6 + ["statement", "pay", "call", "language", "consent", "consent", "wander"])
        what = "pin" if chance.random() < 0.12 and not person.nickname else what
        return _chosen(Goal(what, wrong=int(chance.random() < 0.2), deep=chance.random() < 0.25), chance)
    if person.known:
        return _chosen(Goal(chance.choice(["call", "consent", "consent", "balance", "about"])), chance)
    return _chosen(Goal(chance.choice(["register", "register", "call", "language", "consent", "wander"])), chance)


def _chosen(goal: Goal, chance: random.Random) -> Goal:
    goal.choice = chance.choice(PURPOSES if goal.what == "consent" else ["en", "sw"])
    goal.yes = chance.random() < 0.5
    goal.leaves = 0.15 if goal.what == "wander" else goal.leaves
    return goal


def settle(product: Product) -> None:
    """Until all is back, every silent call is closed, and the record has everything."""
    until(product.ready, what="the return of all processes")
    product.advance(AHEAD)
    nothing = {"journal": 0, "aside": 0, "timers": 0}
    until(lambda: product.waiting() == nothing, what="an empty journal")
    until(lambda: asyncio.run(_to_look_at(product)) == 0, what="payments to be looked at")
    until(lambda: asyncio.run(records.unsent(database_url(product.data))) == 0, what="an empty outbox")


async def _to_look_at(product: Product) -> int:
    """How many payments are due by the clock that was moved."""
    return await money.due(database_url(product.data), dt.datetime.now(dt.UTC) + dt.timedelta(seconds=AHEAD))


def stories(odd: list[str], judge: Judge) -> Iterator[str]:
    """What the phones heard that something odd is told of: nothing of it happens a second time."""
    for phone, pairs in judge.pairs.items():
        if any(line.startswith(phone) for line in odd):
            yield from (phone, *story(pairs))


def said_of_errors(product: Product) -> list[str]:
    """Our own errors, and whatever broke. That a store went away is none, even for a process that was starting."""
    found = [line for line in product.log() if " error njia." in line or "Traceback" in line]
    stopped = [line for line in product.log() if " critical " in line]
    return [*found, *(line for line in stopped if not any(one in line for one in AWAY))]


def summary(drill: Drill, record: Record, judge: Judge, seconds: float) -> str:
    counts, turns = drill.network.counts, sum(len(turns) for turns in record.turns.values())
    kills = ", ".join(f"{kind} {times}" for kind, times in sorted(drill.killer.done.items()))
    return (
        f"kill drill: {drill.sessions()} sessions of {len(drill.heard)} phones with {counts.hops} hops"
        f" in {seconds:.0f} s; {drill.killer.done.total()} kills ({kills}); {counts.retries} requests sent again,"
        f" {counts.given_up} given up, {counts.replays} replayed, {counts.late} late copies,"
        f" {counts.apologies} apologies; the longest that a client waited for a screen: {counts.longest:.1f} s."
        f" On the record: {turns} turns, {len(record.cases)} cases, {len(record.consents)} consents,"
        f" {len(record.pins_set)} new PINs, {judge.extra} misses of guesses that were lost."
    )
