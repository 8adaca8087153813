"""``njia flows``: check what is said before anybody hears it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import Command, Lazy, Problem, print_json, shared

if TYPE_CHECKING:
    from flows.faults import Fault
    from gateway.home import Home
    from gateway.publishing import Sources
    from gateway.settings import Settings

TABLE = {
    "check": ("gateway.cli.flows:check", "Is it right? Every fault with its place and what to do."),
    "cost": ("gateway.cli.costs:cost", "What a call takes and costs, and how full its screens are."),
    "test": ("gateway.cli.plays:test", "Play the conversations and compare every screen."),
    "words": ("gateway.cli.wording:words", "What is translated, and what is not; the file for a translator."),
    "draw": ("gateway.cli.drawing:draw", "A flow as a picture, and as an outline to be read aloud."),
    "copy": ("gateway.cli.copying:copy", "Take a shipped flow and its words into the home, to change them."),
    "schema": ("gateway.cli.schemas:schema", "JSON Schemas, for completion in an editor."),
    "diff": ("gateway.cli.differing:diff", "What clients would find changed, in words."),
    "publish": ("gateway.cli.publish:publish", "Make the home what new conversations begin on."),
    "stage": ("gateway.cli.stages:stage", "A release that only some clients begin on yet."),
    "releases": ("gateway.cli.releases:releases", "What was published, when, by whom and why."),
    "rollback": ("gateway.cli.publish:rollback", "Make an earlier release the current one again."),
    "inside": ("gateway.cli.differing:inside", "Who is inside which release, at which step."),
    "export": ("gateway.cli.copies:export", "Write a release into one file, for another computer."),
    "import": ("gateway.cli.copies:import_", "Lay an exported release into a home."),
}
flows = Lazy("flows", TABLE, "What is said to clients: the flows, their words, their releases.")

CHECK = """Check flows, words, fields and products. PATH is a home, or one of these files laid over the rest.

Each fault is told with its file, line, step, language and channel: what it is, and what to do. Errors keep a home from
being published; warnings alone are good (exit 0). Without a PATH the home of the settings is checked.

\b
  njia flows check
  njia flows check my-institution my-institution/flows/balance.yaml --json
"""


@click.command("check", cls=Command, help=CHECK)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    faults = [fault for path in (paths or (None,)) for fault in _faults(path)]
    if shared().json:
        print_json([fault.as_json() for fault in faults])
    else:
        from gateway.cli.findings import tell  # noqa: PLC0415

        tell(faults)
    if any(fault.level == "error" for fault in faults):
        raise SystemExit(Problem.exit_code)


def _faults(path: Path | None) -> list[Fault]:
    """All of a home, of one file, or the one that keeps them from being read."""
    from flows.faults import Fault  # noqa: PLC0415
    from gateway.home import UnreadableHome  # noqa: PLC0415

    try:
        return _faults_of_one(path) if path is not None and path.is_file() else _faults_of_home(path)
    except UnreadableHome as error:
        return [Fault(str(error.path), 1, "error", "file.unreadable", f"This file {error.why}.", error.fix)]


def _faults_of_home(path: Path | None) -> list[Fault]:
    from flows.faults import Fault  # noqa: PLC0415
    from gateway.home import Home, is_home  # noqa: PLC0415
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.publishing import gather  # noqa: PLC0415
    from gateway.settings import load_or_sample  # noqa: PLC0415

    if path is not None and not is_home(path):
        message = "This folder is no home: it has neither njia.toml nor flows, and nothing in it was checked."
        return [Fault(str(path), 1, "error", "file.no_home", message, "Name the home that it lies in, or one file.")]
    settings = load_or_sample(path)
    home = Home(settings.home)
    return findings(home, settings, gather(home, institution(settings)))


def findings(home: Home, settings: Settings, sources: Sources) -> list[Fault]:
    """Everything that is to be said of a home whose sources these are. Raises UnreadableHome."""
    from flows.faults import Fault  # noqa: PLC0415
    from gateway.playing.running import Repertoire  # noqa: PLC0415
    from gateway.publishing import check as checked  # noqa: PLC0415

    strange = [
        Fault(str(settings.home), 1, "warning", "file.not_read", one, "Rename it, or take it away.")
        for one in home.strangers()
    ]
    return [*strange, *_off_in_vain(home), *checked(sources)[1], *Repertoire(home, settings).faults]


def _off_in_vain(home: Home) -> list[Fault]:
    """A file that only switches a flow off, of a flow that is not shipped: mostly a misspelt name."""
    from flows.faults import Fault, suggest  # noqa: PLC0415
    from gateway.home import Home  # noqa: PLC0415

    shipped = {file.name for file in Home().files("flows")}
    only_off = [file for file in home.files("flows") if "off: yes" in file.text and "steps:" not in file.text]
    return [
        Fault(
            file.path,
            1,
            "warning",
            "flow.nothing_off",
            f'This switches nothing off: no flow "{file.name}" is shipped.',
            suggest(file.name, shipped),
        )
        for file in only_off
        if file.name not in shipped
    ]


def _faults_of_one(path: Path) -> list[Fault]:
    """The faults of this file among everything else that is in force, and the errors that it makes in other files."""
    from dataclasses import replace  # noqa: PLC0415

    from gateway.home import Home, place_of, read  # noqa: PLC0415
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.publishing import Sources, gather  # noqa: PLC0415
    from gateway.publishing import check as checked  # noqa: PLC0415
    from gateway.settings import load_or_sample  # noqa: PLC0415

    settings = load_or_sample()
    sources, inside = gather(Home(settings.home), institution(settings)), place_of(path)
    if inside.startswith("conversations/"):
        return _faults_of_play(path)
    with_it = Sources(sources.institution, {**sources.files, inside: read(path, inside).text})
    faults = checked(with_it)[1]
    others = [fault for fault in faults if fault.level == "error" and fault.file != inside]
    before = checked(_without(sources, inside))[1] if others else []
    own = [replace(fault, file=str(path)) for fault in faults if fault.file == inside]
    return [*own, *(fault for fault in others if fault not in before)]


def _without(sources: Sources, inside: str) -> Sources:
    """As if the institution had no such file: with the shipped one of that name, if there is one."""
    from gateway.home import Home  # noqa: PLC0415
    from gateway.publishing import Sources  # noqa: PLC0415

    folder = inside.rpartition("/")[0]
    shipped = [file for file in Home().files(folder) if file.path == inside] if folder else []
    others = {path: text for path, text in sources.files.items() if path != inside}
    return Sources(sources.institution, others | {file.path: file.text for file in shipped})


def _faults_of_play(path: Path) -> list[Fault]:
    """A conversation is only read here; ``njia flows test`` plays it."""
    from dataclasses import replace  # noqa: PLC0415

    from gateway.home import Home, place_of  # noqa: PLC0415
    from gateway.playing.running import Repertoire  # noqa: PLC0415
    from gateway.settings import load_or_sample  # noqa: PLC0415

    settings = load_or_sample(path.resolve().parents[2])
    faults = Repertoire(Home(settings.home), settings).faults
    return [replace(fault, file=str(path)) for fault in faults if fault.file == place_of(path)]
