"""Does every door open? The main menu, the flow that helps, menus that list flows, and flows within flows."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from flows.checks.subject import Subject
from flows.faults import Fault, listed
from flows.frames import MISSES, is_for
from flows.model import Flow, Menu, Run
from flows.talk import MAX_FRAMES

SETTINGS = "njia.toml"


def findings(subject: Subject) -> Iterator[Fault]:
    yield from _main(subject)
    yield from _help(subject)
    opened = {step.flow for flow in subject.flows.values() for step in flow.steps.values() if isinstance(step, Run)}
    main, helping = subject.institution.main_flow, subject.institution.help_flow
    for flow in subject.flows.values():
        yield from _menus(flow, subject)
        yield from _runs(flow, subject)
        if main in subject.flows:
            yield from _never_opened(flow, flow.name in {*opened, main, helping}, subject)
    yield from _nested(subject)


def _main(subject: Subject) -> Iterator[Fault]:
    main = subject.flows.get(subject.institution.main_flow)
    if main is None:
        message = f'There is no flow "{subject.institution.main_flow}", where every call begins.'
        yield Fault(SETTINGS, 1, "error", "structure.no_main", message, 'Write it, or name another one as "main_flow".')
    elif main.who != "anyone":
        message = f'Every call begins with this flow, and it is not for everybody ("who: {main.who}").'
        yield subject.faults(main).error(None, "structure.main_who", message, "Write who: anyone.")


def _help(subject: Subject) -> Iterator[Fault]:
    helping = subject.flows.get(subject.institution.help_flow)
    if helping is None:
        message = (
            f'After {MISSES} wrong answers a person is offered by the flow "{subject.institution.help_flow}", '
            "and there is none: the same question would come again and again."
        )
        fix = 'Write it, or name another one as "help_flow".'
        yield Fault(SETTINGS, 1, "error", "structure.no_help", message, fix)
    elif helping.who != "anyone":
        message = f'After {MISSES} wrong answers everybody is led here, and it is not for everybody ("{helping.who}").'
        yield subject.faults(helping).error(None, "structure.help_who", message, "Write who: anyone.")


def _menus(flow: Flow, subject: Subject) -> Iterator[Fault]:
    """A menu must have something in it for everybody who may see it."""
    for step in flow.steps.values():
        if not (isinstance(step, Menu) and step.lists is not None):
            continue
        inside = [other for other in subject.flows.values() if other.starts.menu == step.lists]
        for known, whom in ((True, "a client"), (False, "a number that is not known yet")):
            if is_for(flow, known) and not any(is_for(other, known) for other in inside):
                message = f'The menu "{step.lists}" is empty for {whom}.'
                fix = f'Let a flow for them start from it ("menu: {step.lists}"), or change the "who" of this one.'
                yield subject.faults(flow).error(step.name, "structure.empty_menu", message, fix)


def _runs(flow: Flow, subject: Subject) -> Iterator[Fault]:
    """A flow that is run, and that nobody who comes here may use."""
    for step in flow.steps.values():
        other = subject.flows.get(step.flow) if isinstance(step, Run) else None
        if other and not any(is_for(flow, known) and is_for(other, known) for known in (True, False)):
            message = f'"{other.name}" is never opened here: it is for "{other.who}", and this flow for "{flow.who}".'
            yield subject.faults(flow).error(
                step.name, "structure.never_for_them", message, 'Change the "who" of one of the two.'
            )


def _never_opened(flow: Flow, opened: bool, subject: Subject) -> Iterator[Fault]:
    starts = flow.starts
    if not (opened or starts.menu or starts.keywords or starts.event or starts.every):
        message = "Nothing opens this flow: it has no start, and no other flow runs it."
        fix = 'Write starts: {menu: main, as: "…"}, or run it from another flow.'
        yield subject.faults(flow).warning(None, "structure.never_opened", message, fix)


def _nested(subject: Subject) -> Iterator[Fault]:
    """Flows that run flows, and menus that open flows with menus: how deep it goes, and whether it ever stops."""
    opens = {name: _opened(flow, subject) for name, flow in subject.flows.items()}
    try:
        order = list(TopologicalSorter(opens).static_order())
    except CycleError as circle:
        yield _circle(circle.args[1], subject)
        return
    chains: dict[str, list[str]] = {}
    for name in order:
        chains[name] = [name, *max((chains[other] for other in sorted(opens[name])), key=len, default=[])]
    yield from _too_deep(chains, subject)


def _opened(flow: Flow, subject: Subject) -> set[str]:
    steps = flow.steps.values()
    menus = {step.lists for step in steps if isinstance(step, Menu) and step.lists}
    run = {step.flow for step in steps if isinstance(step, Run)} & subject.flows.keys()
    return run | {other.name for other in subject.flows.values() if other.starts.menu in menus}


def _circle(names: list[str], subject: Subject) -> Fault:
    round_ = list(reversed(names))
    flow = subject.flows[round_[0]]
    step = next(s for s in flow.steps.values() if _leads(s, round_[1], subject))
    message = f"This menu comes round to itself ({' > '.join(round_)}): whoever follows it is cut off after a while."
    fix = 'Let one of these flows start from another menu. (With "end:" a flow comes back to the menu it began from.)'
    return subject.faults(flow).error(step.name, "structure.menu_circle", message, fix)


def _leads(step: object, name: str, subject: Subject) -> bool:
    if isinstance(step, Run):
        return step.flow == name
    return isinstance(step, Menu) and step.lists is not None and step.lists == subject.flows[name].starts.menu


def _too_deep(chains: dict[str, list[str]], subject: Subject) -> Iterator[Fault]:
    """On the longest way somebody may still be led to the flow that helps."""
    main, helping = subject.institution.main_flow, chains.get(subject.institution.help_flow, [])
    starting = [chains[f.name] for f in subject.flows.values() if f.starts.event or f.starts.keywords]
    whole = max([chains.get(main, []), *([main, *chain] for chain in starting)], key=len)
    if len(whole) + len(helping) > MAX_FRAMES:
        message = f"These flows stand {len(whole)} deep in one another: {listed(whole)}."
        most = MAX_FRAMES - len(helping)
        fix = f"At most {most} can (beside the flow that helps). Bring two of them together."
        yield subject.faults(subject.flows[whole[-1]]).error(None, "structure.too_deep", message, fix)
