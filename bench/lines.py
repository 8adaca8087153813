"""The lines of the table: what each is, and what the phones do for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.bed import OURS, PEERS, Bed
from bench.people import Sim
from bench.phones import WITHOUT_TEXT, Job, Step
from bench.talks import CHOOSE, DIAL, FIGURES, LOCKED, TOLD, TURN, UNLOCKED, WHICH, job

FEW = 4


@dataclass(frozen=True, slots=True)
class Line:
    """``job`` makes its work on a bed, for so many seconds with so many phones."""

    name: str
    about: str
    server: str
    job: Callable[[Bed, float, int], Job]


def _peer(name: str, *steps: Step) -> Callable[[Bed, float, int], Job]:
    return lambda bed, seconds, phones: Job(bed.ports[name], "/", bed.house.savers, list(steps), [], seconds, phones)


def _ours(*steps: Step, before: tuple[Step, ...] = ()) -> Callable[[Bed, float, int], Job]:
    return lambda bed, seconds, phones: job(bed.house, steps, seconds, phones, before)


def _once(who: Callable[[Bed], list[Sim]], *before: Step, then: Step) -> Callable[[Bed, float, int], Job]:
    """One request of each of these clients, after those that lead to it; a few at a time, as a PIN takes long."""

    def made(bed: Bed, seconds: float, phones: int) -> Job:
        del seconds
        return Job(bed.ports[OURS], bed.house.path, who(bed), [then], list(before), 0.0, min(phones, FEW))

    return made


def _few(bed: Bed) -> list[Sim]:
    return bed.house.savers[: len(bed.house.borrowers)]


def _rejected(bed: Bed, seconds: float, phones: int) -> Job:
    refused = Step(None, "END Sorry, this did not work.", 400)
    return Job(bed.ports[OURS], bed.house.path, bed.house.savers, [refused], [], seconds, phones, WITHOUT_TEXT)


LINES = (
    Line("L0", "bare aiohttp, constant reply", PEERS[0], _peer("L0", *[DIAL] * 4)),
    Line("L1", "form, session GET, session SET", PEERS[1], _peer("L1", DIAL, CHOOSE, WHICH, FIGURES)),
    Line("L2", "L1 + XADD, 1 SELECT in 4 requests", PEERS[2], _peer("L2", *TURN)),
    Line("turn", "a full turn of ours", OURS, _ours(*TURN)),
    Line("no record", "its three requests without a record", OURS, _ours(DIAL, CHOOSE, WHICH)),
    Line(
        "balance",
        "its request that reads the record: savings",
        OURS,
        _once(lambda bed: bed.house.savers, DIAL, CHOOSE, WHICH, then=TOLD),
    ),
    Line(
        "loan",
        "that request, for a loan of 25 instalments",
        OURS,
        _once(lambda bed: bed.house.borrowers, DIAL, CHOOSE, WHICH, then=TOLD),
    ),
    Line("PIN", "a PIN is checked, nothing else", OURS, _once(_few, DIAL, LOCKED, then=UNLOCKED)),
    Line("replay", "a repeat gets its stored reply", OURS, _ours(Step(None, "CON "), before=(DIAL, CHOOSE))),
    Line("rejected", "a request that cannot be", OURS, _rejected),
)
