"""Faults of meaning: names that are not known yet, values of another type, what can never come about."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from mutants.form import conditions, inputs
from mutants.ground import Entry, everywhere, whole, words_of
from mutants.judging import Mutant, broken, follows, kind, near, untold
from mutants.places import action_of, flow_of, is_later, kind_of, shown, step_of, steps

from flows.checks import START
from flows.model import AnyStep, Ask, Choose, Confirm, Do, Flow, Menu
from flows.money import money
from flows.values import Kind, Money

OTHER_TYPE = "client.has_pin"  # yes or no: known everywhere, and what no amount, list or text can be


def names_of(step: AnyStep) -> list[str]:
    """Names that can be shown once this step was done."""
    match step:
        case Ask() if step.answer.kind not in (Kind.SECRET, Kind.CHOICES):
            return [step.name]
        case Menu() if step.lists is None:
            return [step.name]
        case Do() if not whole().actions[step.action].collects:
            return [
                f"{step.name}.{output}"
                for output, kind in whole().actions[step.action].outputs.items()
                if kind not in (Kind.RECORD, Kind.LIST)
            ]
        case Choose():
            return [
                f"{step.item}.{field}"
                for field, kind in whole().sources[step.source.source].fields.items()
                if kind in (Kind.NAME, Kind.MONEY)
            ][:1]
    return []


def _after(flow: Flow, step: str) -> frozenset[str]:
    return whole().graphs[flow.name].reachable(step)


def _added(entry: Entry, name: str) -> tuple[int, int, str]:
    return entry.said(f"{entry.text} {{{name}}}")


def _pairs() -> Iterator[tuple[Entry, AnyStep, str]]:
    """Words, and a name that is never known where they are shown."""
    for entry in shown():
        flow = flow_of(entry)
        for giver in flow.steps.values():
            if entry.step != giver.name and entry.step not in _after(flow, giver.name):
                yield from ((entry, giver, name) for name in names_of(giver))


NOT_KNOWN = "meaning.not_known meaning.lost_by_back meaning.lost_by_return"
TOO_LONG = "fit.* cost.*"  # a name more can be too much for a screen


@kind("meaning", "words show a name before it is known")
def too_early() -> Iterator[Mutant]:
    for entry, giver, name in _pairs():
        if giver.name in _after(flow_of(entry), entry.step or ""):
            yield broken(entry, _added(entry, name), NOT_KNOWN, f'"{name}"', also=[follows(entry.file, TOO_LONG)])


@kind("meaning", "words show a name of another way through the flow")
def other_branch() -> Iterator[Mutant]:
    for entry, giver, name in _pairs():
        if giver.name not in _after(flow_of(entry), entry.step or ""):
            yield broken(entry, _added(entry, name), NOT_KNOWN, f'"{name}"', also=[follows(entry.file, TOO_LONG)])


@kind("meaning", "an answer that is needed may be left out")
def optional() -> Iterator[Mutant]:
    for entry in everywhere():
        step = step_of(entry) if entry.path[2:] == ("answer",) else None
        if isinstance(step, Ask) and step.answer.required and step.answer.kind is not Kind.SECRET:
            needed = _needs(flow_of(entry), step.name)
            edit = (entry.end - 1, entry.end - 1, ", required: no")
            if needed and entry.value.flow_style:
                says = [follows(entry.file, "meaning.*", f'"{step.name}"', steps=tuple(needed))]
                yield broken(entry, edit, "").found_by(*says)


def _needs(flow: Flow, name: str) -> list[str]:
    """Steps that cannot do without this answer, and that do not ask whether it is there."""
    return [s.name for s in flow.steps.values() if s.only_if is None and name in _used(s)]


def _used(step: AnyStep) -> set[str]:
    match step:
        case Do():
            needs = whole().actions[step.action].inputs
            given = {value for need, value in step.inputs if need in needs and needs[need].required}
            return given | {name for _, text in step.later for name in text.names}
        case Confirm():
            return {*step.text.names, *(name for _, name in step.payment)}
    return set(getattr(getattr(step, "text", None), "names", ()))


@kind("meaning", "a condition asks for less than an answer can be")
def too_little() -> Iterator[Mutant]:
    for step in steps():
        model = flow_of(step).steps[step.name]
        if isinstance(model, Ask) and isinstance(model.answer.min, int | Money):
            low = model.answer.min
            said = f"{low.minor // 100}" if isinstance(low, Money) else f"{low}"
            yield from _condition_below(step, f"{step.name} less than {said}")


@kind("meaning", "a condition asks for two answers at once")
def both() -> Iterator[Mutant]:
    for step in steps():
        model = flow_of(step).steps[step.name]
        if isinstance(model, Menu) and len(model.options) > 1:
            one, other = model.options[0].name, model.options[1].name
            yield from _condition_below(step, f"{step.name} is {one} and {step.name} is {other}")


def _condition_below(step: Entry, condition: str) -> Iterator[Mutant]:
    """Words below this step, under a condition that never holds."""
    flow = flow_of(step)
    below = flow.order[step.name]
    if below is None or not any(e.target == below and e.step == step.name for e in whole().graphs[flow.name].edges):
        return
    lines = f'  extra_words:\n    only if: {condition}\n    say: "Never."\n'
    says = follows(step.file, "meaning.never_true", steps=("extra_words",))
    also = [untold(step.file)]
    yield broken(step, step.file.before(below, lines), "", also=also).found_by(says)


@kind("meaning", "a condition asks for an answer that is given further down")
def later_answer() -> Iterator[Mutant]:
    for step, below in product(steps(), steps()):
        flow = flow_of(step)
        asked = flow.steps.get(below.name)
        if step.file is below.file and _may_ask(step) and step.name not in {below.name, *_after(flow, below.name)}:
            first = step.file.under(*step.path)[0]
            if isinstance(asked, Menu) and asked.options:
                condition = f"only if: {below.name} is {asked.options[0].name}"
                edit = (first.start, first.start, f"{condition}{', ' if first.inside.flow_style else chr(10) + '    '}")
                says = follows(step.file, "meaning.never_true", f'"{below.name}', steps=(step.name,))
                also = [follows(step.file, f"{NOT_KNOWN} meaning.never_reached")]
                yield broken(step, edit, "", also=also).found_by(says)


def _may_ask(step: Entry) -> bool:
    """Whether a condition can stand here."""
    model = flow_of(step).steps[step.name]
    return (
        model.only_if is None and flow_of(step).order[step.name] is not None and kind_of(step) in ("say", "menu", "ask")
    )


@kind("meaning", "a condition asks for an option that is not there")
def no_option() -> Iterator[Mutant]:
    for entry in conditions():
        words = entry.text.split()
        named = flow_of(entry).steps.get(words[0])
        if isinstance(named, Menu):
            wrong = words[-1] + words[-1][-1]
            yield broken(entry, entry.instead(" ".join([*words[:-1], wrong])), "condition.* meaning.never_true", wrong)


@kind("meaning", "things of two types are compared")
def two_types() -> Iterator[Mutant]:
    for entry in conditions():
        words = entry.text.split()
        for wrong in ("many", "2026-01-31"):
            if words[-1] != "empty" and " and " not in entry.text:
                change = entry.instead(" ".join([*words[:-1], wrong]))
                yield broken(entry, change, "condition.* meaning.never_true", wrong)


@kind("meaning", "what can be more or less is compared as if it were a word")
def wrong_operator() -> Iterator[Mutant]:
    for entry in conditions():
        words = entry.text.split()
        if isinstance(flow_of(entry).steps.get(words[0]), Menu):
            yield broken(entry, entry.instead(f"{words[0]} at least 3"), "condition.*", words[0])


@kind("meaning", "the least and the most of an answer are exchanged")
def bounds() -> Iterator[Mutant]:
    for entry in everywhere():
        low, high = (entry.file.at(*entry.path, end) for end in ("min", "max"))
        if entry.name == "answer" and low and high and _figure(low.text) and _figure(high.text):
            change = [low.instead(high.text), high.instead(low.text)]
            yield broken(entry, change, "meaning.no_answer")


def _figure(text: str) -> bool:
    return text.replace(".", "").isdecimal()


@kind("meaning", "a bound is a name of another type")
def bound_type() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path[2:] in (("answer", "min"), ("answer", "max")):
            yield broken(entry, entry.instead(OTHER_TYPE), "names.type answer.bound", OTHER_TYPE)


@kind("meaning", "an action is given something of another type")
def input_type() -> Iterator[Mutant]:
    for entry in inputs():
        if action_of(entry).inputs[entry.name].kind is not Kind.YES_NO:
            yield broken(entry, entry.instead(OTHER_TYPE), "action.input_type", OTHER_TYPE)


@kind("meaning", "a payment is made of things of another type")
def payment_type() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path[2:3] == ("payment",) and len(entry.path) == 4:
            also = [follows(entry.file, "confirm.not_shown", steps=(entry.step,))]
            yield broken(entry, entry.instead(OTHER_TYPE), "names.type value.unknown", OTHER_TYPE, also=also)


@kind("meaning", "an amount that is offered is none")
def offer_type() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path[-2:-1] == ("offer",) and entry.name != "other":
            yield broken(entry, entry.renamed("account.nickname"), "names.type", "account.nickname")


@kind("meaning", "a menu has an answer that the action does not take")
def input_word() -> Iterator[Mutant]:
    for entry in inputs():
        asked = flow_of(entry).steps.get(entry.text)
        options = entry.file.at("steps", entry.text, "options")
        if (
            isinstance(asked, Menu)
            and options
            and (action_of(entry).inputs[entry.name].choices or asked.name == "want")
        ):
            edit = (options.end - 1, options.end - 1, ', quite_else: "Quite else"')
            label = untold(entry.file)
            also = [label, follows(entry.file, "saves.option words.many_options fit.*", steps=(asked.name,))]
            yield broken(entry, edit, "meaning.input_word action.*", also=also)


@kind("meaning", "a field that not every account has is shown without asking whether it is there")
def lacking() -> Iterator[Mutant]:
    for entry in conditions():
        flow, step = flow_of(entry), step_of(entry)
        guarded = [n for n in getattr(getattr(step, "text", None), "names", ()) if _is_guarded(flow, n)]
        if guarded:
            says = [near(entry, "meaning.lacking"), follows(entry.file, "structure.unreachable")]
            also = [follows(file, TOO_LONG) for file in (entry.file, words_of(entry.file.name)) if file]
            yield broken(entry, entry.removed(), "", also=also).found_by(*says)


def _is_guarded(flow: Flow, name: str) -> bool:
    item, _, field = name.partition(".")
    lists = [s for s in flow.steps.values() if isinstance(s, Choose) and s.item == item]
    return any(field in whole().sources[s.source.source].only_if for s in lists)


@kind("meaning", "a screen stands between a secret and the action that checks it")
def secret_gone() -> Iterator[Mutant]:
    for entry in inputs():
        if action_of(entry).inputs[entry.name].kind is Kind.SECRET and isinstance(
            flow_of(entry).steps.get(entry.text), Ask
        ):
            lines = '  sure_of_it:\n    menu: "Are you sure?"\n    options: {yes: "Yes", no: "No"}\n'
            made = entry.file.before(entry.step or "", lines)
            if flow_of(entry).order[entry.text] == entry.step:
                says = follows(entry.file, "meaning.secret_gone", f'"{entry.text}"', steps=(entry.step,))
                also = [untold(entry.file)]
                yield broken(entry, made, "", also=also).found_by(says)


@kind("meaning", "an exit leads to words about what it does not make known")
def exit_without() -> Iterator[Mutant]:
    for entry in everywhere():
        if not (entry.step and len(entry.path) == 3 and isinstance(step_of(entry), Do)):
            continue
        step, action = step_of(entry), action_of(entry)
        if entry.name in action.exits and not action.collects:
            lacks = {f"{step.name}.{out}" for out in action.outputs} - {
                f"{step.name}.{out}" for out in action.known_after(entry.name)
            }
            for told in flow_of(entry).steps.values():
                named = lacks.intersection(_used(told))
                if named and told.only_if is None:
                    says = [follows(entry.file, NOT_KNOWN, f'"{step.name}.', steps=(told.name,))]
                    says += [follows(entry.file, "payment.unconfirmed")]  # the way leads round the yes, too
                    also = [follows(entry.file, f"structure.unreachable {NOT_KNOWN}")]
                    yield broken(entry, entry.instead(told.name), "", also=also).found_by(*says)


@kind("meaning", "an empty list leads to words about what was chosen")
def none_chosen() -> Iterator[Mutant]:
    for entry in everywhere():
        step = step_of(entry) if entry.step and entry.path[2:] in (("none",), ("unavailable",)) else None
        if isinstance(step, Choose):
            for told in flow_of(entry).steps.values():
                if told.only_if is None and any(n.startswith(f"{step.item}.") for n in _used(told)):
                    says = follows(entry.file, f"{NOT_KNOWN} payment.unconfirmed", step.item)
                    also = [follows(entry.file, "structure.unreachable"), says]
                    yield broken(entry, entry.instead(told.name), "", also=also).found_by(says)


__all__ = ["START", "is_later", "money"]
