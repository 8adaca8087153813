"""Whether every effect that a client asked for happened once, and every one that a client was told of is there."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from drill.comparing import Pair
from drill.network import Asked
from drill.record import Record, Row
from drill.screens import shows

REGISTERED = "ussd: register interest"
LOCKS = {"pin": 3, "address": 9}  # misses that lock: gateway/record/guessing.py
LOCKED = ("pin_locked_minutes", "pin_locked_reset")
OPEN = ("still_working", "unavailable")


@dataclass(slots=True)
class Judge:
    """``pairs``: by phone, every hop with its turn. ``odd`` gathers what should not be."""

    record: Record
    pairs: dict[str, list[Pair]]
    odd: list[str] = field(default_factory=list)
    extra: int = 0  # misses on the record of guesses whose answer was lost, or that a kill made count twice

    def all(self) -> list[str]:
        for phone, pairs in self.pairs.items():
            self._answers(phone, pairs)
            self._registration(phone, _meaning(pairs, "register"))
            self._calls(phone, _meaning(pairs, "call"))
            self._consents(phone, _meaning(pairs, "consent"))
            self._language(phone, _meaning(pairs, "language"))
            self._pins_set(phone, _meaning(pairs, "pin"))
            self._guesses(phone, pairs)
            self._observed(phone, pairs)
            self._ended(phone)
        self._texts()
        return self.odd

    def _wrong(self, phone: str, what: str) -> None:
        self.odd.append(f"{phone}: {what}")

    def _answers(self, phone: str, pairs: list[Pair]) -> None:
        for pair in pairs:
            if len(set(pair.asked.answers)) > 1:
                self._wrong(phone, f"one request, several answers: {set(pair.asked.answers)}")

    def _registration(self, phone: str, tried: list[Pair]) -> None:
        told = _telling(tried, "register.done")
        made = [row for row in self.record.clients if row.address == phone and row.source == REGISTERED]
        cases = self._cases(phone, "interest")
        if len(made) != len(cases) or len(made) > 1 or len(told) > 1 or (made and not tried):
            self._wrong(phone, f"registered {len(made)} times, with {len(cases)} cases, and told so {len(told)} times")
        for one in told:
            if [row.number for row in made] != re.findall(r"P-\d+", one.asked.told or ""):
                self._wrong(phone, "was told another client number than the record has")
        if _telling(tried, "register.known") and not made:
            self._wrong(phone, "was told to be known, and is not")

    def _calls(self, phone: str, tried: list[Pair]) -> None:
        made = Counter(row.number for row in self._cases(phone, "call_back"))
        told = {number for pair in tried for number in re.findall(r"C-\d+", pair.asked.told or "")}
        lost = [pair for pair in tried if not re.search(r"C-\d+", pair.asked.told or "")]
        if told - set(made) or len(set(made) - told) > len(lost):
            self._wrong(phone, f"was told of the cases {sorted(told)}, and the record has {sorted(made)}")
        holders = Counter((row.client, row.state) for row in self._cases(phone, "call_back"))
        if any(times > 1 for times in holders.values()):
            self._wrong(phone, "has two open cases of one kind")

    def _consents(self, phone: str, tried: list[Pair]) -> None:
        """What a conversation told is its last effect. Those before it, the client had asked for and was not told."""
        told, made = _telling(tried, "messages.kept"), self._consents_of(phone)
        for pair in told:
            assert pair.turn
            effects = made.get(pair.turn.conversation) or [[]]
            kept = {row.purpose: row.given for row in effects[-1]}
            if len(kept) != len(effects[-1]):
                self._wrong(phone, f"asked once for {pair.asked.means}, which was written {len(effects[-1])} times")
            if not _is_what_was_asked(pair.asked, kept):
                self._wrong(phone, f"asked for {pair.asked.means}, and the record has {kept}")
        others = sum(map(len, made.values())) - len(told)
        if others > len(tried) - len(told):
            self._wrong(phone, f"{others} consents more than were told, of {len(tried) - len(told)} that may be")

    def _consents_of(self, phone: str) -> dict[str, list[list[Row]]]:
        """By conversation the effects in their order, by effect the rows: STOP writes one for each purpose."""
        made: dict[str, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in self.record.consents:
            if row.address == phone:
                made[row.conversation][int(row.key.split(".")[1])].append(row)  # flows.frames.mint
        return {conversation: [effects[n] for n in sorted(effects)] for conversation, effects in made.items()}

    def _language(self, phone: str, tried: list[Pair]) -> None:
        """The last choice holds, unless nobody knows which one was the last."""
        kept = [row.language for row in self.record.addresses if row.address == phone]
        if tried and tried[-1].asked.told is not None and kept != [tried[-1].asked.means.split(" ")[1]]:
            self._wrong(phone, f"{tried[-1].asked.means} was chosen last, and the record has {kept}")

    def _pins_set(self, phone: str, tried: list[Pair]) -> None:
        """Each change once, and each told once by a message to the phone."""
        told = Counter(pair.turn.conversation for pair in _telling(tried, "new_pin.done") if pair.turn)
        made = Counter(row.details["conversation"] for row in self.record.pins_set if row.about in self._ids(phone))
        if told - made or made.total() > len(tried):
            self._wrong(phone, f"set a PIN {made.total()} times, tried {len(tried)}, was told {told.total()} times")
        others = re.compile(r".*\.result|payment:.*")
        messages = [row for row in self.record.outbox if row.to == phone and not others.fullmatch(row.ref)]
        if len(messages) != made.total():
            self._wrong(phone, f"{len(messages)} messages tell of {made.total()} PINs")

    def _guesses(self, phone: str, pairs: list[Pair]) -> None:
        guesses = [pair.asked for pair in pairs if pair.asked.guess]
        least = sum(_outcome(one) == "wrong" for one in guesses)
        counted = self._counted("address", phone)
        if not least <= counted <= sum(one.posts for one in guesses):
            self._wrong(phone, f"{counted} misses were counted, of {least} that were told")
        outcomes = ["", *(_outcome(one) for one in guesses)]
        locking = sum(now == "locked" != before for before, now in pairwise(outcomes))
        self.extra += max(0, counted - least - locking)
        sent = dict(zip(map(id, guesses), accumulate(one.posts for one in guesses), strict=True))
        of_many = {key for key, posts in sent.items() if posts >= LOCKS["address"]}  # the phone itself may be locked
        for row in self.record.clients:
            if row.address == phone:
                asked = [pair.asked for pair in pairs]
                self._guesses_at(row, [one for one in asked if one.means == "pin" or _guesses(one, row.name)], of_many)

    def _guesses_at(self, client: Row, asked: list[Asked], of_many: set[int]) -> None:
        """From one right answer to the next, three misses at most; never fewer than were told."""
        least = most = lost = 0
        for one in asked:
            outcome, may_be_right = _outcome(one), one.guess is None or one.guess[1] is not False
            if (
                outcome == "right"
            ):  # a copy may have been killed half-way; a guess that was given up, be counted only now
                most = one.posts - 1 + lost  # or later still: by then the PIN may be another one
            else:
                most, lost = most + one.posts, lost + (one.posts if one.told is None else 0)
            if outcome == "wrong":
                least += 1
            elif outcome != "locked" and may_be_right:
                least = 0
            too_soon = outcome == "locked" and most < LOCKS["pin"] and id(one) not in of_many
            if least >= LOCKS["pin"] or too_soon:
                self._wrong(one.phone, f"{outcome} after {least} to {most} misses")
        counted = self._counted("pin", client.id)
        if not least <= counted <= most:
            self._wrong(client.address, f"{counted} misses at the PIN are on the record, not {least} to {most}")

    def _observed(self, phone: str, pairs: list[Pair]) -> None:
        seen = Counter((o.conversation, o.turn, o.field) for o in self.record.observations if o.address == phone)
        if any(times > 1 for times in seen.values()):
            self._wrong(phone, "an answer was kept twice")
        for pair in pairs:
            if pair.turn is None or pair.asked.told is None:
                continue
            place = (pair.turn.conversation, pair.turn.number)
            for kept, means, screen in (("wants", "register", ""), ("name", "", "register.about")):
                answered = shows(screen, pair.asked.told) and pair.turn.step == "name" if screen else False
                if (answered or (means and pair.asked.means == means)) and not seen[(*place, f"prospect.{kept}")]:
                    self._wrong(phone, f"the answer prospect.{kept} is not kept")

    def _ended(self, phone: str) -> None:
        """After the last word there is silence, and that is on the record too."""
        last = [row for row in self.record.conversations if row.address == phone][-1:]
        if last and not last[0].outcome:
            self._wrong(phone, "the last conversation has no outcome")

    def _texts(self) -> None:
        states = Counter(row.state for row in self.record.outbox)
        if set(states) - {"sent"}:
            self.odd.append(f"messages were not sent: {dict(states)}")

    def _cases(self, phone: str, kind: str) -> list[Row]:
        return [row for row in self.record.cases if row.address == phone and row.kind == kind]

    def _ids(self, phone: str) -> set[str]:
        return {row.id for row in self.record.clients if row.address == phone}

    def _counted(self, what: str, of: str) -> int:
        row = self.record.guessing.get(f"{what} {of}")
        return row.locks * LOCKS[what] + row.misses if row else 0


def _meaning(pairs: list[Pair], means: str) -> list[Pair]:
    return [pair for pair in pairs if pair.asked.means.split(" ")[0] == means]


def _telling(pairs: Iterable[Pair], key: str) -> list[Pair]:
    return [pair for pair in pairs if shows(key, pair.asked.told or "")]


def _guesses(asked: Asked, name: str) -> bool:
    return asked.guess is not None and asked.guess[0] == name


def _outcome(asked: Asked) -> str:
    """What a guess was told; "": nothing, or nothing certain."""
    told = asked.told
    if told is None or asked.guess is None or any(shows(f"system.{key}", told) for key in OPEN):
        return ""
    if any(shows(f"system.{key}", told) for key in LOCKED):
        return "locked"
    return "wrong" if shows("system.pin_wrong", told) else "right"


def _is_what_was_asked(asked: Asked, rows: dict[str, bool]) -> bool:
    _, purpose, key = asked.means.split(" ")
    given = key == "1"
    if purpose == "stop":
        return rows == {"survey": False, "marketing": False}
    return rows == {purpose: given} or (purpose == "any" and list(rows.values()) == [given])


def stray(record: Record, phones: Iterable[str]) -> Iterator[str]:
    """Conversations of numbers that nobody dialled from."""
    for address in set(record.turns) - set(phones):
        yield f"{address}: never dialled, and has conversations"
