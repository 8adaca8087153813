"""Clients to measure with: each has savings of another amount and a PIN. To hash a PIN takes its time, so only the
first of them have one that can be right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import sqlalchemy as sa

from flows.people import Move, People, SampleAccount, SamplePerson
from flows.values import Secret
from gateway.build import House, build, open_stores
from gateway.preparing import prepare
from gateway.record.seeding import OpensAccounts, Seeder, pin_keeper
from gateway.record.tables import pin as kept
from gateway.settings import Settings

PIN = "4729"
Sim = tuple[str, str]  # phone number, and the balance as a screen shows it


def sims(clients: int) -> list[Sim]:
    return [(f"+2547{n:08}", f"KES {1500 + 7 * n:,}") for n in range(clients)]


def _people(clients: int) -> Iterator[SamplePerson]:
    for n, (phone, _) in enumerate(sims(clients)):
        saved = (Move("deposited", (1500 + 7 * n) * 100, 12),)
        yield SamplePerson(
            short_name=f"Client{n}",
            name=f"Client{n} Sample",
            number=str(20000 + n),
            phone=phone,
            language="en",
            about="",
            pin=PIN,
            accounts=(SampleAccount(f"S-{20000 + n}", "amana", "Amana", 200, 0, 0, saved),),
        )


async def prepared(settings: Settings, clients: int, pins: int) -> str:
    """Brings the stores to where the gateway can serve these clients; the path of its channel."""
    facts = await prepare(settings)
    house = await build(await open_stores(settings, seconds=5.0))
    try:
        await _seeder(house, pins).seed(People(tuple(_people(clients))))
        for phone, _ in sims(clients):
            await house.cards.refresh(phone)
    finally:
        await house.close()
    return str(facts["channels"]["ussd"]["path"])


def _seeder(house: House, pins: int) -> Seeder:
    stores, institution = house.stores, house.stores.settings.institution
    hashes = pin_keeper(stores.db, house.hasher, stores.clock)
    left = iter(range(pins))

    async def keep(client: str, pin: Secret) -> None:
        if next(left, None) is not None:
            await hashes(client, pin)
            return
        async with stores.db.write() as conn:
            await conn.execute(sa.insert(kept).values(client=client, hash="none", set_at=stores.clock.now()))

    return Seeder(
        stores.db,
        cast("OpensAccounts", house.bank),
        house.releases.current.products,
        stores.clock,
        institution.currency,
        institution.notice_version,
        keep,
    )
