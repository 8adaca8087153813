"""``njia flows test``."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.beside import beside
from gateway.cli.common import Command, Problem, counted, print_json, shared
from gateway.cli.covering import coverage_json, coverage_lines, explored_json, explored_lines
from gateway.cli.proving import as_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.coverage import Coverage
    from flows.loading.source import SourceFile
    from flows.tracing import Way
    from gateway.home import Home
    from gateway.playing.exploring import Explored
    from gateway.playing.player import Difference
    from gateway.playing.running import Played, Repertoire
    from gateway.settings import Settings

TEST = """Play the conversations: what is typed goes through the real adapter, engine and stores, on a clock of its own.

A home's own conversations are played; without a home, those that are shipped. PATH is the name of a flow, a file, or a
folder of files; without one, everything is played. Where another screen comes, both are shown side by side.

\b
  njia flows test
  njia --home my-institution flows test balance pin
  njia flows test conversations/visit/told.txt --update
  njia flows test visit --coverage
  njia flows test visit --explore --write
"""


@click.command("test", cls=Command, help=TEST)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--update", is_flag=True, help="Write the screens as they are now into the files, where they differ.")
@click.option("--coverage", is_flag=True, help="Tell which steps, options and outcomes no conversation has visited.")
@click.option("--explore", is_flag=True, help="Look for a way to each of them, and offer it as a conversation.")
@click.option("--write", is_flag=True, help="With --explore: write what was found into the home.")
def test(paths: tuple[str, ...], update: bool, coverage: bool, explore: bool, write: bool) -> None:
    from gateway.home import Home  # noqa: PLC0415
    from gateway.settings import load_or_sample  # noqa: PLC0415

    if write and not explore:
        raise click.UsageError("--write belongs to --explore. To rewrite what is there say --update.")
    settings = load_or_sample()
    home = Home(settings.home)
    if home.path is None and write:
        raise Problem("What is shipped is not added to. Name your institution's folder with --home.")
    repertoire = _repertoire(home, settings, paths)
    if update and home.path is None and any(not Path(file).is_file() for file in repertoire.files):
        raise Problem("What is shipped is not rewritten. Name your institution's folder with --home.")
    name = "" if paths or update else _mark(home, settings, repertoire)
    played = asyncio.run(_play(settings, repertoire, update))
    if update:
        _write(home, repertoire, played)
        return
    if name and not any(one.difference for one in played):
        _note(settings, name, len(played))
    told = _coverage(home, settings, repertoire, played) if coverage or explore else None
    found = asyncio.run(_explore(settings, repertoire, told)) if told and explore else None
    _tell(played, told if coverage else None, found)
    if found is not None and write and home.path:
        _keep(home.path, found)
    if any(one.difference for one in played):
        raise SystemExit(Problem.exit_code)


def _repertoire(home: Home, settings: Settings, paths: Sequence[str]) -> Repertoire:
    """The conversations that were asked for: of flows, or in files wherever they lie."""
    from flows.faults import suggest  # noqa: PLC0415
    from gateway.playing.running import Repertoire  # noqa: PLC0415

    known = {*home.folders("conversations"), *(file.name for file in home.files("flows"))}
    places = [Path(path) for path in paths if path not in known]
    for place in places:
        if not place.exists():
            raise click.UsageError(f'There is no flow or file "{place}". {suggest(str(place), known)}')
    files = [file for place in places for file in (sorted(place.rglob("*.txt")) if place.is_dir() else [place])]
    flows = [path for path in paths if path in known]
    return Repertoire(home, settings, flows, [_source(file, home.path) for file in files])


def _source(file: Path, home: Path | None) -> SourceFile:
    from gateway.home import read  # noqa: PLC0415

    inside = home is not None and file.resolve().is_relative_to(home.resolve())
    return read(file, file.resolve().relative_to(home.resolve()).as_posix() if inside and home else str(file))


async def _play(settings: Settings, repertoire: Repertoire, update: bool) -> list[Played]:
    from gateway.playing.running import play_all  # noqa: PLC0415

    return [played async for played in play_all(settings, repertoire, update)]


def _mark(home: Home, settings: Settings, repertoire: Repertoire) -> str:
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.playing.passed import mark  # noqa: PLC0415
    from gateway.publishing import gather  # noqa: PLC0415

    return mark(gather(home, institution(settings)).hash, repertoire, settings)


def _note(settings: Settings, name: str, count: int) -> None:
    """Everything came as it is written: it need not be played again to be published."""
    from gateway.playing.passed import note  # noqa: PLC0415

    note(settings.data, name, count)


async def _explore(settings: Settings, repertoire: Repertoire, told: Coverage) -> Explored:
    from gateway.playing.exploring import explore  # noqa: PLC0415

    return await explore(settings, repertoire, told)


def _coverage(home: Home, settings: Settings, repertoire: Repertoire, played: list[Played]) -> Coverage:
    """Of the flows that were asked for; else of the home's own, or of all that are shipped."""
    from flows.coverage import coverage  # noqa: PLC0415
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.publishing import compiled, gather  # noqa: PLC0415

    release = compiled(gather(home, institution(settings)))
    seen: dict[str, set[Way]] = {}
    for one in played:
        seen.setdefault(one.conversation.language, set()).update(one.ways)
    chosen = repertoire.about(home) & release.flows.keys()
    return coverage(release.flows, chosen, seen, release.institution.languages)


def _tell(played: list[Played], told: Coverage | None, found: Explored | None) -> None:
    wrong = [one.difference for one in played if one.difference]
    if shared().json:
        _tell_json(wrong, told, found)
        return
    for difference in wrong:
        click.echo(f"{beside(difference)}\n")
    came = f"{len(wrong)} not as written" if wrong else "all as written"
    click.echo(f"{counted(len(played), 'conversation')} played: {came}.")
    if told is not None:
        click.echo("\n".join(coverage_lines(told)))
    if found is not None:
        click.echo("\n".join(explored_lines(found)))


def _tell_json(wrong: list[Difference], told: Coverage | None, found: Explored | None) -> None:
    """A list of the differences; with coverage or exploring, an object that holds it."""
    differences = list(map(as_json, wrong))
    if told is None and found is None:
        print_json(differences)
        return
    more: dict[str, Any] = {"coverage": coverage_json(told)} if told else {}
    print_json({"differences": differences, **more, **(explored_json(found) if found else {})})


def _write(home: Home, repertoire: Repertoire, played: list[Played]) -> None:
    changed = []
    for one in played:
        file = one.conversation.file
        inside = home.path / file if home.path else Path(file)
        path = inside if inside.is_file() else Path(file)
        if one.text != repertoire.files[file].text:
            path.write_bytes(one.text.encode())
            changed.append(str(path))
    stuck = [
        one.difference for one in played if one.difference and one.text == repertoire.files[one.difference.file].text
    ]
    if shared().json:
        print_json({"rewritten": changed, "differences": list(map(as_json, stuck))})
    else:
        click.echo("".join(f"rewritten: {path}\n" for path in changed), nl=False)
        click.echo("".join(f"{beside(difference)}\n" for difference in stuck), nl=False)
        click.echo(f"{len(changed)} of {counted(len(played), 'conversation')} rewritten.")
    if stuck:  # what cannot be played has no screens that could be written
        raise SystemExit(Problem.exit_code)


def _keep(home: Path, explored: Explored) -> None:
    """Writes what was found; what is there already is never written over."""
    for one in explored.found:
        path = home / one.file
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError), path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(one.text)
            click.echo(f"written: {path}", err=shared().json)
