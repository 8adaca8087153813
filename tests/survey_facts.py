"""What clients said in surveys, for the pages of results: invitations, questions that were shown, answers."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from gateway.ids import new_id
from gateway.record import tables
from gateway.record.database import Database

HIDDEN = "branch,officer"
FLOW, MENU = "loan_feedback", "feedback"
FIELDS = {
    "full": "loan.got_full_amount",
    "why": {FLOW: "loan.why_less", MENU: "feedback.better"},
    "ease": "loan.ease",
    "hard": "loan.hardest",
    "extra": "loan.asked_for_money",
    "more": "loan.comment",
    "score": "feedback.recommend",
    "liked": "feedback.liked",
    "words": "feedback.comment",
}
REFUSED = object()
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@dataclass(slots=True)
class Said:
    """Rows of the record, gathered and then kept at once."""

    now: dt.datetime
    clients: Sequence[tuple[str, str]]  # id and address
    release: str = "a" * 64
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _count: int = 0

    def crowd(self, how_many: int = 400) -> None:
        """Everybody from now on is somebody else."""
        for n in range(how_many):
            row = {"id": f"c{n}", "number": f"S-{n}", "name": f"Somebody {n}", "stage": "active"}
            self._add("client", **row, created_at=self.now - 100 * DAY)
        self.clients = [*self.clients, *((f"c{n}", f"+2547110{n:05}") for n in range(how_many))]

    def _add(self, table: str, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def _who(self) -> tuple[str, str]:
        self._count += 1
        return self.clients[self._count % len(self.clients)]

    def left_out(self, reason: str, days: float = 10, flow: str = FLOW) -> None:
        self._invitation(flow, self._who(), "left out", self.now - days * DAY, reason=reason)

    def invited(
        self, answers: dict[str, Any] | None = None, state: str = "completed", days: float = 10, flow: str = FLOW
    ) -> str:
        """``answers`` None: never begun. The conversation, if there was one."""
        who, at, talk = self._who(), self.now - days * DAY, new_id()
        id_ = self._invitation(flow, who, state, at, begun_at=None if answers is None else at + MINUTE)
        if answers is not None:
            self._talk(talk, flow, who, at, "completed" if state == "completed" else "timed out")
            self._answers(talk, id_, flow, who, at, answers)
        return talk

    def began(self, answers: dict[str, Any], done: bool = True, days: float = 10, flow: str = MENU) -> str:
        """By themselves, from the menu."""
        who, at, talk = self._who(), self.now - days * DAY, new_id()
        self._talk(talk, flow, who, at, "completed" if done else "timed out")
        self._answers(talk, "", flow, who, at, answers)
        return talk

    async def keep(self, db: Database) -> None:
        async with db.write() as conn:
            for table, rows in self.rows.items():
                await conn.execute(sa.insert(tables.metadata.tables[table]), rows)
        self.rows = {}

    def _invitation(self, flow: str, who: tuple[str, str], state: str, at: dt.datetime, **more: Any) -> str:
        id_ = new_id()
        row = {"id": id_, "flow": flow, "release": self.release, "client": who[0], "address": who[1], "event": id_}
        row |= {"state": state, "reason": "", "due_at": at, "reminders": 0, "hidden_from": HIDDEN, "begun_at": None}
        row |= {"invited_at": at if state != "left out" else None, "closes_at": at + 7 * DAY, "reminded_at": None}
        row |= {"ended_at": at + 3 * MINUTE if state in ("completed", "left", "closed") else None}
        row |= {"open_for": id_[:32] if state in ("invited", "begun") else None, "on_card": False}
        self._add("invitation", **row | more)
        return id_

    def _talk(self, talk: str, flow: str, who: tuple[str, str], at: dt.datetime, outcome: str) -> None:
        row = {"id": talk, "channel": "ussd", "kind": "ussd", "address": who[1], "client": who[0], "flow": flow}
        row |= {"release": self.release, "step": "bye", "language": "en", "started_at": at, "last_at": at + MINUTE}
        self._add("conversation", **row, turn=len(self.rows.get("observation", ())), outcome=outcome)

    def _answers(self, talk: str, invitation: str, *of: Any) -> None:
        """An answer that is None was asked for and never came."""
        flow, who, at, said = of
        for turn, (step, value) in enumerate(said.items(), 1):
            when = at + MINUTE + turn * dt.timedelta(seconds=9)
            self._add("reached", invitation=invitation or talk, flow=flow, step=step, at=when, release=self.release)
            if value is None:
                continue
            name: Any = FIELDS.get(step, step)
            row = {"field": name[flow] if isinstance(name, dict) else name, "kind": _kind(value), "flow": flow}
            row |= {"value": None if value is REFUSED else value, "absent": "refused" if value is REFUSED else ""}
            row |= {"id": new_id(), "client": who[0], "address": who[1], "channel": "ussd", "release": self.release}
            row |= {"step": step, "conversation": talk, "turn": turn, "at": when, "who": "client"}
            self._add("observation", **row, hidden_from=HIDDEN, invitation=invitation)


def _kind(value: Any) -> str:
    return {bool: "yes_no", int: "number", list: "choices"}.get(type(value), "text")


def believable(said: Said, seed: int = 4) -> None:
    """Some months of both surveys that are shipped."""
    chance = random.Random(seed)
    for reason, count in (("share", 140), ("no consent", 6), ("asked lately", 9), ("no phone", 4)):
        for _ in range(count):
            said.left_out(reason, chance.uniform(1, 90))
    for _ in range(84):
        days = chance.uniform(9, 90)
        if chance.random() < 0.4:
            said.invited(None, "closed", days)
            continue
        full = chance.choices(["yes", "less", "more"], [70, 27, 3])[0]
        told: dict[str, Any] = {"full": full}
        if full == "less":
            told["why"] = chance.choices(["rule", "savings", "officer", "untold"], [5, 4, 2, 3])[0]
        if chance.random() < 0.1:
            said.invited(told | {"ease": None}, "closed", days)
            continue
        ease = chance.choices([1, 2, 3, 4, 5], [1, 2, 4, 8, 6])[0]
        told["ease"] = ease
        if ease <= 2:
            told["hard"] = chance.choice(["papers", "distance", "wait", "staff"])
        told["extra"] = chance.choices(["yes", "no", "refused"], [1, 12, 2])[0]
        told["more"] = chance.choice([REFUSED, REFUSED, "The money came in two days, thank you.", "Too many papers!"])
        said.invited(told, "completed", days)
    for _ in range(57):
        score = chance.choices(range(11), [1, 0, 1, 1, 1, 3, 4, 8, 12, 14, 12])[0]
        told = {"score": score} | ({"why": chance.choice(["cost", "cost", "time", "staff"])} if score < 7 else {})
        told["liked"] = chance.sample(["staff", "speed", "cost", "phone"], chance.randint(1, 3))
        told["words"] = chance.choice([REFUSED, "Reduce the interest please", "Asante sana"])
        said.began(told, days=chance.uniform(2, 80))
