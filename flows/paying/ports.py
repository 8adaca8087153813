"""What conversations need of payments. Used through ``flows.ports``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from flows.values import Money

if TYPE_CHECKING:
    from flows.ports import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What a client agreed to on a confirmation, and what is to be said of it later."""

    account: str  # the reference of the account that is paid to
    amount: Money
    fee: Money
    wallet: str  # the number that is asked to pay, E.164
    nickname: str = ""  # of the account; our own ledger knows it without
    service: str = ""  # what was dialled: a redial finds the conversation under it
    flow: str = ""  # whose words are told later,
    step: str = ""  # of which step,
    release: str = ""  # in which release
    names: dict[str, Any] = field(default_factory=dict)  # what those words name, as it was known then


@dataclass(frozen=True, slots=True)
class Payable:
    """A payment as its payer may be told of it. ``state``: ``paid | not paid | checking``."""

    state: str
    amount: Money
    account: str  # its reference
    nickname: str
    at: dt.datetime
    receipt: str = ""


class Payments(Protocol):
    """Money in two steps: an instruction is written durably here, and the worker carries it out."""

    async def collect(self, key: str, caller: Caller, agreed: Agreed) -> tuple[str, Payable | None]:
        """``asked``, or ``already asked`` with the open one while a payment for this client and account is open.

        ``changed``: the account takes no money any more; ``too often``: other phones were asked often enough. An effect
        under ``key``: a second call gives the first exit. Raises Unavailable, and Uncertain.
        """

    async def last(self, caller: Caller) -> Payable | None:
        """The client's newest payment. Raises Unavailable."""

    async def recent(self, caller: Caller, limit: int) -> list[Payable]:
        """The client's payments, the newest first. Raises Unavailable."""
