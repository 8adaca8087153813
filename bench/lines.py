"""The lines of the table: what each is, and what the phones do for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.bed import OURS, PEERS, Bed
from bench.people import PIN, Sim
from bench.phones import WITHOUT_TEXT, Job, Step

# The same four requests on every line: dial, choose, choose, PIN. Nobody checks the PIN here: it has its own line.
DIAL, CHOOSE, WHICH, FIGURES = Step("", "CON "), Step("4", "CON "), Step("1", "CON Enter"), Step(PIN, "END Amana")
TOLD = Step(PIN, "END {last}", late="END We cannot see your accounts now.")
LOCKED, UNLOCKED = Step("6", "CON Enter"), Step(PIN, "CON The PIN is right.", late="END We are working on it.")


FEW = 4


@dataclass(frozen=True, slots=True)
class Line:
    """``job`` makes its work on a bed, for so many seconds with so many phones."""

    name: str
    about: str
    server: str
    job: Callable[[Bed, float, int], Job]


def _peer(name: str, *steps: Step) -> Callable[[Bed, float, int], Job]:
    return lambda bed, seconds, phones: Job(bed.ports[name], "/", bed.savers, list(steps), [], seconds, phones)


def _ours(*steps: Step, before: tuple[Step, ...] = ()) -> Callable[[Bed, float, int], Job]:
    def job(bed: Bed, seconds: float, phones: int) -> Job:
        return Job(bed.ports[OURS], bed.path, bed.savers, list(steps), list(before), seconds, phones)

    return job


def _once(who: Callable[[Bed], list[Sim]], *before: Step, then: Step) -> Callable[[Bed, float, int], Job]:
    """One request of each of these clients, after those that lead to it; a few at a time, as a PIN takes long."""

    def job(bed: Bed, seconds: float, phones: int) -> Job:
        del seconds
        return Job(bed.ports[OURS], bed.path, who(bed), [then], list(before), 0.0, min(phones, FEW))

    return job


def _few(bed: Bed) -> list[Sim]:
    return bed.savers[: len(bed.borrowers)]


def _rejected(bed: Bed, seconds: float, phones: int) -> Job:
    refused = Step(None, "END Sorry, this did not work.", 400)
    return Job(bed.ports[OURS], bed.path, bed.savers, [refused], [], seconds, phones, WITHOUT_TEXT)


def first(bed: Bed, phones: int) -> Job:
    """One session of every saver, before anything is measured: all is connected, compiled and warm."""
    return Job(bed.ports[OURS], bed.path, bed.savers, [DIAL, CHOOSE, WHICH, TOLD], [], 0.0, phones)


LINES = (
    Line("L0", "bare aiohttp, constant reply", PEERS[0], _peer("L0", *[DIAL] * 4)),
    Line("L1", "form, session GET, session SET", PEERS[1], _peer("L1", DIAL, CHOOSE, WHICH, FIGURES)),
    Line("L2", "L1 + XADD, 1 SELECT in 4 requests", PEERS[2], _peer("L2", DIAL, CHOOSE, WHICH, TOLD)),
    Line("turn", "a full turn of ours", OURS, _ours(DIAL, CHOOSE, WHICH, TOLD)),
    Line("no record", "its three requests without a record", OURS, _ours(DIAL, CHOOSE, WHICH)),
    Line(
        "balance",
        "its request that reads the record: savings",
        OURS,
        _once(lambda bed: bed.savers, DIAL, CHOOSE, WHICH, then=TOLD),
    ),
    Line(
        "loan",
        "that request, for a loan of 25 instalments",
        OURS,
        _once(lambda bed: bed.borrowers, DIAL, CHOOSE, WHICH, then=TOLD),
    ),
    Line("PIN", "a PIN is checked, nothing else", OURS, _once(_few, DIAL, LOCKED, then=UNLOCKED)),
    Line("replay", "a repeat gets its stored reply", OURS, _ours(Step(None, "CON "), before=(DIAL, CHOOSE))),
    Line("rejected", "a request that cannot be", OURS, _rejected),
)
