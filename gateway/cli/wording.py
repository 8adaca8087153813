"""``njia flows words``: how complete each language is; the file that a translator fills in, and back."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from gateway.cli.common import Command, Problem, counted, print_json, print_table, shared

if TYPE_CHECKING:
    from flows.faults import Fault
    from gateway.cli.translating import Workbench
    from gateway.wording.entries import Entry

STATES = ("missing", "wrong", "stale", "unreviewed")
WORDS = """How complete each language is: texts translated, missing, stale, not reviewed.

With LANG (sw, fr) every text of it that is missing, stale or unreviewed. --to writes them into a workbook or a CSV file
for a translator, --from takes it back: it says what would change, and changes it with --yes. --reviewed-by names who
has read all lines of the file that are translated; --review marks a flow, or one text of it, without a file.

\b
  njia flows words
  njia flows words sw --only missing
  njia flows words sw --to words.xlsx
  njia flows words sw --from words.xlsx --yes
  njia flows words sw --review repay --review pin:ask --reviewed-by "Wanjiru Kamau" --yes
"""


@click.command("words", cls=Command, help=WORDS)
@click.argument("language", metavar="[LANG]", required=False, default="")
@click.option("--only", type=click.Choice(STATES), help="Only what is in this state.")
@click.option("--to", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="A workbook or CSV.")
@click.option("--all", "everything", is_flag=True, help="With --to: what is good too.")
@click.option("--from", "back", metavar="FILE", type=click.Path(path_type=Path), help="The file, filled in.")
@click.option("--review", metavar="FLOW[:KEY]", multiple=True, help="Somebody has read this and finds it good.")
@click.option("--reviewed-by", "by", metavar="NAME", default="", help="Who has read it.")
def words(language: str, **given: Any) -> None:
    _check(language, given)
    if not language:
        _table()
        return
    from gateway.cli import translating  # noqa: PLC0415 - only with a language

    bench = translating.workbench(language)
    if given["to"]:
        _hand_out(bench, given["to"], given["only"], given["everything"])
    elif given["back"]:
        translating.take_back(bench, given["back"], given["by"].strip())
    elif given["review"]:
        translating.mark(bench, given["review"], given["by"].strip())
    else:
        _list(bench, given["only"])


def _check(language: str, given: dict[str, Any]) -> None:
    asked = [name for name in ("to", "back", "review") if given[name]]
    if not language and (asked or given["only"] or given["everything"] or given["by"]):
        _refuse("Say which language: njia flows words sw …")
    if len(asked) > 1:
        _refuse("--to, --from and --review are three things: one at a time.")
    if given["everything"] and (not given["to"] or given["only"]):
        _refuse("--all goes with --to, and without --only.")
    if given["only"] and asked and not given["to"]:
        _refuse("--only goes with a list or with --to.")
    if given["review"] and not given["by"].strip():
        _refuse("--review needs --reviewed-by with the name of who has read it.")
    if given["by"] and not (given["back"] or given["review"]):
        _refuse("--reviewed-by goes with --from or --review.")
    if len(given["by"]) > 80 or not given["by"].isprintable():
        _refuse("--reviewed-by takes a name of 80 letters at most.")


def _refuse(why: str) -> NoReturn:
    raise click.UsageError(why)


def _table() -> None:
    """How complete each language is; flows that cannot be read are named, and the others counted all the same."""
    from gateway.cli.findings import tell  # noqa: PLC0415
    from gateway.home import Home  # noqa: PLC0415
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.publishing import completeness, gather  # noqa: PLC0415
    from gateway.settings import load_or_sample  # noqa: PLC0415
    from gateway.wording.entries import read_wording  # noqa: PLC0415

    settings = load_or_sample()
    sources = gather(Home(settings.home), institution(settings))
    found = completeness(sources)
    wrong = read_wording(sources, institution(settings), settings.institution.languages[0]).faults
    if shared().json:
        print_json(found)
    else:
        columns = ("language", "texts", "translated", "stale", "reviewed")
        print_table([columns, *(tuple(str(row[column]) for column in columns) for row in found)])
        if wrong:
            click.echo("\nNot counted, as they cannot be read:")
            tell(wrong)
    if wrong:
        raise SystemExit(Problem.exit_code)


# -- the list ---------------------------------------------------------------------------------------------------------


def _list(bench: Workbench, only: str | None) -> None:
    wording = bench.wording
    entries = [entry for entry in wording.open if only in (None, entry.state)]
    if shared().json:
        told = {"language": wording.language, "spoken": bench.spoken, "texts": len(wording.entries), **wording.counts()}
        rows = [bench.as_json(entry) for entry in entries]
        print_json({**told, "entries": rows, "findings": [fault.as_json() for fault in wording.faults]})
    else:
        for line in _lines(bench, entries):
            click.echo(line)
        _tell(wording.faults)
    if wording.faults:
        raise SystemExit(Problem.exit_code)


def _tell(faults: Sequence[Fault]) -> None:
    from gateway.cli.findings import tell  # noqa: PLC0415

    if faults:
        click.echo("\nThese cannot be read, or not all of them:")
        tell(faults)


def _lines(bench: Workbench, entries: Sequence[Entry]) -> Iterator[str]:
    from gateway.wording.entries import file_of  # noqa: PLC0415

    for flow, found in groupby(entries, lambda entry: entry.flow):
        yield click.style(file_of(bench.wording.language, flow), bold=True)
        for step, texts in groupby(found, lambda entry: entry.step):
            yield f"  step {step}" if step else "  its beginning" if flow != "system" else "  the engine's own words"
            for entry in texts:
                yield from (f"    {line}" for line in _told(entry))
        yield ""
    counts = ", ".join(f"{number} {state}" for state, number in bench.wording.counts().items())
    yield f"{counts}, of {counted(len(bench.wording.entries), 'text')}."
    yield from bench.hints()


def _told(entry: Entry) -> Iterator[str]:
    yield f"{entry.key}: {entry.state}"
    if entry.old_source:
        yield f'  was  "{_flat(entry.old_source)}"'
    yield f'  {"now" if entry.old_source else "from"} {"" if not entry.old_source else " "}"{_flat(entry.source)}"'
    if entry.present:
        yield f'  to   "{_flat(entry.present)}"'


def _flat(text: str) -> str:
    return text.replace("\n", " / ")


# -- the file ---------------------------------------------------------------------------------------------------------


def _hand_out(bench: Workbench, path: Path, only: str | None, everything: bool) -> None:
    from gateway.wording.sheet import ENDINGS, row, write  # noqa: PLC0415

    if path.suffix.lower() not in ENDINGS:
        _refuse(f"{path.name} must end in {' or '.join(ENDINGS)}.")
    if not path.parent.is_dir():
        _refuse(f"There is no folder {path.parent}.")
    if path.exists() and not shared().yes:
        _refuse(f"{path} is there already. Choose another name, or add --yes to write over it.")
    entries = bench.wording.entries if everything else bench.wording.open
    chosen = [entry for entry in entries if only in (None, entry.state)]
    beside = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        write(beside, bench.wording.language, [row(one, bench.room.get(one.place), bench.note(one)) for one in chosen])
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Problem(f"{path} cannot be written ({error.strerror}).") from error
    if shared().json:
        print_json({"file": str(path), "language": bench.wording.language, "texts": len(chosen)})
    else:
        click.echo(f"{path}: {counted(len(chosen), 'text')} to fill in.")
        for hint in bench.hints():
            click.echo(hint)
        _tell(bench.wording.faults)
