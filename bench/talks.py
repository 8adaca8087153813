"""What is said in a call that is measured, and the job of saying it."""

from __future__ import annotations

from collections.abc import Sequence

from bench.houses import House
from bench.people import PIN
from bench.phones import Job, Step

# The same four requests on every line: dial, choose, choose, PIN. Nobody checks the PIN here: it has its own line.
DIAL, CHOOSE, WHICH, FIGURES = Step("", "CON "), Step("4", "CON "), Step("1", "CON Enter"), Step(PIN, "END Amana")
TOLD = Step(PIN, "END {last}", late="END We cannot see your accounts now.")
TURN = (DIAL, CHOOSE, WHICH, TOLD)
LOCKED, UNLOCKED = Step("9", "CON Enter"), Step(PIN, "CON The PIN is right.", late="END We are working on it.")


def job(house: House, steps: Sequence[Step], seconds: float, phones: int, before: Sequence[Step] = ()) -> Job:
    """``steps`` of the savers of a house."""
    return Job(house.port, house.path, house.savers, list(steps), list(before), seconds, phones)
