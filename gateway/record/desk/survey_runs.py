"""Who answered one survey: a *run* is one time that somebody was asked, or began by themselves. Parts of queries.

The run of who was invited is the invitation, however many calls it took; of who began it from a menu, the conversation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gateway.record.tables import conversation, invitation, observation, reached

OWN = "own"  # the state of a run that nobody invited to

_its, _said, _shown = invitation.c, observation.c, reached.c


@dataclass(frozen=True, slots=True)
class Scope:
    """Which runs count: by when they were asked (or began by themselves), and by the release."""

    flow: str
    since: dt.datetime | None = None
    until: dt.datetime | None = None  # not this moment itself
    release: str = ""


def runs(scope: Scope) -> sa.CTE:
    """Columns: run, at, release, client, state, reason, begun and done (0 or 1)."""
    made = sa.union_all(_invited(scope.flow), _own(scope.flow)).cte("made")
    found = sa.select(made)
    if scope.since:
        found = found.where(made.c.at >= scope.since)
    if scope.until:
        found = found.where(made.c.at < scope.until)
    if scope.release:
        found = found.where(made.c.release == scope.release)
    return found.cte("runs")


def _invited(flow: str) -> sa.Select[Any]:
    """What they were shown counts as the release, where they were shown something."""
    shown = sa.select(sa.func.max(_shown.release)).where(_shown.invitation == _its.id, _shown.flow == flow)
    return sa.select(
        _its.id.label("run"),
        sa.func.coalesce(_its.invited_at, _its.due_at).label("at"),
        sa.func.coalesce(sa.func.nullif(shown.scalar_subquery(), ""), _its.release).label("release"),
        _its.client.label("client"),
        _its.state.label("state"),
        _its.reason.label("reason"),
        sa.case((_its.begun_at.is_not(None), 1), else_=0).label("begun"),
        sa.case((_its.state == "completed", 1), else_=0).label("done"),
    ).where(_its.flow == flow)


def _own(flow: str) -> sa.Select[Any]:
    """Done: the conversation ended where this flow ends."""
    invited = sa.exists().where(_its.id == _shown.invitation)
    asked = sa.select(_shown.invitation.label("run"), _shown.at, _shown.release)
    asked = asked.where(_shown.flow == flow, sa.not_(invited))
    told = sa.select(_said.conversation.label("run"), _said.at, _said.release)
    told = told.where(*_answers(flow), _said.conversation != "", _said.invitation == "")
    both = sa.union_all(asked, told).subquery()
    first = sa.select(both.c.run, sa.func.min(both.c.at).label("at"), sa.func.max(both.c.release).label("release"))
    one = first.group_by(both.c.run).subquery()
    talk = conversation.c
    done = sa.and_(talk.flow == flow, talk.outcome == "completed")
    return sa.select(
        one.c.run,
        one.c.at,
        one.c.release,
        sa.func.coalesce(talk.client, ""),
        sa.literal(OWN),
        sa.literal(""),
        sa.literal(1),
        sa.case((done, 1), else_=0),
    ).select_from(one.outerjoin(conversation, talk.id == one.c.run))


def shown(scope: Scope, steps: Sequence[str]) -> sa.Subquery:
    """One row of each run that began: done, and 1 in ``s0``, ``s1``, … where that question was shown; one that was
    answered was shown, whatever was lost.

    Runs and what hangs on them are not joined but put below each other and grouped: that takes the same time however
    wrong a database guesses how many there are.
    """
    one, none = runs(scope), [sa.literal(0) for _ in steps]
    begun = sa.select(one.c.run, one.c.done, sa.literal(1).label("inside"), *none).where(one.c.begun == 1)
    asked = _marked(_shown.invitation, _shown.step, steps).where(_shown.flow == scope.flow)
    told = _marked(run_of(), _said.step, steps).where(*_answers(scope.flow))
    both = sa.union_all(asked, told, begun).subquery()
    marks = [sa.func.max(both.c[f"s{n}"]).label(f"s{n}") for n in range(len(steps))]
    found = sa.select(both.c.run, sa.func.max(both.c.done).label("done"), *marks)
    return found.group_by(both.c.run).having(sa.func.max(both.c.inside) == 1).subquery()


def _marked(run: sa.ColumnElement[str], step: sa.ColumnElement[str], steps: Sequence[str]) -> sa.Select[Any]:
    marks = [sa.case((step == one, 1), else_=0).label(f"s{n}") for n, one in enumerate(steps)]
    return sa.select(run.label("run"), sa.literal(0).label("done"), sa.literal(0).label("inside"), *marks)


def newest(scope: Scope) -> sa.Subquery:
    """What each run that began said last to each question: columns of ``observation``, the value as text; of a file
    what kind of thing it is."""
    names = ("id", "client", "at", "step", "kind", "unit", "absent", "conversation", "hidden_from")
    what = sa.case((_said.kind == "media", sa.cast(_said.value["kind"], sa.Text)), else_=sa.cast(_said.value, sa.Text))
    one, value = runs(scope), what.label("value")
    told = sa.select(run_of().label("run"), sa.literal(0).label("inside"), value, *(_said[n] for n in names))
    nothing = [sa.null() for _ in ("value", *names)]
    begun = sa.select(one.c.run, sa.literal(1), *nothing).where(one.c.begun == 1)
    both = sa.union_all(told.where(*_answers(scope.flow)), begun).subquery()
    order = (both.c.at.desc(), both.c.id.desc())
    nth = sa.func.row_number().over(partition_by=(both.c.run, both.c.step), order_by=order).label("nth")
    inside = sa.func.max(both.c.inside).over(partition_by=both.c.run).label("counts")
    each = sa.select(both, nth, inside).subquery()
    return sa.select(each).where(each.c.counts == 1, each.c.nth == 1, each.c.id.is_not(None)).subquery()


def run_of() -> sa.ColumnElement[str]:
    """Of an observation."""
    return sa.case((_said.invitation != "", _said.invitation), else_=_said.conversation)


def _answers(flow: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (_said.flow == flow, _said.who == "client")
