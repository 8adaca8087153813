"""A stage for turns: a gate on a real Valkey with the shipped release, whose awaits a test can hold, order and cut."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from redis.asyncio import Redis

from adapters.channel import ChannelSettings, Hop, Reply
from adapters.discover import channel
from flows.model import Institution
from flows.ports import Caller, Case, Registered, Unavailable
from flows.release import Release
from flows.values import Secret
from gateway import publishing
from gateway.build import profile_of
from gateway.clock import SetClock
from gateway.gate import Gate, Line
from gateway.home import Home
from gateway.journal import Entry, decode
from gateway.metrics import Metrics
from gateway.store.keys import SHARDS, journal_key
from gateway.store.sessions import Sessions
from gateway.turn import turn

PHONE, CODE, PIN = "+254700000001", "*384*7#", "4071"
MORNING = dt.datetime(2026, 6, 15, 7, 0, tzinfo=dt.UTC)
AKINYI = {
    "id": "akinyi", "number": "C-1001", "name": "Akinyi Odhiambo", "short_name": "Akinyi", "nickname": "",
    "language": "en", "has_pin": True, "stage": "active",
}  # fmt: skip


@cache
def release() -> Release:
    """The shipped flows of the sample institution."""
    institution = Institution(
        name="Jamii Microfinance", short_name="Jamii", languages=("en", "sw"), phone="+254700000100", notice_url="j.ke"
    )
    return publishing.compiled(publishing.gather(Home(), institution))


@dataclass
class Published:
    current: Release
    known: bool = True

    async def get(self, name: str) -> Release | None:
        return self.current if self.known and name == self.current.hash else None


@dataclass
class World:
    """The record and the bank, in memory: an effect's key is unique, as in SQL."""

    cases_by_key: dict[str, Case] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)  # the key of every run, repeats included
    hold: asyncio.Event | None = None  # an effect waits for it, as for a slow database
    down: bool = False
    pin: str = PIN
    clock: SetClock = field(default_factory=lambda: SetClock(MORNING))

    def __post_init__(self) -> None:
        self.bank = self.pins = self.clients = self.consents = self.cases = self

    def today(self) -> dt.date:
        return self.clock.today()

    def now(self) -> dt.datetime:
        return self.clock.now()

    async def open(self, key: str, caller: Caller, kind: str, about: str) -> Case:
        self.runs.append(key)
        if self.down:
            raise Unavailable
        if self.hold:
            await self.hold.wait()
        new = Case(f"C-{len(self.cases_by_key) + 1}", kind, self.today() + dt.timedelta(days=1), True)
        return self.cases_by_key.setdefault(key, new)

    async def check(self, key: str, caller: Caller, pin: Secret) -> str:
        self.runs.append(key)
        return "right" if pin.reveal() == self.pin else "wrong"

    async def locked_until(self, caller: Caller) -> dt.datetime | None:
        return None

    async def accounts(self, client: str) -> list[Any]:
        if self.hold:
            await self.hold.wait()
        return []

    async def find(self, address: str, typed: str) -> dict[str, Any] | None:
        return None

    async def register(self, key: str, caller: Caller, name: str, about: str) -> Registered:
        self.runs.append(key)
        return Registered("P-1", True)

    async def give(self, key: str, caller: Caller, purpose: str, given: bool, notice: str) -> None:
        self.runs.append(key)


class Stage:
    """One address, one channel, and everything a test wants to know of what happened."""

    def __init__(self, url: str, world: World | None = None) -> None:
        self.url = url
        self.redis = Redis.from_url(url, socket_timeout=2.0)
        self.world = world or World()
        self.card: dict[str, Any] = {"clients": [AKINYI], "language": "en", "notice": "1", "seen": ""}
        self.published = Published(release())
        self.gate = self.another_gate()

    def another_gate(self) -> Gate:
        """A second process on the same stores."""

        async def read_card(address: str) -> dict[str, Any]:
            return dict(self.card)

        gate = Gate(
            Sessions(self.redis), self.published, self.world, read_card, self.world.clock, b"k" * 32, Metrics()
        )
        gate.lines["ussd"] = self.line()
        return gate

    def line(self, **changes: Any) -> Line:
        settings = ChannelSettings("ussd", "ussd/africastalking", "KE", (CODE,))
        profile = replace(profile_of("ussd/africastalking"), **changes)
        return Line("ussd", channel(settings), profile, "token")  # type: ignore[arg-type]

    async def hop(self, text: str, session: str = "S1", gate: Gate | None = None) -> Reply:
        gate = gate or self.gate
        return await turn(gate, gate.lines["ussd"], Hop(PHONE, CODE, session, text))

    async def journal(self) -> list[Entry]:
        found = []
        for n in range(SHARDS):
            found += [decode(fields[b"e"]) for _, fields in await self.redis.xrange(journal_key(n))]
        return sorted(found, key=lambda e: (e.conversation, e.turn))

    async def check_journal(self) -> None:
        """One entry a turn: the turns of a conversation are 1, 2, 3 … without a gap or a double."""
        turns: dict[str, list[int]] = {}
        for entry in await self.journal():
            turns.setdefault(entry.conversation, []).append(entry.turn)
        assert all(found == list(range(1, len(found) + 1)) for found in turns.values()), turns


class Cut(BaseException):
    """The process was killed here."""


class Pace:
    """Holds several tasks at their awaits and lets one go on at a time, in the order that a schedule gives."""

    def __init__(self) -> None:
        self.parked: dict[int, asyncio.Future[bool]] = {}
        self.changed = asyncio.Event()

    def watch(self, gate: Gate, who: int) -> None:
        """Puts a stop before and after everything that ``gate`` awaits of the stores and the world."""
        for name in ("load", "commit"):
            call = getattr(gate.sessions, name)
            setattr(gate.sessions, name, self._stopped(call, who))
        gate.world = _Stopped(gate.world, lambda call: self._stopped(call, who))  # type: ignore[assignment]

    def _stopped(self, call: Callable[..., Awaitable[Any]], who: int) -> Callable[..., Awaitable[Any]]:
        async def stopped(*args: Any) -> Any:
            await self._park(who)
            result = await call(*args)
            await self._park(who)
            return result

        return stopped

    async def _park(self, who: int) -> None:
        self.parked[who] = asyncio.get_running_loop().create_future()
        self.changed.set()
        if await self.parked[who]:
            raise Cut

    async def run(self, turns: list[Awaitable[Reply]], schedule: list[int], cut: int | None = None) -> list[Any]:
        """Every turn's reply (or its Cut); ``schedule`` says who goes next, ``cut`` at which stop turn 0 is killed."""
        tasks = [asyncio.ensure_future(_outcome(t)) for t in turns]
        stops = 0
        for choice in [*schedule, *([0] * 200)]:
            await self._settle(tasks)
            waiting = sorted(self.parked)
            if not waiting:
                break
            who = waiting[choice % len(waiting)]
            killed = who == 0 and cut is not None and stops == cut
            stops += who == 0
            self.parked.pop(who).set_result(killed)
        return [await task for task in tasks]

    async def _settle(self, tasks: list[asyncio.Task[Any]]) -> None:
        """Waits until every task is parked or done."""
        while sum(not task.done() for task in tasks) > len(self.parked):
            self.changed.clear()
            wake = asyncio.ensure_future(self.changed.wait())
            await asyncio.wait([wake, *[t for t in tasks if not t.done()]], return_when=asyncio.FIRST_COMPLETED)
            wake.cancel()


async def _outcome(turn_: Awaitable[Reply]) -> Reply | Cut:
    try:
        return await turn_
    except Cut as cut:
        return cut


class _Stopped:
    """A world whose every call stops on the way in and out."""

    def __init__(self, world: Any, stop: Callable[[Callable[..., Awaitable[Any]]], Any]) -> None:
        self._world, self._stop = world, stop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._world, name)
        if name in ("bank", "pins", "clients", "consents", "cases"):
            return _Stopped(found, self._stop)
        return self._stop(found) if asyncio.iscoroutinefunction(found) else found
