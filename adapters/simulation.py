"""The books of the simulated wallet: how it treats a number, what it was asked for, and what it has still to tell.

All of it lies in a ``Notebook`` and outlives every process. Whether and when money is taken follows from the page of a
payment and the clock alone, so no process has to be there for it, and none can be killed in the middle of it.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import msgspec
from msgspec import structs

from adapters.payment import Asking, Line, Notebook, Provider
from flows.paying.facts import Evidence, NotPaid, Paid, StillOpen
from flows.values import Money

Behaviour = Literal["succeed", "refuse", "late", "twice", "silent", "lose", "callback-first"]
BEHAVIOURS: tuple[Behaviour, ...] = get_args(Behaviour)
TAKES = 1.0  # seconds that the payer takes to type the wallet's own PIN, or to say no
FORGOTTEN = 60.0  # seconds after which what was to be told of a payment that was never written is thrown away


class Steered(Provider, Protocol):
    """A wallet that does what it is told to."""

    async def behave(self, phone: str, behaviour: Behaviour) -> None:
        """How it treats this number from now on. Raises Unanswered."""

    async def tell(self) -> None:
        """Posts the callbacks whose time has come. Raises Unanswered."""


class Kept(msgspec.Struct, frozen=True):
    """One payment as the wallet has it. ``at``, in seconds since 1970: when it was asked, or last made up its mind."""

    ref: str
    wallet: str
    minor: int
    currency: str
    account: str
    behaviour: Behaviour
    at: float
    told: bool = False

    @property
    def taken_at(self) -> float:
        """When the payer has answered, and the money is taken or will never be."""
        return self.at + (0.0 if self.behaviour == "callback-first" else TAKES)

    @property
    def receipt(self) -> str:
        """Ten letters and digits, of the reference: one payment never has two."""
        digest = hashlib.blake2b(self.ref.encode(), digest_size=10).digest()
        return "S" + base64.b32encode(digest).decode()[:9]

    def line(self) -> Line:
        return Line(self.ref, self.receipt, Money(self.minor, self.currency), self.wallet, moment(self.taken_at))

    def evidence(self, now: float, late: float) -> Evidence:
        """What the wallet says of it. ``late``: seconds that it keeps a result to itself, where it is late."""
        if now < self.told_at(late):
            return StillOpen()
        if self.behaviour == "refuse":
            return NotPaid("declined")
        return Paid(self.receipt, Money(self.minor, self.currency), moment(self.taken_at))

    def told_at(self, late: float) -> float:
        return self.taken_at + (late if self.behaviour == "late" else 0.0)


def moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The pages. Every method raises OSError when the notebook cannot be reached."""

    notebook: Notebook
    late: float  # seconds

    async def behaviour(self, phone: str) -> Behaviour:
        found = await self.notebook.get(f"behaviour:{phone}")
        return msgspec.convert(found.decode(), Behaviour) if found else "succeed"

    async def behave(self, phone: str, behaviour: Behaviour) -> None:
        page = f"behaviour:{phone}"
        while not await self.notebook.put(page, await self.notebook.get(page), behaviour.encode()):
            pass  # somebody else steers it too: the last one counts

    async def payment(self, ref: str) -> Kept | None:
        found = await self.notebook.get(f"payment:{ref}")
        return msgspec.json.decode(found, type=Kept) if found else None

    async def lost_before(self, ref: str) -> bool:
        """Whether a request of this payment was lost already; from now on it was."""
        return not await self.notebook.put(f"lost:{ref}", None, b"once")

    async def open(self, asking: Asking, behaviour: Behaviour, now: float) -> Kept:
        """The payment of this reference: a new one, or the one that is there."""
        made = Kept(
            asking.ref, asking.wallet, asking.amount.minor, asking.amount.currency, asking.account, behaviour, now
        )
        await self._note(made)
        if await self.notebook.put(f"payment:{asking.ref}", None, msgspec.json.encode(made)):
            return made
        return await self.payment(asking.ref) or made

    async def awake(self, kept: Kept, now: float) -> Kept | None:
        """A payment that it was silent about, if it is so no more: decided as it treats the number by now."""
        behaviour = await self.behaviour(kept.wallet)
        if behaviour == "silent":
            return None
        made = structs.replace(kept, behaviour="succeed" if behaviour == "lose" else behaviour, at=now)
        await self._note(made)
        await self._change(kept, made)
        return made

    async def to_tell(self, now: float) -> list[Kept]:
        """Payments whose callback is due: whoever gets one here tells of it, and nobody else."""
        for page, _ in await self.notebook.pages("silent:"):
            await self._look_at(page.partition(":")[2], now)
        due = [page.partition(":")[2] for page, at in await self.notebook.pages("due:") if float(at) <= now]
        found = [await self.claim(ref, now) for ref in due]
        return [kept for kept in found if kept is not None]

    async def claim(self, ref: str, now: float) -> Kept | None:
        """The payment, if it is ours to tell of now."""
        kept = await self.payment(ref)
        if kept is not None and not kept.told and now < kept.told_at(self.late):
            return None
        ours = kept is not None and not kept.told and await self._change(kept, structs.replace(kept, told=True))
        await self._forget(f"due:{ref}", now, there=kept is not None)
        return kept if ours else None

    async def taken(self, now: float) -> list[Line]:
        """All money that it ever took, by time."""
        pages = await self.notebook.pages("payment:")
        kept = [msgspec.json.decode(page, type=Kept) for _, page in pages]
        taken = [one.line() for one in kept if one.behaviour not in ("refuse", "silent") and one.taken_at <= now]
        return sorted(taken, key=lambda line: (line.at, line.ref))

    async def _look_at(self, ref: str, now: float) -> None:
        """A payment that it was silent about: is it so still?"""
        kept = await self.payment(ref)
        if kept is not None and kept.behaviour == "silent" and not await self.awake(kept, now):
            return
        await self._forget(f"silent:{ref}", now, there=kept is not None)

    async def _note(self, kept: Kept) -> None:
        """Before the payment itself: killed in between, there is only a note too many."""
        section = "silent" if kept.behaviour == "silent" else "due"
        await self.notebook.put(f"{section}:{kept.ref}", None, repr(kept.told_at(self.late)).encode())

    async def _forget(self, page: str, now: float, *, there: bool) -> None:
        note = await self.notebook.get(page)
        if note and (there or float(note) + FORGOTTEN < now):
            await self.notebook.put(page, note, b"")

    async def _change(self, old: Kept, new: Kept) -> bool:
        return await self.notebook.put(f"payment:{old.ref}", msgspec.json.encode(old), msgspec.json.encode(new))


class MemoryNotebook:
    """A notebook that nobody else reads."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def get(self, page: str) -> bytes | None:
        return self.kept.get(page)

    async def put(self, page: str, old: bytes | None, new: bytes) -> bool:
        if self.kept.get(page) != old:
            return False
        self.kept[page] = new
        if not new:
            del self.kept[page]
        return True

    async def pages(self, prefix: str) -> list[tuple[str, bytes]]:
        return [(page, held) for page, held in self.kept.items() if page.startswith(prefix)]
