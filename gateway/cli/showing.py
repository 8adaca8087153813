"""``njia clients show``."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Mapping
from typing import Any

import click

from gateway.cli.common import Command, print_json, print_table, shared

SHOW = """Everything the record has of PHONE: who, contacts, consents, accounts, payments, conversations, answers,
cases.

That somebody looked is noted in the audit.

\b
  njia clients show +254700000001
  njia clients show 0700000001 --json
"""


@click.command("show", cls=Command, help=SHOW)
@click.argument("phone")
def show(phone: str) -> None:
    found = asyncio.run(_show(phone))
    if shared().json:
        print_json(found)
        return
    for one in (found, *found["others"]):
        _tell(one)


async def _show(phone: str) -> dict[str, Any]:
    from flows.phones import e164, masked  # noqa: PLC0415
    from gateway.cli.opened import opened  # noqa: PLC0415
    from gateway.record import auditing, showing  # noqa: PLC0415

    async with opened() as house:
        stores = house.stores
        reached = e164(phone, stores.settings.institution.country)
        found = await showing.show(stores.db, house.bank, reached)
        about = (found["client"] or {}).get("id") or masked(reached)
        async with stores.db.write() as conn:
            await auditing.note(conn, stores.clock.now(), f"terminal {getpass.getuser()}", "clients show", about, {})
        return found


def _tell(found: Mapping[str, Any]) -> None:
    client = found["client"]
    if client is None:
        click.echo("No client is known by this number.")
    else:
        click.echo(f"{client['name']}, client number {client['number']}, {client['stage']}")
    for account in found["accounts"]:
        click.echo(f"  {account['ref']}  {account['product']}  {_amount(account, 'balance_minor')}")
    for payment in found["payments"]:
        click.echo(f"  {_payment(payment)}")
    for case in found["cases"]:
        click.echo(f"  {case['number']}  {case['kind']}, {case['state']}, promised by {case['promised']}")
    for conversation in found["conversations"]:
        click.echo(f"\n{conversation['channel']}, {conversation['flow']}: {conversation['outcome'] or 'not finished'}")
        print_table([_line(message) for message in conversation["messages"]])
    if found["sms"]:
        click.echo("\nSMS")
        print_table([_sms(message) for message in found["sms"]])


def _amount(account: Mapping[str, Any], name: str) -> str:
    from flows.values import Money  # noqa: PLC0415
    from flows.words.printing import Printer  # noqa: PLC0415

    return Printer("en").money(Money(account[name], account["currency"]))


def _payment(payment: Mapping[str, Any]) -> str:
    """One line, with the states that it went through."""
    states = " > ".join(state for state, _, _ in payment["history"])
    receipt = f", ref {payment['provider_ref']}" if payment["provider_ref"] else ""
    return f"{payment['created_at'][:16]}  {payment['account']}  {_amount(payment, 'amount_minor')}{receipt}  {states}"


def _sms(message: Mapping[str, Any]) -> tuple[str, str, str]:
    """Whether it arrived, as far as that is known, and why not."""
    reason = f" ({message['reason']})" if message["reason"] else ""
    parts = f"{message['parts']} part{'s' if message['parts'] > 1 else ''}"
    return f"  {message['state']}", parts, str(message["text"]).replace("\n", " / ") + reason


def _line(message: Mapping[str, Any]) -> tuple[str, str]:
    """What was typed behind ``>``, what was shown behind ``<``; what merely happened in brackets."""
    if not message["text"]:
        return "   ", f"({message['event']})"
    return "  >" if message["direction"] == "in" else "  <", str(message["text"]).replace("\n", " / ")
