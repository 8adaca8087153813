"""From the words under ``made of`` to features. The same words are kept with each account that is opened on them, so
that a later change of the product changes no contract that a client has agreed to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flows.faults import suggest
from flows.loading.nodes import Node, Rows, Scalar, Table
from flows.loading.report import Report
from flows.products import phrases
from flows.products.features import PLANNED, RUNS, Credit, Features, Fee, Savings, Shares
from flows.products.phrases import Unclear

Reader = Callable[[Node, str], Any]
MOST_INSTALMENTS = 600
NEEDED = {"credit": ("method", "rate", "frequency", "instalments"), "shares": ("price",)}
_LACKS = {"credit": 'Credit does not say its "{}".', "shares": 'Shares do not say their "{}".'}


def features(table: Table, currency: str, report: Report) -> Features | None:
    """The features that ``table`` (``made of:`` and perhaps ``extra:``) names; None when a fault was reported."""
    before = len(report.faults)
    made_of = table.items.get("made of")
    if not isinstance(made_of, Table) or not made_of.items:
        fix = f'Write "made of:" and below it one or more of these: {", ".join(RUNS)}.'
        report.error(table.at("made of"), "product.made_of", 'This does not say what it is "made of".', fix)
        return None
    for name in made_of.items:
        _known_feature(name, made_of.at(name), report)
    credit = _feature(made_of, "credit", CREDIT, currency, report)
    savings = _feature(made_of, "savings", SAVINGS, currency, report)
    shares = _feature(made_of, "shares", SHARES, currency, report)
    extra = _extra(table, made_of, report)
    if savings and (rate := savings.get("rate")) and rate.per == "term":
        report.error(made_of.at("savings"), "product.rate", "Savings have no term.", 'Write the rate "a year".')
    if credit is not None:
        _check_credit(credit, made_of, report)
    if shares is not None:
        _check_needed("shares", shares, made_of, report)
    if len(report.faults) > before:
        return None
    return Features(
        Credit(**_payoff(credit)) if credit else None,
        None if savings is None else Savings(**savings),
        None if shares is None else Shares(**_each_meeting(shares)),
        extra,
    )


def agreed(words: Mapping[str, Any], currency: str) -> Features:
    """The features of an account from the words it was opened on. Raises ValueError if they cannot be read."""
    report = Report("the terms of an account")
    found = features(as_table(words), currency, report)
    if found is None:
        raise ValueError("; ".join(f.message for f in report.faults))
    return found


def as_words(node: Node) -> Any:
    """A node as plain lists and texts, to be kept with an account."""
    if isinstance(node, Table):
        return {key: as_words(value) for key, value in node.items.items()}
    return [as_words(item) for item in node.items] if isinstance(node, Rows) else node.text


def as_table(words: Mapping[str, Any]) -> Table:
    """What ``as_words`` gave, as nodes again."""
    return Table({key: _node(value) for key, value in words.items()}, {}, 0)


def _node(value: Any) -> Node:
    if isinstance(value, Mapping):
        return as_table(value)
    return Rows(tuple(_node(v) for v in value), 0) if isinstance(value, list) else Scalar(str(value), 0)


def _known_feature(name: str, line: int, report: Report) -> None:
    if name in PLANNED:
        known = f"{', '.join(RUNS[:-1])} and {RUNS[-1]}"
        message = f'Accounts cannot be made of "{name}" yet; today they are made of {known}.'
        report.error(line, "product.planned", message, f'Take "{name}" out, and add it when a later version has it.')
    elif name not in RUNS:
        report.error(line, "product.feature", f'"{name}" is no feature.', suggest(name, RUNS + PLANNED))


def _feature(
    made_of: Table, name: str, known: Mapping[str, tuple[str, Reader]], currency: str, report: Report
) -> dict[str, Any] | None:
    node = made_of.items.get(name)
    if node is None:
        return None
    if isinstance(node, Scalar) and node.empty:
        node = Table({}, {}, node.line)
    if not isinstance(node, Table):
        report.error(
            made_of.at(name), "product.terms", f'The terms of "{name}" stand below it.', "Write a line for each."
        )
        return None
    terms = {}
    for key, value in node.items.items():
        if key not in known:
            report.error(node.at(key), "product.term", f'"{key}" is no term of {name}.', suggest(key, known))
            continue
        try:
            terms[known[key][0]] = known[key][1](value, currency)
        except Unclear as unclear:
            report.error(node.at(key), "product.value", f"{key}: {unclear.message}", unclear.fix)
            terms[known[key][0]] = None
    return terms


def _extra(table: Table, made_of: Table, report: Report) -> Any:
    node = table.items.get("extra")
    if node is None:
        return "credit"
    if not isinstance(node, Scalar) or node.text not in RUNS or node.text not in made_of.items:
        message = '"extra" says where money goes that is more than what is due.'
        report.error(table.at("extra"), "product.extra", message, "Name a feature that this product is made of.")
        return "credit"
    return node.text


def _check_needed(name: str, terms: dict[str, Any], made_of: Table, report: Report) -> None:
    for key in NEEDED[name]:
        if key not in terms:
            report.error(made_of.at(name), "product.missing", _LACKS[name].format(key), f'Write a line "{key}: …".')


def _check_credit(terms: dict[str, Any], made_of: Table, report: Report) -> None:
    line = made_of.at("credit")
    _check_needed("credit", terms, made_of, report)
    rate, method = terms.get("rate"), terms.get("method")
    if rate and rate.per == "term" and method == "declining":
        fix = 'Write the rate "a year" or "a month", or make the method flat.'
        report.error(line, "product.rate", "Interest for the whole term cannot decline.", fix)
    if terms.get("equal") == "principal" and method == "flat":
        report.error(line, "product.equal", "A flat loan has equal principal anyway.", 'Take "equal" out.')
    if (terms.get("grace") or 0) >= (terms.get("instalments") or MOST_INSTALMENTS + 1):
        fix = "Make the grace shorter than the number of instalments."
        report.error(line, "product.grace", "There is no instalment left to repay the loan.", fix)


def _payoff(terms: dict[str, Any]) -> dict[str, Any]:
    """Unless the file says otherwise, ending a declining loan costs interest to that day, a flat one all of it."""
    return {"payoff": "interest to date" if terms["method"] == "declining" else "whole interest", **terms}


def _each_meeting(terms: dict[str, Any]) -> dict[str, Any]:
    least, most = terms.pop("each meeting", (0, 0))
    return {"least": least, "most": most, **terms}


def _text(node: Node) -> str:
    if not isinstance(node, Scalar):
        raise Unclear("One value is expected here.", "Write it in the same line.")
    return node.text


def _words(node: Node) -> list[str]:
    return [_text(item) for item in node.items] if isinstance(node, Rows) else _text(node).split(",")


def _fees(node: Node, currency: str) -> tuple[Fee, ...]:
    if not isinstance(node, Table):
        raise Unclear("Fees stand below, each with its name.", 'Write "application: 500 at disbursement".')
    return tuple(phrases.fee(name, _text(value), currency) for name, value in node.items.items())


def _choice(*words: str) -> Reader:
    return lambda node, _: phrases.one_of(_text(node), words)


def _price(node: Node, currency: str) -> int:
    price = phrases.amount(_text(node), currency)
    if price == 0:
        raise Unclear("A share is not free.", "Write what one costs, as 100.")
    return price


def _step(node: Node, currency: str) -> int:
    step = phrases.amount(_text(node), currency)
    if step == 0:
        raise Unclear("Nothing can be rounded to zero.", "Write the smallest coin or note that is used, as 10.")
    return step


CREDIT: dict[str, tuple[str, Reader]] = {
    "method": ("method", _choice("flat", "declining")),
    "rate": ("rate", lambda node, _: phrases.rate(_text(node))),
    "frequency": ("frequency", _choice(*phrases.FREQUENCIES)),
    "instalments": ("instalments", lambda node, _: phrases.count(_text(node), 1, MOST_INSTALMENTS)),
    "equal": ("equal", _choice("instalments", "principal")),
    "grace": ("grace", lambda node, _: phrases.count(_text(node), 0, MOST_INSTALMENTS)),
    "round to": ("step", _step),
    "fees": ("fees", _fees),
    "penalty": ("penalty", lambda node, currency: phrases.penalty(_text(node), currency)),
    "pays first": ("order", lambda node, _: phrases.order(_words(node))),
    "early payoff": ("payoff", _choice("whole interest", "interest of this period", "interest to date")),
    "year": ("weeks_in_year", lambda node, _: phrases.year(_text(node))),
}

SAVINGS: dict[str, tuple[str, Reader]] = {
    "minimum": ("minimum", lambda node, currency: phrases.amount(_text(node), currency)),
    "rate": ("rate", lambda node, _: phrases.rate(_text(node))),
    "notice": ("notice", lambda node, _: phrases.days(_text(node))),
    "plan": ("plan", lambda node, currency: phrases.plan(_text(node), currency)),
}

SHARES: dict[str, tuple[str, Reader]] = {
    "price": ("price", _price),
    "meets": ("meets", _choice(*phrases.FREQUENCIES)),
    "each meeting": ("each meeting", lambda node, _: phrases.each_meeting(_text(node))),
    "value": ("value", lambda node, currency: phrases.amount(_text(node), currency)),
    "cycle": ("cycle", lambda node, _: phrases.cycle(_text(node))),
}
