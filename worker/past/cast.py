"""Who the people are: names, numbers, habits, and the accounts that they have. The same seed makes the same people."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from flows.people import Move, SampleAccount
from worker.past.names import GROUPS, OFFICERS, PEOPLES

Holds = Literal["business", "farm", "group", "fund", "saver", "gone", "newcomer"]
# Of a hundred clients, so many live like this.
SHARES: tuple[tuple[Holds, int], ...] = (
    ("business", 40),
    ("group", 18),
    ("farm", 12),
    ("fund", 10),
    ("saver", 14),
    ("gone", 3),
    ("newcomer", 3),  # nobody knows them when the month begins
)
FIRST = 20001  # client number: far from those of the sample people
PHONES = "+25470001{:04}"  # a row that nobody's sample number is in
IN_A_GROUP = 14
MONTH = 30  # days


@dataclass(frozen=True, slots=True)
class Habits:
    """Shares of 1, but for ``happy`` (0 to 10: would they tell a friend) and ``slow`` (days)."""

    pays: float  # of the instalments
    slow: int  # after the day
    by_phone: float  # of the payments; the others are made at the branch
    calls: float  # a month, besides paying
    answers: float  # of what they are asked
    happy: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """One of them. ``days_ago`` of an account is counted from the last day of the month."""

    number: str
    name: str
    short_name: str
    phone: str
    language: str
    pin: str  # "": has none
    officer: str
    group: str
    holds: Holds
    since: int  # days before the last day on which they became a client
    accounts: tuple[SampleAccount, ...]
    habits: Habits
    seed: str = field(repr=False)

    def dice(self, what: str) -> random.Random:
        """The chance of this person in this matter: the same at every start."""
        return random.Random(f"{self.seed} {self.number} {what}")  # noqa: S311 - a play, no secret


@dataclass(frozen=True, slots=True)
class Cast:
    """All of them, with the parties that they belong to: reference, kind, name."""

    people: tuple[Character, ...]
    parties: tuple[tuple[str, str, str], ...]


def cast(seed: str, count: int) -> Cast:
    """The same people for the same seed and count."""
    dice = random.Random(f"{seed} cast")  # noqa: S311
    kinds = [kind for kind, share in SHARES for _ in range(share)]
    dice.shuffle(kinds)
    names = _names(dice)
    phones = dice.sample(range(1000, 10000), count)
    officers = [f"E-{101 + n}" for n in range(len(OFFICERS))]
    grouped = -(-count // IN_A_GROUP // 3) or 1
    groups = [(f"G-{101 + n}", f"{GROUPS[n % len(GROUPS)]} {'ABCDEFGH'[n // len(GROUPS) % 8]}") for n in range(grouped)]
    people = tuple(
        _character(seed, FIRST + n, kinds[n % len(kinds)], next(names), PHONES.format(phones[n]), officers, groups)
        for n in range(count)
    )
    parties = [*((ref, "group", name) for ref, name in groups)]
    parties += [(ref, "staff", name) for ref, name in zip(officers, OFFICERS, strict=True)]
    return Cast(people, tuple(parties))


def _names(dice: random.Random) -> Iterator[tuple[str, str]]:
    """A given name and the whole one, of women more often; no two people have the same while there are others."""
    used: set[str] = set()
    while True:
        women, men, families = dice.choice(PEOPLES)
        given = dice.choice(women if dice.random() < 0.66 else men)
        name = f"{given} {dice.choice([family for family in families if family != given])}"
        if name not in used or len(used) > 380:
            used.add(name)
            yield given, name


def _character(  # noqa: PLR0913, PLR0917 - what one is made of
    seed: str,
    number: int,
    holds: Holds,
    name: tuple[str, str],
    phone: str,
    officers: Sequence[str],
    groups: Sequence[tuple[str, str]],
) -> Character:
    dice = random.Random(f"{seed} {number}")  # noqa: S311
    habits = _habits(dice)
    accounts = () if holds == "newcomer" else tuple(_accounts(str(number), holds, habits, dice))
    eldest = max((one.days_ago for one in accounts), default=0)
    joins = holds in ("group", "fund") or dice.random() < 0.15
    return Character(
        number=str(number),
        name=name[1],
        short_name=name[0],
        phone=phone,
        language="sw" if dice.random() < 0.55 else "en",
        pin="" if holds == "newcomer" or dice.random() < 0.12 else f"{dice.randrange(2000, 9900)}",
        officer="E-0001" if dice.random() < 0.2 else dice.choice(officers),
        group=dice.choice(groups)[0] if joins else "",
        holds=holds,
        since=eldest + dice.randrange(3, 40),
        accounts=accounts,
        habits=habits,
        seed=seed,
    )


def _habits(dice: random.Random) -> Habits:
    kind = dice.choices(("steady", "slow", "struggling"), (72, 20, 8))[0]
    happy = {"steady": (8, 9, 10, 7, 10), "slow": (6, 7, 8, 9, 5), "struggling": (2, 3, 5, 0, 6)}[kind]
    return Habits(
        pays={"steady": 0.99, "slow": 0.93, "struggling": 0.45}[kind],
        slow={"steady": dice.choice((0, 0, 0, 1)), "slow": dice.randrange(1, 5), "struggling": dice.randrange(3, 9)}[
            kind
        ],
        by_phone=dice.choice((0.15, 0.6, 0.9, 1.0)),
        calls=dice.choice((0.3, 0.6, 1.0, 2.0, 4.0)),
        answers=dice.choice((0.3, 0.6, 0.85)),
        happy=dice.choice(happy),
    )


def _accounts(number: str, holds: Holds, habits: Habits, dice: random.Random) -> Iterator[SampleAccount]:
    """``paid`` is what would have been by now if nothing had ever been missed."""
    match holds:
        case "business":
            days = _days(dice, 172)
            yield SampleAccount(f"L-{number}", "biashara", "Biashara", days, _sum(dice, 8, 90), min(25, days // 7), ())
            if dice.random() < 0.4:
                yield SampleAccount(f"S-{number}", "akiba", "Akiba", days, 0, days // 7, ())
        case "farm":
            days = _days(dice, 170)
            yield SampleAccount(f"L-{number}", "kilimo", "Kilimo", days, _sum(dice, 10, 60), min(6, days // 30), ())
        case "group":
            days = _days(dice, 69)
            yield SampleAccount(f"R-{number}", "chama", "Chama", days, _sum(dice, 5, 20), days // 7, ())
        case "fund":
            days = dice.randrange(MONTH + 20, 330)
            yield SampleAccount(f"H-{number}", "umoja", "Hisa", days, 0, days // 7, ())
        case "saver":
            days = dice.randrange(MONTH + 30, 400)
            yield SampleAccount(f"S-{number}", "amana", "Amana", days, 0, 0, tuple(_savings(days, dice)))
        case "gone":
            yield SampleAccount(
                f"L-{number}", "biashara", "Biashara", dice.randrange(230, 300), _sum(dice, 8, 20), 25, ()
            )


def _days(dice: random.Random, oldest: int) -> int:
    """How long ago a loan was paid out: one in three falls into the month."""
    return dice.randrange(2, MONTH) if dice.random() < 0.33 else dice.randrange(MONTH + 5, oldest)


def _sum(dice: random.Random, low: int, high: int) -> int:
    """A loan in cents: whole thousands, the smaller ones more often."""
    return int(dice.triangular(low, high, low + (high - low) / 4)) * 100_000


def _savings(days: int, dice: random.Random) -> Iterator[Move]:
    """Now and then something is put in, and once in a while a part of it is taken out."""
    saved, day = 0, days - 1
    while day > 0:
        amount = dice.choice((2, 3, 5, 5, 8, 10, 15, 20)) * 10_000
        if saved > 200_000 and dice.random() < 0.15:
            saved -= amount
            yield Move("withdrawn", amount, day)
        else:
            saved += amount
            yield Move("deposited", amount, day)
        day -= dice.randrange(6, 30)
