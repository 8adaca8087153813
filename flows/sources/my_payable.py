"""The client's own accounts into which money can be paid now: what is owed, and what saves or buys shares."""

from __future__ import annotations

from flows.model import Institution
from flows.money import exponent
from flows.ports import Account, Caller, World
from flows.sources import Source
from flows.sources.my_accounts import SOURCE as ACCOUNTS
from flows.sources.my_accounts import as_item
from flows.values import Kind, Money, Value

SOURCE = Source(
    item="account",
    fields={**ACCOUNTS.fields, "most": Kind.MONEY},
    authority=("pin",),
    only_if=ACCOUNTS.only_if,
)
WITHOUT_END = ("savings", "shares")  # features that take any amount
SLIP = 10_000_000  # major units: more than that is a slip of the finger, or a PIN


async def read(world: World, caller: Caller, institution: Institution) -> list[dict[str, Value]]:
    own = await world.bank.accounts(caller.client)
    return [as_item(account) | {"most": most(account)} for account in own if is_payable(account)]


def is_payable(account: Account) -> bool:
    """Whether money can be paid into it today."""
    asked = (account.due, account.payoff)
    owed = any(amount is not None and amount.minor > 0 for amount in asked)
    return not account.closed and (owed or _is_without_end(account))


def most(account: Account) -> Money:
    """The most that one payment may bring."""
    if _is_without_end(account) or account.payoff is None:
        return Money(SLIP * 10 ** exponent(account.currency), account.currency)
    return account.payoff


def _is_without_end(account: Account) -> bool:
    return any(feature in WITHOUT_END for feature in account.features)
