"""The contact card: what a turn must know of an address before it can greet, read in one round trip."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gateway.record.database import Database
from gateway.record.tables import address, client, contact, pin

# One row for each client, and one row of a number that nobody is known by: everything hangs on the number asked for.
_asked = sa.select(sa.bindparam("address", type_=address.c.address.type).label("address")).subquery("asked")
_CARD = (
    sa.select(
        client.c.id,
        client.c.number,
        client.c.name,
        client.c.short_name,
        client.c.nickname,
        client.c.language,
        client.c.stage,
        (sa.func.coalesce(pin.c.hash, "") != "").label("has_pin"),
        address.c.language.label("spoken"),
        address.c.notice,
        address.c.last_seen,
    )
    .select_from(
        _asked.outerjoin(address, address.c.address == _asked.c.address)
        .outerjoin(contact, sa.and_(contact.c.address == _asked.c.address, contact.c.until.is_(None)))
        .outerjoin(client, client.c.id == contact.c.client)
        .outerjoin(pin, pin.c.client == client.c.id)
    )
    .order_by(client.c.number)
)
_CLIENT = ("id", "number", "name", "short_name", "nickname", "language", "has_pin", "stage")


async def build(db: Database, address: str) -> dict[str, Any]:
    """``{"clients": […], "language", "notice", "seen"}`` of this address; "" for what is not known.

    A language that was not chosen on this phone is its client's own, if it has one client. Raises Unavailable.
    """
    async with db.read() as conn:
        rows = (await conn.execute(_CARD, {"address": address})).all()
    known = {row.id: row for row in rows if row.id}  # once, though they may have the address in two kinds
    clients = [{name: getattr(row, name) for name in _CLIENT} for row in known.values()]
    first = rows[0]
    return {
        "clients": clients,
        "language": first.spoken or (clients[0]["language"] if len(clients) == 1 else ""),
        "notice": first.notice or "",
        "seen": first.last_seen.date().isoformat() if first.last_seen else "",
    }
