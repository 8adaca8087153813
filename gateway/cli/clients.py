"""``njia clients``: import, activate, show."""

from __future__ import annotations

import asyncio
import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import Command, Lazy, Problem, print_json, shared

if TYPE_CHECKING:
    from gateway.record.columns import Rules
    from gateway.record.importing import Line, Report
    from gateway.settings import Settings

TABLE = {
    "import": ("gateway.cli.clients:import_", "Bring clients in from a spreadsheet."),
    "activate": ("gateway.cli.clients:activate", "Issue the code with which a client chooses a PIN."),
    "show": ("gateway.cli.showing:show", "Everything the record has of a telephone number."),
}
clients = Lazy("clients", TABLE, "The clients of the institution.")

IMPORT = """Bring clients in from FILE (CSV in UTF-8, or .xlsx). Safe to run twice.

Each row that is refused is told with its reason; exit code 1 if there is one.

\b
  njia clients import --template > clients.csv
  njia clients import clients.csv --dry-run
  njia clients import clients.csv
"""
ACTIVATE = """Issue an activation code for the client on PHONE, to be handed over face to face, never sent.

With it the client chooses a PIN on the phone. It is good for 48 hours and five tries. For a client who has a PIN this
is a reset.

\b
  njia clients activate +254700000001
  njia clients activate 0700000006 --number 10007
"""


@click.command("import", cls=Command, help=IMPORT)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.option("--template", is_flag=True, help="Print the columns, with an example.")
def import_(file: Path | None, dry_run: bool, template: bool) -> None:
    from gateway.record import importing  # noqa: PLC0415
    from gateway.settings import load  # noqa: PLC0415

    if template:
        click.echo(importing.template(_rules(load())), nl=False)
        return
    if file is None:
        raise click.UsageError("Name the FILE, or write --template to see the columns.")
    report = asyncio.run(_import(file, dry_run))
    if shared().json:
        print_json(report.as_json())
    else:
        _print_report(report)
    if report.counts["refused"]:
        raise SystemExit(Problem.exit_code)


async def _import(file: Path, dry_run: bool) -> Report:
    from gateway.cli.opened import opened  # noqa: PLC0415
    from gateway.record.account_rows import LocalAccounts  # noqa: PLC0415
    from gateway.record.importing import Importer  # noqa: PLC0415

    async with opened() as house:
        stores = house.stores
        rules = _rules(stores.settings)
        bank = house.bank
        own = hasattr(bank, "open")  # else accounts are kept elsewhere, and an import brings none
        accounts = LocalAccounts(bank, house.release.products, rules.currency, stores.clock) if own else None
        who = f"terminal {getpass.getuser()}"
        importer = Importer(stores.db, stores.clock, rules, accounts, house.cards.refresh, who, house.tell)
        return await importer.run(file, dry_run=dry_run)


def _rules(settings: Settings) -> Rules:
    from flows.loading import load_fields  # noqa: PLC0415
    from gateway.clock import Clock  # noqa: PLC0415
    from gateway.home import Home  # noqa: PLC0415
    from gateway.record.account_rows import TERMS  # noqa: PLC0415
    from gateway.record.columns import Rules  # noqa: PLC0415

    institution = settings.institution
    fields, _ = load_fields(Home(settings.home).files("fields"), institution.currency)
    today = Clock(institution.timezone).today()
    known = (institution.country, institution.languages, institution.currency)
    return Rules(*known, today, fields, TERMS)


def _print_report(report: Report) -> None:
    for line in report.lines:
        click.echo(f"row {line.row}: {line.outcome}{_details(line)}")
    rows = report.as_json()["rows"]
    told = ", ".join(f"{count} {name}" for name, count in rows.items())
    click.echo(f"{report.file}: {told}.{' Nothing was written (dry run).' if report.dry_run else ''}")


def _details(line: Line) -> str:
    parts = [*line.changes, *(f"{fault.column}: {fault.reason}" for fault in line.faults), *line.notes]
    return f" ({'; '.join(parts)})" if parts else ""


@click.command("activate", cls=Command, help=ACTIVATE)
@click.argument("phone")
@click.option("--number", default="", help="The client number, where several clients share the phone.")
def activate(phone: str, number: str) -> None:
    issued = asyncio.run(_activate(phone, number))
    if shared().json:
        print_json(issued)
    else:
        click.echo(f"Activation code: {issued['code']}. Hand it over in person; it is good for 48 hours.")


async def _activate(phone: str, number: str) -> dict[str, Any]:
    from flows.phones import e164  # noqa: PLC0415
    from gateway.cli.opened import opened  # noqa: PLC0415
    from gateway.record import activation  # noqa: PLC0415

    async with opened() as house:
        stores = house.stores
        reached = e164(phone, stores.settings.institution.country)
        async with stores.db.read() as conn:
            client = await activation.client_to_activate(conn, reached, number)
        by = f"terminal {getpass.getuser()}"
        code = await activation.issue(stores.db, house.hasher, stores.clock, client, by, house.cards.refresh)
        return {"code": code, "hours": int(activation.LIVES.total_seconds() // 3600)}
