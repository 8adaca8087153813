"""One conversation as the client saw it: every screen and what was typed at it, in order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.record.database import Database
from gateway.record.desk.seeing import own, visible, workable
from gateway.record.desk.staff import Staff
from gateway.record.repeats import repeated, screens
from gateway.record.tables import case, conversation, effect, message, observation, outbox, payment

SKEW = dt.timedelta(seconds=1)  # between the clocks of two processes
TYPED = ("said", "page")  # events in which something was typed, and be it nothing
MOST = 400  # turns; a longer conversation is a fault somewhere


@dataclass(frozen=True, slots=True)
class Turn:
    """``heard`` is None where nothing was typed (a dial, a time-out); ``told`` where nothing was shown.

    ``withheld``: what was said is hidden from who looks, and so are the steps: which question came next tells what
    was answered. As many as followed each other are one, at the time of the first.
    """

    turn: int
    at: dt.datetime
    event: str
    heard: str | None = field(repr=False)
    told: str | None = field(repr=False)
    asked: str  # the step that the words were typed at
    flow: str
    step: str  # the step that the screen is of
    release: str
    matched: str
    page: int
    took_ms: int
    withheld: bool = False
    gap: dt.timedelta = dt.timedelta()  # since the turn before
    again: bool = False  # the same screen as before
    repeats: int = 0  # how often the same request came again and got the same screen


@dataclass(frozen=True, slots=True)
class Text:
    """An SMS that this conversation caused."""

    ref: str
    to: str = field(repr=False)
    text: str = field(repr=False)
    state: str
    reason: str
    created_at: dt.datetime
    sent_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Transcript:
    """``withheld``: where it ended is hidden from who looks."""

    id: str
    channel: str
    kind: str
    address: str = field(repr=False)
    client: str
    service: str
    network: str
    release: str
    flow: str
    step: str
    language: str
    started_at: dt.datetime
    last_at: dt.datetime
    outcome: str
    cost: str
    withheld: bool
    turns: list[Turn] = field(repr=False)
    texts: list[Text] = field(repr=False)
    payments: list[tuple[str, str]]  # id and state
    cases: list[tuple[str, str, str]]  # id, number and kind


APART = ("withheld", "turns", "texts", "payments", "cases")
HEAD = [name for name in Transcript.__dataclass_fields__ if name not in APART]


def open_to(staff: Staff) -> sa.ColumnElement[bool]:
    """Of ``conversation``: it is of a client whom they may see, and nothing was said in it to a case that is hidden
    from them; its screens would tell of that.

    It opened the case, or added to one that was open: then only the effect knows, whose key begins with its id.
    """
    hidden = sa.not_(workable(case.c.hidden_from, case.c.client, staff))
    here = sa.and_(case.c.address == conversation.c.address, case.c.conversation == conversation.c.id)
    opened = sa.select(case.c.id).where(here, hidden)
    its = sa.and_(effect.c.key > conversation.c.id, effect.c.key < conversation.c.id + "zz")
    added = sa.select(effect.c.key).join(case, case.c.number == effect.c.outcome[0].as_string())
    told = sa.or_(opened.exists(), added.where(its, effect.c.action == "open case", hidden).exists())
    return sa.and_(own(conversation.c.client, staff), sa.not_(told))


def kept_end(staff: Staff, kept_from: Collection[str]) -> sa.ColumnElement[bool]:
    """Of ``conversation``: it ended in a flow whose words are not theirs to read; where in it tells of an answer."""
    one = observation.c
    here = sa.and_(one.conversation == conversation.c.id, one.flow == conversation.c.flow)
    hidden = sa.select(one.id).where(here, sa.not_(visible(one.hidden_from, one.client, staff)))
    return sa.or_(conversation.c.flow.in_(kept_from), hidden.exists())


async def transcript(db: Database, id_: str, staff: Staff, kept_from: Collection[str] = ()) -> Transcript | None:
    """None: there is none, or none for their eyes. ``kept_from`` them: flows whose words are not theirs to read.
    Raises Unavailable."""
    withheld = kept_end(staff, kept_from).label("withheld")
    head = sa.select(*(conversation.c[name] for name in HEAD), withheld)
    head = head.where(conversation.c.id == id_, open_to(staff))
    async with db.read(snapshot=True) as conn:
        row = (await conn.execute(head)).one_or_none()
        if row is None:
            return None
        made = sa.select(payment.c.id, payment.c.state).where(
            payment.c.client == row.client, payment.c.conversation == id_
        )
        opened = sa.select(case.c.id, case.c.number, case.c.kind).where(
            case.c.address == row.address, case.c.conversation == id_
        )
        return Transcript(
            **row._mapping,
            turns=await _turns(conn, id_, staff, kept_from),
            texts=await _texts(conn, row),
            payments=await _tuples(conn, made.order_by(payment.c.created_at)),
            cases=await _tuples(conn, opened.order_by(case.c.opened_at)),
        )


async def _tuples(conn: AsyncConnection, asked: sa.Select[Any]) -> list[Any]:
    return [tuple(row) for row in await conn.execute(asked)]


async def _turns(conn: AsyncConnection, id_: str, staff: Staff, kept_from: Collection[str]) -> list[Turn]:
    said = sa.select(message).where(message.c.conversation == id_)
    by_turn: dict[int, dict[str, Any]] = {}
    for row in await conn.execute(said.order_by(message.c.turn, message.c.direction).limit(2 * MOST)):
        by_turn.setdefault(row.turn, {})[row.direction] = row
    hidden = await _hidden(conn, id_, staff)
    kept = {*kept_from, *hidden.values()}
    repeats = await repeated(conn, [id_])
    made: list[Turn] = []
    for number, rows in by_turn.items():
        withheld = number in hidden or any(row.flow in kept for row in rows.values())
        if withheld and made and made[-1].withheld:
            continue
        made.append(_after(made[-1] if made else None, _turn(number, rows, withheld)))
    shown = screens(repeats, [(id_, turn.turn) for turn in made if turn.told is not None or turn.withheld])
    return [replace(turn, repeats=shown[id_, turn.turn]) for turn in made]


def _turn(number: int, rows: dict[str, Any], withheld: bool) -> Turn:
    heard, told = rows.get("in"), rows.get("out")
    last: Any = told if told is not None else heard
    typed = heard.text if heard is not None and (heard.text or heard.event in TYPED) else None
    return Turn(
        turn=number,
        at=last.at,
        event=last.event,
        heard=None if withheld else typed,
        told=None if withheld or told is None else told.text,
        asked=f"{heard.flow}.{heard.step}".strip(".") if heard is not None and not withheld else "",
        flow="" if withheld else last.flow,
        step="" if withheld else last.step,
        release=last.release,
        matched="" if heard is None or withheld else heard.matched,
        page=1 if withheld else last.page,
        took_ms=last.took_ms,
        withheld=withheld,
    )


def _after(before: Turn | None, turn: Turn) -> Turn:
    if before is None:
        return turn
    again = turn.told is not None and turn.told == before.told
    return replace(turn, gap=turn.at - before.at, again=again)


async def _hidden(conn: AsyncConnection, id_: str, staff: Staff) -> dict[int, str]:
    """Turns in which something was answered that is hidden from them, each with its flow, which may be published no
    more."""
    seen = visible(observation.c.hidden_from, observation.c.client, staff)
    asked = sa.select(observation.c.turn, observation.c.flow)
    asked = asked.where(observation.c.conversation == id_, sa.not_(seen))
    return {turn: flow for turn, flow in await conn.execute(asked)}  # noqa: C416 - rows are no pairs to a type checker


async def _texts(conn: AsyncConnection, talk: Any) -> list[Text]:
    """Those that carry the conversation's id in their reference, and those of its payments."""
    paid = sa.select(payment.c.id).where(payment.c.client == talk.client, payment.c.conversation == talk.id)
    of_payments = [outbox.c.ref.startswith(f"payment:{each}:", autoescape=True) for each in await conn.scalars(paid)]
    ours = sa.or_(outbox.c.ref.contains(talk.id, autoescape=True), *of_payments)
    near = sa.and_(outbox.c.to == talk.address, outbox.c.created_at >= talk.started_at - SKEW)
    asked = sa.select(*(outbox.c[name] for name in Text.__dataclass_fields__)).where(near, ours)
    return [Text(**row._mapping) for row in await conn.execute(asked.order_by(outbox.c.created_at).limit(20))]
