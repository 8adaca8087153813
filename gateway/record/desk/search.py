"""Finding a client as people ask for one: by name, telephone number, client number or account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa

from flows.phones import BadPhone, e164
from gateway.record.database import Database
from gateway.record.desk.seeing import own
from gateway.record.desk.staff import Staff
from gateway.record.tables import account, client, client_word, contact
from gateway.record.words import folded, joined

MOST = 20  # clients that are shown
MOST_WORDS = 6
Ids = sa.Select[tuple[str]]
_PHONE = re.compile(r"[+\d\s().\-/]{7,30}")
_REF = re.compile(r"([A-Za-z]{1,4})[\s\-]?(\d{2,12})")


@dataclass(frozen=True, slots=True)
class Hit:
    id: str
    name: str
    number: str
    stage: str
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """``more``: there are others; be more exact."""

    hits: tuple[Hit, ...]
    more: bool = False


async def search(db: Database, typed: str, country: str, staff: Staff) -> Found:
    """At most twenty whom they may see, by name. A telephone number must be whole: by its parts the hidden digits could
    be found out.

    Raises Unavailable.
    """
    ways = list(_ways(typed.strip(), country))
    if not ways:
        return Found(())
    here = client.c.id.in_(sa.union(*ways) if len(ways) > 1 else ways[0])
    query = sa.select(client.c.id, client.c.name, client.c.number, client.c.stage)
    query = query.where(here, own(client.c.id, staff))
    query = query.order_by(sa.func.lower(client.c.name), client.c.number).limit(MOST + 1)
    async with db.read() as conn:
        rows = (await conn.execute(query)).all()
        by = contact.c.client.in_([row.id for row in rows[:MOST]]), contact.c.until.is_(None)
        phones = (
            await conn.execute(sa.select(contact.c.client, contact.c.address).where(*by).order_by(contact.c.since))
        ).all()
    numbers = {row.id: tuple(dict.fromkeys(each.address for each in phones if each.client == row.id)) for row in rows}
    return Found(tuple(Hit(*row, numbers[row.id]) for row in rows[:MOST]), len(rows) > MOST)


def _ways(typed: str, country: str) -> Iterator[Ids]:
    """Each gives ids of clients. Sets of ids are joined as sets: a condition with OR would look at every client."""
    if _PHONE.fullmatch(typed):
        with suppress(BadPhone):
            here = contact.c.address == e164(typed, country)
            yield sa.select(contact.c.client).where(here, contact.c.until.is_(None))
    if found := _REF.fullmatch(typed):
        refs = {typed, typed.upper(), f"{found[1]}-{found[2]}".upper(), f"{found[1]}{found[2]}".upper()}
        yield sa.select(account.c.client).where(account.c.ref.in_(refs))
        yield _beginning(joined(typed))
    words = [_beginning(word) for word in folded(typed)[:MOST_WORDS]]
    if words:
        yield sa.select(sa.intersect(*words).subquery().c.client) if len(words) > 1 else words[0]


def _beginning(word: str) -> Ids:
    """Who has a word that begins so. ``{`` follows ``z``: the words are of letters and digits only."""
    return sa.select(client_word.c.client).where(client_word.c.word >= word, client_word.c.word < word + "{")


async def known(db: Database, id_: str, staff: Staff) -> bool:
    """Whether there is such a client whom they may see. Raises Unavailable."""
    async with db.read() as conn:
        return await conn.scalar(sa.select(client.c.id).where(client.c.id == id_, own(client.c.id, staff))) is not None
