"""The words by which a client is found: whatever is typed of a name, in any case, with or without its accents."""

from __future__ import annotations

import re

import sqlalchemy as sa
from anyascii import anyascii
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.record.desk_tables import client_word

LONGEST = 60
_WITHIN = re.compile(r"['’ʼ‘`´.]")  # Ng'ang'a and O'Brien are one word; so is J.


def folded(text: str) -> list[str]:
    """``José Ng’ang’a`` -> ``jose nganga``: Latin letters and digits only, each word once."""
    plain = anyascii(_WITHIN.sub("", text)).casefold()
    found = re.findall(r"[a-z0-9]+", _WITHIN.sub("", plain))
    return list(dict.fromkeys(word[:LONGEST] for word in found))


def joined(number: str) -> str:
    """A client number as one word: ``C-0012`` -> ``c0012``."""
    return "".join(folded(number))[:LONGEST]


async def add(conn: AsyncConnection, client: str, names: str, number: str) -> None:
    """The words of a new client."""
    words = sorted({*folded(names), *folded(number), joined(number)} - {""})
    if words:
        await conn.execute(sa.insert(client_word), [{"word": word, "client": client} for word in words])


async def keep(conn: AsyncConnection, client: str, names: str, number: str) -> None:
    """Makes these the words of the client, instead of what they were."""
    await conn.execute(sa.delete(client_word).where(client_word.c.client == client))
    await add(conn, client, names, number)
