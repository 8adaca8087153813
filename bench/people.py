"""Clients to measure with: savers, each with another amount, and a few borrowers. All have a PIN; but as hashing one
takes its time, only the first have one that can be right."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import cast

import sqlalchemy as sa

from flows.people import Move, People, SampleAccount, SamplePerson
from flows.values import Secret
from gateway.build import House, Stores, build, open_stores
from gateway.home import Home
from gateway.institution import institution
from gateway.publishing import gather
from gateway.record.releases import Releases
from gateway.record.seeding import OpensAccounts, Seeder, pin_keeper
from gateway.record.tables import pin as kept
from gateway.secrets import channel_path
from gateway.settings import Settings

PIN = "4729"
BORROWED = "Biashara: KES 13,800"  # 25,000 and 8 % of it, less 12 of 25 weekly instalments of 1,100
Sim = tuple[str, str]  # phone number, and what the last screen says


def savers(count: int) -> list[Sim]:
    return [(f"+2547{n:08}", f"Amana: KES {1500 + 7 * n:,}") for n in range(count)]


def borrowers(count: int) -> list[Sim]:
    return [(f"+2541{n:08}", BORROWED) for n in range(count)]


def _savings(n: int) -> SampleAccount:
    saved = Move("deposited", (1500 + 7 * n) * 100, 12)
    return SampleAccount(f"S-{20000 + n}", "amana", "Amana", 200, 0, 0, (saved,))


def _loan(n: int) -> SampleAccount:
    return SampleAccount(f"L-{30000 + n}", "biashara", "Biashara", 85, 2_500_000, 12, ())


def _person(account: SampleAccount, sim: Sim) -> SamplePerson:
    number = account.ref.partition("-")[2]
    return SamplePerson(
        short_name=f"Client{number}",
        name=f"Client{number} Sample",
        number=number,
        phone=sim[0],
        language="en",
        about="",
        pin=PIN,
        accounts=(account,),
    )


async def prepared(settings: Settings, clients: int, few: int) -> str:
    """Publishes the release, and has so many savers call, the first ``few`` of whom can give a PIN, and ``few``
    borrowers; the path of the channel. The schema is there."""
    people = [_person(_savings(n), sim) for n, sim in enumerate(savers(clients))]
    people += [_person(_loan(n), sim) for n, sim in enumerate(borrowers(few))]
    async with _built(settings) as house:
        await _seeder(house, few).seed(People(tuple(people)))
        await _known(house, [person.phone for person in people])
        return channel_path(house.keys, "ussd")


async def carded(settings: Settings, phones: Iterable[str]) -> None:
    """Keeps the contact cards of these phones, as the gateway does of whoever has called."""
    async with _built(settings) as house:
        await _known(house, phones)


@asynccontextmanager
async def _built(settings: Settings) -> AsyncIterator[House]:
    stores = await open_stores(settings, seconds=5.0)
    await _published(stores)
    house = await build(stores)
    try:
        yield house
    finally:
        await house.close()


async def _published(stores: Stores) -> None:
    """Before anybody proves it: no action checks the secret of this home, since hashing is not what is measured."""
    settings, kept = stores.settings, Releases(stores.db, stores.clock)
    sources = gather(Home(settings.home), institution(settings))
    await kept.put(sources.hash, sources.encode())
    await kept.publish(sources.hash, "bench")


async def _known(house: House, phones: Iterable[str]) -> None:
    for phone in phones:
        await house.cards.refresh(phone)


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
