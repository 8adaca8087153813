"""Puts the sample people into an empty record, or finds them there: a second time nothing changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from flows.people import People, SampleAccount, SamplePerson, SampleStaff
from flows.ports import Posting
from flows.products.features import Features, Product, due_day
from flows.products.opening import Opening
from flows.products.schedule import schedule
from flows.values import Money, Secret
from gateway.clock import Clock
from gateway.record import clients, contacts
from gateway.record.clients import Person, Told
from gateway.record.contacts import Relation
from gateway.record.database import Database, insert_new, upsert
from gateway.record.desk import staff as desk_staff
from gateway.record.hashing import Hasher
from gateway.record.pin_rows import pin_of, use_of_pin
from gateway.record.tables import address as addresses
from gateway.record.tables import party as parties
from gateway.record.tables import pin as pins

SOURCE = "people.yaml"
SINCE = dt.timedelta(days=365)  # how long the sample people have been clients, and in their relations

KeepPin = Callable[[str, Secret], Awaitable[None]]  # client id and PIN: keeps it, unless that client has one


class OpensAccounts(Protocol):
    """A bank that accounts can be opened in."""

    async def open(self, opening: Opening) -> dt.date: ...
    async def post(self, posting: Posting) -> str: ...


@dataclass(frozen=True, slots=True)
class Planned:
    """An account to open and what then moved, in order. ``days``: how many after the opening."""

    opening: Opening
    moves: tuple[tuple[int, str, int], ...]  # days, kind, minor units

    def postings(self, opened: dt.date) -> Iterator[Posting]:
        ref, currency = self.opening.ref, self.opening.currency
        for number, (days, kind, minor) in enumerate(self.moves, 1):
            on = opened + dt.timedelta(days=days)
            yield Posting(f"seed:{ref}:{number}", ref, Money(minor, currency), on, kind)


def plan(
    person: SamplePerson, client: str, products: Mapping[str, Product], currency: str, today: dt.date
) -> list[Planned]:
    """The accounts of a person on the day that is today. Raises KeyError for a product that there is not."""
    planned = []
    for account in person.accounts:
        opened = today - dt.timedelta(days=account.days_ago)
        features = products[account.product].features
        opening = Opening(account.ref, client, account.product, account.nickname, currency, opened, account.amount)
        moves = [*_instalments(account, features, opened), *_moves(account)]
        planned.append(Planned(opening, tuple(sorted(moves, key=lambda move: move[0]))))
    return planned


@dataclass(frozen=True, slots=True)
class Seeder:
    """Joins what seeding needs. ``notice`` is the version of the notice that people with a PIN have seen."""

    database: Database
    bank: OpensAccounts
    products: Mapping[str, Product]
    clock: Clock
    currency: str
    notice: str
    keep_pin: KeepPin

    async def seed(self, people: People) -> dict[str, str]:
        """Client ids by client number. Whatever is there already stays as it is; a broken-off run is completed."""
        ids = {person.number: await self._client(person) for person in people.people}
        await self._relations(people, ids)
        for person in people.people:
            client = ids[person.number]
            if person.pin:
                await self.keep_pin(client, Secret(person.pin))
            for planned in plan(person, client, self.products, self.currency, self.clock.today()):
                # The first opening counts: a run on a later day must not move the payments of an earlier one.
                opened = await self.bank.open(planned.opening)
                for posting in planned.postings(opened):
                    await self.bank.post(posting)
        return ids

    async def _client(self, person: SamplePerson) -> str:
        told = Told(self.clock.now() - SINCE, SOURCE)
        names = ("number", "name", "short_name", "nickname", "language", "stage")
        async with self.database.write() as conn:
            found = await clients.find_by_number(conn, person.number)
            if found:
                return found.id
            client = await clients.create(conn, Person(**{name: getattr(person, name) for name in names}), told)
            await contacts.add(conn, client, person.phone, told)
            if person.pin:
                await insert_new(conn, addresses, self._address(person))
        return client

    def _address(self, person: SamplePerson) -> dict[str, object]:
        """Who has a PIN has chosen a language and seen the notice: the first dial shows the main menu."""
        now = self.clock.now()
        chosen = {"language": person.language, "notice": self.notice, "notice_at": now - SINCE}
        return {"address": person.phone, **chosen, "first_seen": now - SINCE, "last_seen": now}

    async def _relations(self, people: People, ids: Mapping[str, str]) -> None:
        since = self.clock.today() - SINCE
        kinds = {party.ref: party.kind for party in people.parties}
        async with self.database.write() as conn:
            for party in people.parties:
                await insert_new(
                    conn,
                    parties,
                    {"id": f"sample-{party.ref}", "kind": party.kind, "name": party.name, "ref": party.ref},
                )
            for person in people.people:
                client = ids[person.number]
                held = {(r.role, r.other) for r in await contacts.relations(conn, client)}
                for role, other in person.relations:
                    ref = ids.get(other, other)
                    if (role, ref) not in held:
                        await contacts.relate(
                            conn, Relation(client, role, kinds.get(other, "client"), ref, since), SOURCE
                        )


def _instalments(account: SampleAccount, features: Features, opened: dt.date) -> Iterator[tuple[int, str, int]]:
    credit, savings, shares = features.credit, features.savings, features.shares
    planned = savings.plan if savings else None
    lines = schedule(credit, account.amount, opened) if credit else []
    apart = (planned.minor if planned else 0) + (shares.least * shares.price if shares else 0)
    frequency = credit.frequency if credit else planned.frequency if planned else shares.meets if shares else "weekly"
    for number in range(1, account.paid + 1):
        minor = (lines[number - 1].total if lines else 0) + apart
        yield (due_day(opened, frequency, number) - opened).days, "repaid" if credit else "deposited", minor


def _moves(account: SampleAccount) -> Iterator[tuple[int, str, int]]:
    for move in account.moves:
        yield account.days_ago - move.days_ago, move.kind, move.minor


def pin_keeper(database: Database, hasher: Hasher, clock: Clock) -> KeepPin:
    """Gives sample people their published PIN. Nobody else ever has a PIN chosen for them."""

    async def keep(client: str, typed: Secret) -> None:
        async with database.read() as conn:
            if await pin_of(conn, client):
                return
        hashed = await hasher.hash(typed, use_of_pin(client))
        async with database.write() as conn:
            await upsert(conn, pins, ["client"], {"client": client, "hash": hashed, "set_at": clock.now()})

    return keep


async def seed_staff(database: Database, hasher: Hasher, clock: Clock, staff: Iterable[SampleStaff]) -> None:
    """Lets the sample staff log in; whoever can already keeps their password."""
    for one in staff:
        async with database.read() as conn:
            if await desk_staff.find(conn, one.email):
                continue
        who = desk_staff.new_staff(one.email, one.name, one.role, one.ref)
        kept = await desk_staff.hashed(hasher, who.id, one.password)
        with suppress(desk_staff.BadStaff):  # another process was faster
            async with database.write() as conn:
                await desk_staff.add(conn, who, kept, clock.now())
