"""``njia config show``."""

from __future__ import annotations

import click

from gateway.cli.common import Command, Lazy, print_json, print_table, shared
from gateway.settings import load
from gateway.settings.showing import as_json, shown

SHOW = """Show every setting, its value and where that comes from: njia.toml, the environment, or the default.

Secrets are shown as (set), never as they are.

\b
  njia config show
  njia config show redis --json
"""

config = Lazy(
    "config", {"show": ("gateway.cli.config:show", "Every setting and where it comes from.")}, "The settings."
)


@click.command("show", cls=Command, help=SHOW)
@click.argument("section", default="")
def show(section: str) -> None:
    rows = [row for row in load().rows if row.key.startswith(section)]
    if not rows:
        raise click.UsageError(f"There is no setting that begins with {section}.")
    if shared().json:
        print_json([as_json(row) for row in rows])
    else:
        print_table([(row.key, _cell(shown(row)), row.source) for row in rows])


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
