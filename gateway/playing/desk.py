"""What happens in the office while a conversation is played: a language was chosen, a code is handed over."""

from __future__ import annotations

import sqlalchemy as sa

from flows.people import SamplePerson
from gateway import journal
from gateway.build import House
from gateway.record import clients, contacts, scribing
from gateway.record.activation import client_to_activate, issue
from gateway.record.clients import Told
from gateway.record.tables import address, client, contact
from gateway.store.keys import SHARDS
from gateway.store.streams import Streams


async def address_language(house: House, phone: str, language: str) -> None:
    """The language that the header of the file names, as if it had been chosen before."""
    mine = sa.select(contact.c.client).where(contact.c.address == phone)
    async with house.stores.db.write() as conn:
        await conn.execute(sa.update(address).where(address.c.address == phone).values(language=language))
        await conn.execute(sa.update(client).where(client.c.id.in_(mine)).values(language=language))
    await house.cards.refresh(phone)


async def code_for(house: House, person: SamplePerson) -> str:
    """An activation code, as ``njia clients activate`` prints one."""
    db, clock = house.stores.db, house.stores.clock
    async with db.read() as conn:
        who = await client_to_activate(conn, person.phone, person.number)
    return await issue(db, house.hasher, clock, who, "conversation", house.cards.refresh)


async def register(house: House, person: SamplePerson) -> None:
    """Somebody at a desk writes this number down as a client's, while its owner is on the phone."""
    told = Told(house.stores.clock.now(), "conversation")
    async with house.stores.db.write() as conn:
        who = await clients.create(conn, clients.Person(number=f"N{person.phone}", name=person.short_name), told)
        await contacts.add(conn, who, person.phone, told)
    await house.cards.refresh(person.phone)


async def drain(house: House) -> None:
    """Writes the journal to the record now; the scribe of a running product does it all the time."""
    streams = Streams(house.stores.redis)
    pending = await streams.read(range(SHARDS), count=1000, block_ms=1)
    await scribing.apply(house.stores.db, [journal.decode(entry.body) for entry in pending])
    await streams.delete(pending)
