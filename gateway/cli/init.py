"""``njia init``: a starting home."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.common import Command, print_json, shared
from gateway.home import FOLDERS
from gateway.settings.template import README, njia_toml

INIT = """Write a starting home into DIR: njia.toml with every setting explained, a README, and the folders.

Nothing that is there already is changed.

\b
  njia init my-institution
  njia --home my-institution doctor
"""


@click.command("init", cls=Command, help=INIT)
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in FOLDERS:
        (folder / name).mkdir(exist_ok=True)
    files = {"njia.toml": njia_toml(), "README.md": README, ".gitignore": "data/\n"}
    done = [{"file": name, "state": _write(folder / name, text)} for name, text in files.items()]
    if shared().json:
        print_json(done)
        return
    for one in done:
        click.echo(f"{one['state']}: {folder / one['file']}")
    click.echo(f"Next: edit {folder / 'njia.toml'}, then njia --home {folder} doctor")


def _write(path: Path, text: str) -> str:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return "kept"
    return "written"
