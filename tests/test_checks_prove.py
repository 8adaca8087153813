"""In which order the families are heard, and where one of them is not."""

from __future__ import annotations

import pytest
from checking import subject_of

from flows import checks
from flows.checks import Subject, prove
from flows.faults import Fault


def saying(family: str, **levels: str) -> object:
    """A family that finds one thing in each of these flows."""

    def findings(subject: Subject) -> list[Fault]:
        faults = {flow: subject.faults(subject.flows[flow]) for flow in levels}
        return [
            (faults[flow].error if level == "error" else faults[flow].warning)(
                None, f"{family}.thing", "This.", "That."
            )
            for flow, level in levels.items()
        ]

    return findings


def test_a_family_is_not_heard_on_a_flow_where_what_it_stands_on_found_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    families = {
        "shape": (saying("shape", repay="error", about="warning"), ()),
        "sense": (saying("sense", repay="error", about="error", pin="error"), ("shape",)),
        "worth": (saying("worth", repay="error", about="error", balance="error"), ("sense",)),
        "alone": (saying("alone", repay="warning"), ()),
    }
    monkeypatch.setattr(checks, "FAMILIES", families)
    assert [(fault.flow, fault.code) for fault in prove(subject_of())] == [
        ("about", "sense.thing"),
        ("about", "shape.thing"),
        ("balance", "worth.thing"),
        ("pin", "sense.thing"),
        ("repay", "shape.thing"),
        ("repay", "alone.thing"),
    ]


def test_every_family_stands_on_those_that_are_heard_before_it() -> None:
    names = list(checks.FAMILIES)
    for name, (_, stands_on) in checks.FAMILIES.items():
        assert set(stands_on) <= set(names[: names.index(name)])
