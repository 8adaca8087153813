"""When a wallet was asked for money the call closes: its own prompt cannot appear over an open one."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.safety.proofs import is_opened
from flows.checks.subject import Subject
from flows.faults import Fault
from flows.model import AnyStep, Ask, Choose, Confirm, Do, End, Flow, Menu, Run, Split

Place = tuple[str, str]  # a flow, and a step of it


def findings(subject: Subject) -> Iterator[Fault]:
    told = set[Place]()
    for flow in subject.flows.values():
        for step in flow.steps.values():
            for name, at in _open(flow, step, subject):
                if (name, at) not in told:
                    told.add((name, at))
                    yield _fault(step, subject.flows[name], at, subject)


def _fault(asked: AnyStep, flow: Flow, at: str, subject: Subject) -> Fault:
    comes_back = isinstance(flow.steps[at], End)
    what = "the call goes on in the menu that it came from" if comes_back else "the client is asked for something more"
    message = (
        f'After "{asked.name}" has asked for money, {what}. A wallet asks for its PIN only when the call has closed: '
        "the payment would wait until then, and perhaps never be made."
    )
    fix = 'Lead to a step with end: "…", which says what comes next.'
    return subject.faults(flow).error(at, "safety.asked_goes_on", message, fix)


def _open(flow: Flow, asking: AnyStep, subject: Subject) -> Iterator[Place]:
    """Where the call is still open after ``asking`` has asked for money; the first such step of each way."""
    if not (isinstance(asking, Do) and subject.actions[asking.action].collects):
        return
    now = [f"exit {exit_}" for exit_ in subject.actions[asking.action].again]
    waiting = [(flow.name, e.target) for e in subject.graphs[flow.name].after(asking.name) if e.how in now and e.target]
    seen = set[Place]()
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        step = subject.flows[place[0]].steps[place[1]]
        if _waits(step, subject) or (isinstance(step, End) and step.text is None and _has_menu(place[0], subject)):
            yield place
        else:
            waiting += _onward(place, step, subject)


def _onward(place: Place, step: AnyStep, subject: Subject) -> Iterator[Place]:
    if not isinstance(step, End):
        yield from ((place[0], edge.target) for edge in subject.graphs[place[0]].after(step.name) if edge.target)
        return
    for name, flow in subject.flows.items():
        for run in flow.steps.values():
            if isinstance(run, Run) and run.flow == place[0]:
                ways = subject.graphs[name].after(run.name)
                yield from ((name, edge.target) for edge in ways if edge.how == "back" and edge.target)


def _waits(step: AnyStep, subject: Subject, seen: frozenset[str] = frozenset()) -> bool:
    """Whether somebody may have to answer here; in a flow that is run, anywhere in it."""
    if isinstance(step, Run) and step.flow in subject.flows and step.flow not in seen:
        inner = subject.flows[step.flow]
        return inner.who == "client with PIN" or any(
            _waits(s, subject, seen | {step.flow}) for s in inner.steps.values()
        )
    return isinstance(step, Menu | Ask | Choose | Confirm | Split)


def _has_menu(name: str, subject: Subject) -> bool:
    return is_opened(subject.flows[name], subject)
