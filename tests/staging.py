"""A stage for turns: a gate on a real Valkey with the shipped release, whose awaits a test can hold, order and cut."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain, repeat
from typing import Any

import msgspec

from adapters.channel import ChannelSettings, Hop, Reply
from adapters.discover import channel
from flows import session as sessions
from flows.model import Institution
from flows.ports import Account, Agreed, Asked, Caller, Case, Payable, Registered, Unavailable, Uncertain
from flows.release import Release
from flows.values import Secret
from gateway import publishing
from gateway.build import connect, profile_of
from gateway.clock import SetClock
from gateway.gate import Gate, Line
from gateway.home import Home
from gateway.journal import Entry, decode
from gateway.metrics import Metrics
from gateway.store import nodes
from gateway.store.keys import journal_key, shard
from gateway.store.memory import Memory
from gateway.store.sessions import Sessions, StoreDown
from gateway.store.state import Held
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


@cache
def line() -> Line:
    settings = ChannelSettings("ussd", "ussd/africastalking", "KE", (CODE,))
    return Line("ussd", channel(settings), profile_of("ussd/africastalking"), "token")  # type: ignore[arg-type]


@dataclass
class Published:
    """What is published: ``old`` releases are known too, unless they were ``lost``."""

    current: Release
    old: dict[str, Release] = field(default_factory=dict)
    lost: bool = False

    def publish(self, release: Release) -> None:
        self.old[self.current.hash], self.current = self.current, release

    def begun_by(self, address: str, client: str) -> Release:
        return self.current

    async def get(self, name: str) -> Release | None:
        if name == self.current.hash:
            return self.current
        return None if self.lost else self.old.get(name)


@dataclass(frozen=True)
class Run:
    """One run of an effect: under which key, what, and for which request."""

    key: str
    action: str
    given: str
    request: str
    failed: bool  # the record was down: nothing was done


REQUEST: ContextVar[str] = ContextVar("request", default="")


@dataclass
class World:
    """The record and the bank, in memory: an effect's key is unique, as in SQL."""

    outcomes: dict[str, Any] = field(default_factory=dict)  # of effects, by key
    ran: list[Run] = field(default_factory=list)  # every run, repeats included
    hold: asyncio.Event | None = None  # an effect waits for it, as for a slow database
    hold_reads: asyncio.Event | None = None
    down: bool = False
    unsure: bool = False  # an effect is done, and nobody hears of it
    pin: str = PIN
    own: list[Account] = field(default_factory=list)
    clock: SetClock = field(default_factory=lambda: SetClock(MORNING))

    def __post_init__(self) -> None:
        self.bank = self.pins = self.clients = self.consents = self.cases = self.payments = self.invitations = self

    @property
    def runs(self) -> list[str]:
        """The key of every run."""
        return [run.key for run in self.ran]

    @property
    def cases_by_key(self) -> dict[str, Case]:
        return {key: outcome for key, outcome in self.outcomes.items() if isinstance(outcome, Case)}

    def today(self) -> dt.date:
        return self.clock.today()

    def now(self) -> dt.datetime:
        return self.clock.now()

    async def _once(self, key: str, action: str, given: str, work: Callable[[], Any], held: bool = True) -> Any:
        self.ran.append(Run(key, action, given, REQUEST.get(), self.down))
        if self.down:
            raise Unavailable
        if self.hold and held:
            await self.hold.wait()
        if key not in self.outcomes:
            self.outcomes[key] = work()
        if self.unsure:
            raise Uncertain
        return self.outcomes[key]

    async def open(self, key: str, caller: Caller, kind: str, about: str) -> Case:
        def work() -> Case:
            return Case(f"C-{len(self.cases_by_key) + 1}", kind, self.today() + dt.timedelta(days=1), True)

        case: Case = await self._once(key, "open case", kind, work)
        return case

    async def of(self, caller: Caller) -> list[Asked]:
        if self.down:
            raise Unavailable
        return [
            Asked(case.number, case.kind, "open", self.today(), case.promised) for case in self.cases_by_key.values()
        ]

    async def check(self, key: str, caller: Caller, pin: Secret) -> str:
        def work() -> str:
            return "right" if pin.reveal() == self.pin else "wrong"

        return str(await self._once(key, "check pin", pin.reveal(), work, held=False))

    async def locked_until(self, caller: Caller) -> dt.datetime | None:
        return None

    async def accounts(self, client: str) -> list[Account]:
        if self.down:
            raise Unavailable
        if self.hold_reads:
            await self.hold_reads.wait()
        return self.own

    async def statement(self, account: str, limit: int) -> list[Any]:
        return []

    async def answered(self, caller: Caller, flow: str) -> dt.date | None:
        if self.down:
            raise Unavailable
        return None

    async def take(self, key: str, caller: Caller, flow: str) -> bool:
        return bool(await self._once(key, "take survey", flow, lambda: True))

    async def find(self, address: str, typed: str) -> dict[str, Any] | None:
        return None

    async def register(self, key: str, caller: Caller, name: str, about: str) -> Registered:
        registered: Registered = await self._once(key, "register interest", name, lambda: Registered("P-1", True))
        return registered

    async def give(self, key: str, caller: Caller, purpose: str, given: bool, notice: str) -> None:
        await self._once(key, "set consent", f"{purpose} {given}", lambda: True)

    async def collect(self, key: str, caller: Caller, agreed: Agreed) -> tuple[str, Payable | None]:
        exit_: str = await self._once(key, "collect", f"{agreed.account} {agreed.amount}", lambda: "asked")
        return exit_, None

    async def last(self, caller: Caller) -> Payable | None:
        if self.down:
            raise Unavailable
        return None


class Remembering(Memory):
    """Looks that a session kept alive is what its bytes would give: when it is kept, and still when it is taken."""

    def keep(self, state: bytes, held: Held) -> None:
        _is_live(held)
        super().keep(state, held)

    def take(self, state: bytes) -> Held | None:
        held = super().take(state)
        if held is not None:
            _is_live(held)
        return held


def _is_live(held: Held) -> None:
    assert held.state is not None
    if held.session is not None:
        assert typed(held.session) == typed(sessions.decode(held.state.told.talk))


def typed(value: Any) -> Any:
    """``value`` with the type of everything in it, in its order: where ``==`` is content, this may not be."""
    if isinstance(value, msgspec.Struct):
        return type(value), [typed(getattr(value, name)) for name in value.__struct_fields__]
    if isinstance(value, dict):
        return type(value), [(typed(name), typed(one)) for name, one in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [typed(one) for one in value]
    return type(value), value


class Stage:
    """One address, one channel, and everything a test wants to know of what happened."""

    def __init__(self, url: str, world: World | None = None) -> None:
        self.url = url
        self.redis = connect(url, 2.0)
        self.hot = nodes.opened(url, self.redis, 2.0)
        self.world = world or World()
        self.card: dict[str, Any] = {"clients": [AKINYI], "language": "en", "notice": "1", "seen": ""}
        self.published = Published(release())
        self.memory = Remembering(450.0)  # of the process whose gate this is
        self.gate = self.another_gate(self.memory)

    def another_gate(self, memory: Memory | None = None) -> Gate:
        """A second process on the same stores; or the one with this memory."""

        async def read_card(address: str) -> dict[str, Any]:
            if self.world.down:
                raise Unavailable
            return dict(self.card)

        sessions = Sessions(self.hot, memory=memory)
        gate = Gate(sessions, self.published, self.world, read_card, self.world.clock, b"k" * 32, Metrics())
        gate.lines["ussd"] = self.line()
        return gate

    async def disconnect(self) -> None:
        """The next command of anybody finds a new connection."""
        await self.hot.close()
        await self.redis.connection_pool.disconnect()

    async def close(self) -> None:
        await self.hot.close()
        await self.redis.aclose()

    def line(self, **changes: Any) -> Line:
        return replace(line(), profile=replace(line().profile, **changes))

    async def hop(self, text: str, session: str = "S1", gate: Gate | None = None) -> Reply:
        gate = gate or self.gate
        return await turn(gate, gate.lines["ussd"], Hop(PHONE, CODE, session, text))

    async def journal(self) -> list[Entry]:
        entries = await self.redis.xrange(journal_key(shard(PHONE)))
        return [decode(fields[b"e"]) for _, fields in entries]

    async def check_journal(self) -> None:
        """One entry a turn: the turns of a conversation are 1, 2, 3 … without a gap or a double."""
        turns: dict[str, list[int]] = {}
        for entry in await self.journal():
            turns.setdefault(entry.conversation, []).append(entry.turn)
        assert all(found == list(range(1, len(found) + 1)) for found in turns.values()), turns


class Cut(BaseException):
    """The process was killed here."""


Happening = Callable[[], Awaitable[BaseException | None]]  # what happens at a stop: None, or what is raised there


async def killed() -> BaseException:
    return Cut()


async def answer_lost() -> BaseException:
    return StoreDown("the answer was lost")


class Pace:
    """Holds several tasks at their awaits and lets one go on at a time, in the order that a schedule gives."""

    def __init__(self, after: bool = True) -> None:
        """``after``: whether there is a stop after each await too, and not only before it."""
        self.parked: list[tuple[int, asyncio.Future[BaseException | None]]] = []
        self.changed = asyncio.Event()
        self.over = False
        self.after = after
        self.could: list[int] = []  # how many could have gone on, at each choice

    def watch(self, gate: Gate, who: int, world: bool = True) -> None:
        """Puts a stop before and after everything that ``gate`` awaits of the store and (``world``) of the world."""
        for name in ("load", "commit"):
            call = getattr(gate.sessions, name)
            setattr(gate.sessions, name, self._stopped(call, who))
        if not world:
            return
        gate.world = _Stopped(gate.world, lambda call: self._stopped(call, who))  # type: ignore[assignment]

    def _stopped(self, call: Callable[..., Awaitable[Any]], who: int) -> Callable[..., Awaitable[Any]]:
        async def stopped(*args: Any) -> Any:
            await self._park(who)
            result = await call(*args)
            if self.after:
                await self._park(who)
            return result

        return stopped

    async def _park(self, who: int) -> None:
        if self.over:
            return  # an effect that its turn has given up goes on by itself
        future = asyncio.get_running_loop().create_future()
        self.parked.append((who, future))
        self.changed.set()
        if error := await future:
            raise error

    async def run(
        self, turns: list[Awaitable[Reply]], schedule: Sequence[int], at: Mapping[int, Happening] | None = None
    ) -> list[Any]:
        """Every turn's reply (or its Cut). ``schedule``: who goes next; ``at``: what happens at a stop of turn 0."""
        tasks = [asyncio.ensure_future(_outcome(turn)) for turn in turns]
        stops = 0
        for choice in chain(schedule, repeat(0)):
            await self._settle(tasks)
            waiting = sorted({who for who, _ in self.parked})
            if not waiting:
                break
            self.could.append(len(waiting))
            who = waiting[choice % len(waiting)]
            happens = (at or {}).get(stops) if who == 0 else None
            stops += who == 0
            self._go_on(who, await happens() if happens else None)
        self.over = True
        return [await task for task in tasks]

    def _go_on(self, who: int, error: BaseException | None) -> None:
        at = next(at for at, (one, _) in enumerate(self.parked) if one == who)
        future = self.parked.pop(at)[1]
        if not future.done():  # a read that was cancelled at its deadline
            future.set_result(error)

    async def _settle(self, tasks: list[asyncio.Task[Any]]) -> None:
        """Waits until every task is parked or done. (An effect may be parked when its turn has given it up.)"""
        while any(not task.done() and not self._is_parked(who) for who, task in enumerate(tasks)):
            self.changed.clear()
            wake = asyncio.ensure_future(self.changed.wait())
            await asyncio.wait([wake, *[t for t in tasks if not t.done()]], return_when=asyncio.FIRST_COMPLETED)
            wake.cancel()

    def _is_parked(self, who: int) -> bool:
        self.parked = [(one, future) for one, future in self.parked if not future.done()]
        return any(one == who for one, _ in self.parked)


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
        if name in ("bank", "pins", "clients", "consents", "cases", "payments", "invitations"):
            return _Stopped(found, self._stop)
        return self._stop(found) if asyncio.iscoroutinefunction(found) else found
