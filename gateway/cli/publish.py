"""``njia flows publish | rollback``."""

from __future__ import annotations

import asyncio
import getpass
from typing import TYPE_CHECKING

import click

from gateway.cli import proving
from gateway.cli.common import Command, Problem, counted, print_json, shared
from gateway.cli.proving import Told
from gateway.cli.released import (
    SHORT,
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
from gateway.cli.stages import NUMBERS, TO, Whom, put_up, ready, told_of_stores, whom, withdraw

if TYPE_CHECKING:
    from flows.comparing import Change, Edition
    from gateway.cli.opened import OpenedReleases
    from gateway.record.releases import Reason

PUBLISH = """Publish the home as it is now. New conversations begin on it; others end on the release they began on.

First it is proved as njia flows check does, and all its conversations are played: an error or another screen than the
one that is written stops it. Warnings are shown, and somebody says that they may be. What changes for clients is shown,
and who is inside now. Who published, why, and which warnings were accepted stays in the record.

With --to only the staff, or a share of the clients, begin on it: njia flows stage shows that, and goes on from there.

\b
  njia --home my-institution flows publish
  njia flows publish --why "The fee is 20 by now" --accept-warnings
  njia flows publish --to staff --numbers +254700000001
  njia flows publish --to 10%
"""
ROLLBACK = """Make an earlier release the current one again: the one before, or RELEASE, by its number or its name.

It is published anew, with its old number: what changes for clients is shown, and who is inside now. While a release is
staged, a roll-back without RELEASE withdraws that.

\b
  njia flows rollback --why "Clients did not find the new menu"
  njia flows rollback 4
  njia flows rollback 4f1c0a
"""
WHY = "The reason, which is kept in the record."


@click.command("publish", cls=Command, help=PUBLISH)
@click.option("--why", metavar="TEXT", help=WHY)
@click.option("--accept-warnings", is_flag=True, help="I have read the warnings, and they may be.")
@click.option("--to", default="all", show_default=True, metavar="WHOM", help=TO)
@click.option("--numbers", default="", metavar="LIST", help=NUMBERS)
def publish(why: str | None, accept_warnings: bool, to: str, numbers: str) -> None:
    wanted = whom(to, numbers)
    asyncio.run(_publish(proving.reason(why), accept_warnings, wanted))


@click.command("rollback", cls=Command, help=ROLLBACK)
@click.argument("release", required=False, default="")
@click.option("--why", metavar="TEXT", help=WHY)
def rollback(release: str, why: str | None) -> None:
    asyncio.run(_rollback(release, proving.reason(why)))


async def _publish(why: str | None, accepts: bool, to: Whom | None) -> None:
    from gateway.cli.flows import findings  # noqa: PLC0415
    from gateway.cli.opened import opened_releases  # noqa: PLC0415
    from gateway.home import Home  # noqa: PLC0415
    from gateway.publishing import edition  # noqa: PLC0415
    from gateway.record.releases import Reason  # noqa: PLC0415

    told = Told()
    async with opened_releases() as kept:
        settings = kept.stores.settings
        if settings.home is None and not settings.demo.enabled:
            raise Problem("There is no home here to publish. Name your institution's folder with --home.")
        home, sources = Home(settings.home), sources_of(settings)
        if to is not None:
            await ready(kept, sources.hash, to, told)
        faults = findings(home, settings, sources)
        current = await kept.kept.current()
        if current == sources.hash and to is None:
            if not await withdraw(kept, why or "", told):
                _unchanged(told, current)
            return
        accepted = proving.ticked(faults, accepts, told)
        if current:
            await _show(kept, current, _changes(await edition_of(kept, current), edition(sources), kept), told)
        count = await proving.played(home, settings, sources, told)
        await _tell_inside(kept, told)
        said = proving.agreed(why, "Shall new conversations begin on it?")
        await kept.releases.keep(sources)
        reason = Reason(said, accepted, count)
        if to is not None:
            await put_up(kept, sources.hash, to, reason, told)
        else:
            await _make_current(kept, (current, sources.hash), reason, told)


async def _rollback(wanted: str, why: str | None) -> None:
    from gateway.cli.opened import opened_releases  # noqa: PLC0415
    from gateway.record.releases import Reason  # noqa: PLC0415

    told = Told()
    async with opened_releases() as kept:
        if not wanted and await withdraw(kept, why or "", told):
            return
        current = await kept.kept.current()
        chosen = await meant(kept, wanted) if wanted else await _one_before(kept, current)
        if chosen == current:
            _unchanged(told, current)
            return
        if chosen not in await kept.kept.numbers([chosen]):
            raise Problem(f"Release {chosen[:SHORT]} was never published: there is nothing to go back to.")
        if await kept.releases.get(chosen) is None:
            raise Problem(f"Release {chosen[:SHORT]} names what this version of the program does not have.")
        before, after = await edition_of(kept, current), await edition_of(kept, chosen)
        await _show(kept, current, _changes(before, after, kept), told)
        await _tell_inside(kept, told)
        said = proving.agreed(why, "Shall new conversations begin on the old one?")
        await _make_current(kept, (current, chosen), Reason(said), told)


async def _one_before(kept: OpenedReleases, current: str) -> str:
    found = next((one.hash for one in await kept.history() if one.hash != current), None)
    if found is None:
        raise Problem("There is no earlier release. njia flows releases shows them.")
    return found


def _changes(before: Edition, after: Edition, kept: OpenedReleases) -> list[Change]:
    from flows.comparing import compare  # noqa: PLC0415

    return compare(before, after, codes_of(kept.stores.settings))


async def _show(kept: OpenedReleases, current: str, changes: list[Change], told: Told) -> None:
    """What differs from what is current."""
    numbers = await kept.kept.numbers([current])
    told.facts["changes"] = [change.as_json() for change in changes]
    told.say(f"What changes from {named(current, numbers)}:")
    told.say("\n".join(f"  {line}" for line in change_lines(changes)) + "\n")


async def _tell_inside(kept: OpenedReleases, told: Told) -> None:
    there, numbers = await who_is_inside(kept)
    told.facts |= inside_json(there, numbers)
    told.say("\n".join(inside_lines(there, numbers)) or "Nobody is inside a conversation.")


async def _make_current(kept: OpenedReleases, both: tuple[str, str], reason: Reason, told: Told) -> None:
    """Publishes, unless somebody else published since the differences were shown."""
    shown, new = both
    if await kept.kept.current() != shown:
        raise told.stop("Nothing was published: somebody else did, a moment ago. Look again: njia flows diff")
    with told_of_stores():
        changed = await kept.releases.publish(new, getpass.getuser(), reason)
    numbers = await kept.kept.numbers([new])
    told.facts |= {"published": changed, "release": new, "number": numbers[new], "why": reason.why}
    accepted = f", with {counted(len(reason.accepted), 'accepted warning')}" if reason.accepted else ""
    told.say(f"Published {named(new, numbers)}{accepted}. Who is inside another one ends on that.")
    if shared().json:
        print_json(told.facts)


def _unchanged(told: Told, current: str) -> None:
    told.say(f"Release {current[:SHORT]} is current already; nothing changed.")
    if shared().json:
        print_json({**told.facts, "published": False, "release": current})
