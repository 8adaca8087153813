"""Numbers that a person reads out on the phone: a letter and six figures, drawn by lot so that they tell no volume."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

SHORTEST = 6
TRIES = 8


async def mint(conn: AsyncConnection, column: sa.Column[str], letter: str) -> str:
    """A number that stands nowhere in ``column`` yet, ``C-482915``. It grows by a figure when the short ones run out.

    Two at once could draw the same one in a million; the column is unique, so that the second is refused, not doubled.
    """
    digits = SHORTEST
    while True:
        for _ in range(TRIES):
            number = f"{letter}-{10 ** (digits - 1) + secrets.randbelow(9 * 10 ** (digits - 1))}"
            if await conn.scalar(sa.select(sa.literal(1)).where(column == number)) is None:
                return number
        digits += 1
