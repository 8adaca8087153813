"""``njia flows releases``: what was published."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import Command, print_json, print_table, shared
from gateway.cli.released import SHORT

if TYPE_CHECKING:
    from gateway.record.releases import Publication

RELEASES = """What was published, when, by whom and why, the newest first.

A release that was published again keeps its number.

\b
  njia flows releases --json
"""


@click.command("releases", cls=Command, help=RELEASES)
def releases() -> None:
    history = asyncio.run(_history())
    if shared().json:
        print_json([_as_json(one, first=one is history[0]) for one in history])
        return
    print_table([_row(one, first=one is history[0]) for one in history])


def _as_json(one: Publication, first: bool) -> dict[str, Any]:
    return {
        "number": one.number,
        "release": one.hash,
        "at": one.at.isoformat(),
        "by": one.who,
        "why": one.reason.why,
        "current": first,
        "accepted": list(one.reason.accepted),
        "played": one.reason.played,
    }


def _row(one: Publication, first: bool) -> tuple[str, ...]:
    current = "current" if first else ""
    return (str(one.number), one.hash[:SHORT], f"{one.at:%Y-%m-%d %H:%M} UTC", one.who, current, one.reason.why)


async def _history() -> list[Publication]:
    from gateway.cli.opened import opened_releases  # noqa: PLC0415

    async with opened_releases() as kept:
        return await kept.history()
