"""What happens in the office while a conversation is played: a language was chosen, a code is handed over."""

from __future__ import annotations

import sqlalchemy as sa

from flows.people import SamplePerson
from gateway import journal, repeats
from gateway.build import House
from gateway.ids import new_id
from gateway.record import clients, contacts, events, scribing
from gateway.record.activation import client_to_activate, issue
from gateway.record.clients import Told
from gateway.record.tables import address, case, client, contact
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


async def happened(house: House, person: SamplePerson, event: str) -> None:
    """Something in this client's life that a flow may wait for."""
    async with house.stores.db.write() as conn:
        who = await clients.find_by_number(conn, person.number)
        if who is not None:
            await events.put(conn, who.id, event, f"conversation:{new_id()}", house.stores.clock.now())


async def register(house: House, person: SamplePerson) -> None:
    """Somebody at a desk writes this number down as a client's, while its owner is on the phone."""
    told = Told(house.stores.clock.now(), "conversation")
    async with house.stores.db.write() as conn:
        who = await clients.create(conn, clients.Person(number=f"N{person.phone}", name=person.short_name), told)
        await contacts.add(conn, who, person.phone, told)
    await house.cards.refresh(person.phone)


async def case_number(house: House, phone: str) -> str:
    """The number of the case that this phone opened last, as its owner noted it down."""
    newest = sa.select(case.c.number).where(case.c.address == phone).order_by(case.c.opened_at.desc(), case.c.id.desc())
    async with house.stores.db.read() as conn:
        return await conn.scalar(newest.limit(1)) or ""


async def close_case(house: House, phone: str) -> None:
    """Staff close the case that this phone opened last."""
    number, now = await case_number(house, phone), house.stores.clock.now()
    closed = sa.update(case).where(case.c.number == number).values(state="closed", closed_at=now, open_for=None)
    async with house.stores.db.write() as conn:
        await conn.execute(closed)


async def drain(house: House) -> None:
    """Writes the journal to the record now; the scribe of a running product does it all the time."""
    await repeats.tell(house.gate)
    streams = Streams(house.stores.redis)
    pending = await streams.read(range(SHARDS), count=1000, block_ms=1)
    await scribing.apply(house.stores.db, [journal.decode(entry.body) for entry in pending])
    await streams.delete(pending)
