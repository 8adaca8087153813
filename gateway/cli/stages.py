"""``njia flows stage``, and what ``njia flows publish --to`` does: a release for some before it is for all."""

from __future__ import annotations

import asyncio
import getpass
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import Command, Problem, counted, print_json, shared
from gateway.cli.proving import Told
from gateway.cli.released import named

if TYPE_CHECKING:
    from gateway.cli.opened import OpenedReleases
    from gateway.record.releases import Reason
    from gateway.record.staged import Audience, Staged

STAGE = """The release that only some clients begin on, and whom it is for; --to gives it to more, or to all.

It is the same release all the time, whatever lies in the home by now, and whoever was in a smaller share is in a larger
one. With --stop nobody begins on it any more; conversations that are inside end on it.

\b
  njia flows publish --to staff
  njia flows stage
  njia flows stage --to 10%
  njia flows stage --to all
  njia flows stage --stop --why "The new fee is wrong"
"""
TO = "Whom it is for: all, staff, or a share of the clients such as 10%."
NUMBERS = "Phones of the staff, with commas, in the place of [flows] staff_numbers."
SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,2})?) ?%")
NOBODY = (
    "There are no numbers of the staff. Write them into njia.toml, below [flows]: "
    'staff_numbers = ["+254700000001"], or add --numbers +254700000001.'
)
UNTOLD = (
    "The session store (Redis or Valkey) does not answer, so running gateways may not know yet what the record says. "
    "Look with njia doctor, then say it again."
)


@dataclass(frozen=True, slots=True)
class Whom:
    """What ``--to`` and ``--numbers`` say."""

    share: str  # as typed, without %; "" for the staff alone
    numbers: tuple[str, ...]


def whom(to: str, numbers: str) -> Whom | None:
    """None for all. Raises BadParameter."""
    listed = tuple(part.strip() for part in numbers.split(",") if part.strip())
    if to == "staff":
        return Whom("", listed)
    if to == "all":
        if listed:
            raise click.BadParameter("all clients begin on it, whatever their number.", param_hint="--numbers")
        return None
    found = SHARE.fullmatch(to)
    if found is None:
        near = f" Did you mean {to}%?" if re.fullmatch(r"\d{1,2}", to) else ""
        raise click.BadParameter(f"write all, staff, or a share such as 10%.{near}", param_hint="--to")
    if not 0 < float(found[1]) < 100:
        other = (
            "--to all is for all clients." if float(found[1]) else "njia flows stage --stop withdraws what is staged."
        )
        raise click.BadParameter(f"{to} is no share of the clients. {other}", param_hint="--to")
    return Whom(found[1], listed)


@click.command("stage", cls=Command, help=STAGE)
@click.option("--to", default="", metavar="WHOM", help=TO)
@click.option("--numbers", default="", metavar="LIST", help=NUMBERS)
@click.option("--stop", is_flag=True, help="Nobody begins on it any more.")
@click.option("--why", default="", metavar="TEXT", help="With --to or --stop: the reason, which is kept in the record.")
def stage(to: str, numbers: str, stop: bool, why: str) -> None:
    if stop and to:
        raise click.UsageError("--stop ends what --to changes. Choose one of them.")
    if numbers and not to:
        raise click.UsageError("--numbers goes with --to.")
    if why and not (to or stop):
        raise click.UsageError("--why goes with --to or --stop.")
    wanted = whom(to, numbers) if to else None
    asyncio.run(_stop(why) if stop else _widen(wanted, why) if to else _show())


@contextmanager
def told_of_stores() -> Iterator[None]:
    """The record is written first: what it says now reaches the gateways as soon as it can be said again."""
    from redis.exceptions import RedisError  # noqa: PLC0415

    try:
        yield
    except (RedisError, OSError) as error:
        raise Problem(UNTOLD) from error


async def ready(kept: OpenedReleases, release: str, to: Whom, told: Told) -> None:
    """What can be said before anything is proved and played. Raises Problem."""
    from gateway.record.staged import NothingToStage, refuse  # noqa: PLC0415

    _audience(kept, to, await kept.kept.staged())
    try:
        refuse(release, {release}, await kept.kept.current())
    except NothingToStage as error:
        raise told.stop(str(error)) from error


async def put_up(kept: OpenedReleases, release: str, to: Whom, reason: Reason, told: Told) -> None:
    """Stages ``release``. Raises Problem."""
    from gateway.record.staged import NothingToStage  # noqa: PLC0415
    from gateway.staging import spoken  # noqa: PLC0415

    before, current = await kept.kept.staged(), await kept.kept.current()
    audience = _audience(kept, to, before)
    try:
        with told_of_stores():
            made = await kept.releases.stage(release, audience, getpass.getuser(), reason)
    except NothingToStage as error:
        raise told.stop(str(error)) from error
    numbers = await kept.kept.numbers([release, current, before.release if before else ""])
    others = named(current, numbers)
    told.facts |= {"staged": _as_json(made, numbers), "current": current}
    told.say(
        f"Staged {named(release, numbers)}: {spoken(made.share, made.numbers)} begin on it, the others on {others}."
    )
    if before and before.release != release:
        told.say(f"It takes the place of {named(before.release, numbers)}, which is staged no more.")
    if changed := await _products(kept, release, current):
        told.say(f"Balances and schedules stay as in {others} until it is for all: {', '.join(changed)} differ.")
    if shared().json:
        print_json(told.facts)


def _audience(kept: OpenedReleases, to: Whom, before: Staged | None) -> Audience:
    """Numbers that are not said are those of the settings, else those that it was staged to before."""
    from flows.phones import BadPhone, e164  # noqa: PLC0415
    from gateway.record.staged import WHOLE, Audience  # noqa: PLC0415

    settings = kept.stores.settings
    try:
        said = [e164(one, settings.institution.country) for one in to.numbers]
    except BadPhone as error:
        raise click.BadParameter(str(error), param_hint="--numbers") from error
    numbers: Sequence[str] = said or settings.flows.staff_numbers or (before.numbers if before else ())
    if not to.share and not numbers:
        raise Problem(NOBODY)
    return Audience(round(float(to.share or 0) * WHOLE / 100), tuple(sorted(set(numbers))))


async def _products(kept: OpenedReleases, release: str, current: str) -> list[str]:
    """The product files that differ. The bank is one for all clients: it goes by those that all begin on."""
    from gateway.publishing import decode  # noqa: PLC0415

    two = [decode(data) for name in (release, current) if (data := await kept.kept.get(name))]
    names = {path for one in two for path in one.files if path.startswith("products/")}
    return sorted(name for name in names if len({one.files.get(name) for one in two}) > 1)


async def _widen(to: Whom | None, why: str) -> None:
    from gateway.cli.opened import opened_releases  # noqa: PLC0415
    from gateway.record.releases import Reason  # noqa: PLC0415

    told = Told()
    async with opened_releases() as kept:
        now = await _staged(kept)
        reason = Reason(why or now.why, now.accepted, now.played)
        if to is not None:
            await put_up(kept, now.release, to, reason, told)
            return
        with told_of_stores():
            await kept.releases.publish(now.release, getpass.getuser(), reason)
        numbers = await kept.kept.numbers([now.release])
    told.say(f"Published {named(now.release, numbers)}: all clients begin on it.")
    if shared().json:
        print_json({"staged": None, "current": now.release})


async def _stop(why: str) -> None:
    from gateway.cli.opened import opened_releases  # noqa: PLC0415

    told = Told()
    async with opened_releases() as kept:
        await _staged(kept)
        await withdraw(kept, why, told)


async def withdraw(kept: OpenedReleases, why: str, told: Told) -> bool:
    """Ends what is staged, and says so; False if nothing was."""
    from gateway.standing import inside  # noqa: PLC0415

    with told_of_stores():
        found = await kept.releases.withdraw(getpass.getuser(), why)
        if found is None:
            return False
        count = (await inside(kept.stores.redis))[found.release]
    current = await kept.kept.current()
    numbers = await kept.kept.numbers([found.release, current])
    told.say(f"Withdrew {named(found.release, numbers)}: all clients begin on {named(current, numbers)}.")
    if count:
        told.say(f"{counted(count, 'conversation')} inside it: they end on it.")
    if shared().json:
        print_json({**told.facts, "staged": None, "withdrawn": found.release, "current": current})
    return True


async def _staged(kept: OpenedReleases) -> Staged:
    found = await kept.kept.staged()
    if found is None:
        raise Problem("Nothing is staged. To stage the home: njia flows publish --to staff")
    return found


async def _show() -> None:
    from gateway.cli.opened import opened_releases  # noqa: PLC0415
    from gateway.staging import spoken  # noqa: PLC0415
    from gateway.standing import inside  # noqa: PLC0415

    async with opened_releases() as kept:
        now, current = await kept.kept.staged(), await kept.kept.current()
        numbers = await kept.kept.numbers([current, now.release if now else ""])
        with told_of_stores():
            count = (await inside(kept.stores.redis))[now.release] if now else 0
    others = named(current, numbers)
    if shared().json:
        print_json({"current": current, "staged": _as_json(now, numbers) | {"inside": count} if now else None})
    elif now is None:
        click.echo(f"Nothing is staged: all clients begin on {others}." if current else "Nothing is published yet.")
    else:
        why = f": {now.why}" if now.why else "."
        click.echo(f"Staged {named(now.release, numbers)}, {now.at:%Y-%m-%d %H:%M} UTC, by {now.who}{why}")
        click.echo(f"{spoken(now.share, now.numbers)} begin on it, the others on {others}.")
        click.echo(f"{counted(count, 'conversation')} inside it.")


def _as_json(now: Staged, numbers: dict[str, int]) -> dict[str, Any]:
    from gateway.record.staged import WHOLE  # noqa: PLC0415

    return {
        "release": now.release,
        "number": numbers.get(now.release),
        "percent": now.share * 100 / WHOLE,
        "numbers": list(now.numbers),
        "at": now.at.isoformat(),
        "by": now.who,
        "why": now.why,
    }
