"""``njia sms``: messages of which nobody knows whether they went out, and the person who found out."""

from __future__ import annotations

import asyncio
import datetime as dt
import getpass
from typing import TYPE_CHECKING, cast

import click

from gateway.cli.common import Command, Lazy, Problem, print_json, print_table, shared

if TYPE_CHECKING:
    from gateway.record.outbox_settling import Message, Way

TABLE = {
    "list": ("gateway.cli.sms:list_", "Messages that are uncertain or have failed."),
    "settle": ("gateway.cli.sms:settle", "Say what became of one of them, or send it again."),
}
sms = Lazy("sms", TABLE, "Messages that need a person.")

LIST = """Messages of the last days that may have gone out, or that failed. No program sends an uncertain one twice.

\b
  njia sms list
  njia sms list --days 30 --json
"""
SETTLE = """Settle the message REF, which njia sms list shows, after you have looked at the provider's own pages or
spoken to the client. What you say, who you are and why go into the audit.

\b
  njia sms settle REF --went-out --why "the provider's log has it as delivered"
  njia sms settle REF --not-sent --why "the provider never had it, and the client was called"
  njia sms settle REF --send-again --why "the provider never had it"
"""


@click.command("list", cls=Command, help=LIST)
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True, help="How far back.")
def list_(*, days: int) -> None:
    found = asyncio.run(_waiting(days))
    if shared().json:
        print_json([_plain(one) for one in found])
        return
    rows = [tuple(_plain(one).values()) for one in found]
    print_table([("ref", "to", "about", "state", "why", "when (UTC)", "provider's id"), *rows] if rows else [])
    if not rows:
        click.echo("None.")


@click.command("settle", cls=Command, help=SETTLE)
@click.argument("ref")
@click.option("--went-out", "way", flag_value="went out", help="The provider has sent it.")
@click.option("--not-sent", "way", flag_value="not sent", help="It did not go out, and is not to.")
@click.option("--send-again", "way", flag_value="send again", help="It did not go out: send it now.")
@click.option("--why", default="", help="What you saw.")
def settle(ref: str, way: str | None, why: str) -> None:
    if way is None:
        raise click.UsageError("Choose one of --went-out, --not-sent and --send-again.")
    if not why.strip():
        raise click.UsageError("Say what you saw: --why TEXT. It stays in the audit.")
    state = asyncio.run(_settle(ref, cast("Way", way), why.strip()))
    if not state:
        raise Problem("There is nothing to decide of such a message: njia sms list shows those that wait.")
    click.echo(f"It is {state} now.")


async def _waiting(days: int) -> list[Message]:
    from gateway.cli.opened import opened  # noqa: PLC0415
    from gateway.record.outbox_settling import waiting  # noqa: PLC0415

    async with opened() as house:
        return await waiting(house.stores.db, house.stores.clock.now() - dt.timedelta(days=days))


async def _settle(ref: str, way: Way, why: str) -> str:
    from gateway.cli.opened import opened  # noqa: PLC0415
    from gateway.record import outbox_settling  # noqa: PLC0415

    async with opened() as house:
        now, who = house.stores.clock.now(), f"terminal {getpass.getuser()}"
        try:
            return await outbox_settling.settle(house.stores.db, ref, way, who, why, now)
        except outbox_settling.NotWanted as no:
            raise Problem(f"{no} Say --not-sent.") from None


def _plain(one: Message) -> dict[str, str]:
    """Whom it went to is for an export with a reason."""
    from flows.phones import masked  # noqa: PLC0415

    return {
        "ref": one.ref,
        "to": masked(one.to),
        "purpose": one.purpose,
        "state": one.state,
        "reason": one.reason,
        "created_at": f"{one.created_at:%Y-%m-%d %H:%M}",
        "provider_ref": one.provider_ref,
    }
