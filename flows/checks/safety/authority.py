"""On every way an action, or a list, comes after the right that it needs."""

from __future__ import annotations

from collections.abc import Iterator

from flows.actions import Authority
from flows.checks.safety.proofs import Proofs, Shown, may, rights
from flows.checks.subject import Subject
from flows.faults import Fault
from flows.model import AnyStep, Choose, Do, Flow

_SAID = {
    "client": "a client whom we know",
    "pin": "the PIN",
    "code": "a code given face to face",
    "staff": "a member of staff",
}
_FIX: dict[Authority, str] = {
    "code": 'Do "check activation code" before it on every way, or write who: client with PIN.',
    "pin": 'Write who: client with PIN, and lead "without PIN" past this step.',
    "client": "Write who: client.",
    "staff": "Clients cannot do this: take the step away.",
}


def findings(subject: Subject) -> Iterator[Fault]:
    shown = Shown(subject)
    for name, flow in subject.flows.items():
        for step in flow.steps.values():
            ways = sorted(shown.at[name].get(step.name, ()), key=lambda proofs: (len(proofs), sorted(proofs)))
            without = next((proofs for proofs in ways if not may(step, proofs, subject)), None)
            if without is not None:
                yield _fault(flow, step, _by(shown, flow, step.name, without), subject)


def _fault(flow: Flow, step: AnyStep, way: str, subject: Subject) -> Fault:
    needs = rights(step, subject)
    what = step.action if isinstance(step, Do) else step.source.source if isinstance(step, Choose) else step.name
    said = " or ".join(_SAID[need] for need in needs)
    message = f'"{what}" needs {said}, and there is a way here without it{way}. It is then refused, and the call ends.'
    fix = next((_FIX[need] for need in _FIX if need in needs), "Take the step away.")
    return subject.faults(flow).error(step.name, "safety.authority", message, fix)


def _by(shown: Shown, flow: Flow, step: str, without: Proofs) -> str:
    edges, begun = shown.way_to(flow, step, without)
    said = [f"{e.step} ({e.how})" if e.step else e.how for e in edges if e.how not in ("start", "next")]
    caller = shown.run_by.get((flow.name, begun))
    said = [f'step {caller[1]} of "{caller[0]}"', *said] if caller else said
    return f": {', '.join(said[-3:])}" if said else ""
