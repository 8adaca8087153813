"""Somebody who asked to become a client: on the record at the first stage, and a case so that they are called."""

from __future__ import annotations

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.ports import Caller, Registered
from gateway.clock import Clock
from gateway.record import clients, contacts, tables
from gateway.record.cases import Cases
from gateway.record.clients import NumberTaken, Person, Told
from gateway.record.minting import mint
from gateway.record.phones import hold


class Prospects:
    """Registers inside a transaction of the caller's."""

    def __init__(self, clock: Clock, cases: Cases) -> None:
        self._clock = clock
        self._cases = cases

    async def register(self, conn: AsyncConnection, key: str, caller: Caller, name: str, about: str) -> Registered:
        """A new prospect on this address; or whoever is known there already, unchanged."""
        await hold(conn, caller.address)
        known = await clients.find_by_phone(conn, caller.address)
        if known:
            return Registered(known[0].number, new=False)
        told = Told(self._clock.now(), f"{caller.channel}: register interest")
        id_, number = await _create(conn, name, caller.language, told)
        await contacts.add(conn, id_, caller.address, told)
        await self._cases.open_in(conn, key, replace(caller, client=id_, number=number), "interest", about)
        return Registered(number, new=True)


async def _create(conn: AsyncConnection, name: str, language: str, told: Told) -> tuple[str, str]:
    short = name.split(" ", maxsplit=1)[0]
    while True:
        number = await mint(conn, tables.client.c.number, "P")
        person = Person(number, name[:200], short_name=short[:40], language=language)
        try:
            return await clients.create(conn, person, told), number
        except NumberTaken:  # by somebody else in this moment
            continue
