"""``njia init``: a home to start from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from gateway.cli.common import Command, Problem, print_json, shared

if TYPE_CHECKING:
    from gateway.starting.wanted import Wanted

INIT = """Make a home, your institution's folder, in DIR: settings, an example flow with its words and conversations, a
field, a product, sample people, and what an editor needs to help. It passes its own check and its own tests.

In a terminal it asks what it is not told, and offers what is usual in the country. DIR is new, or empty.

\b
  njia init my-institution
  njia init tumaini --name "Tumaini Microfinance" --country KE --languages en,sw
  njia init baobab --country Senegal --service-code '*384*20#' --yes
"""
T = TypeVar("T")
USUAL_COUNTRY, USUAL_CODE = "KE", "*384*7#"
LATER = "(may come later)"
NEXT = (
    ("njia flows check", "is everything right?"),
    ("njia flows test", "play the conversations"),
    ("njia demo", "try it on a phone in the browser"),
    ("njia doctor", "what is still to be done before clients can call"),
)


@click.command("init", cls=Command, help=INIT)
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", help="The institution's name in full. [default: the folder's]")
@click.option("--country", help="Its country: KE, or Kenya.")
@click.option("--currency", help="Its currency: KES. [default: the country's]")
@click.option("--languages", help="The languages of its clients: en,sw. [default: the country's]")
@click.option("--timezone", help="Where its day begins and ends: Africa/Nairobi. [default: the country's]")
@click.option("--service-code", help=f"What clients dial. [default: {USUAL_CODE}]")
@click.option("--phone", help="The number that clients may call.")
@click.option("--wallet", help="What clients call the mobile money they pay by: M-PESA.")
@click.option("--paybill", help="The business number that clients pay to by hand.")
@click.option("--notice-url", help="Where your privacy notice is.")
def init(folder: Path, **given: str | None) -> None:
    from gateway.starting.files import home_files  # noqa: PLC0415
    from gateway.starting.laying import CannotWrite, lay, refuse  # noqa: PLC0415

    try:
        refuse(folder)
        wanted = _wanted(folder, given)
        files = home_files(wanted)
        lay(folder, files)
    except CannotWrite as error:
        raise Problem(str(error)) from error
    _tell(folder, wanted, list(files))


def _wanted(folder: Path, given: dict[str, str | None]) -> Wanted:
    """From the flags, and in a terminal from who sits there; else as is usual."""
    from gateway.starting import reading  # noqa: PLC0415
    from gateway.starting.places import place  # noqa: PLC0415
    from gateway.starting.wanted import Wanted  # noqa: PLC0415

    asking = at_a_terminal() and not shared().yes and not shared().json

    def one(key: str, question: str, usual: str, read: Callable[[str], T]) -> T:
        said = given[key]
        while True:
            word = said if said is not None else _asked(question, usual) if asking else usual
            try:
                return read(word)
            except ValueError as error:
                if said is not None or not asking:
                    raise click.UsageError(f"--{key.replace('_', '-')}: {error}") from error
                click.echo(str(error))

    name = one("name", "The institution's name in full", reading.name_of(folder), reading.name)
    here = one("country", "Country", USUAL_COUNTRY, place)
    return Wanted(
        name=name,
        country=here.code,
        currency=one("currency", "Currency", here.currency, reading.currency),
        languages=one("languages", "Languages of your clients", ",".join(here.languages), reading.languages),
        timezone=one("timezone", reading.which_zone(here), here.timezones[0], reading.timezone),
        service_code=one("service_code", "What clients dial", USUAL_CODE, reading.service_code),
        phone=one("phone", f"The number that clients may call {LATER}", "", reading.phone_in(here.code)),
        wallet=one("wallet", f"What clients call the mobile money they pay by {LATER}", "", reading.line),
        paybill=one("paybill", f"The business number that they pay to by hand {LATER}", "", reading.line),
        notice_url=one("notice_url", f"Where your privacy notice is {LATER}", "", reading.line),
    )


def at_a_terminal() -> bool:
    """Whether somebody sits there who can answer."""
    return sys.stdin.isatty()


def _asked(question: str, usual: str) -> str:
    answer: str = click.prompt(question, default=usual, show_default=bool(usual))
    return answer


def _tell(folder: Path, wanted: Wanted, files: list[str]) -> None:
    from gateway.starting.wanted import lacking  # noqa: PLC0415

    lacks = lacking(wanted)
    if shared().json:
        print_json(
            {
                "home": str(folder),
                "files": files,
                "without_words": [{"language": one.code, "name": one.name, "shown": one.shown} for one in lacks],
                "next": [command for command, _ in NEXT],
            }
        )
        return
    click.echo(f"{wanted.name} has its home in {folder} ({wanted.said()}):\n")
    for file in files:
        if not file.startswith("."):
            click.echo(f"  {file}")
    for one in lacks:
        click.echo(f"\nNo words in {one.name} are shipped. Until they are written, clients read {one.shown} instead.")
        click.echo(f"Begin them: njia --home {folder} flows words {one.code} --to {one.code}.xlsx")
    click.echo(f"\nNext:\n\n  cd {folder}")
    for command, what in NEXT:
        click.echo(f"  {command.ljust(18)} {what}")
