"""``njia flows diff | inside``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import Command, Problem, print_json, shared
from gateway.cli.released import (
    change_lines,
    codes_of,
    edition_of,
    inside_json,
    inside_lines,
    meant,
    named,
    sources_of,
    who_is_inside,
)

if TYPE_CHECKING:
    from flows.comparing import Change
    from gateway.standing import Standing

DIFF = """What clients would find changed, in words: RELEASE against OTHER, or against the home as it is now.

A release is called by its number or by the beginning of its name. Without either, the current release against the home.

\b
  njia flows diff
  njia flows diff 3
  njia flows diff 3 4f1c0a --json
"""
INSIDE = """How many conversations are inside which release, at which step. They are counted while people come and go.

\b
  njia flows inside
  njia flows inside --json
"""


@click.command("diff", cls=Command, help=DIFF)
@click.argument("release", default="")
@click.argument("other", default="")
def diff(release: str, other: str) -> None:
    head, changes = asyncio.run(_diff(release, other))
    if shared().json:
        print_json([change.as_json() for change in changes])
    else:
        click.echo("\n".join([head, *change_lines(changes)]))


@click.command("inside", cls=Command, help=INSIDE)
def inside() -> None:
    there, numbers = asyncio.run(_inside())
    if shared().json:
        print_json(inside_json(there, numbers))
    else:
        click.echo("\n".join(inside_lines(there, numbers)) or "Nobody is inside a conversation.")


async def _diff(release: str, other: str) -> tuple[str, list[Change]]:
    from flows.comparing import compare  # noqa: PLC0415
    from gateway.cli.opened import opened_releases  # noqa: PLC0415
    from gateway.publishing import edition  # noqa: PLC0415

    async with opened_releases() as kept:
        settings = kept.stores.settings
        first = await meant(kept, release) if release else await kept.kept.current()
        if not first:
            raise Problem("Nothing is published yet. To publish the home: njia flows publish")
        second = await meant(kept, other) if other else ""
        numbers = await kept.kept.numbers([first, second])
        before = await edition_of(kept, first)
        after = await edition_of(kept, second) if second else edition(sources_of(settings))
        if after.release is None and not second:
            raise Problem("The home cannot be read as it is now. njia flows check says why.")
    head = f"From {named(first, numbers)} to {named(second, numbers) if second else 'the home as it is now'}:"
    return head, compare(before, after, codes_of(settings))


async def _inside() -> tuple[Standing, dict[str, Any]]:
    from gateway.cli.opened import opened_releases  # noqa: PLC0415

    async with opened_releases() as kept:
        return await who_is_inside(kept)
