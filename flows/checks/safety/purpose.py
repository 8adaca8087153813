"""Purpose and consent fit how a flow starts: who did not ask for it can stop it, and nobody consents for a client."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.subject import Faults, Subject
from flows.faults import Fault
from flows.model import Ask, Do, Flow, Menu, Set, Text

CAN_STOP = ("survey", "marketing")
CONSENT = "set consent"


def findings(subject: Subject) -> Iterator[Fault]:
    for flow in subject.flows.values():
        faults = subject.faults(flow)
        if flow.starts.invite is not None:
            yield from _invites(flow, flow.starts.invite, faults)
        for step in flow.steps.values():
            if isinstance(step, Do) and step.action == CONSENT and _is_said(dict(step.inputs).get("given"), flow):
                message = "Here the flow says yes for the client. A consent that the client did not give is none."
                fix = 'Ask with yes and no, and write "given:" with the name of that question.'
                yield faults.error(step.name, "safety.consent", message, fix)


def _invites(flow: Flow, invite: Text, faults: Faults) -> Iterator[Fault]:
    stops = "how_to_stop" in invite.names
    keeps = next((s for s in flow.steps.values() if isinstance(s, Menu | Ask) and s.saves), None)
    if flow.purpose in CAN_STOP and not stops:
        message = f"A {flow.purpose} comes unasked, and this text does not say how to stop it."
        yield faults.error(None, "safety.no_way_to_stop", message, "Write {how_to_stop} into it.", invite.line)
    elif flow.purpose not in CAN_STOP and stops:
        message = f'This text says how to stop it, and STOP does not stop what has the purpose "{flow.purpose}".'
        fix = "Take {how_to_stop} away, or write purpose: survey, or marketing."
        yield faults.error(None, "safety.cannot_be_stopped", message, fix, invite.line)
    elif flow.purpose == "service" and keeps is not None:
        message = "This flow begins unasked and keeps what is answered: as a service nobody could stop it."
        yield faults.error(
            keeps.name, "safety.purpose", message, "Write purpose: survey, and {how_to_stop} in its invite."
        )
    if flow.who in ("unknown number", "staff"):
        message = f'Only clients are invited, and this flow is for "{flow.who}".'
        yield faults.error(None, "safety.invites_nobody", message, "Write who: client.", invite.line)


def _is_said(given: str | None, flow: Flow) -> bool:
    """Whether this is yes whatever the client answers."""
    sets = [
        right for step in flow.steps.values() if isinstance(step, Set) for name, right in step.values if name == given
    ]
    return given == "yes" or "yes" in sets
