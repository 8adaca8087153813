"""``njia flows``: check what is said before anybody hears it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import Command, Lazy, Problem, counted, print_json, shared

if TYPE_CHECKING:
    from flows.faults import Fault

TABLE = {
    "check": ("gateway.cli.flows:check", "Is it right? Every fault with its place and what to do."),
    "test": ("gateway.cli.plays:test", "Play the conversations and compare every screen."),
    "words": ("gateway.cli.releases:words", "How complete each language is."),
    "publish": ("gateway.cli.releases:publish", "Make the home what new conversations begin on."),
    "releases": ("gateway.cli.releases:releases", "What was published, when and by whom."),
    "rollback": ("gateway.cli.releases:rollback", "Make an earlier release the current one again."),
}
flows = Lazy("flows", TABLE, "What is said to clients: the flows, their words, their releases.")

CHECK = """Check flows, words, fields and products. PATH is a home, or one flow file laid over what is shipped.

Warnings alone are good (exit 0). Without a PATH the home of the settings is checked.

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
        for fault in faults:
            click.echo(f"{fault.level}: {fault}")
        errors = sum(fault.level == "error" for fault in faults)
        click.echo(f"{counted(errors, 'error')}, {counted(len(faults) - errors, 'warning')}.")
    if any(fault.level == "error" for fault in faults):
        raise SystemExit(Problem.exit_code)


def _faults(path: Path | None) -> list[Fault]:
    from gateway.home import Home  # noqa: PLC0415
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.playing.running import Repertoire  # noqa: PLC0415
    from gateway.publishing import check as checked  # noqa: PLC0415
    from gateway.publishing import gather  # noqa: PLC0415
    from gateway.settings import load_or_sample  # noqa: PLC0415

    if path is not None and path.is_file():
        return _faults_of_one(path)
    settings = load_or_sample(path)
    home = Home(settings.home)
    faults = checked(gather(home, institution(settings.institution)))[1]
    return [*faults, *Repertoire(home, settings).faults]


def _faults_of_one(path: Path) -> list[Fault]:
    """The faults of this file alone, among everything else that is in force."""
    from dataclasses import replace  # noqa: PLC0415

    import msgspec  # noqa: PLC0415

    from flows.loading import SourceFile  # noqa: PLC0415
    from gateway.home import Home  # noqa: PLC0415
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.publishing import check as checked  # noqa: PLC0415
    from gateway.publishing import gather  # noqa: PLC0415
    from gateway.settings import load_or_sample  # noqa: PLC0415

    settings = load_or_sample()
    sources = gather(Home(settings.home), institution(settings.institution))
    inside = f"flows/{path.name}"
    one = SourceFile.from_bytes(inside, path.read_bytes())
    _, faults = checked(msgspec.structs.replace(sources, files={**sources.files, inside: one.text}))
    return [replace(fault, file=str(path)) for fault in faults if fault.file == inside]
