"""PINs and codes as argon2id hashes, made off the event loop by a bounded number of threads.

A PIN has ten thousand values at least and a million at most, so no hash alone protects it from who holds the
database: each is first keyed (HMAC) with a pepper that is kept elsewhere, and with what it is for, so that a hash
copied to another client's row opens nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from flows.ports import Unavailable
from flows.values import Secret

T = TypeVar("T")

# OWASP Password Storage Cheat Sheet, argon2id: at least 19 MiB, 2 passes, 1 lane.
COST = (2, 19 * 1024, 1)  # passes, KiB, lanes


def figures(secret: Secret) -> str:
    """What was typed, with the digits of any script as 0-9: for hashing and weighing only."""
    return "".join(str(int(c)) if c.isdecimal() else c for c in secret.reveal())


class Hasher:
    """Hashes and checks. ``waiting``: how many at once are let in; to one more the service is ``Unavailable``.
    ``cost``: less than the usual one is for people who are made up; a hash says itself what it cost."""

    def __init__(
        self, pepper: bytes, *, workers: int = 2, waiting: int = 32, cost: tuple[int, int, int] = COST
    ) -> None:
        if len(pepper) < 16:
            raise ValueError("the pepper needs at least 16 bytes")
        self._pepper = pepper
        self._argon = PasswordHasher(*cost)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="hash")
        self._waiting = waiting
        self._inside = 0
        self._nobodys = ""

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place in the queue, taken before a guess is counted. Raises Unavailable when there is none."""
        if self._inside >= self._waiting:
            raise Unavailable("too many PINs are being checked")
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    async def hash(self, secret: Secret, use: str) -> str:
        """The hash to keep. ``use`` is part of it: what the secret is and whose."""
        keyed = self._keyed(secret, use)
        return await self._run(lambda: self._argon.hash(keyed))

    async def fits(self, kept: str, secret: Secret, use: str) -> bool:
        """Whether ``kept`` was made of this secret for this use."""
        keyed = self._keyed(secret, use)
        return await self._run(lambda: self._verify(kept, keyed))

    async def waste(self) -> None:
        """As much time as ``fits`` takes, where there is nothing to compare with: the answer's delay tells nothing."""
        await self._run(self._verify_nobodys)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _keyed(self, secret: Secret, use: str) -> bytes:
        return hmac.new(self._pepper, f"{use}\0{figures(secret)}".encode(), hashlib.sha256).digest()

    def _verify(self, kept: str, keyed: bytes) -> bool:
        try:
            return self._argon.verify(kept, keyed)
        except (VerificationError, InvalidHashError):
            return False

    def _verify_nobodys(self) -> None:
        self._nobodys = self._nobodys or self._argon.hash(b"nobody")
        self._verify(self._nobodys, b"")

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)
