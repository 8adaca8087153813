"""How often a screen went out again, because the same request came again: read for the transcript."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.record.tables import repeat

Place = tuple[str, int]  # conversation and turn


async def repeated(conn: AsyncConnection, conversations: Collection[str]) -> Counter[Place]:
    """By the turn that the call stood at. That of an end notice shows nothing: it was the screen before it."""
    row = repeat.c
    asked = sa.select(row.conversation, row.turn, sa.func.sum(row.times)).where(row.conversation.in_(conversations))
    found = await conn.execute(asked.group_by(row.conversation, row.turn))
    return Counter({(talk, turn): int(times) for talk, turn, times in found})


def screens(repeats: Counter[Place], told: Iterable[Place]) -> Counter[Place]:
    """By the screen that went out: the last one ``told`` up to each of these turns. None is lost."""
    shown: Counter[Place] = Counter()
    by_talk: dict[str, list[int]] = {}
    for talk, turn in told:
        by_talk.setdefault(talk, []).append(turn)
    for (talk, turn), times in repeats.items():
        turns = by_talk.get(talk, [])
        before = [one for one in turns if one <= turn]
        if turns:
            shown[talk, max(before) if before else min(turns)] += times
    return shown
