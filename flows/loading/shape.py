"""The language as tables: which keys each kind of step, each header and each type of answer has.

The JSON Schemas (``flows/schema``) are made of these, and a test holds both to the same verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from flows.model import Purpose, Redial, Who
from flows.values import Kind

HEADER = ("flow", "words", "steps")
HEADER_MAY = ("starts", "purpose", "who", "acting for", "hidden from", "redial", "without PIN", "off")
STARTS = (
    "menu",
    "as",
    "shortcut",
    "keywords",
    "event",
    "after",
    "between",
    "to",
    "invite",
    "remind",
    "closes",
    "every",
)
BY_ITSELF = ("after", "between", "to", "invite", "remind", "closes")  # these need `event` or `every`
WHO: tuple[str, ...] = get_args(Who)
PURPOSE: tuple[str, ...] = get_args(Purpose)
REDIAL: tuple[str, ...] = get_args(Redial)
HIDDEN_FROM = ("officer", "branch", "agent", "admin")  # or one of the staff, by e-mail address or reference
COMMON = ("only if", "go to", "redial")
ASK_BY_SMS = "ask by sms"
PAYMENT = ("collect", "for", "wallet")
WALLETS = ("this phone",)
TRANSLATION = ("from", "to")
TRANSLATION_MAY = ("reviewed",)


@dataclass(frozen=True, slots=True)
class Shape:
    """The keys of one kind of step beside its own; ``text``: the words stand at its own key."""

    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    text: bool = True


STEPS = {
    "say": Shape(),
    "menu": Shape(may=("options", "lists", "saves", "on timeout")),
    "ask": Shape(needs=("answer",), may=("offer", "saves", "on timeout")),
    "choose": Shape(needs=("from", "show", "none"), may=("unavailable",)),
    "confirm": Shape(needs=("payment", "no")),
    "split": Shape(needs=("over", "each", "amount", "starts at", "show", "answer", "change", "done")),
    "set": Shape(text=False),
    "do": Shape(may=("with", "later"), text=False),
    "run": Shape(text=False),
    "end": Shape(),
}
NO_GO_TO = ("do", "end")  # their exits say where it goes; nothing follows an end

_BOUNDS = ("min", "max", "required")
ANSWERS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: ("required",),
    Kind.NAME: ("required",),
    Kind.NUMBER: _BOUNDS,
    Kind.MONEY: _BOUNDS,
    Kind.DATE: _BOUNDS,
    Kind.RATING: _BOUNDS,
    Kind.PHONE: ("required",),
    Kind.CHOICE: ("options", "required"),
    Kind.CHOICES: ("options", "required"),
    Kind.YES_NO: ("required",),
    Kind.SECRET: ("digits", "letters"),
    Kind.PLACE: ("required",),
    Kind.MEDIA: ("of", "required"),
}
ANSWER_NEEDS = {Kind.RATING: ("min", "max"), Kind.CHOICE: ("options",), Kind.CHOICES: ("options",)}
