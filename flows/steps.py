"""What each kind of step shows, how its answer is taken, and where it leads. One small function a kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flows import actions, asking, frames, sources
from flows.answers import Miss
from flows.events import Choice, Do, Outcome, Result
from flows.model import AnyStep, Ask, Choose, Confirm, End, Menu, Run, Say, Set, Split
from flows.model import Do as DoStep
from flows.session import Frame
from flows.talk import Talk, lookup
from flows.values import Absent, Secret, Value

MAX_ITEMS = 50  # of a list that a session keeps
MAX_TRAIL = 20


# -- showing --------------------------------------------------------------------------------------------------------


def show(talk: Talk, step: AnyStep) -> Result | None:
    """What this step says or does; None: nothing to wait for, the conversation moved on."""
    return _SHOW[type(step)](talk, step)


def _say(talk: Talk, step: Say) -> None:
    talk.parts.append(talk.words(step.text))
    talk.next(step)


def _set(talk: Talk, step: Set) -> None:
    for name, right in step.values:
        value = _resolve(talk, right)
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
    if left.called:
        return _come_back(talk, left)
    if step.text is None and len(talk.session.frames) > 1:
        frames.home(talk)
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
        flow = talk.release.shortcuts.get(talk.session.shortcut)
        if flow and step.lists == talk.release.institution.main_flow:
            return _take_shortcut(talk, flow)
        if talk.session.shortcut:
            talk.session.shortcut = ""
            talk.path.clear()
    talk.parts.append(talk.words(step.text))
    return talk.say(*_menu_choices(talk, step), back=asking.back_offered(talk, None, False))


def _take_shortcut(talk: Talk, flow: str) -> Result | None:
    talk.session.shortcut = ""
    talk.matched = flow
    frames.enter(talk, flow)
    return None


def _menu_choices(talk: Talk, step: Menu) -> list[Choice]:
    if step.lists is None:
        labels = [talk.words(option.label) for option in step.options]
        return [Choice(key, label) for key, label in zip(asking.numbers(talk, len(labels)), labels, strict=True)]
    return [Choice(key, asking.start_label(talk, flow)) for key, flow in asking.listed(talk, step.lists).items()]


def _ask(talk: Talk, step: Ask) -> Result:
    talk.parts.append(talk.words(step.text))
    lawful = asking.lawful(talk, step, talk.release.institution.keys.back)
    return talk.say(*asking.choices(talk, step), back=asking.back_offered(talk, step.answer.kind, lawful))


def _choose(talk: Talk, step: Choose) -> Result:
    if step.name in talk.frame.lists:
        return _list(talk, step)
    source, _ = sources.catalogue()[step.source.source]
    if not _allowed(talk, source.authority):
        return talk.end("unavailable", talk.system("unavailable"))
    where = {step.source.where[0]: step.source.where[1]} if step.source.where else {}
    return Do(step.source.source, where, "")


def _list(talk: Talk, step: Choose) -> Result:
    talk.parts.append(talk.words(step.text))
    items = talk.frame.lists[step.name]
    labels = [talk.words(step.show, {step.item: item}) for item in items]
    choices = [Choice(k, label) for k, label in zip(asking.numbers(talk, len(items)), labels, strict=True)]
    return talk.say(*choices, back=asking.back_offered(talk, None, False))


def _confirm(talk: Talk, step: Confirm) -> Result:
    bound: dict[str, Value] = {what: _resolve(talk, name) for what, name in step.payment}
    bound["key"] = frames.mint(talk, step.name)
    talk.know(step.name, bound)
    talk.parts.append(talk.words(step.text))
    return talk.say(*asking.yes_no(talk), back=False)


def _split(talk: Talk, step: Split) -> Result:
    return talk.end("unavailable", talk.system("unavailable"))


def _do(talk: Talk, step: DoStep) -> Result:
    action, _ = actions.catalogue()[step.action]
    inputs = {name: _input(talk, right) for name, right in step.inputs}
    if not _allowed(talk, action.authority) or any(v is None for v in inputs.values()):
        return talk.end("unavailable", talk.system("unavailable"))
    key = frames.mint(talk, step.name) if action.effect else ""
    talk.session.doing = key
    return Do(step.action, inputs, key)


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

# -- answering ------------------------------------------------------------------------------------------------------


def takes_path(talk: Talk) -> bool:
    """Whether a deep-dialled answer may be taken here: never for a confirmation, and not before the menu was passed."""
    if talk.session.shortcut:
        return False
    step = talk.flow.steps[talk.frame.step]
    return bool(talk.frame.gate) or not isinstance(step, Confirm)


def answer(talk: Talk, typed: str) -> Result | None:
    """The answer to the step that waits; None: taken (or missed), go on from where the conversation stands now."""
    step = talk.flow.steps[talk.frame.step]
    match step:
        case Menu():
            return _menu_answer(talk, step, typed)
        case Ask():
            return _ask_answer(talk, step, typed)
        case Choose():
            return _choose_answer(talk, step, typed)
        case Confirm():
            return _confirm_answer(talk, step, typed)
    return None  # nothing was asked here: a redial into an effect, say. Go on with the step.


def _menu_answer(talk: Talk, step: Menu, typed: str) -> Result | None:
    if step.lists is not None:
        flows = asking.listed(talk, step.lists)
        key = asking.pick(talk, typed, {k: asking.start_label(talk, f) for k, f in flows.items()})
        if key is None:
            return missed(talk, typed, "help_menu")
        _taken(talk, step.name, typed, flows[key].name)
        frames.enter(talk, flows[key].name)
        return None
    labels = {k: c.label for k, c in ((c.key, c) for c in _menu_choices(talk, step))}
    key = asking.pick(talk, typed, labels)
    if key is None:
        return missed(talk, typed, "help_menu")
    option = step.options[list(labels).index(key)]
    _taken(talk, step.name, typed, option.name)
    talk.know(step.name, option.name)
    _save(talk, step.saves, option.name, step.name)
    talk.next(step, option.goes)
    return None


def _ask_answer(talk: Talk, step: Ask, typed: str) -> Result | None:
    found = asking.answer(talk, step, typed)
    if isinstance(found, Miss):
        return missed(talk, typed, found.help, found.values)
    if found is asking.TYPE_IT:
        _taken(talk, step.name, typed, "other")
        talk.frame.typing = True
        return None
    if isinstance(found, Secret):
        talk.secrets[step.name] = found
        _taken(talk, step.name, "(secret)", "secret")
    else:
        talk.know(step.name, found)
        _taken(talk, step.name, typed, found.value if isinstance(found, Absent) else "")
        _save(talk, step.saves, found, step.name)
    talk.next(step, step.way(found))
    return None


def _choose_answer(talk: Talk, step: Choose, typed: str) -> Result | None:
    items = talk.frame.lists[step.name]
    labels = {
        key: talk.words(step.show, {step.item: item})
        for key, item in zip(asking.numbers(talk, len(items)), items, strict=True)
    }
    key = asking.pick(talk, typed, labels)
    if key is None:
        return missed(talk, typed, "help_menu")
    _taken(talk, step.name, typed, key)
    _chosen(talk, step, items[list(labels).index(key)])
    return None


def _chosen(talk: Talk, step: Choose, item: dict[str, Value]) -> None:
    talk.know(step.item, item)
    if step.name != step.item:
        talk.know(step.name, item)
    talk.frame.lists.pop(step.name, None)
    talk.next(step)


def _confirm_answer(talk: Talk, step: Confirm, typed: str) -> Result | None:
    key = asking.pick(talk, typed, {c.key: c.label for c in asking.yes_no(talk)})
    if key is None:
        return missed(talk, typed, "help_menu")
    talk.matched = "yes" if key == "1" else "no"
    talk.heard.append(typed)
    talk.frame.trail.clear()
    talk.next(step, None if key == "1" else step.no)
    return None


def _taken(talk: Talk, step: str, typed: str, matched: str) -> None:
    talk.heard.append(typed)
    talk.matched = matched
    talk.frame.trail = [*talk.frame.trail, step][-MAX_TRAIL:]


def _save(talk: Talk, field: str | None, value: Value, step: str) -> None:
    if field:
        talk.saved.append((field, value, step))


def missed(talk: Talk, typed: str, help_key: str, values: dict[str, Value] | None = None) -> Result | None:
    """Not an answer: the question again with an example; at the third miss, a person."""
    talk.heard.append(frames.hidden(typed))
    talk.matched = "?"
    talk.path.clear()
    if not frames.third_miss(talk):
        talk.parts.append(talk.system(help_key, values))
    return None


# -- doing ----------------------------------------------------------------------------------------------------------


def needs_secret(talk: Talk) -> bool:
    """Whether the action that has not answered was given a secret, which is gone."""
    step = talk.flow.steps.get(talk.frame.step)
    if not isinstance(step, DoStep):
        return False
    inputs = actions.catalogue()[step.action][0].inputs.values()
    return any(i.kind.value == "secret" for i in inputs)


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
    talk.session.doing = ""
    talk.matched = talk.matched or outcome.exit
    talk.know(step.name, outcome.values)
    way = dict(step.exits).get(outcome.exit)
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
    items = [_kept(step, item) for item in outcome.values["items"][:MAX_ITEMS]]
    if not items:
        talk.next(step, step.none)
    elif len(items) == 1:
        _chosen(talk, step, items[0])
    else:
        talk.frame.lists[step.name] = items
    return None


def _kept(step: Choose, item: dict[str, Value]) -> dict[str, Value]:
    return {name: item.get(name) for name in ("id", *step.fields)}


def _allowed(talk: Talk, authority: tuple[str, ...]) -> bool:
    return any(
        need == "none" or need in talk.session.proofs or (need == "client" and talk.person.client) for need in authority
    )


def _resolve(talk: Talk, right: str) -> Value:
    """A name that is known, or the bare word or number itself."""
    value = lookup(talk.names(), right)
    if value is not None:
        return value
    return int(right) if right.isdecimal() else right


def _input(talk: Talk, right: str) -> Value:
    return talk.secrets.get(right) or _resolve(talk, right)
