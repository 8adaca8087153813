"""Before the processes start: the schema is brought up to date, the release published, the demonstration peopled."""

from __future__ import annotations

import logging
from typing import Any

from adapters import discover, sources
from flows.faults import BrokenDefinitions
from flows.people import People, load_people
from gateway.build import House, build, open_stores
from gateway.home import Home
from gateway.record import migrations
from gateway.record.seeding import Seeder, pin_keeper, seed_staff
from gateway.secrets import channel_path
from gateway.settings import Settings
from gateway.standing import stranded

log = logging.getLogger("njia.start")


async def prepare(settings: Settings) -> dict[str, Any]:
    """Makes everything ready; a second time changes nothing.

    What comes back is what is served: ``service_code``, ``channels``, ``payments``, ``clients``, ``staff``.
    An empty database is set up; one that is in use is never changed without being asked (``njia db upgrade``).
    Raises BrokenDefinitions, OutOfDate, SettingsError, Unavailable.
    """
    url = settings.database_url()
    if settings.demo.enabled or not await migrations.current(url):
        await migrations.upgrade(url)
    await migrations.require_newest(url)
    house = await build(await open_stores(settings, seconds=5.0))
    try:
        await _warn(house, settings)
        people = await _seeded(house, settings) if settings.demo.enabled else People()
    finally:
        await house.close()
    codes = [code for channel in settings.channels.values() for code in channel.service_codes]
    return {
        "service_code": codes[0] if codes else "",
        "channels": _channels(house, settings),
        "payments": {
            name: {"path": f"/payments/{name}", "adapter": one.adapter} for name, one in settings.payments.items()
        },
        "clients": [_client(person) for person in people.people],
        "staff": [{"email": one.email, "password": one.password, "role": one.role} for one in people.staff],
    }


async def _warn(house: House, settings: Settings) -> None:
    """What an operator should know at start."""
    for channel in settings.channels.values():
        signed = discover.channel(channel).signed
        for warning in sources.warnings(channel, signed) if not settings.demo.enabled else ():
            log.warning("%s", warning)
    for release, count in (await stranded(house.stores.redis, house.releases)).items():
        log.warning("%d conversations began on release %s, which cannot go on here: they end", count, release[:12])


async def _seeded(house: House, settings: Settings) -> People:
    """The sample people, in the record. Raises BrokenDefinitions."""
    source = Home(settings.home).file("people.yaml")
    people, faults = load_people(source, settings.institution.currency) if source else (People(), [])
    if any(fault.level == "error" for fault in faults):
        raise BrokenDefinitions(faults)
    await seed(house, people)
    return people


async def seed(house: House, people: People) -> None:
    """Puts ``people`` into the record of ``house``; what is there already stays. Raises Unavailable, StoreDown."""
    stores, release = house.stores, house.releases.current
    seeder = Seeder(
        stores.db,
        house.bank,
        release.products,
        stores.clock,
        release.institution.currency,
        release.institution.notice_version,
        pin_keeper(stores.db, house.hasher, stores.clock),
    )
    await seeder.seed(people)
    await seed_staff(stores.db, house.hasher, stores.clock, people.staff)
    for phone in {person.phone for person in people.people}:
        await house.cards.refresh(phone)


def _channels(house: House, settings: Settings) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "path": channel_path(house.keys, name),
            "adapter": channel.adapter,
            "service_codes": list(channel.service_codes),
        }
        for name, channel in settings.channels.items()
    }


def _client(person: Any) -> dict[str, Any]:
    names = ("name", "phone", "language", "about")
    return {**{key: getattr(person, key) for key in names}, "pin": person.pin or None, "tags": list(person.tags)}
