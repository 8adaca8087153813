"""A survey that somebody was invited to: it opens where the main menu would have been shown first.

Of two phones at once one gets it: the action ``begin invitation`` claims it. Who left it is not pushed again; a call
that dropped goes on at the next question, also days later, with what was answered until then.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from flows import frames
from flows.events import Do, Outcome, Result
from flows.model import Ask, Flow, Menu
from flows.observed import from_kept
from flows.session import Invited
from flows.talk import Talk
from flows.values import Absent, Money, Value

ACTION = "begin invitation"
OFFERED, ASKED, BEGUN, LEFT, COMPLETED, AGAIN, GONE = "offered", "asked", "begun", "left", "completed", "again", "gone"


def offer(talk: Talk, invitation: str, flow: str) -> None:
    """This call may open the survey. One that this release does not have is not offered."""
    if flow in talk.release.flows:
        talk.session.invited = Invited(invitation, flow, OFFERED)


def begin(talk: Talk) -> Result | None:
    """Asks for the invitation, where the main menu is about to be shown; None: there is none to begin."""
    invited = talk.session.invited
    if invited is None or invited.state not in (OFFERED, AGAIN) or talk.lifted:
        return None
    inputs = {"invitation": invited.id, "anew": invited.state == AGAIN}
    invited.state = ASKED
    return Do(ACTION, inputs, frames.mint(talk, "?invitation"))


def is_asked(talk: Talk) -> bool:
    return talk.session.invited is not None and talk.session.invited.state == ASKED


def resume(talk: Talk, outcome: Outcome) -> None:
    """The survey is this call's, or the main menu follows."""
    invited = talk.session.invited
    assert invited is not None  # noqa: S101 - asked before
    invited.state = GONE
    if outcome.exit != "begun":
        return
    talk.session.effects += 1
    if frames.enter(talk, invited.flow):
        invited.state, talk.session.answering = BEGUN, invited.flow
        _take_up(talk, str(outcome.values.get("step") or ""), outcome.values.get("answers") or [])


def start_again(talk: Talk) -> None:
    """The call goes back to its beginning, and the survey with it."""
    if (invited := talk.session.invited) is not None and invited.state == BEGUN:
        invited.state = AGAIN


def completed(talk: Talk) -> None:
    """The end of a flow was reached."""
    invited = talk.session.invited
    if invited is not None and invited.state == BEGUN and talk.frame.flow == invited.flow:
        invited.state = COMPLETED


def settle(talk: Talk) -> None:
    """After a turn: is the survey still there?"""
    invited = talk.session.invited
    if invited is not None and invited.state == BEGUN:
        running = any(frame.flow == invited.flow for frame in talk.session.frames)
        if not running and talk.session.frames:
            invited.state = LEFT


def reached(talk: Talk) -> str:
    """The question of the survey that is on the screen; "" for none."""
    invited, running = talk.session.invited, talk.session.frames
    if invited is None or invited.state != BEGUN or not running or talk.session.outcome:
        return ""
    top = running[-1]
    return top.step if top.flow == invited.flow and not top.gate else ""


def asked(talk: Talk) -> str:
    """The question on the screen of a survey that the client began by themselves; "" for none."""
    invited, top = talk.session.invited, talk.session.frames[-1]
    own = invited is None or invited.state != BEGUN or invited.flow != top.flow
    return top.step if own and not top.gate and not talk.session.outcome else ""


def _take_up(talk: Talk, step: str, answers: list[list[Any]]) -> None:
    """Stands at the question that was shown last, with the answers before it; else at the beginning."""
    flow, known = talk.flow, {name: value(*rest) for name, *rest in answers}
    before = _before(flow, step)
    if not before or any(step.saves is None for step in before if isinstance(step, Menu | Ask)):
        return
    for passed in before:
        if isinstance(passed, Menu | Ask):
            skipped = passed.only_if is not None and not passed.only_if.holds(talk.names())
            answer = Absent.SKIPPED if skipped else known.get(passed.name, Absent.SKIPPED)
            talk.frame.known[passed.name] = answer
            talk.frame.trail.append(passed.name)
    talk.frame.trail = [name for name in talk.frame.trail if talk.frame.known[name] is not Absent.SKIPPED]
    talk.frame.step = step


def _before(flow: Flow, name: str) -> list[Any]:
    steps = list(flow.steps.values())
    place = next((n for n, step in enumerate(steps) if step.name == name), 0)
    return steps[:place]


def value(kind: str, found: Value, unit: str = "", absent: str = "") -> Value:
    """An observation of the record as an answer."""
    if absent:
        return Absent(absent)
    if kind == "money":
        return Money(int(found), unit)
    if kind in ("place", "media"):
        return from_kept(found)
    return dt.date.fromisoformat(found) if kind == "date" else found
