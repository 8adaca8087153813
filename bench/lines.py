"""The lines of the table: what each is, and what the phones do for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.bed import OURS, PEERS, Bed
from bench.people import PIN
from bench.phones import WITHOUT_TEXT, Job, Step

# The same four requests on every line: dial, choose, choose, PIN. Nobody checks the PIN here: that is a line of its own.
DIAL, CHOOSE, WHICH, FIGURES = Step("", "CON "), Step("4", "CON "), Step("1", "CON Enter"), Step(PIN, "END Amana: you")
TOLD = Step(PIN, "END Amana: you saved {balance}")
LOCKED, UNLOCKED = Step("6", "CON Enter"), Step(PIN, "CON The PIN is right.")


@dataclass(frozen=True, slots=True)
class Line:
    """``job`` makes its work on a bed, for so many seconds with so many phones."""

    name: str
    about: str
    server: str
    job: Callable[[Bed, float, int], Job]


def _peer(name: str, *steps: Step) -> Callable[[Bed, float, int], Job]:
    return lambda bed, seconds, phones: Job(bed.ports[name], "/", bed.sims, list(steps), [], seconds, phones)


def _ours(*steps: Step, before: tuple[Step, ...] = ()) -> Callable[[Bed, float, int], Job]:
    def job(bed: Bed, seconds: float, phones: int) -> Job:
        return Job(bed.ports[OURS], bed.path, bed.sims, list(steps), list(before), seconds, phones)

    return job


def _once(*before: Step, then: Step, pins: bool = False) -> Callable[[Bed, float, int], Job]:
    """One request of each client, after those that lead to it."""

    def job(bed: Bed, seconds: float, phones: int) -> Job:
        del seconds
        who = bed.sims[: bed.pins] if pins else bed.sims
        return Job(bed.ports[OURS], bed.path, who, [then], list(before), 0.0, phones)

    return job


def _rejected(bed: Bed, seconds: float, phones: int) -> Job:
    refused = Step(None, "END Sorry, this did not work.", 400)
    return Job(bed.ports[OURS], bed.path, bed.sims, [refused], [], seconds, phones, WITHOUT_TEXT)


def first(bed: Bed, phones: int) -> Job:
    """One session of every client, before anything is measured: each is told who we are, once."""
    steps = [DIAL, CHOOSE, WHICH, TOLD]
    return Job(bed.ports[OURS], bed.path, bed.sims, steps, [], 0.0, phones)


LINES = (
    Line("L0", "bare aiohttp, constant reply", PEERS[0], _peer("L0", *[DIAL] * 4)),
    Line("L1", "form, session GET, session SET", PEERS[1], _peer("L1", DIAL, CHOOSE, WHICH, FIGURES)),
    Line("L2", "L1 + XADD, 1 SELECT in 4 requests", PEERS[2], _peer("L2", DIAL, CHOOSE, WHICH, TOLD)),
    Line("turn", "a full turn of ours", OURS, _ours(DIAL, CHOOSE, WHICH, TOLD)),
    Line("no record", "its three requests without a record", OURS, _ours(DIAL, CHOOSE, WHICH)),
    Line("balance", "its request that reads the record", OURS, _once(DIAL, CHOOSE, WHICH, then=TOLD)),
    Line("PIN", "a PIN is checked, nothing else", OURS, _once(DIAL, LOCKED, then=UNLOCKED, pins=True)),
    Line("replay", "a repeat gets its stored reply", OURS, _ours(Step(None, "CON "), before=(DIAL, CHOOSE))),
    Line("rejected", "a request that cannot be", OURS, _rejected),
)
