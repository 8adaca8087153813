"""The life of a PIN (``flows.ports.Pins``): checked, chosen twice, told to the phones that were there before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.ports import Caller
from flows.values import Secret
from gateway.clock import Clock
from gateway.ids import new_id
from gateway.record import effects, guessing, outbox
from gateway.record.attempts import Attempts, Guess
from gateway.record.auditing import note
from gateway.record.database import Database, upsert
from gateway.record.hashing import Hasher, figures
from gateway.record.phones import addresses_of
from gateway.record.tables import client, pin
from gateway.record.weak_pins import Holder, weak

CANDIDATE_LIVES = dt.timedelta(minutes=10)
COOLING = dt.timedelta(hours=24)  # after a change no money goes out: time for the owner to see the SMS

Tell = Callable[[str, str, dict[str, Any]], str]  # language, key of system.yaml, values
Refresh = Callable[[str], Awaitable[None]]  # writes the contact card of an address anew


def use_of_pin(of: str) -> str:
    return f"pin {of}"


def use_of_code(of: str) -> str:
    return f"code {of}"


class Pins:
    """Implements ``flows.ports.Pins``. Every method may raise Unavailable."""

    def __init__(self, db: Database, hasher: Hasher, clock: Clock, tell: Tell, refresh: Refresh) -> None:
        self._db = db
        self._hasher = hasher
        self._clock = clock
        self._tell = tell
        self._refresh = refresh
        self.attempts = Attempts(db, clock)

    async def check(self, key: str, caller: Caller, pin: Secret) -> str:
        """``right | wrong | locked | no pin``."""
        subjects = guessing.subjects(caller.client, "pin", guessing.PIN, caller.address)
        return await self._guess(Guess(
            key, "check pin", subjects, lambda conn: _pin_of(conn, caller.client),
            lambda kept: self._hasher.fits(kept, pin, use_of_pin(caller.client)), "no pin",
        ))

    async def check_code(self, key: str, caller: Caller, code: Secret) -> str:
        """``right | wrong | locked | no code``. A code stays good until a PIN is set with it."""
        subjects = guessing.subjects(caller.client, "code", guessing.CODE, caller.address)
        return await self._guess(Guess(
            key, "check activation code", subjects, lambda conn: self._code_of(conn, caller.client),
            lambda kept: self._hasher.fits(kept, code, use_of_code(caller.client)), "no code",
        ))

    async def locked_until(self, caller: Caller) -> dt.datetime | None:
        """The end of the lock on this client's PIN or on this address."""
        async with self._db.read() as conn:
            subjects = guessing.subjects(caller.client, "pin", guessing.PIN, caller.address)
            return await guessing.locked_until(conn, subjects, self._clock.now())

    async def propose(self, key: str, caller: Caller, pin: Secret) -> str:
        """``proposed | weak``."""
        async with self._db.read() as conn:
            holder = await _holder(conn, caller)
        if weak(figures(pin), holder):
            return await effects.once(self._db, self._clock, key, "propose pin", _weak)
        with self._hasher.place():
            hashed = await self._hasher.hash(pin, use_of_pin(caller.client))
        return await effects.once(
            self._db, self._clock, key, "propose pin", lambda conn: self._keep(conn, caller.client, hashed)
        )

    async def confirm(self, key: str, caller: Caller, pin: Secret) -> str:
        """``set | different | expired``."""
        async with self._db.read() as conn:
            hashed = await self._candidate_of(conn, caller.client)
        with self._hasher.place():
            same = bool(hashed) and await self._hasher.fits(hashed, pin, use_of_pin(caller.client))
        exit_ = await effects.once(
            self._db, self._clock, key, "confirm pin", lambda conn: self._decide(conn, caller, hashed, same)
        )
        if exit_ == "set":  # also when it is told again: the first time may have been killed before this
            async with self._db.read() as conn:
                addresses = await addresses_of(conn, caller.client)
            for address in addresses:
                await self._refresh(address)
        return exit_

    async def _guess(self, guess: Guess) -> str:
        with self._hasher.place():
            exit_ = await self.attempts.run(guess)
            if exit_ == guess.missing:
                await self._hasher.waste()
        return exit_

    async def _code_of(self, conn: AsyncConnection, of: str) -> str | None:
        row = await _row(conn, of)
        fresh = row is not None and row.code_expires is not None and row.code_expires > self._clock.now()
        return row.code_hash or None if row is not None and fresh else None

    async def _candidate_of(self, conn: AsyncConnection, of: str) -> str:
        row = await _row(conn, of)
        if row is None or row.candidate_at is None or self._clock.now() - row.candidate_at > CANDIDATE_LIVES:
            return ""
        return str(row.candidate)

    async def _keep(self, conn: AsyncConnection, of: str, hashed: str) -> str:
        await upsert(conn, pin, ["client"], {"client": of, "candidate": hashed, "candidate_at": self._clock.now()})
        return "proposed"

    async def _decide(self, conn: AsyncConnection, caller: Caller, hashed: str, same: bool) -> str:
        if not hashed or await self._candidate_of(conn, caller.client) != hashed:
            return "expired"
        if not same:
            await conn.execute(sa.update(pin).where(pin.c.client == caller.client).values(candidate=""))
            return "different"
        await self._promote(conn, caller, hashed)
        return "set"

    async def _promote(self, conn: AsyncConnection, caller: Caller, hashed: str) -> None:
        now, of = self._clock.now(), caller.client
        first = await _pin_of(conn, of) is None
        await conn.execute(
            sa.update(pin).where(pin.c.client == of).values(
                hash=hashed, set_at=now, candidate="", candidate_at=None, code_hash="", code_expires=None,
                cooling_until=now + COOLING,
            )
        )
        await guessing.forget(conn, f"pin {of}", f"code {of}")
        await note(conn, now, "client", "pin set" if first else "pin changed", of, {"channel": caller.channel})
        await self._tell_phones(conn, caller, "told_pin_set" if first else "told_pin_changed")

    async def _tell_phones(self, conn: AsyncConnection, caller: Caller, key: str) -> None:
        language = await conn.scalar(sa.select(client.c.language).where(client.c.id == caller.client))
        text = self._tell(language or caller.language, key, {})
        for to in await addresses_of(conn, caller.client):
            await outbox.put(
                conn, ref=new_id(), to=to, text=text, purpose="service", client=caller.client, now=self._clock.now()
            )


async def _weak(_conn: AsyncConnection) -> str:
    return "weak"


async def _row(conn: AsyncConnection, of: str) -> sa.Row[Any] | None:
    return (await conn.execute(sa.select(pin).where(pin.c.client == of))).one_or_none()


async def _pin_of(conn: AsyncConnection, of: str) -> str | None:
    row = await _row(conn, of)
    return row.hash or None if row is not None else None


async def _holder(conn: AsyncConnection, caller: Caller) -> Holder:
    row = (await conn.execute(sa.select(client.c.birth_date, client.c.number).where(client.c.id == caller.client))).one()
    phones = await addresses_of(conn, caller.client)
    return Holder(row.birth_date, (*phones, caller.address, row.number))
