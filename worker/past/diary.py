"""Who does what when: the calls and visits of a month, by everybody's habits. Nothing here happens yet."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from adapters.simulation import Behaviour
from flows.ports import Posting
from worker.past.joining import Joined

# When people call: the early morning before the market, noon, and the evening.
HOURS = tuple(range(6, 22))
BUSY = (4, 7, 8, 6, 5, 5, 6, 7, 5, 4, 4, 6, 8, 9, 7, 3)
# What they call for besides paying, and how often.
CALLS = {
    "balance": 44,
    "statement": 12,
    "last_payment": 13,
    "call_me": 8,
    "feedback": 12,
    "complaint": 4,
    "dispute": 3,
    "ask_loan": 7,
    "withdraw": 4,
    "my_requests": 6,
    "messages": 3,
}
WALLET: dict[Behaviour, float] = {
    "succeed": 86,
    "refuse": 7.5,
    "late": 3,
    "twice": 1,
    "lose": 1,
    "callback-first": 1,
    "silent": 0.5,
}
LOCKED = 0.012  # of the people type a wrong PIN until they are locked out
CAUGHT_UP = 0.5  # of the instalments that were not paid are paid a week or more later


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that one of them does. ``kind``: phone, branch, open, call, enrol, join, lock; the rest as it needs."""

    at: float  # seconds since 1970
    kind: str
    of: Joined
    what: str = ""  # of a call: the flow; of money: the account
    minor: int = 0
    wallet: Behaviour = "succeed"
    again: int = 0  # how often it was tried before


@dataclass(frozen=True, slots=True)
class Diary:
    """``begins`` to ``ends``, both included."""

    begins: dt.date
    ends: dt.date
    zone: ZoneInfo

    def of(self, joined: Joined) -> Iterator[Deed]:
        """What one of them does in the month, in no order."""
        for opening in joined.openings:
            yield Deed(
                self._at(opening.on, joined.who.dice(f"open {opening.ref}"), (9, 15)), "open", joined, opening.ref
            )
        for posting in joined.falls_due:
            yield from self._paying(joined, posting)
        yield from self._calls(joined)

    def _paying(self, joined: Joined, posting: Posting) -> Iterator[Deed]:
        who, dice = joined.who, joined.who.dice(f"pay {posting.key}")
        day, minor = posting.on + dt.timedelta(days=dice.randint(0, who.habits.slow)), posting.amount.minor
        if dice.random() > who.habits.pays:
            if dice.random() > CAUGHT_UP:
                return
            day, minor = day + dt.timedelta(days=dice.randrange(7, 13)), minor // 2 if dice.random() < 0.4 else minor
        if day > self.ends:
            return
        minor = max(1000, minor // 100 * 100)
        if posting.kind != "withdrawn" and dice.random() < who.habits.by_phone:
            wallet = dice.choices(list(WALLET), list(WALLET.values()))[0]
            yield Deed(self._at(day, dice), "phone", joined, posting.account, minor, wallet)
        else:
            yield Deed(self._at(day, dice, (9, 15)), "branch", joined, f"{posting.kind} {posting.account}", minor)

    def _calls(self, joined: Joined) -> Iterator[Deed]:
        who, dice = joined.who, joined.who.dice("calls")
        if who.holds == "newcomer":
            yield Deed(self._at(self._day(dice), dice), "join", joined)
            return
        for _ in range(_poisson(dice, who.habits.calls)):
            flow = dice.choices(list(CALLS), list(CALLS.values()))[0]
            yield Deed(self._at(self._day(dice), dice), "call", joined, flow)
        if not who.pin and dice.random() < 0.4:
            yield Deed(self._at(self._day(dice), dice, (9, 15)), "enrol", joined)
        if dice.random() < who.habits.answers / 4:
            yield Deed(self._at(self._day(dice), dice), "call", joined, "feedback")
        if who.pin and dice.random() < LOCKED:
            yield Deed(self._at(self._day(dice), dice), "lock", joined, "balance")

    def _day(self, dice: random.Random) -> dt.date:
        return self.begins + dt.timedelta(days=dice.randint(0, (self.ends - self.begins).days))

    def _at(self, day: dt.date, dice: random.Random, office: tuple[int, int] | None = None) -> float:
        """A moment of that day: in the hours of the office, or when people call."""
        hour = dice.randint(*office) if office else dice.choices(HOURS, BUSY)[0]
        return moment(day, dt.time(hour, dice.randrange(60), dice.randrange(60)), self.zone)


def moment(day: dt.date, time: dt.time, zone: ZoneInfo) -> float:
    """Seconds since 1970."""
    return dt.datetime.combine(day, time, zone).timestamp()


def _poisson(dice: random.Random, mean: float) -> int:
    """Knuth, The Art of Computer Programming, 3.4.1, algorithm for small means."""
    count, product, least = 0, dice.random(), math.exp(-mean)
    while product > least:
        count, product = count + 1, product * dice.random()
    return count
