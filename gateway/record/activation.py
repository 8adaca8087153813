"""Activation codes: given face to face, they let a client choose a PIN. Staff never choose, see or hear a PIN."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from flows.values import Secret
from gateway.clock import Clock
from gateway.record import clients, guessing
from gateway.record.auditing import note
from gateway.record.database import Database, upsert
from gateway.record.hashing import Hasher
from gateway.record.phones import addresses_of, same_text
from gateway.record.pin_rows import pin_of, use_of_code
from gateway.record.tables import pin

DIGITS = 6
LIVES = dt.timedelta(hours=48)


class NotOneClient(Exception):
    """It is not clear whose code this would be."""


async def client_to_activate(conn: AsyncConnection, phone: str, number: str = "") -> str:
    """The id of the client on this phone (E.164); on a shared one, of the client number. Raises NotOneClient."""
    found = await clients.find_by_phone(conn, phone)
    if not found:
        raise NotOneClient("No client has this phone. Check the number, or import the client first.")
    if number:
        found = [row for row in found if same_text(number, row.number)]
        if not found:
            raise NotOneClient("No client on this phone has that client number.")
    if len(found) > 1:
        raise NotOneClient("Several clients share this phone. Give the client number too.")
    return found[0].id


async def issue(
    db: Database, hasher: Hasher, clock: Clock, client: str, by: str, refresh: Callable[[str], Awaitable[None]]
) -> str:
    """A new code of six figures for this client, good for 48 hours and five tries; an earlier one is worth nothing now.

    For a client who has a PIN this is a reset: the PIN is gone, its locks and those of the client's phones too.
    ``by`` is who hands it over. The code itself is kept as a hash only. Raises Unavailable.
    """
    code = Secret(f"{secrets.randbelow(10**DIGITS):0{DIGITS}}")
    with hasher.place():
        hashed = await hasher.hash(code, use_of_code(client))
    async with db.write() as conn:
        addresses = await _start_anew(conn, clock.now(), client, by, hashed)
    for address in addresses:
        await refresh(address)
    return code.reveal()


async def _start_anew(conn: AsyncConnection, now: dt.datetime, client: str, by: str, hashed: str) -> list[str]:
    reset = await pin_of(conn, client) is not None
    code = {"code_hash": hashed, "code_expires": now + LIVES, "code_by": by}
    await upsert(conn, pin, ["client"], {"client": client, **code, "hash": "", "candidate": "", "candidate_at": None})
    addresses = await addresses_of(conn, client)
    await guessing.forget(conn, *(f"address {address}" for address in addresses))
    await guessing.forget(conn, f"pin {client}", f"code {client}", f"number {client}")
    await note(conn, now, by, "PIN reset" if reset else "activation code issued", client, {"reset": reset})
    return addresses
