"""Who begins on a staged release: a rule that gives the same client the same answer in every process, every time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from flows.release import Release
from gateway.record.staged import WHOLE, Staged

EVERYBODY = "all"
STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Stage:
    """A staged release, compiled, and the rule of who begins on it."""

    row: Staged
    release: Release
    numbers: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", frozenset(self.row.numbers))

    def takes(self, address: str, client: str) -> bool:
        """Whether a new conversation on this address begins on the staged release.

        ``client``: the id of whom the address belongs to alone, so that one client on two phones sees the same; "" for
        a number that nobody or several are known by, which then counts by itself. The numbers of the staff are always
        in. Whoever is in a share is in every larger one of the same stage.
        """
        return address in self.numbers or part(self.row.seed, client or address) < self.row.share


def part(seed: str, who: str) -> int:
    """Which of the ``WHOLE`` parts of all clients somebody is in, in the stage that has this seed."""
    digest = hashlib.blake2b(who.encode(), key=seed.encode(), digest_size=8, person=b"stage").digest()
    return int.from_bytes(digest) % WHOLE


def spoken(share: int, numbers: Sequence[str]) -> str:
    """``10% of the clients and 2 numbers of the staff``."""
    percent = f"{share * 100 / WHOLE:g}% of the clients" if share else ""
    staff = f"{len(numbers)} number{'' if len(numbers) == 1 else 's'} of the staff" if numbers else ""
    return " and ".join(part for part in (percent, staff) if part)
