"""What all commands share: the global options, groups that import late, and how results and problems are told."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

OURS = ("flows", "adapters", "gateway", "worker")
WIDTH = 100


@dataclass(slots=True)
class Shared:
    """What the global options say; ``--home`` and ``--data`` go into the environment, for child processes too."""

    json: bool = False
    yes: bool = False


class Problem(click.ClickException):
    """Something is wrong that the reader can mend: exit code 1."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        click.echo(self.format_message(), file=file, err=file is None)


def told(error: Exception) -> str:
    """What to say of an error: ours are written for the reader; of any other only its kind and place."""
    if type(error).__module__.partition(".")[0] in OURS and str(error):
        return str(error)
    from gateway import logs  # noqa: PLC0415 -- only for a mistake

    return f"Something went wrong that should not have: {logs.error(error)}. Please report this line."


def shared() -> Shared:
    """The global options of the command that runs."""
    return click.get_current_context().ensure_object(Shared)


def _options() -> list[click.Option]:
    folder = click.Path(exists=True, file_okay=False)
    home, data = "The institution's folder. [env: NJIA_HOME; default: here, if here is an njia.toml]", "Our own folder."
    return [
        click.Option(
            ["--home"], type=folder, metavar="DIR", help=home, expose_value=False, callback=_into("NJIA_HOME")
        ),
        click.Option(
            ["--data"],
            metavar="DIR",
            help=f"{data} [env: NJIA_DATA; default: data in the home, else .njia]",
            expose_value=False,
            callback=_into("NJIA_DATA"),
        ),
        click.Option(["--json"], is_flag=True, help="Print JSON.", expose_value=False, callback=_note("json")),
        click.Option(["--yes"], is_flag=True, help="Ask nothing.", expose_value=False, callback=_note("yes")),
    ]


def _into(variable: str) -> Any:
    def keep(_context: click.Context, _option: click.Parameter, value: str | None) -> None:
        if value is not None:
            os.environ[variable] = str(Path(value).absolute())

    return keep


def _note(name: str) -> Any:
    def keep(context: click.Context, _option: click.Parameter, value: bool) -> None:
        if value:
            setattr(context.ensure_object(Shared), name, True)

    return keep


class Command(click.Command):
    """A command that takes the global options too, so that they may stand before or after its name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_options())


class Lazy(click.Group):
    """A group whose table tells where each command is, and what to say of it without importing it."""

    def __init__(self, name: str, table: Mapping[str, tuple[str, str]], about: str) -> None:
        super().__init__(name, help=about, params=list(_options()))
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in self.table.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.table and not args[0].startswith("-"):
            ctx.fail(f"There is no command {args[0]}.{_near(args[0], self.table)}")
        return super().resolve_command(ctx, args)


def _near(word: str, known: Iterable[str]) -> str:
    import difflib  # noqa: PLC0415 -- only for a mistake

    near = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]}?" if near else f" There are: {', '.join(known)}."


def counted(number: int, word: str) -> str:
    """``1 error``, ``2 errors``."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Rows in columns, each as wide as its longest cell; the last one is not cut."""
    if not rows:
        return
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*cells, row[-1]]).rstrip())
