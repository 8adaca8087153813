"""The contact card: what a turn must know of an address before it can greet, read in one round trip."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gateway.record.database import Database
from gateway.record.reading import Reading
from gateway.record.tables import address, client, contact, invitation, pin

# One row for each client, and one row of a number that nobody is known by: everything hangs on the number asked for.
_asked = sa.select(sa.bindparam("address", type_=address.c.address.type).label("address")).subquery("asked")
_CARD = Reading(
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
        invitation.c.id.label("invitation"),
        invitation.c.flow,
        invitation.c.closes_at,
    )
    .select_from(
        _asked.outerjoin(address, address.c.address == _asked.c.address)
        .outerjoin(contact, sa.and_(contact.c.address == _asked.c.address, contact.c.until.is_(None)))
        .outerjoin(client, client.c.id == contact.c.client)
        .outerjoin(pin, pin.c.client == client.c.id)
        .outerjoin(invitation, invitation.c.open_for == client.c.id)
    )
    .order_by(client.c.number)
)
_CLIENT = ("id", "number", "name", "short_name", "nickname", "language", "stage", "has_pin")  # the first columns of it


async def build(db: Database, address: str) -> dict[str, Any]:
    """``{"clients": […], "language", "notice", "seen"}`` of this address; "" for what is not known.

    A language that was not chosen on this phone is its client's own, if it has one client. That one's open invitation,
    if there is one, is ``"invited": {"flow", "id", "until"}``, seconds since 1970. Raises Unavailable.
    """
    rows = await db.rows(_CARD, address=address)
    known = {row[0]: row for row in rows if row[0]}  # once, though they may have the address in two kinds
    clients = [dict(zip(_CLIENT, row, strict=False)) for row in known.values()]
    spoken, notice, last_seen, *invited = rows[0][len(_CLIENT) :]
    card = {
        "clients": clients,
        "language": spoken or (clients[0]["language"] if len(clients) == 1 else ""),
        "notice": notice or "",
        "seen": last_seen.date().isoformat() if last_seen else "",
    }
    if len(clients) == 1 and invited[0]:
        id_, flow, closes_at = invited
        card["invited"] = {"flow": flow, "id": id_, "until": closes_at.timestamp()}
    return card
