"""``njia flows test``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from gateway.cli.common import Command, Problem, counted, print_json, shared

if TYPE_CHECKING:
    from gateway.home import Home
    from gateway.playing.running import Played, Repertoire
    from gateway.settings import Settings

TEST = """Play the conversations: what is typed goes through the real adapter, engine and stores, on a clock of its own.

A home's own conversations are played; without a home, those that are shipped. Without FLOW, those of every flow.
--update writes the screens as they are now into the files of the home; read the change before you keep it.

\b
  njia flows test
  njia --home my-institution flows test balance pin
  njia --home my-institution flows test balance --update
"""


@click.command("test", cls=Command, help=TEST)
@click.argument("flows", metavar="[FLOW]...", nargs=-1)
@click.option("--update", is_flag=True, help="Write the screens as they are now into the files of the home.")
def test(flows: tuple[str, ...], update: bool) -> None:
    from gateway.home import Home  # noqa: PLC0415
    from gateway.playing.running import Repertoire  # noqa: PLC0415
    from gateway.settings import load_or_sample  # noqa: PLC0415

    settings = load_or_sample()
    home = Home(settings.home)
    played = asyncio.run(_play(settings, Repertoire(home, settings, flows), update))
    if update:
        _write(home, played)
    else:
        _tell(played)


async def _play(settings: Settings, repertoire: Repertoire, update: bool) -> list[Played]:
    from gateway.playing.running import play_all  # noqa: PLC0415

    return [played async for played in play_all(settings, repertoire, update)]


def _tell(played: list[Played]) -> None:
    wrong = [one.difference for one in played if one.difference]
    if shared().json:
        print_json([{"file": d.file, "line": d.line, "expected": d.expected, "shown": d.shown} for d in wrong])
    else:
        for difference in wrong:
            click.echo(f"{difference}\n")
        came = f"{len(wrong)} not as written" if wrong else "all as written"
        click.echo(f"{counted(len(played), 'conversation')} played: {came}.")
    if wrong:
        raise SystemExit(Problem.exit_code)


def _write(home: Home, played: list[Played]) -> None:
    if home.path is None:
        raise Problem("What is shipped is not rewritten. Name your institution's folder with --home.")
    changed = 0
    for one in played:
        path = home.path / one.conversation.file
        if path.is_file() and path.read_text(encoding="utf-8") != one.text:
            path.write_text(one.text, encoding="utf-8")
            changed += 1
            click.echo(f"rewritten: {path}")
    click.echo(f"{changed} of {len(played)} conversations rewritten.")
