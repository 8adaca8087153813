"""Releases as people call them, and what commands show of them: what differs, and who is inside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import Problem, counted

if TYPE_CHECKING:
    from flows.comparing import Change, Edition
    from gateway.cli.opened import OpenedReleases
    from gateway.publishing import Sources
    from gateway.settings import Settings
    from gateway.standing import Standing

SHORT = 12  # digits of a hash that are shown
PLACES = 12  # steps that are listed of those where somebody stands


def named(hash_: str, numbers: Mapping[str, int]) -> str:
    """``release 3 (4f1c0a2b9d10)``."""
    number = numbers.get(hash_)
    return f"release {number} ({hash_[:SHORT]})" if number else f"release {hash_[:SHORT]}"


async def meant(kept: OpenedReleases, name: str) -> str:
    """The one release that is called by its number, or by the beginning of its hash. Raises Problem."""
    found = await kept.kept.called(name)
    if len(found) > 1:
        them = ", ".join(named(hash_, found) for hash_ in found)
        raise Problem(f"{name} may be several: {them}. Write one more letter, or the number.")
    if not found:
        raise Problem(f"There is no release {name}. njia flows releases shows them.")
    return next(iter(found))


def sources_of(settings: Settings) -> Sources:
    """The home as it lies there now. Raises UnreadableHome."""
    from gateway.home import Home  # noqa: PLC0415
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.publishing import gather  # noqa: PLC0415

    return gather(Home(settings.home), institution(settings))


async def edition_of(kept: OpenedReleases, hash_: str) -> Edition:
    """What a release says. Raises Problem."""
    from gateway.publishing import decode, edition  # noqa: PLC0415

    data = await kept.kept.get(hash_)
    if data is None:
        raise Problem(f"The record has no release {hash_[:SHORT]}.")
    return edition(decode(data))


def codes_of(settings: Settings) -> list[str]:
    """What clients dial."""
    return [code for channel in settings.channels.values() for code in channel.service_codes if code.endswith("#")]


def change_lines(changes: Sequence[Change]) -> Iterator[str]:
    """What each thing has that it had not, one under the other."""
    for about, found in groupby(changes, lambda change: change.about):
        yield click.style(about, bold=True)
        yield from (f"  {change.said}" for change in found)
    if not changes:
        yield "Nothing differs."


async def who_is_inside(kept: OpenedReleases) -> tuple[Standing, dict[str, int]]:
    """Who stands where, and the numbers of their releases. Raises Problem."""
    from redis.exceptions import RedisError  # noqa: PLC0415

    from gateway.standing import standing  # noqa: PLC0415

    try:
        there = await standing(kept.stores.redis)
    except (RedisError, OSError) as error:
        raise Problem("The session store (Redis or Valkey) does not answer. Look with: njia doctor") from error
    return there, await kept.kept.numbers({place.release for place in there.places})


def inside_lines(there: Standing, numbers: Mapping[str, int]) -> Iterator[str]:
    """Who is inside which release, most of them first, and at which steps."""
    for release in _releases(there):
        here = there.of([release])
        places = here.places.most_common()
        least = "" if there.whole else "At least "
        left = f" {here.left.total()} of them broke off, and may go on for a quarter of an hour." if here.left else ""
        about = f"{least}{counted(here.places.total(), 'conversation')} inside {named(release, numbers)}, nearly."
        yield f"{about}{left}"
        for place, count in places[:PLACES]:
            yield f"  {count:>6}  {place.flow}{f', step {place.step}' if place.step else ''}"
        if len(places) > PLACES:
            rest = sum(count for _, count in places[PLACES:])
            yield f"  {rest:>6}  at {counted(len(places) - PLACES, 'other step')}"


def inside_json(there: Standing, numbers: Mapping[str, int]) -> dict[str, Any]:
    """All places; the figures are approximate, and ``whole`` is false if not all conversations were looked at."""
    rows = [
        {
            "release": place.release,
            "number": numbers.get(place.release),
            "flow": place.flow,
            "step": place.step,
            "open": there.open[place],
            "left": there.left[place],
        }
        for place, _ in there.places.most_common()
    ]
    return {"approximate": True, "whole": there.whole, "inside": rows}


def _releases(there: Standing) -> Iterable[str]:
    return dict.fromkeys(place.release for place, _ in there.places.most_common())
