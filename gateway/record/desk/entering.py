"""Logging in: an e-mail address and a password, with as many tries as somebody needs who has forgotten which.

An address that nobody has gets the same answer as a wrong password, after the same time, and is locked like any other.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
from dataclasses import dataclass

from gateway.clock import Clock
from gateway.record import auditing, guessing
from gateway.record.database import Database
from gateway.record.desk import sessions
from gateway.record.desk.staff import Staff, email_of, find, password_of, use_of
from gateway.record.guessing import MINUTE, Rule, Subject
from gateway.record.hashing import Hasher

# Locks end by themselves: else anybody could lock the staff out. Five tries in a quarter of an hour guess no password
# of twelve characters; an office behind one address has more.
EMAIL = Rule(5, (MINUTE, 5 * MINUTE, 15 * MINUTE), cools=15 * MINUTE)
ADDRESS = Rule(20, (MINUTE, 5 * MINUTE, 15 * MINUTE), cools=5 * MINUTE)


@dataclass(frozen=True, slots=True)
class Door:
    """Where staff come in. ``watch`` tells when sessions and locks end, ``clock`` what the audit calls now. ``hasher``
    is the desk's own: who knocks here keeps no client waiting."""

    db: Database
    clock: Clock
    watch: Clock
    hasher: Hasher

    async def enter(self, email: str, typed: str, remote: str) -> tuple[Staff, str] | dt.datetime | None:
        """Who it is, and the token of the new session; when tries are taken again; None for what does not fit.

        Raises Unavailable, also when too many are at the door.
        """
        of = subjects(email_of(email), remote)
        with self.hasher.place():
            async with self.db.write() as conn:
                if not await guessing.count(conn, of, self.watch.now()):
                    return await guessing.locked_until(conn, of, self.watch.now())
            who = await self._proven(email_of(email), typed)
            if who:
                return await self._entered(who, of)
            await self._refused(email_of(email))
            return None

    async def _proven(self, email: str, typed: str) -> Staff | None:
        async with self.db.read() as conn:
            found = await find(conn, email)
        if found is None:
            await self.hasher.waste()
            return None
        who, kept = found
        fits = await self.hasher.fits(kept, password_of(typed), use_of(who.id))
        return who if fits and not who.disabled else None

    async def _entered(self, who: Staff, of: tuple[Subject, Subject]) -> tuple[Staff, str]:
        token = sessions.new_token()
        async with self.db.write() as conn:
            await guessing.take_back(conn, of)
            await sessions.begin(conn, who, token, self.watch.now())
            await auditing.note(conn, self.clock.now(), who.email, "log in", who.id, {})
        return who, token

    async def _refused(self, email: str) -> None:
        """An address that nobody has is not written down: people type passwords into the wrong field."""
        async with self.db.write() as conn:
            found = await find(conn, email)
            who, about = (found[0].email, found[0].id) if found else ("somebody", "")
            await auditing.note(conn, self.clock.now(), who, "log-in refused", about, {})


def subjects(email: str, remote: str) -> tuple[Subject, Subject]:
    """What is guessed at and from where, in the order in which their rows are always locked."""
    named = hashlib.sha256(email.encode()).hexdigest()[:40]
    return Subject(f"desk from {network(remote)}", ADDRESS), Subject(f"desk {named}", EMAIL)


def network(remote: str) -> str:
    """An IPv4 address; of IPv6 the /64, as one subscriber has all of it."""
    try:
        found = ipaddress.ip_address(remote)
    except ValueError:
        return "nowhere"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
