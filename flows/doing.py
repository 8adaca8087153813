"""What comes of an action or a list that the world was asked for."""

from __future__ import annotations

from flows import actions, agreeing, frames
from flows.events import Outcome, Result
from flows.model import Choose
from flows.model import Do as DoStep
from flows.session import LIST, size
from flows.taking import chosen
from flows.talk import Talk, client_of
from flows.values import Kind, Value

MAX_ITEMS = 50  # of a list that a session keeps


def needs_secret(talk: Talk) -> bool:
    """Whether the action that has not answered was given a secret, which is gone."""
    frame = frames.waiting(talk)
    step = talk.release.flows[frame.flow].steps.get(frame.step) if frame else None
    if not isinstance(step, DoStep):
        return False
    inputs = actions.catalogue()[step.action][0].inputs.values()
    return any(i.kind is Kind.SECRET for i in inputs)


def resume(talk: Talk, outcome: Outcome) -> Result | None:
    """The outcome of the action or the list that the step asked for."""
    step = talk.flow.steps[talk.frame.step]
    if isinstance(step, Choose):
        return _listed(talk, step, outcome)
    assert isinstance(step, DoStep)  # noqa: S101 - only these two ask the world for anything
    action, _ = actions.catalogue()[step.action]
    if action.effect and outcome.exit != "unavailable":
        frames.settle_effect(talk)
    if action.proves != "none" and outcome.exit in ("right", "set"):
        talk.session.proofs.append(action.proves)
        client_of(talk.person)["has_pin"] = outcome.exit == "set" or client_of(talk.person).get("has_pin")
        talk.forget_names()
    talk.frame.doing = ""
    talk.matched = talk.matched or outcome.exit
    talk.know(step.name, outcome.values)
    if outcome.exit in action.refusals:
        return talk.end(outcome.exit, talk.system(action.refusals[outcome.exit]))
    exit_ = agreeing.answered(talk, outcome, action.again) if action.collects else outcome.exit
    way = dict(step.exits).get(exit_)
    if way is None:
        return talk.end("unavailable", talk.system("unavailable"))
    talk.next(step, way)
    return None


def _listed(talk: Talk, step: Choose, outcome: Outcome) -> Result | None:
    if outcome.exit != "found":
        if step.unavailable is None:
            return talk.end("unavailable", talk.system("unavailable"))
        talk.next(step, step.unavailable)
        return None
    items = fitting([kept(step, item) for item in outcome.values["items"][:MAX_ITEMS]])
    if not items:
        talk.next(step, step.none)
    elif len(items) == 1:
        chosen(talk, step, items[0])
    else:
        talk.frame.lists[step.name] = items
    return None


def fitting(items: list[dict[str, Value]]) -> list[dict[str, Value]]:
    """The first of them, as many as a session has room for."""
    while len(items) > 1 and (taken := size(items)) > LIST:
        items = items[: max(1, len(items) * LIST // taken)]
    return items


def kept(step: Choose, item: dict[str, Value]) -> dict[str, Value]:
    return {name: item.get(name) for name in ("id", *step.fields)}
