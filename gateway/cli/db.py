"""``njia db upgrade``."""

from __future__ import annotations

import asyncio

import click

from gateway.cli.common import Command, Lazy, print_json, shared

UPGRADE = """Bring the database to the newest schema, in one transaction. With --dry-run only say what would be done.

A second run changes nothing.

\b
  njia db upgrade --dry-run
  njia db upgrade --yes
"""

db = Lazy("db", {"upgrade": ("gateway.cli.db:upgrade", "Bring the schema up to date.")}, "The database.")


@click.command("upgrade", cls=Command, help=UPGRADE)
@click.option("--dry-run", is_flag=True, help="Change nothing.")
def upgrade(dry_run: bool) -> None:
    from gateway.record import migrations  # noqa: PLC0415
    from gateway.settings import load  # noqa: PLC0415

    settings = load()
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = settings.database_url()
    steps = asyncio.run(migrations.pending(url))
    if not dry_run and steps:
        if not (shared().yes or shared().json):
            click.confirm(f"Make {len(steps)} changes to the database? Is there a backup?", abort=True, err=True)
        asyncio.run(migrations.upgrade(url))
    if shared().json:
        print_json({"done": not dry_run, "steps": steps})
    else:
        click.echo("\n".join(steps) or "The database is up to date.")
