"""What the record knows already of the clients in a batch of rows, read in a few statements whatever its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.ports import BookedAccount
from gateway.record import officers
from gateway.record.clients import Client
from gateway.record.columns import Wanted
from gateway.record.tables import account, client, contact, observation

_CLIENT = [client.c[name] for name in Client.__dataclass_fields__]
_ACCOUNT = [account.c[name] for name in BookedAccount.__struct_fields__]


@dataclass(slots=True)
class Known:
    """Clients by number, the phones of each by id, who uses a phone, accounts by reference, the facts imported."""

    clients: dict[str, Client] = field(default_factory=dict)
    phones: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    users: dict[str, list[Client]] = field(default_factory=lambda: defaultdict(list))
    accounts: dict[str, BookedAccount] = field(default_factory=dict)
    facts: dict[tuple[str, str], Any] = field(default_factory=dict)  # (client id, field) -> value
    officers: dict[str, str] = field(default_factory=dict)  # client id -> reference of who serves them
    no_officers: set[str] = field(default_factory=set)  # references of other parties


async def look_up(conn: AsyncConnection, wanted: Iterable[Wanted]) -> Known:
    rows = list(wanted)
    known = Known()
    for row in await conn.execute(sa.select(*_CLIENT).where(client.c.number.in_({w.number for w in rows}))):
        known.clients[row.number] = Client(**row._mapping)
    ids = [each.id for each in known.clients.values()]
    open_now = sa.select(contact.c.client, contact.c.address).where(contact.c.until.is_(None))
    for row in await conn.execute(open_now.where(contact.c.client.in_(ids))):
        known.phones[row.client].add(row.address)
    phones = {phone for each in rows for phone in each.phones}
    users = sa.select(contact.c.address, *_CLIENT).join(contact, contact.c.client == client.c.id)
    for row in await conn.execute(users.where(contact.c.until.is_(None), contact.c.address.in_(phones))):
        known.users[row.address].append(Client(**{name: getattr(row, name) for name in Client.__dataclass_fields__}))
    refs = {each.account.ref for each in rows if each.account}
    for row in await conn.execute(sa.select(*_ACCOUNT).where(account.c.ref.in_(refs))):
        known.accounts[row.ref] = BookedAccount(**row._mapping)
    if named := {each.officer.ref for each in rows if each.officer}:
        known.officers, known.no_officers = await officers.serving(conn, ids), await officers.others(conn, named)
    await _facts(conn, known, ids, {fact.field for each in rows for fact in each.facts})
    return known


async def _facts(conn: AsyncConnection, known: Known, ids: list[str], fields: set[str]) -> None:
    seen = observation.c
    query = sa.select(seen.client, seen.field, seen.value).order_by(seen.at, seen.id)
    query = query.where(seen.client.in_(ids), seen.field.in_(fields), seen.who == "import")
    for row in await conn.execute(query):
        known.facts[row.client, row.field] = row.value  # the newest stays
