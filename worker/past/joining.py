"""How they became clients: who they are, whom they are related to, and their accounts up to the month.

The clock stands at each moment as it is lived, so that what is written has the time that it would have had.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from flows.people import SamplePerson
from flows.ports import Posting
from flows.products.opening import Opening
from flows.values import Secret
from gateway.build import House
from gateway.record import clients, contacts
from gateway.record.clients import Person, Told
from gateway.record.contacts import Relation
from gateway.record.database import insert_new, upsert
from gateway.record.pin_rows import use_of_pin
from gateway.record.seeding import Planned, plan
from gateway.record.tables import address, party, pin
from worker.past.cast import Cast, Character

SOURCE = "clients.csv"


@dataclass(frozen=True, slots=True)
class Joined:
    """A client of the record, the accounts to be opened in the month, and what is to be paid in it, by day."""

    who: Character
    id: str
    openings: tuple[Opening, ...]
    falls_due: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class Joining:
    """``begins`` is the first day of the month, ``today`` the day after its last."""

    house: House
    begins: dt.date
    today: dt.date

    async def parties(self, of: Cast) -> None:
        async with self.house.stores.db.write() as conn:
            for ref, kind, name in of.parties:
                await insert_new(conn, party, {"id": f"sample-{ref}", "kind": kind, "name": name, "ref": ref})

    async def join(self, who: Character) -> Joined:
        """All that is known of them before the month, in one transaction. A newcomer is not known at all."""
        if who.holds == "newcomer":
            return Joined(who, "", (), ())
        self._at(self.today - dt.timedelta(days=who.since), 9)
        async with self.house.stores.db.write() as conn:
            client = await self._client(conn, who)
            accounts = self._accounts(who, client)
            before = [planned for planned in accounts if planned.opening.on < self.begins]
            for planned in before:
                await self._open(who, planned)
            if before:
                await become(self.house, client, "active", SOURCE)
            if who.holds == "gone":
                self._at(self.begins - dt.timedelta(days=3), 16)
                await become(self.house, client, "dormant", SOURCE)
        due = [one for planned in accounts for one in planned.postings(planned.opening.on) if one.on >= self.begins]
        openings = tuple(planned.opening for planned in accounts if planned not in before)
        return Joined(who, client, openings, tuple(sorted(due, key=lambda posting: (posting.on, posting.key))))

    async def _client(self, conn: AsyncConnection, who: Character) -> str:
        told = Told(self.house.stores.clock.now(), SOURCE)
        person = Person(who.number, who.name, short_name=who.short_name, language=who.language, stage="applicant")
        client = await clients.create(conn, person, told)
        await contacts.add(conn, client, who.phone, told)
        for role, kind, ref in _relations(who):
            await contacts.relate(conn, Relation(client, role, kind, ref, told.at.date()), SOURCE)
        if who.pin:
            hashed = await self.house.hasher.hash(Secret(who.pin), use_of_pin(client))
            await upsert(conn, pin, ["client"], {"client": client, "hash": hashed, "set_at": told.at})
            await insert_new(conn, address, self._spoken(who, told.at))
        return client

    def _spoken(self, who: Character, at: dt.datetime) -> dict[str, object]:
        """Who has a PIN has chosen a language and seen the notice, and has called since."""
        notice = self.house.releases.current.institution.notice_version
        chosen = {"language": who.language, "language_at": at, "notice": notice, "notice_at": at}
        seen = dt.datetime.combine(self.begins, dt.time(8), dt.UTC) - dt.timedelta(days=9)
        return {"address": who.phone, **chosen, "first_seen": at, "last_seen": max(at, seen)}

    def _accounts(self, who: Character, client: str) -> list[Planned]:
        release = self.house.releases.current
        names = ("short_name", "name", "number", "phone", "language", "accounts")
        sample = SamplePerson(about="", **{name: getattr(who, name) for name in names})
        return plan(sample, client, release.products, release.institution.currency, self.today)

    async def _open(self, who: Character, planned: Planned) -> None:
        """Opens the account, and makes the payments before the month, but for those that were missed."""
        opening = planned.opening
        self._at(opening.on, 11)
        await self.house.bank.open(opening)
        for posting in _lived(who, [one for one in planned.postings(opening.on) if one.on < self.begins]):
            self._at(posting.on, 12)
            await self.house.bank.post(posting)

    def _at(self, day: dt.date, hour: int) -> None:
        clock = self.house.stores.clock
        moment = dt.datetime.combine(day, dt.time(hour), clock.zone)
        clock.offset += moment.timestamp() - clock.seconds()


async def become(house: House, client: str, stage: str, source: str) -> bool:
    """Another stage of their life with the institution; False if they are in it already."""
    async with house.stores.db.write() as conn:
        found = await clients.find(conn, client)
        changed = found and await clients.update(conn, found, {"stage": stage}, Told(house.stores.clock.now(), source))
    return bool(changed)


def _relations(who: Character) -> Iterator[tuple[str, str, str]]:
    yield "officer", "staff", who.officer
    if who.group:
        yield "member", "group", who.group


def _lived(who: Character, planned: list[Posting]) -> list[Posting]:
    """Who struggles is behind with the last ones."""
    if who.holds in ("gone", "saver") or who.habits.pays > 0.5:
        return planned
    return planned[: max(0, len(planned) - who.dice("before").randrange(1, 4))]
