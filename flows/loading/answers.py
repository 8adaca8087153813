"""``answer:`` of a question: its type, and its bounds typed with it."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from flows.faults import nearest, suggest
from flows.loading import take
from flows.loading.draft import NAME, At
from flows.loading.nodes import Node, Scalar, Table
from flows.loading.shape import ANSWER_NEEDS, ANSWERS
from flows.model import Answer, Text
from flows.money import major, money
from flows.values import MEDIA, Kind, Money, Value

_DIGITS = re.compile(r"(\d{1,2})(?: to (\d{1,2}))?")
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
TYPES = {  # how else a type is called
    "integer": "number", "int": "number", "float": "number", "decimal": "number", "figure": "number",
    "string": "text", "str": "text", "words": "text", "free text": "text", "amount": "money", "currency": "money",
    "day": "date", "boolean": "yes_no", "bool": "yes_no", "phone number": "phone", "mobile": "phone", "tel": "phone",
    "pin": "secret", "password": "secret", "option": "choice", "options": "choice", "list": "choice", "menu": "choice",
    "multiple choice": "choices", "several": "choices", "scale": "rating", "score": "rating", "stars": "rating",
}  # fmt: skip
_SAID = {
    Kind.MONEY: "an amount in {0}, such as 10 or 0.50",
    Kind.DATE: "a day, such as 2026-01-31",
    Kind.NUMBER: "a number, such as 10",
    Kind.RATING: "a whole number, such as 5",
}


def read_answer(at: At) -> Answer | None:
    """The ``answer:`` of this step; None, and a fault, when its type is not known."""
    table = at.sub("answer")
    if table is None:
        return None
    kind = _kind(table, at)
    if kind is None:
        return None
    take.check_keys(table, ("type", *ANSWER_NEEDS.get(kind, ())), ANSWERS[kind], f"a {kind.value} answer", at.report)
    return Answer(
        kind=kind,
        min=_bound(table, "min", kind, at),
        max=_bound(table, "max", kind, at),
        required=take.yes_no(table.items.get("required"), "required", at.report, True),
        options=read_options(at, table) if kind in (Kind.CHOICE, Kind.CHOICES) else (),
        digits=_digits(table, at),
        letters=take.yes_no(table.items.get("letters"), "letters", at.report, False),
        of=_of(table, at) if kind is Kind.MEDIA else (),
    )


def _of(table: Table, at: At) -> tuple[str, ...]:
    """``of: [photo, voice]``: what may be sent; without the key, all that can be."""
    node = table.items.get("of")
    named = [text for text, _ in take.rows(node, "of", at.report)] if node is not None else list(MEDIA)
    for text in named:
        if text not in MEDIA:
            message = f'"{text}" is nothing that a client can send.'
            at.report.error(table.at("of"), "answer.of", message, suggest(text, MEDIA))
    if not named:
        at.report.error(table.at("of"), "answer.of", "Nothing can be sent here.", "Write of: [photo, voice, file].")
    return tuple(dict.fromkeys(text for text in named if text in MEDIA))


def _kind(table: Table, at: At) -> Kind | None:
    known = [kind.value for kind in ANSWERS]
    node = table.items.get("type")
    if node is None:
        any_type = {key for keys in ANSWERS.values() for key in keys}
        any_type |= table.items.keys() & known  # "{number}": it is told what is missing, and that says it all
        take.check_keys(table, ("type",), any_type, "an answer", at.report)
    text = take.word(node, "type", at.report)
    if text is None or text in known:
        return Kind(text) if text else None
    message = f'"{text}" is not a type of answer.'
    meant = TYPES.get(text.casefold()) or nearest(text, known)
    fix = f'Did you mean "{meant}"?' if meant else suggest(text, known)
    at.report.error(table.at("type"), "answer.unknown_type", message, fix)
    return Kind(meant) if meant else None


def read_options(at: At, table: Table) -> tuple[tuple[str, Text], ...]:
    """``options: {yes: "Yes", no: "No"}``: names with the words that stand beside their keys."""
    options = take.table(table.items.get("options"), "options", at.report)
    if options is None:
        return ()
    if not options.items:
        at.report.error(
            options.line, "options.none", "There is nothing to choose from.", 'Write options: {name: "words"}.'
        )
    labels = (
        (name, at.text(node, name, name)) for name, node in options.items.items() if option_name(name, options, at)
    )
    found = tuple((name, label) for name, label in labels if label)
    if len(found) < len(options.items):
        at.draft.doubtful.add(at.name)
    return found


def option_name(name: str, options: Table, at: At) -> bool:
    """An option is a plain word: conditions and analysis use it."""
    if re.fullmatch(r"[A-Za-z0-9_]{1,40}", name):
        return True
    fix = f"Write it with letters, digits and _, such as {re.sub('[^A-Za-z0-9]+', '_', name).strip('_') or 'other'}."
    at.report.error(options.at(name), "options.name", f'"{name}" is not a name of an option.', fix)
    return False


def _bound(table: Table, key: str, kind: Kind, at: At) -> Value:
    """A typed bound, or the dotted name of one that is known by then."""
    node = table.items.get(key)
    if node is None or key not in ANSWERS[kind]:
        return None
    text = take.word(node, key, at.report)
    if text is None:
        return None
    value = typed(kind, text, at.draft.institution.currency)
    if value is None and NAME.fullmatch(text):
        return at.use(
            node, key, *({Kind.NUMBER, Kind.RATING} if kind is not Kind.MONEY and kind is not Kind.DATE else {kind})
        )
    if value is None:
        said = f"{_SAID[kind].format(at.draft.institution.currency)}, or the name of a known one"
        fix = f"Write {meant_bound(key, kind, text, at.draft.institution.currency) or said}."
        at.report.error(node.line, "answer.bound", f'"{text}" cannot be the "{key}" of this answer.', fix)
    return value


def typed(kind: Kind, text: str, currency: str) -> Value:
    """The written bound as a value of the answer's type; None if it is none."""
    try:
        if kind is Kind.MONEY:
            return money(text, currency)
        if kind is Kind.DATE:
            return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    if not _NUMBER.fullmatch(text) or (kind is Kind.RATING and not text.isdecimal()):
        return None
    return int(text) if "." not in text else Decimal(text)


def meant_bound(key: str, kind: Kind, text: str, currency: str) -> str | None:
    """``min: 1000`` for ``KES 1,000``, and a day as days are written here; None if nothing of the type was meant."""
    plain = re.sub(r"^[A-Za-z$]{1,4}\.? ?(?=\d)|(?<=\d)[, ](?=\d{3})|/[-=]$| ?%$", "", text)
    if kind is Kind.DATE and (day := re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", text)):
        plain = f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}"
    return f"{key}: {plain}" if typed(kind, plain, currency) is not None else None


def written(value: Value) -> str:
    """A bound as it stands in a file."""
    return f"{major(value).normalize():f}" if isinstance(value, Money) else str(value)


def _digits(table: Table, at: At) -> tuple[int, int]:
    node: Node | None = table.items.get("digits")
    if not isinstance(node, Scalar):
        take.word(node, "digits", at.report)
        return (4, 6)
    found = _DIGITS.fullmatch(take.word(node, "digits", at.report) or "")
    fewest, most = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= fewest <= most <= 20:
        at.report.error(
            node.line,
            "answer.digits",
            f'"{node.text}" is no number of digits.',
            'Write "digits: 4" or "digits: 4 to 6".',
        )
        return (4, 6)
    return (fewest, most)
