"""``njia flows schema``: what an editor needs to complete and explain the files of a home."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.common import Command, Problem, print_json, shared

SCHEMA = """Print the JSON Schema of a kind of file, for completion and hints in an editor: flow, words, fields,
product, kinds or people. Without a name: which there are, and for which files.

A home that njia init made has them in .schemas, and its .vscode points there. After a new version of Njia, or when you
have added an action of your own, --write puts the newest there.

\b
  njia flows schema flow
  njia --home my-institution flows schema --write
"""
FOLDER = ".schemas"


@click.command("schema", cls=Command, help=SCHEMA)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--write", is_flag=True, help="Write all of them into the home.")
def schema(name: str | None, write: bool) -> None:
    from flows.schema import SCHEMAS  # noqa: PLC0415

    if name is not None and name not in SCHEMAS:
        raise click.UsageError(f"There is no schema {name}. There are: {', '.join(SCHEMAS)}.")
    if write:
        _write(_home())
    elif name is not None:
        click.echo(written(name), nl=False)
    elif shared().json:
        print_json([{"schema": one, "files": files} for one, (_, files) in SCHEMAS.items()])
    else:
        for one, (_, files) in SCHEMAS.items():
            click.echo(f"{one.ljust(8)}  {files}")


def written(name: str) -> str:
    """The schema as a file, with the actions and lists that are installed here."""
    from flows import actions, sources  # noqa: PLC0415
    from flows.schema import schema as made  # noqa: PLC0415

    known = {action: declared for action, (declared, _) in actions.catalogue().items()}
    found = made(name, actions=known, sources=sources.catalogue()) if name == "flow" else made(name)
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def file_of(name: str) -> str:
    """Where it lies in a home."""
    return f"{FOLDER}/{name}.schema.json"


def _home() -> Path:
    from gateway.settings import load  # noqa: PLC0415

    home = load().home
    if home is None:
        raise Problem("Which home? Name your institution's folder with --home, or make one: njia init DIR")
    return home


def _write(home: Path) -> None:
    from flows.schema import SCHEMAS  # noqa: PLC0415

    (home / FOLDER).mkdir(exist_ok=True)
    files = {file_of(name): written(name) for name in SCHEMAS}
    for file, text in files.items():
        (home / file).write_text(text, encoding="utf-8")
    if shared().json:
        print_json([{"file": file, "state": "written"} for file in files])
    else:
        for file in files:
            click.echo(f"written: {home / file}")
