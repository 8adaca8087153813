"""``njia flows cost``: what a call takes of a client and costs, way by way; and how full each screen is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import Command, Problem, print_json, print_table, shared

if TYPE_CHECKING:
    from flows.checks.cost.costs import Shares
    from flows.checks.cost.prices import Prices
    from flows.checks.shown import Shows
    from flows.screens.profile import Profile
    from gateway.settings import Settings

DAYS = 90  # of what clients answered
Row = dict[str, Any]
COST = """What the ways through a FLOW take, from the first screen of a call to each end: at best / usually / at most.

Seconds come from a model of reading and typing, prices from [prices] in njia.toml. Without a FLOW: all of them. With
--traffic "usually" is as clients answered in the last 90 days; without, every answer is as likely as the others. With
--screens how full each screen is instead, with usual and with the largest values.

\b
  njia flows cost repay
  njia flows cost repay --screens --language sw
  njia flows cost --json
"""


@click.command("cost", cls=Command, help=COST)
@click.argument("flows", metavar="[FLOW]...", nargs=-1)
@click.option("--channel", help="One channel only, by its kind: ussd. [default: all that the home has]")
@click.option("--language", help="One language only. [default: the first; with --json all]")
@click.option("--screens", is_flag=True, help="How full each screen and each SMS is.")
@click.option("--traffic", is_flag=True, help="Weigh answers as clients gave them.")
def cost(flows: tuple[str, ...], channel: str | None, language: str | None, screens: bool, traffic: bool) -> None:
    settings = _settings()
    shows, profiles = _measured(settings, channel)
    _check(flows, shows.subject.flows, "flow")
    spoken = _spoken(shows, language)
    shares = asyncio.run(_shares(shows)) if traffic else {}
    found = _found(shows, [(profile, one) for profile in profiles for one in spoken], flows, _prices(settings), shares)
    if shared().json:
        print_json(found)
    elif screens:
        _tell_screens(found)
    else:
        _tell_paths(found["paths"], settings.institution.currency)


def _settings() -> Settings:
    from gateway.settings import load_or_sample  # noqa: PLC0415

    return load_or_sample()


def _measured(settings: Settings, channel: str | None) -> tuple[Shows, list[Profile]]:
    """What is shown, and the channels of this home that it is shown on."""
    from flows.checks.fit import distinct  # noqa: PLC0415
    from flows.checks.shown import Shows  # noqa: PLC0415
    from gateway.home import Home  # noqa: PLC0415
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.publishing import gather, subject  # noqa: PLC0415

    found, faults = subject(gather(Home(settings.home), institution(settings)))
    if found is None:
        raise Problem(f"These flows cannot be read ({len(faults)} faults). See: njia flows check")
    used = {one.adapter for one in settings.channels.values()}
    profiles = list(distinct(profile for name, profile in found.profiles.items() if name in used))
    _check([channel] if channel else [], {profile.kind for profile in profiles}, "channel")
    return Shows(found), [profile for profile in profiles if channel in (None, profile.kind)]


def _spoken(shows: Shows, language: str | None) -> Sequence[str]:
    _check([language] if language else [], shows.languages, "language")
    return [language] if language else shows.languages if shared().json else shows.languages[:1]


def _check(given: Iterable[str], known: Iterable[str], what: str) -> None:
    from flows.faults import suggest  # noqa: PLC0415

    for word in given:
        if word not in known:
            raise click.UsageError(f"There is no {what} {word} here. {suggest(word, known)}")


def _prices(settings: Settings) -> Prices:
    from decimal import Decimal  # noqa: PLC0415

    from flows.checks.cost.prices import Prices  # noqa: PLC0415

    given = settings.prices
    ussd, sms, whatsapp = (Decimal(text) if text else None for text in (given.ussd, given.sms, given.whatsapp))
    return Prices(ussd, given.ussd_seconds, sms, whatsapp)


async def _shares(shows: Shows) -> Shares:
    from datetime import timedelta  # noqa: PLC0415

    from flows.checks.cost.traffic import shares  # noqa: PLC0415
    from gateway.cli.opened import opened_releases  # noqa: PLC0415
    from gateway.record.answered import counts  # noqa: PLC0415

    async with opened_releases() as opened:
        stores = opened.stores
        return shares(await counts(stores.db, stores.clock.now() - timedelta(days=DAYS)), shows.subject.flows)


def _found(
    shows: Shows, places: Sequence[tuple[Profile, str]], flows: Sequence[str], prices: Prices, shares: Shares
) -> dict[str, list[Row]]:
    from flows.checks.cost import report  # noqa: PLC0415

    found: dict[str, list[Row]] = {
        "paths": [row for place in places for row in report.paths(shows, *place, prices, shares)],
        "screens": [row for place in places for row in report.screens(shows, *place)],
        "texts": [row for place in places for row in report.texts(shows, *place)],
    }
    return {name: [row for row in rows if not flows or row["flow"] in flows] for name, rows in found.items()}


def _tell_paths(rows: Sequence[Row], currency: str) -> None:
    head = ("channel", "flow", "end", "screens", "keys", "letters", "seconds", f"{currency} a call")
    print_table([head, *(_path(row) for row in rows)])
    limits = {row["channel"]: row["hangs_up_after"] for row in rows if row["hangs_up_after"]}
    for channel, seconds in limits.items():
        click.echo(f"A call on {channel} lasts {seconds} seconds at most.")
    click.echo("Each figure: at best / usually / at most (slow readers, the largest values, every loop once).")


def _path(row: Row) -> tuple[str, ...]:
    figures = ("screens", "keys", "letters", "seconds")
    place = (f"{row['channel']} {row['language']}", row["flow"], row["end"])
    return (*place, *(_three(row, figure) for figure in figures), _price(row))


def _three(row: Mapping[str, Any], figure: str) -> str:
    return " / ".join(f"{row[case][figure]:.0f}" for case in ("best", "typical", "worst"))


def _price(row: Mapping[str, Any]) -> str:
    prices = [row[case]["price"] for case in ("best", "typical", "worst")]
    return "-" if None in prices else " / ".join(f"{float(price):.2f}" for price in prices)


def _tell_screens(found: Mapping[str, Sequence[Row]]) -> None:
    head = ("channel", "flow", "step", "screens", "characters", "bytes", "alphabet")
    print_table([head, *(_screen(row) for row in found["screens"])])
    if found["texts"]:
        click.echo()
        print_table([("sent by itself", "SMS"), *(_text(row) for row in found["texts"])])
    click.echo("Each figure: with usual values / with the largest ones.")


def _screen(row: Row) -> tuple[str, ...]:
    usual, largest = row["usual"], row["largest"]
    place = (f"{row['channel']} {row['language']}", row["flow"], row["step"])
    figures = (f"{usual[name]} / {largest[name]}" for name in ("screens", "characters", "bytes"))
    return (*place, *figures, largest["alphabet"])


def _text(row: Row) -> tuple[str, str]:
    parts = (row[size]["sms_parts"] for size in ("usual", "largest"))
    return f"{row['channel']} {row['language']}  {row['flow']}: {row['key']}", " / ".join(map(str, parts))
