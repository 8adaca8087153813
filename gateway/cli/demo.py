"""``njia demo``."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from gateway.cli.common import Command, print_table, shared

DEMO = """Start everything on embedded parts with a sample institution, and print what to try.

Runs until SIGTERM or SIGINT (Ctrl-C) and leaves no process behind. A second start finds everything as it was left.

Beside the sample clients, 300 more are made up with a month of their calls, payments and answers, for the desk. That
goes on beside what is served, and is done once.

\b
  njia demo
  njia demo --port 8000 --data /tmp/njia-demo --json
  njia demo --no-history
"""
LOG = "njia.log"


@click.command("demo", cls=Command, help=DEMO)
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 0: any free one. [default: 8384, or [web] port]")
@click.option("--people", type=click.IntRange(0, 2000), help="How many clients to make up. [default: 300]")
@click.option("--no-history", is_flag=True, help="Make up none: only the sample clients.")
def demo(port: int | None, people: int | None, *, no_history: bool) -> None:
    from gateway.cli.house import Plan, keep, wants_a_past  # noqa: PLC0415
    from gateway.settings import load  # noqa: PLC0415

    flags = {"demo.enabled": "true", **({"web.port": str(port)} if port is not None else {})}
    if no_history or people is not None:
        flags["demo.people"] = str(0 if no_history else people)
    settings = load(flags=flags)
    tell = partial(_announce, settings.demo.people if wants_a_past(settings) else 0)
    keep(Plan(flags, past=True, log=LOG), _announce_json if shared().json else tell)


def _announce_json(facts: dict[str, Any], processes: Mapping[str, int]) -> None:
    click.echo(json.dumps({**facts, "processes": dict(processes)}, ensure_ascii=False))


def _announce(made_up: int, facts: dict[str, Any], processes: Mapping[str, int]) -> None:
    from gateway.web.handsets import lines  # noqa: PLC0415

    url, code = facts["url"], facts["service_code"]
    click.echo(f"Njia is running: {len(processes)} processes, at {url}\n")
    click.echo(f"  A phone in the browser   {url}/phone")
    click.echo(f"  A phone in the terminal  {_program()} phone --dial '{code}' --as {_first_phone(facts)}{_data()}")
    click.echo(f"  The desk of the staff    {url}/desk")
    for wallet in facts["payments"].values():
        if wallet["adapter"] == "payments/simulated":
            click.echo(f"  What the wallet took     {url}{wallet['path']}/statement")
    for line in lines(facts):
        click.echo(f"  For the provider         {line.url}  ({line.name} {line.service_code})")
    click.echo(f"\nDial {code} as one of these clients:\n")
    print_table([("  name", "phone", "PIN", "language", "about"), *map(_client, facts["clients"])])
    if facts["staff"]:
        click.echo("\nLog in to the desk as one of the staff:\n")
        print_table([("  e-mail", "password", "role"), *map(_staff, facts["staff"])])
    if "past" in facts:
        click.echo(
            f"\n{facts['past']} more clients and a month of theirs are being written: they are on the desk soon."
        )
    click.echo("\nStop with Ctrl-C. What happens here is kept, and is there at the next start.")


def _program() -> str:
    """How to call this program again from here: it need not be on the PATH."""
    called = Path(sys.argv[0])
    if called.name != "njia":
        return f"{shlex.quote(sys.executable)} -m gateway"
    found = shutil.which("njia")
    return "njia" if found and called.is_file() and Path(found).samefile(called) else shlex.quote(str(called))


def _data() -> str:
    """The option that names the data folder, where it is not the one that is looked for here."""
    home, data = os.environ.get("NJIA_HOME"), os.environ.get("NJIA_DATA")
    chosen = data or (home and f"{home}/data")
    return f" --data {shlex.quote(chosen)}" if chosen else ""


def _client(client: Mapping[str, Any]) -> tuple[str, ...]:
    return f"  {client['name']}", client["phone"], client["pin"] or "-", client["language"], client["about"]


def _staff(one: Mapping[str, Any]) -> tuple[str, ...]:
    return f"  {one['email']}", one["password"], one["role"]


def _first_phone(facts: Mapping[str, Any]) -> str:
    return next((client["phone"] for client in facts["clients"]), "+254700000001")
