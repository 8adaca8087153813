"""``njia flows copy``: a shipped flow, to be changed."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.common import Command, Problem, print_json, shared

COPY = """Copy a shipped flow into the home, with its words in the languages of the institution, to change them there.

What lies in the home takes the place of what is shipped, file by file. Nothing that is there already is written over.
"system" are the words that the engine itself says: Back, More, a wrong PIN.

\b
  njia flows copy balance
  njia --home my-institution flows copy system
"""
SYSTEM = "system"


@click.command("copy", cls=Command, help=COPY)
@click.argument("flow")
def copy(flow: str) -> None:
    from flows.faults import suggest  # noqa: PLC0415
    from gateway.home import Home  # noqa: PLC0415
    from gateway.settings import load  # noqa: PLC0415

    settings, shipped = load(), Home()
    if settings.home is None:
        raise Problem("Into which home? Name your institution's folder with --home, or make one: njia init DIR")
    known = {SYSTEM, *(file.name for file in shipped.files("flows"))}
    if flow not in known:
        raise click.UsageError(f'No flow "{flow}" is shipped. {suggest(flow, known)}')
    folders = ["flows", *(f"messages/{one}" for one in settings.institution.languages)]
    files = [file for folder in folders for file in shipped.files(folder) if file.name == flow]
    done = [{"file": file.path, "state": _write(settings.home / file.path, file.text)} for file in files]
    if shared().json:
        print_json(done)
        return
    for one in done:
        click.echo(f"{one['state']}: {settings.home / one['file']}")


def _write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return "kept"
    return "written"
