"""How the answer to each kind of step is taken, what a wrong one brings, and where it leads."""

from __future__ import annotations

from flows import agreeing, asking, frames
from flows.answers import Miss
from flows.events import Result
from flows.model import AnyStep, Ask, Choose, Confirm, Menu
from flows.talk import Talk
from flows.values import Absent, Kind, Media, Place, Secret, Value

MAX_TRAIL = 20  # screens that the back key remembers


def takes_path(talk: Talk) -> bool:
    """Whether a deep-dialled answer may be taken here: never for a confirmation, and not before the menu was passed."""
    if talk.session.shortcut:
        return False
    step = talk.flow.steps[talk.frame.step]
    return bool(talk.frame.gate) or not isinstance(step, Confirm)


def answer(talk: Talk, typed: str) -> Result | None:
    """The answer to the step that waits; None: taken (or missed), go on from where the conversation stands now."""
    frame = talk.session.frames[-1]
    step = talk.release.flows[frame.flow].steps[frame.step]
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
        key = asking.pick(talk, typed, flows, lambda flow: asking.start_label(talk, flow))
        if key is None:
            return missed(talk, typed, "help_menu")
        talk.heard.append(typed)
        talk.matched = flows[key].name
        frames.enter(talk, flows[key].name)
        return None
    options = dict(zip(asking.numbers(talk, len(step.options)), step.options, strict=True))
    key = asking.pick(talk, typed, options, lambda option: talk.words(option.label))
    if key is None:
        return missed(talk, typed, "help_menu")
    option = options[key]
    _taken(talk, step.name, typed, option.name)
    talk.know(step.name, option.name)
    _save(talk, step.saves, option.name, step.name)
    talk.next(step, option.goes)
    return None


def _ask_answer(talk: Talk, step: Ask, typed: str) -> Result | None:
    found = asking.answer(talk, step, typed)
    if isinstance(found, Miss):
        shown = "(secret)" if step.answer.kind is Kind.SECRET else typed  # a slip of the finger may leave most of it
        return missed(talk, shown, found.help, found.values)
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


def sent(talk: Talk, what: Place | Media) -> Result | None:
    """A position or a file, where it may answer a question; anywhere else it is no answer."""
    step = talk.flow.steps[talk.frame.step]
    name = f"({what.kind})" if isinstance(what, Media) else "(place)"
    if isinstance(step, Menu | Choose | Confirm):
        return missed(talk, name, "help_menu")
    if not isinstance(step, Ask):
        return None
    found = asking.answer_sent(talk, step, what)
    if isinstance(found, Miss):
        return missed(talk, name, found.help, found.values)
    talk.know(step.name, found)
    _taken(talk, step.name, name, "")
    _save(talk, step.saves, found, step.name)
    talk.next(step, step.way(found))
    return None


def _choose_answer(talk: Talk, step: Choose, typed: str) -> Result | None:
    kept = talk.frame.lists[step.name]
    items = dict(zip(asking.numbers(talk, len(kept)), kept, strict=True))
    key = asking.pick(talk, typed, items, lambda item: asking.item_line(talk, step, item))
    if key is None:
        return missed(talk, typed, "help_menu")
    _taken(talk, step.name, typed, key)
    chosen(talk, step, items[key])
    return None


def chosen(talk: Talk, step: Choose, item: dict[str, Value]) -> None:
    talk.know(step.item, item)
    if step.name != step.item:
        talk.know(step.name, item)
    talk.frame.lists.pop(step.name, None)
    talk.next(step)


def _confirm_answer(talk: Talk, step: Confirm, typed: str) -> Result | None:
    key = asking.pick(talk, typed, {c.key: c.label for c in asking.yes_no(talk)}, lambda label: label)
    if key is None:
        return missed(talk, typed, "help_menu")
    talk.matched = "yes" if key == "1" else "no"
    talk.heard.append(typed)
    talk.frame.trail.clear()
    agreeing.answer(talk, step, key == "1")
    talk.next(step, None if key == "1" else step.no)
    return None


def _taken(talk: Talk, step: str, typed: str, matched: str) -> None:
    talk.heard.append(typed)
    talk.matched = matched
    talk.frame.trail = [*talk.frame.trail, step][-MAX_TRAIL:]


def _save(talk: Talk, field: str | None, value: Value, step: str) -> None:
    if field:
        talk.saved.append((field, value, step))


def skip(talk: Talk, step: AnyStep) -> None:
    """Past a question that is not for this client. One that was answered, before they went back and answered another
    one anew, is so no more: what was kept of it stays kept, and after it that it was skipped."""
    frame = talk.session.frames[-1]
    before = frame.known.get(step.name)
    if isinstance(step, Menu | Ask) and before not in (None, Absent.SKIPPED, Absent.TIMED_OUT):
        _save(talk, step.saves, Absent.SKIPPED, step.name)
    if not (isinstance(step, Confirm) and before):  # what was agreed to is agreed to
        frame.known[step.name] = Absent.SKIPPED
    frame.step = talk.release.flows[frame.flow].order[step.name] or ""


def missed(talk: Talk, typed: str, help_key: str, values: dict[str, Value] | None = None) -> Result | None:
    """Not an answer: the question again with an example; at the third miss, a person."""
    talk.heard.append(frames.hidden(typed))
    talk.matched = "?"
    talk.path.clear()
    if not frames.third_miss(talk):
        talk.parts.append(talk.system(help_key, values))
    return None
