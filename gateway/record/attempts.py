"""One guess at a secret, from its key to its answer: counted, committed, and only then compared."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.record import effects, guessing
from gateway.record.database import Database
from gateway.record.guessing import Subject
from gateway.record.tables import effect

_EFFECT = sa.select(effect.c.outcome, effect.c.at).where(effect.c.key == sa.bindparam("of")).with_for_update()

LEASE = 6.0  # seconds after which a guess without an answer belongs to a process that is dead
PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Guess:
    """``kept``: what it is compared with, read under the lock, None if there is nothing (then the exit ``missing``).

    ``fits`` compares; it is called with no transaction open.
    """

    key: str
    action: str
    subjects: tuple[Subject, ...]
    kept: Callable[[AsyncConnection], Awaitable[str | None]]
    fits: Callable[[str], Awaitable[bool]]
    missing: str


@dataclass(frozen=True, slots=True)
class _Counted:
    kept: str


class Attempts:
    """Runs guesses, each once under its key."""

    def __init__(self, db: Database, clock: Clock, lease: float = LEASE) -> None:
        self._db = db
        self._clock = clock
        self._lease = lease

    async def run(self, guess: Guess) -> str:
        """``right``, ``wrong``, ``locked`` or ``guess.missing``. The miss that locks is told as ``locked``.

        A key that was answered gives its first answer again, except ``right``: whoever brings a secret under a key
        that was right once must bring the right one, and is counted.
        """
        begun = await self._begin(guess, taking_over=False)
        if begun is None:
            begun = await self._answer_of(guess.key) or await self._begin(guess, taking_over=True)
        if not isinstance(begun, _Counted):
            return begun or "wrong"
        fits = await guess.fits(begun.kept)
        return await self._settle(guess, begun.kept, fits)

    async def _begin(self, guess: Guess, taking_over: bool) -> _Counted | str | None:
        """The guess counted, or an answer without one; None: the same key is being answered right now."""
        async with self._db.write() as conn:
            if not await effects.claim(conn, self._clock, guess.key, guess.action):
                answer, since = await self._earlier(conn, guess.key)
                if answer not in (None, "right"):
                    return str(answer)
                if answer is None and not taking_over and self._is_young(since):
                    return None
                await self._renew(conn, guess.key)
            kept = await guess.kept(conn)
            if kept is None:
                return await self._answered(conn, guess, guess.missing)
            if not await guessing.count(conn, guess.subjects, self._clock.now()):
                return await self._answered(conn, guess, "locked")
            return _Counted(kept)

    async def _settle(self, guess: Guess, kept: str, fits: bool) -> str:
        async with self._db.write() as conn:
            await self._earlier(conn, guess.key)  # rows are always locked in one order: effect, address, client
            if fits and await guess.kept(conn) == kept:  # not changed or reset meanwhile
                await guessing.take_back(conn, guess.subjects)
                return await self._answered(conn, guess, "right")
            locked = await guessing.locked_until(conn, guess.subjects, self._clock.now())
            return await self._answered(conn, guess, "locked" if locked else "wrong")

    async def _answer_of(self, key: str) -> str | None:
        """Waits for whoever runs this key now; None if no answer comes: that process is gone."""
        end = asyncio.get_running_loop().time() + self._lease
        while asyncio.get_running_loop().time() < end:
            async with self._db.read() as conn:
                answer = await effects.outcome(conn, key)
            if answer is not None:
                return str(answer)
            await asyncio.sleep(PAUSE)
        return None

    def _is_young(self, since: dt.datetime) -> bool:
        return self._clock.now() - since < dt.timedelta(seconds=self._lease)

    async def _renew(self, conn: AsyncConnection, key: str) -> None:
        await conn.execute(sa.update(effect).where(effect.c.key == key).values(at=self._clock.now()))

    @staticmethod
    async def _earlier(conn: AsyncConnection, key: str) -> tuple[object, dt.datetime]:
        found = (await conn.execute(_EFFECT, {"of": key})).one()
        return found.outcome, found.at

    @staticmethod
    async def _answered(conn: AsyncConnection, guess: Guess, answer: str) -> str:
        await effects.settle(conn, guess.key, answer)
        return answer
