"""The people at the phones: each has something in mind, reads the screen and types what it asks for.

After an apology they dial again and go on from whatever they see, as people do.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from drill.network import Asked, Network
from drill.screens import LANGUAGES, language_of, shows, shows_option

WRONG = "5937"  # nobody's PIN
NEW_PINS = ("7302", "8164", "2639", "9405", "6182", "3857")
PRIVATE = ("balance", "statement", "pay")
GOALS = {"balance": "2", "statement": "3", "pay": "1", "call": "5", "register": "1"}
SETTINGS = {"language": "1", "pin": "2", "consent": "3", "about": "4"}
PURPOSES = ("reminder", "survey", "marketing", "stop")
REDIALS = 4
LONGEST = 25  # hops of one call
END_OF_PIN = ("pin_wrong", "pin_locked_minutes", "pin_locked_reset", "still_working", "unavailable")


@dataclass(slots=True)
class Phone:
    """A phone, which two people may share. ``spoke``: a language was chosen on it, and it said so."""

    number: str
    language: str
    spoke: bool = False


@dataclass(slots=True)
class Person:
    """Somebody with a phone. ``pins``: what their PIN may be, the likeliest first: an answer may have been lost."""

    phone: Phone
    name: str
    pins: list[str] = field(default_factory=list)
    nickname: str = ""
    known: bool = False  # was told a number of their own
    odd: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Goal:
    """What a call is for. ``wrong``: how many wrong PINs are typed before the right one."""

    what: str
    choice: str = ""  # of a purpose, or of a language
    yes: bool = True
    wrong: int = 0
    deep: bool = False  # dialled with the shortcut in it
    leaves: float = 0.03  # the chance, at each screen, that the call is broken off


@dataclass(slots=True)
class Typed:
    text: str
    secret: bool = False
    means: str = ""
    guess: tuple[str, bool | None] | None = None


class Caller:
    """One person pursuing one goal, over as many calls as it takes."""

    def __init__(self, person: Person, goal: Goal, network: Network, chance: random.Random) -> None:
        self.person, self.goal, self._network, self._chance = person, goal, network, chance
        self._new_pin = self._purpose_chosen = ""
        self._offered = False  # whether there is something to choose on the screen
        self._content = False  # what the call was for is done, without the call being over
        self.calls = 0

    async def pursue(self, before: Asked | None = None) -> Asked | None:
        """Dials until the goal is reached or given up; the last hop. ``before``: the last one of the call before."""
        last = None
        while self.calls < REDIALS and (last is None or last.told is None):
            self.calls += 1
            last = await self._call(before)
            if last.told is not None and (last.more or self._chance.random() < 0.4):
                await self._end(last)
            if last.told is not None and shows("system.still_working", last.told):
                last.means = last.means or "waiting"
        self._network.gave_up(self.person.phone.number)
        return last

    async def _end(self, last: Asked) -> None:
        """Some calls break without a word from the provider."""
        if not last.more or self._chance.random() < 0.6:
            await self._network.hang_up(last)

    async def _call(self, before: Asked | None) -> Asked:
        dialled = self._dialled()
        session = f"ATUid_{self._chance.getrandbits(64):016x}"
        last = self._asked(session, dialled.text, dialled, opens=True)
        screen = await self._ask(last)
        if before is not None and before.told is not None and screen is not None and self._chance.random() < 0.2:
            await self._network.late_copy(before)
        for _ in range(LONGEST):
            typed = self._answer(screen) if screen is not None and last.more else None
            if typed is None or self._chance.random() < self.goal.leaves:
                break
            at, last = last, self._asked(session, f"{last.text}*{typed.text}" if last.text else typed.text, typed)
            screen = await self._ask(last)
            if at.text and screen is not None and self._chance.random() < 0.04:
                await self._network.late_copy(at)
        return last

    async def _ask(self, asked: Asked) -> str | None:
        screen = await self._network.ask(asked)
        self._take_in(asked)
        return screen

    def _asked(self, session: str, text: str, typed: Typed, opens: bool = False) -> Asked:
        return Asked(self.person.phone.number, session, text, typed.text, opens, typed.secret, typed.means, typed.guess)

    def _dialled(self) -> Typed:
        if self.goal.deep and self.goal.what == "call":
            return Typed("5*1", means="call")
        if not self.goal.deep or self.goal.what not in PRIVATE or self.person.nickname or not self.person.pins:
            return Typed("")
        pin = self._pin()
        return Typed(f"{GOALS[self.goal.what]}*{pin.text}", secret=True, guess=pin.guess)

    # -- what a screen tells ------------------------------------------------------------------------------------------

    def _take_in(self, last: Asked) -> None:
        """What the person learns from the answer to what they typed."""
        person, told = self.person, last.told
        if last.guess is not None and told is not None:
            self._learn_pin(last, told)
        if last.means == "pin" and told is not None and shows("new_pin.done", told):
            person.pins, self._content = [self._new_pin], True
        elif last.means == "pin" and (told is None or shows("system.still_working", told)):
            person.pins = [self._new_pin, *person.pins]  # either, until one of them is taken
        if last.means.startswith("language") and told is not None:
            person.phone.spoke, person.phone.language = True, self._spoken()
            self._content = self.goal.what == "language"
        if told is not None and shows("register.done", told):
            person.known = True
        if told is not None and shows("system.too_late", told):
            self._odd("a call that goes on was told to be over", told)

    def _learn_pin(self, last: Asked, told: str) -> None:
        """An answer that is sure may not be contradicted by another."""
        assert last.guess is not None
        typed, right = last.typed.rpartition("*")[2], last.guess[1]
        refused = shows("system.pin_wrong", told)
        passed = not any(shows(f"system.{key}", told) for key in END_OF_PIN)
        if (refused and right) or (passed and right is False):
            self._odd("a PIN was told to be wrong that is right, or right that is wrong", told)
        if passed:
            self.person.pins = [typed]
        if refused and len(self.person.pins) > 1 and typed in self.person.pins:
            self.person.pins.remove(typed)

    def _odd(self, what: str, screen: str) -> None:
        self.person.odd.append(f"{self.person.phone.number}, {self.goal.what}: {what}: {screen!r}")

    # -- what to type -------------------------------------------------------------------------------------------------

    def _answer(self, screen: str) -> Typed | None:
        """What this screen asks for; None: the person puts the phone down."""
        if self._content or shows("pin.activation", screen) or shows("repay.way", screen):
            return None
        self._offered = "\n1 " in screen
        for key, typing in _ANSWERS.items():
            if shows(key, screen):
                return typing(self)
        if "2 Kiswahili" in screen:
            return self._choose_language(screen)
        if any(line.startswith("98 ") for line in screen.splitlines()):
            return Typed("98")
        if shows_option("8", "settings.starts.as", screen):
            return self._from_main(screen)
        if shows_option("3", "messages.starts.as", screen):
            self._content = self.goal.what == "about"
            return Typed(SETTINGS.get(self.goal.what, "0"))
        options = [line.split(" ")[0] for line in screen.splitlines() if line[:2] in ("1 ", "2 ", "3 ")]
        if options:  # a list of accounts
            return Typed(self._chance.choice(options))
        self._odd("nobody knows what to answer", screen)
        return Typed("00")

    def _choose_language(self, screen: str) -> Typed:
        if self.person.phone.spoke and self.goal.what != "language":
            self._odd("the language is asked again", screen)
        return Typed(str(LANGUAGES.index(self._spoken()) + 1), means=f"language {self._spoken()}")

    def _spoken(self) -> str:
        return self.goal.choice if self.goal.what == "language" else self.person.phone.language

    def _from_main(self, screen: str) -> Typed:
        if self.person.phone.spoke and language_of("settings.starts.as", screen) != self.person.phone.language:
            self._odd("the language is another than the one that was chosen", screen)
        if self.person.known and shows_option("1", "register.starts.as", screen):
            self._odd("who was registered is not known", screen)
        if self.goal.what == "wander":
            return Typed(self._chance.choice(["0", "00", "9", "8", "5", "x"]))
        return Typed(GOALS.get(self.goal.what, "8"))

    def _pin(self) -> Typed:
        if self.goal.wrong > 0 or not self.person.pins:
            self.goal.wrong -= 1
            return Typed(WRONG, secret=True, guess=(self.person.name, False))
        # On a shared phone a call that is taken up again may be the other one's.
        sure = len(self.person.pins) == 1 and not self.person.nickname
        return Typed(self.person.pins[0], secret=True, guess=(self.person.name, True if sure else None))

    def _first_pin(self) -> Typed:
        self._new_pin = self._chance.choice([pin for pin in NEW_PINS if pin not in self.person.pins])
        return Typed(self._new_pin, secret=True)

    def _amount(self) -> Typed:
        """One that is on offer, where there is: a key; else typed."""
        return Typed(self._chance.choice("12") if self._offered else "50")

    def _agree(self) -> Typed:
        """Whether the money comes is another drill's matter."""
        return Typed(self._chance.choice("12"))

    def _sure(self) -> Typed:
        return Typed("1", means="call") if self.goal.what == "call" or self._chance.random() < 0.2 else Typed("2")

    def _purpose(self) -> Typed:
        if self.goal.what != "consent":
            return Typed("0")
        self._purpose_chosen = self.goal.choice
        stops = self.goal.choice == "stop"
        return Typed(str(PURPOSES.index(self.goal.choice) + 1), means="consent stop 2" if stops else "")

    def _wanted(self) -> Typed:
        """An unfinished call that is taken up again may have chosen another purpose than this one would."""
        key = "1" if self.goal.yes else "2"
        return Typed(key, means=f"consent {self._purpose_chosen or 'any'} {key}")


_ANSWERS: dict[str, Callable[[Caller], Typed]] = {
    "system.redial": lambda caller: Typed(caller._chance.choice(["1", "1", "2"])),
    "system.pin_ask": Caller._pin,
    "system.which_client": lambda caller: Typed(caller.person.nickname, secret=True),
    "new_pin.first": Caller._first_pin,
    "new_pin.second": lambda caller: Typed(caller._new_pin, secret=True, means="pin"),
    "pin.how.forgot": lambda caller: Typed("1" if caller.goal.what == "pin" else "0"),
    "register.name": lambda caller: Typed(caller.person.name),
    "register.about": lambda caller: Typed(caller._chance.choice("1234"), means="register"),
    "call_me.sure": Caller._sure,
    "repay.amount": Caller._amount,
    "repay.agree": Caller._agree,
    "messages.which": Caller._purpose,
    "messages.want": Caller._wanted,
}
