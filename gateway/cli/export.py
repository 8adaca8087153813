"""``njia export``."""

from __future__ import annotations

import asyncio
import datetime as dt
import getpass
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import Command, counted, print_json, print_table, shared

if TYPE_CHECKING:
    from gateway.exporting.exports import Export
    from gateway.exporting.reading import Asked
    from gateway.exporting.target import Form
    from gateway.settings import Settings

EXPORT = """Write answers, messages or payments as a file for a spreadsheet, however many there are.

Names, numbers and words are masked. To be shown them takes a role and a reason, which go to the audit with your name:
an admin sees all, an agent who the clients are and what they said, an analyst what they said. --columns explains every
column. Without FILE the rows go to standard output.

\b
  njia export payments --csv > payments.csv
  njia export answers --xlsx answers.xlsx --since 2026-11-01
  njia export messages --csv --state uncertain --show --role agent --why "calling those who got no receipt"
  njia export answers --columns
"""
DAY = click.DateTime(["%Y-%m-%d"])
FEWEST = 10  # letters of a reason


@dataclass(frozen=True, slots=True)
class Wanted:
    what: str
    file: Path | None
    form: Form
    asked: Asked
    why: str


@click.command("export", cls=Command, help=EXPORT)
@click.argument("what", type=click.Choice(["answers", "messages", "payments"]))
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--csv", "form", flag_value="csv", help="As CSV, in UTF-8: what is done unless FILE ends otherwise.")
@click.option("--xlsx", "form", flag_value="xlsx", help="As a workbook, with the columns explained on a sheet.")
@click.option("--since", type=DAY, metavar="DAY", help="From this day on, by the institution's clock.")
@click.option("--until", type=DAY, metavar="DAY", help="Up to this day, and with it.")
@click.option("--state", default="", help="Only payments or SMS in this state.")
@click.option("--columns", is_flag=True, help="Explain the columns, and export nothing.")
@click.option("--show", is_flag=True, help="Unmasked, as far as the role sees it. Needs --role and --why.")
@click.option("--role", default="", help="What you export it as: admin, agent or analyst.")
@click.option("--why", default="", help="What it is needed for.")
def export(what: str, file: Path | None, form: Form | None, columns: bool, **rest: Any) -> None:
    from gateway.settings import load  # noqa: PLC0415

    settings = load()
    if columns:
        _explain(_export(settings, what))
        return
    _check(what, rest)
    wanted = Wanted(what, _free(file), _form(file, form), _asked(settings, rest), rest["why"].strip())
    rows = asyncio.run(_write(settings, wanted))
    if wanted.file is not None:
        _report(wanted, rows)


def _explain(export: Export) -> None:
    if shared().json:
        print_json([column.as_json() for column in export.columns])
        return
    heading = ("column", "kind", "private", "what it is")
    print_table([heading, *((one.name, one.kind, one.private or "-", one.about) for one in export.columns)])


def _check(what: str, rest: dict[str, Any]) -> None:
    from gateway.exporting.columns import ROLES  # noqa: PLC0415

    if rest["role"] and rest["role"] not in ROLES:
        raise click.UsageError(f"There is no role {rest['role']}. There are: {', '.join(sorted(ROLES))}.")
    if rest["show"] and not (rest["role"] and len(rest["why"].strip()) >= FEWEST):
        raise click.UsageError("--show needs --role, and --why with a reason that somebody else can understand.")
    if rest["state"] and what == "answers":
        raise click.UsageError("Answers have no state.")


def _asked(settings: Settings, rest: dict[str, Any]) -> Asked:
    from gateway.clock import Clock  # noqa: PLC0415
    from gateway.exporting.reading import Asked  # noqa: PLC0415

    zone = Clock(settings.institution.timezone).zone
    since, until = rest["since"], rest["until"]
    first = since.replace(tzinfo=zone) if since else None
    after = (until + dt.timedelta(days=1)).replace(tzinfo=zone) if until else None
    return Asked(rest["role"] if rest["show"] else "", first, after, rest["state"])


def _form(file: Path | None, form: Form | None) -> Form:
    if form:
        return form
    if file is not None:
        return "xlsx" if file.suffix == ".xlsx" else "json" if file.suffix == ".json" else "csv"
    return "json" if shared().json else "csv"


def _free(file: Path | None) -> Path | None:
    """The file, if nothing would be lost. ``-`` is standard output."""
    if file is None or str(file) == "-":
        return None
    if not file.parent.is_dir():
        raise click.UsageError(f"There is no folder {file.parent}.")
    if file.exists() and not shared().yes:
        raise click.UsageError(f"{file} is there already. Choose another name, or add --yes to write over it.")
    return file


def _export(settings: Settings, what: str) -> Export:
    from flows.loading import load_fields  # noqa: PLC0415
    from gateway.exporting import exports  # noqa: PLC0415
    from gateway.home import Home  # noqa: PLC0415

    fields, _ = load_fields(Home(settings.home).files("fields"), settings.institution.currency)
    return exports.export(what, fields)


async def _write(settings: Settings, wanted: Wanted) -> int:
    """The number of rows. Who wants what, and why, is in the audit before the first row is read."""
    from gateway.exporting.reading import lines  # noqa: PLC0415
    from gateway.exporting.target import Target  # noqa: PLC0415
    from gateway.record import auditing, migrations  # noqa: PLC0415
    from gateway.record.database import Database  # noqa: PLC0415

    await migrations.require_newest(settings.database_url())
    db, export, rows = Database(settings.database_url()), _export(settings, wanted.what), 0
    try:
        async with db.write() as conn:
            by, now = f"terminal {getpass.getuser()}", dt.datetime.now(dt.UTC)
            about = f"export {wanted.what}"
            await auditing.note(conn, now, by, about, "", _details(wanted.asked), why=wanted.why)
        with Target(wanted.file, wanted.form, export) as writer:
            async for values in lines(db, export, wanted.asked):
                writer.row(values)
                rows += 1
    finally:
        await db.close()
    return rows


def _details(asked: Asked) -> dict[str, str]:
    days = {"since": asked.since, "until": asked.until}
    told = {name: day.isoformat() for name, day in days.items() if day}
    return {"role": asked.role, "shown": ", ".join(sorted(asked.sees)), "state": asked.state} | told


def _report(wanted: Wanted, rows: int) -> None:
    masked = "masked" if not wanted.asked.role else f"as {wanted.asked.role} sees them"
    if shared().json:
        print_json({"file": str(wanted.file), "rows": rows, "masked": not wanted.asked.role})
    else:
        click.echo(f"{wanted.file}: {counted(rows, 'row')}, {masked}.")
