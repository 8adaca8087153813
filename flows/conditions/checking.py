"""Is every test of a condition about something that is known, and does its value fit the type?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flows.conditions.problem import Problem
from flows.conditions.tree import Not, Test, Tree, Written
from flows.conditions.values import ALIKE_NEVER, MANY, ORDERED, WORDY, family, literal
from flows.faults import SPOKEN, listed, suggest
from flows.values import Kind

_SAID = {"least": "at least", "most": "at most", "more": "more than", "less": "less than"}
_EXAMPLE = {
    Kind.NUMBER: "a number, such as 5",
    Kind.RATING: "a number, such as 5",
    Kind.MONEY: "an amount without currency, such as 1500",
    Kind.DATE: "a day written 2026-01-31",
    Kind.YES_NO: "yes or no",
}


@dataclass(frozen=True, slots=True)
class Names:
    """The names that a condition may use, with their types; ``choices`` are the answers that one can have."""

    kinds: Mapping[str, Kind]
    choices: Mapping[str, tuple[str, ...]]
    currency: str


def check(tree: Tree, names: Names) -> list[Problem]:
    """Everything that is wrong with the meaning of ``tree``."""
    return [problem for test in tests(tree) for problem in _check_test(test, names)]


def tests(tree: Tree) -> Iterator[Test]:
    """All tests of a condition, from left to right."""
    if isinstance(tree, Test):
        yield tree
    elif isinstance(tree, Not):
        yield from tests(tree.part)
    else:
        for part in tree.parts:
            yield from tests(part)


def full_name(test: Test, names: Names) -> str:
    """``account has credit`` asks about ``account.features``."""
    features = f"{test.name}.features"
    if test.operator == "has" and names.kinds.get(test.name) is Kind.RECORD and features in names.kinds:
        return features
    return test.name


def is_name(value: Written, kind: Kind, names: Names) -> bool:
    """Whether a written value is meant as a name. With words, only one with a dot is; else every word is."""
    if value.quoted or value.text not in names.kinds:
        return False
    return "." in value.text or kind in ORDERED or kind is Kind.YES_NO


def _check_test(test: Test, names: Names) -> Iterator[Problem]:
    name = full_name(test, names)
    kind = names.kinds.get(name)
    if kind is None:
        fix = suggest(name, names.kinds, "Use a step above, or a name the flow knows.")
        yield Problem("unknown_name", f'Nothing is known by the name "{name}".', fix)
        return
    problem = _operator_fits(name, test.operator, names)
    if problem:
        yield problem
        return
    for value in test.values:
        yield from _check_value(name, kind, value, names)


def _operator_fits(name: str, operator: str, names: Names) -> Problem | None:
    kind = names.kinds[name]
    if kind is Kind.SECRET:
        return Problem(
            "secret", f'"{name}" is secret, and a condition may not ask about it.', "Use an action that checks it."
        )
    if operator in ("empty", "filled"):
        return None
    if kind is Kind.RECORD:
        return Problem(
            "record",
            f'"{name}" has several values.',
            f"Name one of them: {listed(part for part in names.kinds if part.startswith(f'{name}.'))}.",
        )
    if kind in ALIKE_NEVER:
        message = f'"{name}" is {SPOKEN[kind.value]}, and no two of them are alike.'
        return Problem(kind.value, message, f'Write "{name} is empty" or "{name} is not empty".')
    if operator == "has" and kind not in MANY:
        return Problem("has", f'"has" is for lists, and "{name}" is {SPOKEN[kind.value]}.', 'Use "is".')
    if operator != "has" and kind in MANY:
        return Problem("list", f'"{name}" is a list.', f'Write "{name} has …" or "{name} is empty".')
    if operator in ("least", "most", "more", "less", "between") and kind not in ORDERED:
        message = (
            f'"{_SAID.get(operator, operator)}" is for numbers, amounts and days, and "{name}" is {SPOKEN[kind.value]}.'
        )
        return Problem("order", message, 'Use "is" or "is not".')
    return None


def _check_value(name: str, kind: Kind, value: Written, names: Names) -> Iterator[Problem]:
    if is_name(value, kind, names):
        yield from _check_name(name, kind, value.text, names)
    elif "." in value.text and not value.quoted and (kind in WORDY or kind in MANY):
        fix = suggest(value.text, names.kinds, "Put it in single quotes if these are the words themselves.")
        yield Problem("unknown_name", f'Nothing is known by the name "{value.text}".', fix)
    elif literal(kind, value.text, names.currency) is None:
        message = f'"{name}" is {SPOKEN[kind.value]}, and "{value.text}" is not one.'
        near = suggest(value.text, names.kinds, ".") if value.text[:1].isalpha() else "."
        yield Problem("value", message, f"Write {_EXAMPLE[kind]}." if near == "." else near)
    elif name in names.choices and value.text not in names.choices[name]:
        fix = suggest(value.text, names.choices[name])
        yield Problem("unknown_choice", f'"{value.text}" is not an answer of "{name}".', fix)


def _check_name(name: str, kind: Kind, other: str, names: Names) -> Iterator[Problem]:
    theirs = names.kinds[other]
    if family(theirs) != family(kind):
        message = f'"{name}" is {SPOKEN[kind.value]} and "{other}" is {SPOKEN[theirs.value]}: they cannot be compared.'
        yield Problem("kinds", message, "Compare things of one type.")
