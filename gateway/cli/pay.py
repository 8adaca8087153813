"""``njia pay``: payments that need a person, and the wallet's statement beside our record and the bank."""

from __future__ import annotations

import asyncio
import datetime as dt
import getpass
from typing import TYPE_CHECKING, Any, Literal, cast

import click

from gateway.cli.common import Command, Lazy, Problem, counted, print_json, print_table, shared

if TYPE_CHECKING:
    from gateway.reconciled import Report
    from gateway.record.payments import Row, Unclaimed

TABLE = {
    "list": ("gateway.cli.pay:list_", "Payments that are not finished, or that need a person."),
    "decide": ("gateway.cli.pay:decide", "Settle a payment that no program can settle."),
    "reconcile": ("gateway.cli.pay:reconcile", "Lay the wallet's statement beside our record and the bank."),
    "suspense": ("gateway.cli.suspense:suspense", "Move money that is nobody's yet to its account."),
}
pay = Lazy("pay", TABLE, "Payments, from the wallet to the account.")

LIST = """Payments that are under way, with what they wait for; or only those that need a person.

\b
  njia pay list
  njia pay list --needs-person --json
"""
DECIDE = """Settle the payment ID, which njia pay list --needs-person shows, after you have looked at the wallet's own
pages. What you decide, who you are and why go into its history.

\b
  njia pay decide ID --paid --receipt SJK7TEST01 --why "seen on the wallet's portal"
  njia pay decide ID --not-paid --why "the wallet confirms that nothing was taken"
  njia pay decide ID --post-again --why "the account was reopened"
"""
RECONCILE = """Compare what the wallet took, what our record says and what the bank posted, of the last days.

Money that we did not know of is taken up: its payment is posted and its payer told, or, if it is no payment of ours,
it goes to the book "suspense" and waits for a person. Exit code 1 if anything differs.

\b
  njia pay reconcile
  njia pay reconcile --days 7 --look --json
"""
WAYS = {"paid": "paid", "not_paid": "not paid", "post_again": "post again"}


@click.command("list", cls=Command, help=LIST)
@click.option("--needs-person", is_flag=True, help="Only what a person must look at.")
def list_(*, needs_person: bool) -> None:
    rows, nobodys = asyncio.run(_list(needs_person))
    if shared().json:
        print_json({"payments": [_row(row) for row in rows], **nobodys})
        return
    for row in rows:
        click.echo(_line(row))
    for what, found in nobodys.items():
        for one in found:
            amount = money(one["amount_minor"], one["currency"])
            rumour = "" if one.get("proven", True) else " (not proven)"
            click.echo(f"{what}{rumour}  {one['on']}  {one['receipt']}  {amount}  whose?")
    if not rows and not any(nobodys.values()):
        click.echo("None.")


@click.command("decide", cls=Command, help=DECIDE)
@click.argument("payment")
@click.option("--paid", "way", flag_value="paid", help="The wallet has taken the money.")
@click.option("--not-paid", "way", flag_value="not paid", help="The wallet has taken nothing, and will not.")
@click.option("--post-again", "way", flag_value="post again", help="Ask the bank again to post it.")
@click.option("--receipt", default="", help="The wallet's receipt, if you know it.")
@click.option("--why", default="", help="What you saw.")
def decide(payment: str, way: str | None, receipt: str, why: str) -> None:
    if way is None:
        raise click.UsageError("Choose one of --paid, --not-paid and --post-again.")
    if not why.strip():
        raise click.UsageError("Say what you saw: --why TEXT. It stays in the history of the payment.")
    click.echo(asyncio.run(_decide(payment, way, receipt, why.strip())))


@click.command("reconcile", cls=Command, help=RECONCILE)
@click.option("--days", type=click.IntRange(1, 92), default=3, show_default=True, help="How far back.")
@click.option("--look", is_flag=True, help="Only look: take nothing up.")
def reconcile(*, days: int, look: bool) -> None:
    report, now = asyncio.run(_reconcile(days, look))
    if shared().json:
        print_json(_report(report, now))
    else:
        _tell(report)
    if report.findings or report.silent:
        raise SystemExit(Problem.exit_code)


async def _list(needs_person: bool) -> tuple[list[Row], dict[str, list[dict[str, Any]]]]:
    """Payments, and money that is nobody's: in suspense, and said to be paid under a reference that we do not know."""
    from gateway.cli.opened import opened  # noqa: PLC0415
    from gateway.record import payment_lists, payments  # noqa: PLC0415

    async with opened() as house:
        db = house.stores.db
        rows = await payments.needing_person(db) if needs_person else await payment_lists.unfinished(db)
        claimed = [_claim(one) for one in await payments.unclaimed(db)]
        return rows, {"suspense": await payment_lists.suspended(db), "claimed": claimed}


def _claim(one: Unclaimed) -> dict[str, Any]:
    """``proven``: the wallet has said so itself; else anybody may have."""
    amount = {"amount_minor": one.amount.minor, "currency": one.amount.currency, "on": one.at.date().isoformat()}
    return {"receipt": one.receipt, "ref": one.ref, "provider": one.provider, "proven": one.proven, **amount}


async def _decide(payment: str, way: str, receipt: str, why: str) -> str:
    from flows.paying.facts import Decided  # noqa: PLC0415
    from gateway.cli.opened import opened  # noqa: PLC0415
    from gateway.record import auditing, payments  # noqa: PLC0415

    async with opened() as house:
        db, now, who = house.stores.db, house.stores.clock.now(), f"terminal {getpass.getuser()}"
        row = await payments.find(db, payment)
        if row is None:
            raise Problem("There is no such payment. njia pay list shows them.")
        if row.payment.state != "exception":
            raise Problem(f"It is {row.payment.state}: there is nothing to decide.")
        fact = Decided(cast("Literal['paid', 'not paid', 'post again']", way), who, why, receipt.strip())
        decided = await payments.apply(db, payment, fact, now, await house.later_words(row.release))
        if decided == row.payment:
            raise Problem(f"That cannot be decided of it: {_why_not(row)}")
        async with db.write() as conn:
            await auditing.note(conn, now, who, "payment decided", payment, {"way": way, "why": why})
    apart = " Its money came in apart from it: njia pay suspense list shows where it is."
    return f"It is {decided.state} now." + (apart if decided.reason == "in suspense" else "")


def _why_not(row: Row) -> str:
    if row.payment.bank_ref:
        return "the bank has posted it. A reversal is a matter of the bank."
    if row.payment.taken is not None:
        return (
            f"the money of {row.payment.receipt} came in apart from it (njia pay suspense list). Move it to its "
            "account, then say --paid; where it is on another account, take it back from there first."
        )
    return "nobody knows that money was taken. Say --paid if you know."


async def _reconcile(days: int, look: bool) -> tuple[Report, dt.datetime]:
    from gateway.build import wallets_of  # noqa: PLC0415
    from gateway.cli.opened import opened  # noqa: PLC0415
    from gateway.reconciled import Reach, reconcile  # noqa: PLC0415
    from gateway.record.books import SqlBooks  # noqa: PLC0415

    async with opened() as house:
        stores = house.stores
        now, books, wallets = stores.clock.now(), SqlBooks(stores.db, stores.clock), wallets_of(stores)
        reach = Reach(
            db=stores.db,
            clock=stores.clock,
            bank=house.bank,
            books=books,
            providers=wallets,
            texts_of=house.later_words,
        )
        try:
            return await reconcile(reach, now - dt.timedelta(days=days), now, act=not look), now
        finally:
            for wallet in wallets.values():
                await wallet.close()


def _report(report: Report, now: dt.datetime) -> dict[str, Any]:
    return {
        "since": report.since.isoformat(),
        "until": report.until.isoformat(),
        "lines": report.lines,
        "matched": report.matched,
        "silent": report.silent,
        "findings": [finding.as_json(now) for finding in report.findings],
    }


def _tell(report: Report) -> None:
    for name in report.silent:
        click.echo(f"{name} did not answer: nothing of it was compared.")
    click.echo(f"{counted(report.lines, 'payment')} on the statement, {report.matched} of them matched.")
    rows = [
        (one.kind, f"{one.at:%Y-%m-%d %H:%M}", one.receipt, money(*one.amount), one.payment or "no payment of ours")
        for one in report.findings
    ]
    print_table([("what", "when (UTC)", "receipt", "amount", "payment"), *rows] if rows else [])


def _row(row: Row) -> dict[str, Any]:
    payment = row.payment
    return {
        "id": payment.id,
        "state": payment.state,
        "reason": payment.reason,
        "account": payment.account,
        "amount_minor": payment.amount.minor,
        "currency": payment.amount.currency,
        "provider": payment.provider,
        "receipt": payment.receipt,
        "since": payment.moved_at.isoformat(),
        "next_at": payment.next_at.isoformat() if payment.next_at else None,
    }


def _line(row: Row) -> str:
    payment = row.payment
    why = f" ({payment.reason})" if payment.reason else ""
    amount = money(*payment.amount)
    return f"{payment.id}  {payment.moved_at:%Y-%m-%d %H:%M}  {payment.account}  {amount}  {payment.state}{why}"


def money(minor: int, currency: str) -> str:
    """As people write it."""
    from flows.values import Money  # noqa: PLC0415
    from flows.words.printing import Printer  # noqa: PLC0415

    return Printer("en").money(Money(minor, currency))
