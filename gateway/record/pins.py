"""The life of a PIN (``flows.ports.Pins``), on our own record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from contextlib import suppress

from flows.ports import Caller, Unavailable
from flows.values import Secret
from gateway.clock import Clock
from gateway.record import guessing
from gateway.record.attempts import Attempts, Guess
from gateway.record.choosing import Choosing, Tell
from gateway.record.database import Database
from gateway.record.hashing import Hasher
from gateway.record.phones import addresses_of
from gateway.record.pin_rows import code_of, pin_of, use_of_code, use_of_pin

Refresh = Callable[[str], Awaitable[None]]  # writes the contact card of an address anew


class Pins:
    """Implements ``flows.ports.Pins``. ``tell`` words the SMS that a change brings. Every method: Unavailable."""

    def __init__(self, db: Database, hasher: Hasher, clock: Clock, tell: Tell, refresh: Refresh) -> None:
        self._db = db
        self._hasher = hasher
        self._clock = clock
        self._refresh = refresh
        self._attempts = Attempts(db, clock)
        self._choosing = Choosing(db, hasher, clock, tell)

    async def check(self, key: str, caller: Caller, pin: Secret) -> str:
        """``right | wrong | locked | no pin``; three misses lock, for longer each time."""
        of = caller.client
        guess = Guess(
            key,
            "check pin",
            guessing.subjects(of, "pin", guessing.PIN, caller.address),
            kept=lambda conn: pin_of(conn, of),
            fits=lambda kept: self._hasher.fits(kept, pin, use_of_pin(of)),
            missing="no pin",
        )
        return await self._run(guess)

    async def check_code(self, key: str, caller: Caller, code: Secret) -> str:
        """``right | wrong | locked | no code``. A code stays good until a PIN is set with it."""
        of = caller.client
        guess = Guess(
            key,
            "check activation code",
            guessing.subjects(of, "code", guessing.CODE, caller.address),
            kept=lambda conn: code_of(conn, of, self._clock.now()),
            fits=lambda kept: self._hasher.fits(kept, code, use_of_code(of)),
            missing="no code",
        )
        return await self._run(guess)

    async def locked_until(self, caller: Caller) -> dt.datetime | None:
        """The end of the lock on this client's PIN or on this address; ``FOREVER``: until a reset."""
        subjects = guessing.subjects(caller.client, "pin", guessing.PIN, caller.address)
        async with self._db.read() as conn:
            return await guessing.locked_until(conn, subjects, self._clock.now())

    async def propose(self, key: str, caller: Caller, pin: Secret) -> str:
        """``proposed | weak``."""
        return await self._choosing.propose(key, caller, pin)

    async def confirm(self, key: str, caller: Caller, pin: Secret) -> str:
        """``set | different | expired``."""
        exit_ = await self._choosing.confirm(key, caller, pin)
        if exit_ == "set":  # also when it is told again: the first run may have been killed before this line
            await self._show(caller.client)
        return exit_

    async def _show(self, client: str) -> None:
        """Says on every phone of the client that there is a PIN."""
        with suppress(Unavailable):  # it is set: a turn that reads of no PIN on a card asks the record itself
            async with self._db.read() as conn:
                addresses = await addresses_of(conn, client)
            for address in addresses:
                await self._refresh(address)

    async def _run(self, guess: Guess) -> str:
        with self._hasher.place():
            exit_ = await self._attempts.run(guess)
            if exit_ == guess.missing:
                await self._hasher.waste()
        return exit_
