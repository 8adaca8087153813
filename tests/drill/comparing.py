"""Lays what the phones heard beside what the record holds, hop by hop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from drill.network import Asked, Noticed
from drill.record import Turn

Place = tuple[str, int]  # conversation and turn
OF_NOBODY = ("timed out", "called back", "left")  # turns that no request of a phone caused


@dataclass(slots=True)
class Pair:
    """A hop, and the turn that it was. An untold hop may have none."""

    asked: Asked
    turn: Turn | None


def align(history: list[Asked | Noticed], turns: list[Turn]) -> list[Pair]:
    """Every told hop beside its one turn, in order; every turn but a time-out beside what caused it.

    A hop that was answered by an apology may have been taken, or not. Raises AssertionError where the two differ.
    """
    table = _reachable(history, turns)
    assert table[0][0], _where_they_differ(history, turns, table)
    pairs: list[Pair] = []
    i = j = 0
    while i < len(history):
        item = history[i]
        if j < len(turns) and turns[j].event in OF_NOBODY and table[i][j + 1]:
            j += 1
        elif j < len(turns) and _fits(history, i, turns[j]) and table[i + 1][j + 1]:
            if isinstance(item, Asked):
                pairs.append(Pair(item, turns[j]))
            i, j = i + 1, j + 1
        else:
            if isinstance(item, Asked):
                pairs.append(Pair(item, None))
            i += 1
    return pairs


def follows(pairs: list[Pair]) -> list[str]:
    """The hops of one call that do not lie one turn apart in one conversation."""
    odd = []
    for one, other in pairwise(pairs):
        if one.asked.session != other.asked.session or one.asked.told is None or other.asked.told is None:
            continue
        assert one.turn and other.turn
        if (one.turn.conversation, one.turn.number + 1) != (other.turn.conversation, other.turn.number):
            odd.append(f"{one.asked.phone}: turn {one.turn.number} is followed by turn {other.turn.number} of another")
    return odd


def story(pairs: list[Pair]) -> Iterator[str]:
    """What happened on one phone, for whoever looks for the reason."""
    for pair in pairs:
        yield f"  {_shown(pair.asked)} | {_turn(pair.turn) if pair.turn else 'no turn'}"


def _reachable(history: list[Asked | Noticed], turns: list[Turn]) -> list[list[bool]]:
    """``[i][j]``: whether what was asked from ``i`` on can be laid beside the turns from ``j`` on."""
    table = [[False] * (len(turns) + 2) for _ in range(len(history) + 1)]
    for i in range(len(history), -1, -1):
        for j in range(len(turns), -1, -1):
            table[i][j] = _can(history, turns, i, j, table)
    return table


def _can(history: list[Asked | Noticed], turns: list[Turn], i: int, j: int, table: list[list[bool]]) -> bool:
    if i == len(history) and j == len(turns):
        return True
    if j < len(turns) and turns[j].event in OF_NOBODY and table[i][j + 1]:
        return True
    if i == len(history):
        return False
    if j < len(turns) and _fits(history, i, turns[j]) and table[i + 1][j + 1]:
        return True
    return _may_be_left_out(history[i]) and table[i + 1][j]


def _may_be_left_out(item: Asked | Noticed) -> bool:
    return not item.after if isinstance(item, Noticed) else item.told is None


def _fits(history: list[Asked | Noticed], i: int, turn: Turn) -> bool:
    item = history[i]
    if isinstance(item, Noticed):
        return turn.event in ("hung up", "closed") and turn.event != {"CON": "closed", "END": "hung up"}.get(item.after)
    events = ("dial", "redial") if item.opens else ("said", "page")
    if turn.event not in events or (item.told is not None and item.told != turn.told):
        return False
    if item.opens:
        return True
    return turn.heard is not None and (item.typed not in turn.heard if item.secret else turn.heard == item.typed)


def _where_they_differ(history: list[Asked | Noticed], turns: list[Turn], table: list[list[bool]]) -> str:
    """From the end, as far as the two agree; what stands just before that."""
    i, j = min((i + j, i, j) for i, row in enumerate(table) for j, can in enumerate(row) if can)[1:]
    heard = "\n".join(f"  {_shown(item)}" for item in history[max(0, i - 4) : i + 2])
    kept = "\n".join(f"  {_turn(turn)}" for turn in turns[max(0, j - 4) : j + 2])
    return f"{history[0].phone}: the phone heard\n{heard}\nand the record has\n{kept}"


def _shown(item: Asked | Noticed) -> str:
    if isinstance(item, Noticed):
        return f"{item.session[-4:]} end notice after {item.after or 'nothing'}"
    return f"{item.session[-4:]} {item.typed!r} -> {item.told!r} ({item.posts} sent, {item.apologies} apologies)"


def _turn(turn: Turn) -> str:
    return f"{turn.conversation[:4]}.{turn.number} {turn.event} {turn.heard!r} -> {turn.told!r}"
