"""Several turns that ask for the same kind of thing at the same moment get it by one statement.

What a small read costs is the way to the server and back, on both sides; how many it asks for hardly matters.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from flows.ports import Unavailable
from gateway.record.reading import Reading, Rows

Read = Callable[..., Awaitable[Rows]]  # of a Reading and its values


@dataclass(frozen=True, slots=True, eq=False)
class Owned:
    """A hot read of what somebody has, who is bound to ``of``: as a statement for one of them, and as one for a list of
    them, in which the column at ``owner`` says whose a row is."""

    one: Reading
    several: Reading
    owner: int


class _Batch(msgspec.Struct, eq=False):
    """``asked``: who is asked for, and where the answer is waited for."""

    asked: list[tuple[str, asyncio.Future[Rows]]] = []
    task: asyncio.Task[None] | None = None

    def waiting(self) -> list[tuple[str, asyncio.Future[Rows]]]:
        return [(whom, answer) for whom, answer in self.asked if not answer.done()]

    async def answer(self, of: str) -> Rows:
        answer: asyncio.Future[Rows] = asyncio.get_running_loop().create_future()
        self.asked.append((of, answer))
        try:
            return await answer
        except asyncio.CancelledError:
            if self.task is not None and not self.waiting():
                self.task.cancel()
            raise


class Gathering:
    """All who are asked for in one turn of the loop are read together, by ``read``.

    Who stops waiting harms nobody, and when all have stopped the statement is given up. A value that the database
    refuses fails whoever asked with it: the others are read again without it.
    """

    def __init__(self, owned: Owned, read: Read) -> None:
        self._owned, self._read = owned, read
        self._next: _Batch | None = None

    async def rows(self, of: str) -> Rows:
        batch = self._next
        if batch is None:
            batch = self._next = _Batch()
            try:
                await asyncio.sleep(0)
            finally:
                self._next = None
                if batch.asked and batch.waiting():
                    batch.task = asyncio.get_running_loop().create_task(self._answer(batch))
            if batch.task is None:
                return await self._read(self._owned.one, of=of)
        return await batch.answer(of)

    async def _answer(self, batch: _Batch) -> None:
        try:
            found = await self._found(batch)
        except Unavailable as error:
            for _, answer in batch.waiting():
                answer.set_exception(Unavailable(*error.args))
        except Exception:  # noqa: BLE001 - each gets its own
            await asyncio.gather(*(self._alone(whom, answer) for whom, answer in batch.waiting()))
        else:
            for whom, answer in batch.waiting():
                answer.set_result(found[whom])

    async def _found(self, batch: _Batch) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {whom: [] for whom, _ in batch.waiting()}
        for row in await self._read(self._owned.several, of=list(found)):
            found[row[self._owned.owner]].append(row)
        return found

    async def _alone(self, whom: str, answer: asyncio.Future[Rows]) -> None:
        try:
            rows = await self._read(self._owned.one, of=whom)
        except Exception as error:  # noqa: BLE001 - whoever asked gets it
            if not answer.done():
                answer.set_exception(error)
        else:
            if not answer.done():
                answer.set_result(rows)
