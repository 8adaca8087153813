"""What each kind of step shows, or does of itself. One small function a kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flows import actions, agreeing, answering, asking, frames, inviting, sources, taking
from flows.conditions.values import is_empty
from flows.events import Choice, Do, Result
from flows.model import AnyStep, Ask, Choose, Confirm, End, Menu, Run, Say, Set, Split
from flows.model import Do as DoStep
from flows.naming import allowed, given, resolve
from flows.session import Frame
from flows.talk import Talk
from flows.values import Kind, Secret


def show(talk: Talk, step: AnyStep) -> Result | None:
    """What this step says or does; None: nothing to wait for, the conversation moved on."""
    return _SHOW[type(step)](talk, step)


def _say(talk: Talk, step: Say) -> None:
    talk.parts.append(talk.words(step.text))
    talk.next(step)


def _set(talk: Talk, step: Set) -> None:
    for name, right in step.values:
        value = resolve(talk, right)
        if name == "contact.language":
            talk.person.language = talk.contact["language"] = str(value)
            talk.forget_names()
        elif name == "contact.notice":
            talk.person.notice = talk.contact["notice"] = str(value)
            talk.forget_names()
        else:
            talk.know(name, value)
    talk.next(step)


def _run(talk: Talk, step: Run) -> None:
    if not frames.enter(talk, step.flow, called=True):
        talk.next(step)


def _end(talk: Talk, step: End) -> Result | None:
    if step.text is not None:
        talk.parts.append(talk.words(step.text))
    left = talk.frame
    if talk.session.invited is not None:
        inviting.completed(talk)
    if talk.session.answering:
        answering.completed(talk)
    if left.called:
        return _come_back(talk, left)
    if step.text is None and len(talk.session.frames) > 1:
        talk.session.frames.pop()
        return None
    return talk.end("completed")


def _come_back(talk: Talk, left: Frame) -> Result | None:
    talk.session.frames.pop()
    step = talk.flow.steps[talk.frame.step]
    talk.know(step.name, {k: v for k, v in left.known.items() if not isinstance(v, Secret)})
    talk.next(step)
    return None


def _menu(talk: Talk, step: Menu) -> Result | None:
    if step.lists is not None:
        flow = asking.listed(talk, step.lists).get(talk.session.shortcut) if talk.session.shortcut else None
        if flow is not None:
            return _take_shortcut(talk, flow.name)
        if talk.session.shortcut:
            talk.session.shortcut = ""
            talk.path.clear()
        if step.lists == talk.release.institution.main_flow and (opened := inviting.begin(talk)) is not None:
            return opened
    talk.parts.append(talk.words(step.text))
    return talk.say(*asking.lines(talk, step), back=frames.can_go_back(talk))


def _take_shortcut(talk: Talk, flow: str) -> Result | None:
    talk.session.shortcut = ""
    talk.matched = flow
    frames.enter(talk, flow)
    return None


def _ask(talk: Talk, step: Ask) -> Result | None:
    if step.answer.kind is Kind.SECRET and talk.lifted:
        return talk.say(back=False)  # nobody is here to be asked
    if step.answer.kind is Kind.SECRET and not talk.asks_secrets:
        return talk.end("not here", talk.system("pin_not_here"))
    if step.answer.kind is Kind.MEDIA and talk.carries.isdisjoint(step.answer.of):  # it cannot be sent here
        taking.skip(talk, step)
        return None
    talk.parts.append(talk.words(step.text))
    back = step.answer.kind is not Kind.SECRET and frames.can_go_back(talk)
    back = back and not asking.lawful(talk, step, talk.release.institution.keys.back)
    return talk.say(*asking.choices(talk, step), back=back)


def _choose(talk: Talk, step: Choose) -> Result:
    if step.name in talk.frame.lists:
        return _list(talk, step)
    source, _ = sources.catalogue()[step.source.source]
    if not allowed(talk, source.authority):
        return _refused(talk)
    where = {step.source.where[0]: step.source.where[1]} if step.source.where else {}
    return Do(step.source.source, where, "")


def _list(talk: Talk, step: Choose) -> Result:
    talk.parts.append(talk.words(step.text))
    items = talk.frame.lists[step.name]
    labels = [asking.item_line(talk, step, item) for item in items]
    choices = [Choice(k, label) for k, label in zip(asking.numbers(talk, len(items)), labels, strict=True)]
    return talk.say(*choices, back=frames.can_go_back(talk))


def _confirm(talk: Talk, step: Confirm) -> Result:
    bound = agreeing.bind(talk, step)
    if bound is None:
        return _refused(talk)
    talk.know(step.name, bound)
    talk.know("fee", bound["fee"])
    talk.parts.append(talk.words(step.text))
    return talk.say(*asking.yes_no(talk), back=False)


def _split(talk: Talk, step: Split) -> Result:
    return talk.end("unavailable", talk.system("unavailable"))


def _do(talk: Talk, step: DoStep) -> Result:
    """Runs the action. An effect that has not answered was allowed then, and is asked for under the key it has."""
    action, _ = actions.catalogue()[step.action]
    if action.collects:
        return _collect(talk, step, action.authority)
    inputs = {name: given(talk, right) for name, right in step.inputs}
    lacks = any(need.required and is_empty(inputs.get(name)) for name, need in action.inputs.items())
    talk.asked_again = bool(talk.frame.doing)
    if lacks or not (talk.asked_again or allowed(talk, action.authority)):
        return _refused(talk)
    if action.effect:
        talk.frame.doing = talk.frame.doing or frames.mint(talk, step.name)
    return Do(step.action, inputs, talk.frame.doing)


def _collect(talk: Talk, step: DoStep, authority: tuple[str, ...]) -> Result:
    """Money moves only as it was agreed to on a confirmation, and under the key of that screen."""
    bound = agreeing.agreed(talk)
    if bound is None or not allowed(talk, authority):
        return _refused(talk)
    talk.asked_again = bool(talk.frame.doing)
    talk.frame.doing = bound["key"]
    return Do(step.action, agreeing.inputs(talk, step, bound), bound["key"])


def _refused(talk: Talk) -> Result:
    """Not without the authority or the inputs that are needed. While nobody is here, that waits for the next call."""
    return talk.say(back=False) if talk.lifted else talk.end("unavailable", talk.system("unavailable"))


_SHOW: dict[type, Callable[[Talk, Any], Result | None]] = {
    Say: _say,
    Set: _set,
    Run: _run,
    End: _end,
    Menu: _menu,
    Ask: _ask,
    Choose: _choose,
    Confirm: _confirm,
    Split: _split,
    DoStep: _do,
}
