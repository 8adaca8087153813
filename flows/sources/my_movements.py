"""The client's last payments and what moved on the client's accounts, the newest first: what may be wrong is here."""

from __future__ import annotations

import datetime as dt

from flows.model import Institution
from flows.money import plain
from flows.ports import Account, Caller, Entry, Payable, World
from flows.sources import Source
from flows.values import Kind, Value, Word

SOURCE = Source(
    item="movement",
    fields={
        "id": Kind.TEXT,
        "on": Kind.DATE,
        "kind": Kind.TEXT,  # in words
        "amount": Kind.MONEY,
        "account": Kind.NAME,  # what its holder calls it
        "named": Kind.TEXT,  # for staff: "repaid 1500 KES on 2026-06-13, L-1001"
    },
    authority=("pin",),
)
EACH = 5  # of the payments, and of the lines of each account
MOST = 8
Item = dict[str, Value]


async def read(world: World, caller: Caller, institution: Institution) -> list[Item]:
    """A payment that is on the account is there once, as the bank has it."""
    own = [account for account in await world.bank.accounts(caller.client) if not account.closed]
    lines = [(account, entry) for account in own for entry in await world.bank.statement(account.ref, EACH)]
    payments = [one for one in await world.payments.recent(caller, EACH) if one.state != "paid"]
    items = [*map(_payment, payments), *(_line(account, entry) for account, entry in lines)]
    items.sort(key=lambda item: item["on"], reverse=True)
    return [item | {"id": str(place)} for place, item in enumerate(items[:MOST])]


def _payment(one: Payable) -> Item:
    kind = "not_paid" if one.state == "not paid" else "checking"
    return _item(one.at.date(), kind, one.amount, (one.nickname, one.account))


def _line(account: Account, entry: Entry) -> Item:
    return _item(entry.on, entry.kind, entry.amount, (account.nickname, account.ref))


def _item(on: dt.date, kind: str, amount: Value, account: tuple[str, str]) -> Item:
    shown = amount._replace(minor=abs(amount.minor))  # the word says which way it went
    nickname, ref = account
    named = f"{kind} {plain(shown)} on {on.isoformat()}, {ref}"
    return {"on": on, "kind": Word(f"entry_{kind}"), "amount": shown, "account": nickname, "named": named}
