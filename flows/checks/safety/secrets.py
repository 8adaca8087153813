"""Who is asked for a secret is asked for a reason, and only where it is checked."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.subject import Subject
from flows.faults import Fault
from flows.model import Ask, Do
from flows.values import Kind


def findings(subject: Subject) -> Iterator[Fault]:
    for flow in subject.flows.values():
        given = {right for step in flow.steps.values() if isinstance(step, Do) for _, right in step.inputs}
        for step in flow.steps.values():
            if isinstance(step, Ask) and step.answer.kind is Kind.SECRET and step.name not in given:
                message = "A secret is asked for here, and no action checks it: clients should not get used to that."
                fix = f'Give it to an action, "with: {{…: {step.name}}}", or take the question away.'
                yield subject.faults(flow).error(step.name, "safety.secret_unused", message, fix)
