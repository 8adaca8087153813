"""``njia staff``: who may log in to the desk."""

from __future__ import annotations

import asyncio
import getpass
import sys
from typing import TYPE_CHECKING, TypeVar

import click

from gateway.cli.common import Command, Lazy, Problem, print_json, print_table, shared

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncConnection

    from gateway.cli.opened import Opened
    from gateway.record.desk.staff import Staff

T = TypeVar("T")

TABLE = {
    "add": ("gateway.cli.staff:add", "Let somebody log in."),
    "list": ("gateway.cli.staff:list_", "Who may log in, and as what."),
    "disable": ("gateway.cli.staff:disable", "Log somebody out and let them in no more."),
    "enable": ("gateway.cli.staff:enable", "Let them in again."),
    "password": ("gateway.cli.staff:password", "Give somebody a new password."),
}
staff = Lazy("staff", TABLE, "The staff who use the desk.")

HANDED = """The password is made here and shown once; hand it over in person. With --type it is typed instead, twice, at
a prompt. It is never an argument, which others on this machine could read.
"""
ADD = f"""Let EMAIL log in to the desk.

With --ref they work with clients, and see their own and nothing that those say of officers. An agent without it is the
support desk, and sees all clients and all cases.

{HANDED}
\b
  njia staff add amina@jamii.example --name "Amina Yusuf" --role agent
  njia staff add peter@jamii.example --name "Peter Maina" --role agent --ref E-0001
"""
CHANGE = f"""A new password for EMAIL, who is logged out everywhere.

{HANDED}
\b
  njia staff password amina@jamii.example
"""
LIST = """Who may log in, and as what.

\b
  njia staff list --json
"""
DISABLE = """Log EMAIL out everywhere, at once, and let them in no more. What they did stays in the audit.

\b
  njia staff disable amina@jamii.example
"""
ENABLE = """Let EMAIL in again, with the password that they had.

\b
  njia staff enable amina@jamii.example
"""
_TYPE = click.option("--type", "typed", is_flag=True, help="Type the password instead of having one made.")


@click.command("add", cls=Command, help=ADD)
@click.argument("email")
@click.option("--name", required=True, help="The person's name, as colleagues will read it.")
@click.option("--role", type=click.Choice(["agent", "admin"]), required=True, help="What they may do.")
@click.option("--ref", default="", help="Who they are in the record, such as E-0001: they see their own clients.")
@click.option("--another-person", is_flag=True, help="An officer of the record has the name, and is somebody else.")
@_TYPE
def add(email: str, name: str, role: str, ref: str, *, another_person: bool, typed: bool) -> None:
    from gateway.record.desk import linking  # noqa: PLC0415
    from gateway.record.desk import staff as kept  # noqa: PLC0415

    who = kept.new_staff(email, name, role, ref)
    secret = _password(typed, who.email)

    async def work(house: Opened) -> Staff:
        made, now = await kept.hashed(house.hasher, who.id, secret), house.stores.clock.now()
        async with house.stores.db.write() as conn:
            await linking.check(conn, who, another=another_person)
            await kept.add(conn, who, made, now)
            await _note(conn, house, "add staff", who)
        return who

    _told(work, "can log in", "" if typed else secret)


@click.command("list", cls=Command, help=LIST)
def list_() -> None:
    from gateway.record.desk import staff as kept  # noqa: PLC0415

    async def work(house: Opened) -> list[Staff]:
        async with house.stores.db.read() as conn:
            return await kept.everybody(conn)

    found = asyncio.run(_run(work))
    if shared().json:
        names = ("email", "name", "role", "ref", "disabled")
        print_json([{name: getattr(one, name) for name in names} for one in found])
        return
    print_table([(one.email, one.role, one.name, one.ref, "disabled" if one.disabled else "") for one in found])
    if not found:
        click.echo("Nobody can log in yet: njia staff add.")


@click.command("disable", cls=Command, help=DISABLE)
@click.argument("email")
def disable(email: str) -> None:
    _switch(email, off=True)


@click.command("enable", cls=Command, help=ENABLE)
@click.argument("email")
def enable(email: str) -> None:
    _switch(email, off=False)


def _switch(email: str, *, off: bool) -> None:
    from gateway.record.desk import accounts  # noqa: PLC0415
    from gateway.record.desk import staff as kept  # noqa: PLC0415

    async def work(house: Opened) -> Staff:
        now = house.stores.clock.now()
        async with house.stores.db.write() as conn:
            who = await _somebody(conn, email)
            await (accounts.lock(conn, who, now) if off else kept.disable(conn, who, None))
            await _note(conn, house, "disable staff" if off else "enable staff", who)
        return who

    _told(work, "cannot log in any more" if off else "can log in again")


@click.command("password", cls=Command, help=CHANGE)
@click.argument("email")
@_TYPE
def password(email: str, typed: bool) -> None:
    from gateway.record.desk import staff as kept  # noqa: PLC0415

    secret = _password(typed, kept.email_of(email))

    async def work(house: Opened) -> Staff:
        async with house.stores.db.read() as conn:
            who = await _somebody(conn, email)
        made = await kept.hashed(house.hasher, who.id, secret)
        async with house.stores.db.write() as conn:
            await kept.change_password(conn, who, made)
            await _note(conn, house, "change password of staff", who)
        return who

    _told(work, "has a new password", "" if typed else secret)


def _password(typed: bool, email: str) -> str:
    """Made, or typed at a prompt; without a terminal, the first line of standard input."""
    from gateway.record.desk.staff import BadStaff, check_password, minted  # noqa: PLC0415

    if not typed:
        return minted()
    ask = sys.stdin.isatty()
    secret = (
        click.prompt("Password", hide_input=True, confirmation_prompt=True) if ask else sys.stdin.readline().strip()
    )
    try:
        check_password(secret, email)
    except BadStaff as bad:
        raise Problem(str(bad)) from None
    return str(secret)


async def _somebody(conn: AsyncConnection, email: str) -> Staff:
    from gateway.record.desk import staff as kept  # noqa: PLC0415

    found = await kept.find(conn, kept.email_of(email))
    if found is None:
        raise Problem(f"Nobody has a log-in as {email}. See njia staff list.")
    return found[0]


async def _note(conn: AsyncConnection, house: Opened, what: str, who: Staff) -> None:
    from gateway.record import auditing  # noqa: PLC0415

    details = {"role": who.role}
    await auditing.note(conn, house.stores.clock.now(), f"terminal {getpass.getuser()}", what, who.id, details)


def _told(work: Callable[[Opened], Awaitable[Staff]], says: str, secret: str = "") -> None:
    who = asyncio.run(_run(work))
    if shared().json:
        print_json({"email": who.email, "name": who.name, "role": who.role} | ({"password": secret} if secret else {}))
        return
    click.echo(f"{who.email} ({who.name}, {who.role}) {says}.")
    if secret:
        click.echo(f"Password: {secret}  It is shown this once; hand it over in person.")


async def _run(work: Callable[[Opened], Awaitable[T]]) -> T:
    from gateway.cli.opened import opened  # noqa: PLC0415

    async with opened() as house:
        return await work(house)
