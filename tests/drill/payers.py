"""People who pay from their phones, and now and then ask what became of their last payment."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from drill.network import Asked, Network
from drill.screens import shows, shows_option

from gateway.session_over import MOMENT

LONGEST = 20  # hops of one call
REDIALS = 3
BEHAVIOURS = {"succeed": 8, "callback-first": 3, "twice": 3, "late": 3, "refuse": 3, "lose": 3, "silent": 1}
PINS = ("4729", "8316", "6058", "3974", "7203", "9164", "5827", "2694", "8035", "6417")
PEOPLE = """people:
{people}"""
PERSON = """  {name}:
    name: {name} Drill
    number: {number}
    phone: {phone}
    language: {language}
    pin: {pin}
    about: pays again and again
    accounts:
{accounts}"""
SAVES = """      S-{number}: {{product: amana, nickname: Amana, opened: 200 days ago}}
"""
OWES = """      L-{number}:
        {{product: biashara, nickname: Biashara, opened: 121 days ago, amount: 900000, paid: 3 instalments}}
"""
NAMES = ("Amina", "Baraka", "Chiku", "Daudi", "Esther", "Fatuma", "Geoffrey", "Hawa", "Imani", "Juma")


@dataclass(slots=True)
class Payer:
    """Somebody with a phone, a PIN and one account or two."""

    phone: str
    language: str
    pin: str
    accounts: tuple[str, ...]
    odd: list[str] = field(default_factory=list)
    behaviour: str = ""  # how the wallet treats this number now


@dataclass(slots=True)
class Call:
    """One session, hop by hop, with the seconds (by the product's clock) at which each was asked and answered."""

    payer: Payer
    hops: list[Asked] = field(default_factory=list)
    times: list[tuple[float, float]] = field(default_factory=list)
    noticed: bool = False  # the provider has told that it is over
    over_at: float = 0.0  # when the session was over

    @property
    def began(self) -> float:
        return self.times[0][0]

    @property
    def ended(self) -> float:
        return self.times[-1][1]

    @property
    def told(self) -> str:
        """The last screen; "" if there was none."""
        return self.hops[-1].told or "" if self.hops else ""

    @property
    def prompted(self) -> bool:
        """Whether the payer was told that the wallet will ask."""
        return shows("repay.prompt", self.told)

    @property
    def agreed(self) -> bool:
        """Whether the payer said yes to a payment."""
        return any(hop.means == "agree" for hop in self.hops)


def people(number: int) -> tuple[list[Payer], str]:
    """So many payers, and the people file that has them. Every third has a loan too."""
    payers, written = [], []
    for n in range(number):
        client, owes = str(20001 + n), n % 3 == 0
        payer = Payer(
            f"+2547220{n:05d}",
            ("en", "sw")[n % 2],
            PINS[n % len(PINS)],
            (f"S-{client}", f"L-{client}") if owes else (f"S-{client}",),
        )
        accounts = SAVES.format(number=client) + (OWES.format(number=client) if owes else "")
        name = f"{NAMES[n % len(NAMES)]}{n}"
        facts = {"name": name, "number": client, "phone": payer.phone, "language": payer.language, "pin": payer.pin}
        written.append(PERSON.format(**facts, accounts=accounts))
        payers.append(payer)
    return payers, PEOPLE.format(people="".join(written))


def behaviour(chance: random.Random) -> str:
    return chance.choices(list(BEHAVIOURS), list(BEHAVIOURS.values()))[0]


class Calling:
    """A payer on the phone, for one purpose: ``pay`` or ``last``."""

    def __init__(self, payer: Payer, what: str, network: Network, chance: random.Random, now: Callable[[], float]):
        self.payer, self.what, self._network, self._chance, self._now = payer, what, network, chance, now
        self.calls: list[Call] = []

    async def pursue(self) -> list[Call]:
        """Dials until something was said that is an answer, or gives up."""
        while len(self.calls) < REDIALS and not (self.calls and self.calls[-1].told):
            await self._call()
            call = self.calls[-1]
            last = call.hops[-1]
            if last.told is not None and self._chance.random() < (0.4 if last.more else 0.7):
                call.noticed = True
                await self._network.hang_up(last)
            call.over_at = self._now() if call.noticed else call.ended + MOMENT
        self._network.gave_up(self.payer.phone)
        return self.calls

    async def _call(self) -> None:
        call = Call(self.payer)
        self.calls.append(call)
        session, text, means = f"ATUid_{self._chance.getrandbits(64):016x}", self._dialled(), ""
        while len(call.hops) < LONGEST:
            hop = Asked(self.payer.phone, session, text, opens=not call.hops, means=means)
            call.hops.append(hop)
            await self._ask(call, hop)
            if hop.told is None or not hop.more or self._chance.random() < 0.02:
                return
            typed = self._answer(hop.told)
            if typed is None:
                return
            means = "agree" if shows("repay.agree", hop.told) and typed == "1" else ""
            text = f"{text}*{typed}" if text else typed

    async def _ask(self, call: Call, hop: Asked) -> None:
        began = self._now()
        await self._network.ask(hop)
        call.times.append((began, self._now()))
        before = call.hops[-2] if len(call.hops) > 1 else None
        if before and before.text and hop.told is not None and self._chance.random() < 0.03:
            await self._network.late_copy(before)

    def _dialled(self) -> str:
        return f"1*{self.payer.pin}" if self.what == "pay" and self._chance.random() < 0.5 else ""

    def _answer(self, screen: str) -> str | None:
        for key, typed in _ANSWERS.items():
            if shows(key, screen):
                return typed(self, screen)
        if self.what == "pay" and shows_option("1", "repay.starts.as", screen):
            return "1"
        if self.what == "last" and (number := _number_of("last_payment.starts.as", screen)):
            return number
        if any(line.startswith("98 ") for line in screen.splitlines()):
            return "98"
        self.payer.odd.append(f"{self.payer.phone}, {self.what}: nobody knows what to answer: {screen!r}")
        return None

    def _amount(self, screen: str) -> str:
        """Typed, or chosen where amounts are on offer: but for "all of it", which would end the account."""
        offered = next(_options(screen), "")
        return offered if offered and self._chance.random() < 0.5 else str(self._chance.randrange(10, 900))


def _options(screen: str) -> Iterator[str]:
    yield from (line.split(" ")[0] for line in screen.splitlines() if line[:2] in ("1 ", "2 ", "3 "))


def _number_of(key: str, screen: str) -> str:
    return next((str(n) for n in range(1, 20) if shows_option(str(n), key, screen)), "")


_ANSWERS: dict[str, Callable[[Calling, str], str]] = {
    "system.redial": lambda calling, _: calling._chance.choice("12"),
    "system.pin_ask": lambda calling, _: calling.payer.pin,
    "repay.account": lambda calling, screen: calling._chance.choice([*_options(screen)]),
    "repay.amount": Calling._amount,
    "repay.agree": lambda calling, _: "1" if calling._chance.random() < 0.95 else "2",
}
