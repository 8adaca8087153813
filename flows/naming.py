"""What a step's file names: a value that is known, or the bare word itself; and what a person has shown."""

from __future__ import annotations

from flows.model import Choose, Do, Flow, Run, Set
from flows.talk import Talk, lookup
from flows.values import Absent, Value

_ASKED_ELSEWHERE = ("none", "wallet")  # a wallet asks its owner for a PIN of its own before anything moves


def allowed(talk: Talk, authority: tuple[str, ...]) -> bool:
    return any(
        need in _ASKED_ELSEWHERE or need in talk.session.proofs or (need == "client" and talk.person.client)
        for need in authority
    )


def resolve(talk: Talk, right: str) -> Value:
    """What a name stands for, or the bare word or number itself. A name that is not known by now is no word."""
    if isinstance(talk.flow.steps.get(right), Do | Run):
        return right  # their results have dotted names
    value = lookup(talk.names(), right)
    if value is not None:
        return value
    if "." in right or right in _names(talk.flow):
        return Absent.NOT_REACHED
    return int(right) if right.isdecimal() else right


def _names(flow: Flow) -> set[str]:
    """What the answers and settings of this flow are known by."""
    steps = flow.steps.values()
    items = {step.item for step in steps if isinstance(step, Choose)}
    return set(flow.steps) | items | {name for step in steps if isinstance(step, Set) for name, _ in step.values}


def given(talk: Talk, right: str) -> Value:
    return talk.secrets.get(right) or resolve(talk, right)
