"""A survey is answered by one call at a time: before its first question the call takes it, for this client.

Of two phones at once one gets it: the action ``take survey`` decides. Who comes back after a dropped call asks once
more, because another phone may have taken it over meanwhile. Where nobody can say, the survey goes on: what a client
has to tell is worth more than the certainty that nobody else tells it.
"""

from __future__ import annotations

from flows import frames
from flows.events import Do, Outcome, Result
from flows.talk import Talk

ACTION, SURVEY = "take survey", "survey"
ASK = "?"  # before the name of a survey: it is to be taken again before the next question


def begin(talk: Talk, flow: str) -> Do:
    """Asks for the survey, where its first question is about to be shown."""
    talk.taking, talk.session.answering = True, ASK + flow
    return Do(ACTION, {"flow": flow}, frames.mint(talk, "?survey"))


def resume(talk: Talk, outcome: Outcome) -> Result | None:
    """The survey is this call's, or the call ends."""
    talk.taking = False
    flow, talk.session.answering = talk.session.answering.removeprefix(ASK), ""
    if outcome.exit != "unavailable":
        talk.session.effects += 1
    if outcome.exit == "elsewhere":
        talk.parts.clear()
        return talk.end("elsewhere", talk.system("survey_elsewhere"))
    talk.session.answering = flow
    return None


def again(talk: Talk) -> None:
    """A call goes on with what was left: another phone may have taken it since."""
    if flow := talk.session.answering.removeprefix(ASK):
        talk.session.answering = ASK + flow


def completed(talk: Talk) -> None:
    """The end of a flow was reached."""
    if talk.session.answering == talk.frame.flow:
        talk.surveyed, talk.session.answering = (talk.frame.flow, "completed"), ""


def settle(talk: Talk) -> None:
    """After a turn: is the survey still there? Where it is not, another phone may have it at once."""
    flow = talk.session.answering.removeprefix(ASK)
    if flow and all(frame.flow != flow for frame in talk.session.frames):
        talk.surveyed, talk.session.answering = (flow, "left"), ""
    elif flow:
        talk.surveyed = (flow, "")
