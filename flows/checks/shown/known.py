"""Everything that a flow may know, with values of one size: what its texts are printed with when they are measured."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from flows.checks.shown.values import FIGURES, Sizes
from flows.model import Answer, AnyStep, Ask, Choose, Confirm, Do, Flow, Menu, Run, Set, Split
from flows.money import exponent
from flows.talk import lookup
from flows.values import Kind, Money, Phone, Place, Value

Names = dict[str, Any]
# A usual account is a loan that is paid in time: with everything set, every condition would hold.
_USUAL: Final = {"overdue": 0, "kept": 0, "shared_out_on": None}


def known_in(flow: Flow, sizes: Sizes, above: frozenset[str] = frozenset()) -> Names:
    """By their first parts, all names that the steps of this flow make known. ``above``: the flows that run it."""
    found: Names = {"payer": {"name": sizes.of(Kind.NAME), "nickname": sizes.of(Kind.NAME)}}
    found["receipt"] = "SJK7TEST01" if not sizes.largest else sizes.of(Kind.TEXT)
    found["open"] = {"amount": sizes.of(Kind.MONEY)}
    found["fee"] = Money(0, sizes.currency)  # the engine's own: what a wallet charges its owner is not ours to say
    for step in flow.steps.values():
        found.update(_made_by(step, found, sizes, above | {flow.name}))
    for step in flow.steps.values():
        if isinstance(step, Set):
            found.update({name: _set(value, found, sizes) for name, value in step.values if "." not in name})
    return found


def _made_by(step: AnyStep, found: Names, sizes: Sizes, above: frozenset[str]) -> Names:
    match step:
        case Menu() if step.lists is None:
            return {step.name: sizes.of(Kind.CHOICE, options=tuple(option.name for option in step.options))}
        case Ask():
            return {step.name: _answer(step, found, sizes)}
        case Choose():
            item = items(step, sizes)[0]
            return {step.name: item, step.item: item}
        case Do():
            return {step.name: _outputs(step, sizes)}
        case Split():
            return _split(step, sizes)
        case Confirm():
            return {step.name: {"fee": found["fee"]}}
        case Run() if step.flow in sizes.subject.flows and step.flow not in above:
            return {step.name: known_in(sizes.subject.flows[step.flow], sizes, above)}
    return {}


def _answer(step: Ask, found: Names, sizes: Sizes) -> Value:
    answer = step.answer
    if answer.kind is Kind.PLACE:
        return Place(sizes.typed())
    if answer.kind in (Kind.TEXT, Kind.NAME):
        return sizes.typed() if answer.kind is Kind.TEXT else str(sizes.of(Kind.NAME))
    low, high = (_bound(bound, found) for bound in bounds(step, sizes))
    if high is None and sizes.largest:
        high = _typed(answer.kind, sizes)
    return sizes.of(answer.kind, low, high, tuple(name for name, _ in answer.options))


def _typed(kind: Kind, sizes: Sizes) -> Value:
    """The most that can be typed where nothing else bounds it."""
    most = 10**FIGURES - 1
    return Money(most * 10 ** exponent(sizes.currency), sizes.currency) if kind is Kind.MONEY else most


def bounds(step: Ask, sizes: Sizes) -> tuple[Value, Value]:
    """What the question takes at least and at most; where it does not say so, the field that it saves."""
    answer: Answer = step.answer
    field = sizes.subject.fields.get(step.saves or "")
    low = field.min if answer.min is None and field else answer.min
    return low, (field.max if answer.max is None and field else answer.max)


def _bound(bound: Value, found: Names) -> Value:
    return lookup(found, bound) if isinstance(bound, str) else bound


def items(step: Choose, sizes: Sizes) -> list[dict[str, Value]]:
    """A list as this step might be given it; what is known only of its length is up to the caller."""
    if step.source.source == "institution.languages":
        return sizes.languages()
    source = sizes.subject.sources[step.source.source]
    return [_record(source.fields, sizes)]


def _record(fields: Mapping[str, Kind], sizes: Sizes) -> dict[str, Value]:
    made = {name: sizes.of(kind) for name, kind in fields.items()}
    if not sizes.largest:
        none = Money(0, sizes.currency)
        made |= {name: none if value == 0 else value for name, value in _USUAL.items() if name in fields}
    return {"id": sizes.of(Kind.TEXT), **made}


def _outputs(step: Do, sizes: Sizes) -> dict[str, Value]:
    outputs = sizes.subject.actions[step.action].outputs
    made = {name: sizes.of(kind) for name, kind in outputs.items()}
    if step.action == "read statement":
        made["lines"] = sizes.lines()
    records = {"id": sizes.of(Kind.TEXT), "ref": sizes.of(Kind.TEXT)}
    return {name: dict(records) if outputs[name] is Kind.RECORD else value for name, value in made.items()}


def _split(step: Split, sizes: Sizes) -> Names:
    source = sizes.subject.sources.get(step.over)
    each = _record(source.fields, sizes) if source else {}
    total = {"total": sizes.of(Kind.MONEY), "count": 50 if sizes.largest else 5}
    return {step.name: total, step.each: each, step.amount: sizes.of(Kind.MONEY)}


def _set(value: str, found: Names, sizes: Sizes) -> Value:
    if value == "contact.phone":
        return sizes.of(Kind.PHONE)
    named = lookup(found, value)
    if named is not None:
        return named
    return Decimal(value) if value.isdecimal() else value


def caller(sizes: Sizes) -> dict[str, Value]:
    """The client as the contact card has them."""
    name, number = str(sizes.of(Kind.NAME)), "C-123456" if sizes.largest else "10001"
    stage = sizes.subject.fields.get("client.stage")
    stages = stage.options if stage else ()
    return {
        "id": "c" * 32, "number": number, "name": name, "short_name": name, "nickname": name,
        "language": sizes.language, "has_pin": True, "stage": sizes.of(Kind.CHOICE, options=stages),
    }  # fmt: skip


def address(sizes: Sizes) -> Phone:
    return Phone(sizes.of(Kind.PHONE))
