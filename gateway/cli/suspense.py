"""``njia pay suspense``: money that came without a payment of ours finds its account."""

from __future__ import annotations

import asyncio
import getpass
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import Command, Lazy, Problem, print_json, print_table, shared
from gateway.cli.pay import money

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.suspense import Mover, Waiting

TABLE = {
    "list": ("gateway.cli.suspense:list_", "What lies there, and what was moved to an account."),
    "move": ("gateway.cli.suspense:move", "Move the money of a receipt to an account."),
    "back": ("gateway.cli.suspense:back", "Take it back from there."),
}
ABOUT = """Money that is nobody's yet: what lies there, and its way to an account and back.

\b
  njia pay suspense list
  njia pay suspense move SJK7TEST01 L-1001 --why "she showed me the wallet's SMS"
"""
suspense = Lazy("suspense", TABLE, ABOUT)

LIST = """Money that came with a receipt that no payment of ours has, and where it was moved to.

\b
  njia pay suspense list
"""
MOVE = """Move the money of RECEIPT to ACCOUNT, once somebody knows whose it is: one posting, of the whole sum. Who
moved it and why is in the audit. Nobody is texted.

\b
  njia pay suspense move SJK7TEST01 L-1001 --why "she showed me the wallet's SMS"
"""
BACK = """Take the money of RECEIPT back from the account that it was moved to. It lies in suspense then, as before.

\b
  njia pay suspense back SJK7TEST01 --why "it was his sister's"
"""
_WHY = click.option("--why", required=True, help="What you saw: it stays in the audit.")


@click.command("list", cls=Command, help=LIST)
def list_() -> None:
    waiting, moved = asyncio.run(_list())
    if shared().json:
        print_json({"suspense": waiting, "moved": [_plain(one) for one in moved]})
        return
    rows = [
        ("suspense", one["on"], one["receipt"], money(one["amount_minor"], one["currency"]), "whose?")
        for one in waiting
    ]
    print_table([*rows, *(("moved", "", one.receipt, money(*one.amount), one.account) for one in moved)])
    if not waiting and not moved:
        click.echo("None.")


@click.command("move", cls=Command, help=MOVE)
@click.argument("receipt")
@click.argument("account")
@_WHY
def move(receipt: str, account: str, why: str) -> None:
    _do(lambda mover: mover.move(receipt, account, _said(why)))


@click.command("back", cls=Command, help=BACK)
@click.argument("receipt")
@_WHY
def back(receipt: str, why: str) -> None:
    _do(lambda mover: mover.back(receipt, _said(why)))


def _said(why: str) -> str:
    if not why.strip():
        raise click.UsageError("Say what you saw: --why TEXT. It stays in the audit.")
    return why.strip()[:500]


def _do(work: Callable[[Mover], Awaitable[Waiting]]) -> None:
    from gateway.suspense import CannotMove  # noqa: PLC0415

    try:
        done = asyncio.run(_moving(work))
    except CannotMove as no:
        raise Problem(str(no)) from None
    if shared().json:
        print_json(_plain(done))
        return
    click.echo(
        f"{done.receipt}: {money(*done.amount)} is {f'on {done.account}' if done.account else 'in suspense'} now."
    )


async def _moving(work: Callable[[Mover], Awaitable[Waiting]]) -> Waiting:
    from gateway.cli.opened import opened  # noqa: PLC0415
    from gateway.suspense import Mover  # noqa: PLC0415

    async with opened() as house:
        stores = house.stores
        return await work(Mover(stores.db, stores.clock, house.bank, f"terminal {getpass.getuser()}"))


async def _list() -> tuple[list[dict[str, Any]], list[Waiting]]:
    from gateway.cli.opened import opened  # noqa: PLC0415
    from gateway.record.payment_lists import suspended  # noqa: PLC0415
    from gateway.suspense import moved  # noqa: PLC0415

    async with opened() as house:
        return await suspended(house.stores.db), await moved(house.stores.db)


def _plain(one: Waiting) -> dict[str, Any]:
    amount = {"amount_minor": one.amount.minor, "currency": one.amount.currency}
    return {"receipt": one.receipt, **amount, "account": one.account}
