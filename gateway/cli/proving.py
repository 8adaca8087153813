"""What is asked of a home before it is published: no error, a tick for each warning, all conversations as written."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.beside import beside
from gateway.cli.common import Problem, counted, print_json, shared
from gateway.cli.findings import tell

if TYPE_CHECKING:
    from flows.faults import Fault
    from gateway.home import Home
    from gateway.playing.player import Difference
    from gateway.publishing import Sources
    from gateway.settings import Settings

NO_CONVERSATIONS = (
    "No conversation of your own was played: nothing shows yet that clients get what they got. "
    "To write some: njia flows test --explore --write"
)


@dataclass(slots=True)
class Told:
    """What is said on the way: to people as it comes, to tools at the end in one object."""

    facts: dict[str, Any] = field(default_factory=dict)

    def say(self, text: str) -> None:
        if not shared().json:
            click.echo(text)

    def stop(self, why: str) -> Problem:
        """Nothing was published. To be raised."""
        if shared().json:
            print_json({**self.facts, "published": False, "stopped_by": why})
            raise SystemExit(Problem.exit_code)
        return Problem(why)


def asks() -> bool:
    """Whether there is somebody to answer."""
    return sys.stdin.isatty() and not (shared().yes or shared().json)


def reason(why: str | None) -> str | None:
    """What was given; None if it is to be asked for. Raises UsageError where nobody can be asked."""
    if why is None and not asks() and not shared().yes:
        raise click.UsageError('Say why with --why "…": it is kept in the record. With --yes nothing is asked.')
    return "" if why is None and shared().yes else why


def agreed(why: str | None, question: str) -> str:
    """The reason, asked for if need be, and a yes."""
    said = why if why is not None else click.prompt("Why? It is kept in the record", type=str).strip()
    if asks():
        click.confirm(question, abort=True)
    return said


def ticked(faults: Sequence[Fault], accepts: bool, told: Told) -> list[dict[str, Any]]:
    """The warnings, each group accepted by somebody. Raises Problem for an error, and for what was not accepted."""
    told.facts["findings"] = [fault.as_json() for fault in faults]
    errors = sum(fault.level == "error" for fault in faults)
    if errors:
        if not shared().json:
            tell(faults)
        raise told.stop(f"Nothing was published: {counted(errors, 'error')}.")
    groups = {code: list(found) for code, found in groupby(sorted(faults, key=_code), _code)}
    asked = asks() and not accepts
    for found in groups.values():
        if not shared().json:
            tell(found)
        if asked and not click.confirm(f"Publish with {counted(len(found), 'such warning')}?"):
            raise told.stop("Nothing was published: a warning was not accepted.")
    if faults and not (asked or accepts or shared().yes):
        count = counted(len(faults), "warning")
        raise told.stop(f"Nothing was published: {count} not accepted. When you have read them say --accept-warnings.")
    return [fault.as_json() for fault in faults]


def _code(fault: Fault) -> str:
    return fault.code


async def played(home: Home, settings: Settings, sources: Sources, told: Told) -> int:
    """How many conversations came as they are written. Raises Problem if one did not, and if what was played is not
    what was shown: somebody wrote into the home meanwhile."""
    from gateway.playing.passed import mark, note, passed  # noqa: PLC0415
    from gateway.playing.running import Repertoire, play_all  # noqa: PLC0415

    repertoire = Repertoire(home, settings)
    name = mark(sources.hash, repertoire, settings)
    count = len(repertoire.conversations) + sum(1 for _ in repertoire.unreadable())
    if count and (before := passed(settings.data, name)) is not None:
        told.say(f"{counted(before, 'conversation')}: all as written when these same files were played before.")
        told.facts |= {"played": before, "played_before": True, "differences": []}
        return before
    if count:
        told.say(f"Playing {counted(count, 'conversation')} …")
    wrong = [one.difference async for one in play_all(settings, repertoire) if one.difference] if count else []
    told.facts |= {"played": count, "played_before": False, "differences": [as_json(one) for one in wrong]}
    _refuse(wrong, count, told)
    if await asyncio.to_thread(_lies_there_now, settings) != sources.hash:
        raise told.stop("Nothing was published: the home was changed in the meantime. Say it again.")
    note(settings.data, name, count)
    told.say(f"{counted(count, 'conversation')} played: all as written." if count else NO_CONVERSATIONS)
    return count


def _refuse(wrong: Sequence[Difference], count: int, told: Told) -> None:
    if not wrong:
        return
    for difference in wrong:
        told.say(f"{beside(difference)}\n")
    raise told.stop(
        f"Nothing was published: {len(wrong)} of {counted(count, 'conversation')} not as written. "
        "If that is what clients shall see: njia flows test --update"
    )


def as_json(one: Difference) -> dict[str, Any]:
    return {key: getattr(one, key) for key in ("file", "line", "after", "expected", "shown")}


def _lies_there_now(settings: Settings) -> str:
    from gateway.cli.released import sources_of  # noqa: PLC0415

    return sources_of(settings).hash
