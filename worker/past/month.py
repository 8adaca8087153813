"""The month: everybody's deeds in the order of time, and between them whatever the worker and the staff would do."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial

from gateway.build import House
from worker.past import wishes
from worker.past.calling import Phone, Wish
from worker.past.diary import Deed, Diary, moment
from worker.past.joining import Joined
from worker.past.office import Office
from worker.past.steps import Steps

INVITES = (dt.time(10, 5), dt.time(14, 30))
OFFICE = (dt.time(9, 30), dt.time(15, 30))
ARREARS = dt.time(7, 30)  # on Mondays
AGAIN = 0.7  # of the payments that were declined are tried once more
Work = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Month:
    """One walk. ``people`` by their client ids in the record."""

    house: House
    diary: Diary
    steps: Steps
    office: Office
    people: list[Joined]
    _queue: list[tuple[float, int, Work]] = field(default_factory=list)
    _count: itertools.count[int] = field(default_factory=itertools.count)
    _pins: dict[str, str] = field(default_factory=dict)
    _asked: set[tuple[str, int]] = field(default_factory=set)

    async def live(self) -> None:
        self._plan()
        ends = moment(self.diary.ends, dt.time(23, 59), self.diary.zone)
        while self._queue:
            at, _, work = heapq.heappop(self._queue)
            if at > ends:
                continue
            await self.steps.pay(at)
            self._to(at)
            await work()
        await self._settle(ends)

    def _plan(self) -> None:
        for one in self.people:
            for deed in self.diary.of(one):
                self._at(deed.at, self._deed(deed))
        day = self.diary.begins
        while day <= self.diary.ends:
            self._day(day)
            day += dt.timedelta(days=1)

    def _day(self, day: dt.date) -> None:
        zone = self.diary.zone
        for hour in INVITES:
            self._at(moment(day, hour, zone), self._invite)
        if day.weekday() < 5:
            for hour in OFFICE:
                self._at(moment(day, hour, zone), self.office.cases)
        if day.weekday() == 0:
            self._at(moment(day, ARREARS, zone), self._arrears)

    def _at(self, at: float, work: Work) -> None:
        heapq.heappush(self._queue, (at, next(self._count), work))

    def _to(self, at: float) -> None:
        """Forwards only: a call may have taken longer than until the next one."""
        clock = self.house.stores.clock
        clock.offset += max(0.0, at - clock.seconds())

    def _deed(self, deed: Deed) -> Work:
        doing = {
            "phone": self._pay,
            "branch": self._counter,
            "open": self._open,
            "call": self._call,
            "enrol": self._enrol,
            "join": self._join,
            "lock": self._lock,
        }[deed.kind]
        return partial(doing, deed)

    async def _pay(self, deed: Deed) -> None:
        who, dice = deed.of.who, deed.of.who.dice(f"call {deed.what} {deed.at} {deed.again}")
        await self.steps.behave(who.phone, deed.wallet)
        await self._dial(deed.of, wishes.pay(who, deed.what, deed.minor // 100, dice), dice)
        if deed.wallet == "silent":
            self._at(deed.at + dice.uniform(2, 7) * 3600, partial(self.steps.behave, who.phone, "succeed"))
        if deed.wallet == "refuse" and dice.random() < AGAIN and not deed.again:
            later = replace(deed, at=deed.at + dice.uniform(300, 5000), wallet="succeed", again=1)
            self._at(later.at, self._deed(later))

    async def _counter(self, deed: Deed) -> None:
        kind, _, account = deed.what.partition(" ")
        await self.office.counter(account, kind, deed.minor)

    async def _open(self, deed: Deed) -> None:
        await self.office.open(deed.of, next(one for one in deed.of.openings if one.ref == deed.what))

    async def _call(self, deed: Deed) -> None:
        dice = deed.of.who.dice(f"call {deed.what} {deed.at}")
        await self._dial(deed.of, wishes.other(deed.of.who, deed.what, dice), dice)

    async def _enrol(self, deed: Deed) -> None:
        """The code is handed over at the branch; soon after, they choose a PIN on the phone."""
        who, dice = deed.of.who, deed.of.who.dice("enrol")
        code, pin = await self.office.code(deed.of), f"{dice.randrange(2000, 9900)}"
        self._to(deed.at + dice.uniform(120, 1500))
        wish = Wish(("settings", "pin"), {**wishes.answers(who), "pin.activation": code, **_chosen(pin)})
        await self._dial(deed.of, wish, dice)
        self._pins[who.phone] = pin

    async def _join(self, deed: Deed) -> None:
        dice = deed.of.who.dice("join")
        await self._dial(deed.of, wishes.other(deed.of.who, "register", dice), dice)

    async def _lock(self, deed: Deed) -> None:
        dice = deed.of.who.dice("lock")
        wish = replace(wishes.other(deed.of.who, deed.what, dice), misses=3, stops=0, slips=0)
        await self._dial(deed.of, wish, dice)
        await self._dial(deed.of, wishes.other(deed.of.who, "call_me", dice), dice)

    async def _invite(self) -> None:
        """Whoever was invited, or reminded, may call in the hours after."""
        await self.steps.invite()
        people, now = {one.id: one for one in self.people}, self.house.stores.clock.seconds()
        for id_, client, reminders in await self.office.invited():
            one = people.get(client)
            if one is None or (id_, reminders) in self._asked:
                continue
            self._asked.add((id_, reminders))
            dice = one.who.dice(f"asked {reminders}")
            if dice.random() < one.who.habits.answers:
                self._at(now + dice.uniform(0.1, 6) * 3600, partial(self._answer, one, dice))

    async def _answer(self, one: Joined, dice: random.Random) -> None:
        wish = Wish((), wishes.answers(one.who))
        await self._dial(one, wishes.left(wish, dice) if dice.random() < 0.25 else wish, dice)

    async def _arrears(self) -> None:
        await self.office.arrears(self.people)

    async def _dial(self, one: Joined, wish: Wish, dice: random.Random) -> None:
        """A survey may come first: then they call once more for what they wanted."""
        phone = Phone(self.house, one.who, self._pins.get(one.who.phone, one.who.pin), dice)
        if await phone.call(wish) not in ("", "main", *wish.path) and wish.path:
            await self.steps.write()
            await phone.call(wish)
        await self.steps.write()

    async def _settle(self, ends: float) -> None:
        """Nothing is left under way when the month is over."""
        await self.steps.pay(ends)
        self._to(ends)
        await self.office.decide()
        await self.steps.deliver()


def _chosen(pin: str) -> dict[str, str]:
    return {"new_pin.first": pin, "new_pin.second": pin}
