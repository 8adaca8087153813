"""``njia flows publish | releases | rollback | words``."""

from __future__ import annotations

import asyncio
import getpass
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import Command, Problem, print_json, print_table, shared

if TYPE_CHECKING:
    from gateway.record.releases import Publication

PUBLISH = """Publish the home as it is now. New conversations begin on it; others end on the release they began on.

\b
  njia --home my-institution flows publish
"""
RELEASES = """What was published, when and by whom, the newest first.

\b
  njia flows releases --json
"""
ROLLBACK = """Make an earlier release the current one again: the one before, or the one whose name begins with RELEASE.

\b
  njia flows rollback
  njia flows rollback 4f1c0a
"""
WORDS = """How complete each language is: texts translated, missing, stale, not reviewed.

\b
  njia flows words
"""


@click.command("publish", cls=Command, help=PUBLISH)
def publish() -> None:
    click.echo(asyncio.run(_publish()))


@click.command("releases", cls=Command, help=RELEASES)
def releases() -> None:
    history = asyncio.run(_history())
    if shared().json:
        print_json([{"release": one.hash, "at": one.at.isoformat(), "by": one.who} for one in history])
        return
    print_table([(one.hash[:12], f"{one.at:%Y-%m-%d %H:%M} UTC", one.who) for one in history])


@click.command("rollback", cls=Command, help=ROLLBACK)
@click.argument("release", required=False, default="")
def rollback(release: str) -> None:
    click.echo(asyncio.run(_rollback(release)))


@click.command("words", cls=Command, help=WORDS)
def words() -> None:
    from gateway.home import Home  # noqa: PLC0415
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.publishing import completeness, gather  # noqa: PLC0415
    from gateway.settings import load_or_sample  # noqa: PLC0415

    settings = load_or_sample()
    found = completeness(gather(Home(settings.home), institution(settings)))
    if shared().json:
        print_json(found)
        return
    columns = ("language", "texts", "translated", "stale", "reviewed")
    print_table([columns, *(tuple(str(row[column]) for column in columns) for row in found)])


async def _publish() -> str:
    from gateway.home import Home  # noqa: PLC0415
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.publishing import checked, gather  # noqa: PLC0415
    from gateway.standing import inside  # noqa: PLC0415

    async with _kept() as kept:
        settings = kept.stores.settings
        sources = gather(Home(settings.home), institution(settings))
        name = checked(sources).hash
        await kept.releases.keep(sources)
        changed = await kept.releases.publish(name, getpass.getuser())
        others = {old: count for old, count in (await inside(kept.stores.redis)).items() if old != name}
    lines = [f"Published {name[:12]}." if changed else f"{name[:12]} is published already; nothing changed."]
    lines += [f"{count} conversations are inside {old[:12]} and end on it." for old, count in others.items()]
    return "\n".join(lines)


async def _history() -> list[Publication]:
    async with _kept() as kept:
        history: list[Publication] = await kept.history()
        return history


async def _rollback(wanted: str) -> str:
    async with _kept() as kept:
        history = await kept.history()
        others = [one.hash for one in history if one.hash != history[0].hash]
        found = next((name for name in others if name.startswith(wanted)), None)
        if found is None:
            raise Problem("There is no such earlier release. njia flows releases shows them.")
        await kept.releases.publish(found, getpass.getuser())
        return f"Rolled back to {found[:12]}."


def _kept() -> Any:
    from gateway.cli.opened import opened_releases  # noqa: PLC0415

    return opened_releases()
