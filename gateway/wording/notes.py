"""What a translator must know of a text: where it stands, and what is filled in between braces, with an example."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from flows.checks.shown.stage import Stage
from flows.model import AnyStep, Ask, Choose, Confirm, End, Flow, Menu, Say
from flows.talk import lookup
from flows.values import Money, Name, Phone
from flows.words.printing import Unprintable
from flows.words.templates import BadText, names
from gateway.wording.entries import SYSTEM, Entry

KNOWN: Final = {
    "institution": "your institution",
    "institution.phone": "the number that clients may call",
    "institution.notice_url": "where the full notice is",
    "code": "the number to dial",
    "payee": "whom the wallet names",
    "wallet": "the mobile money",
    "paybill": "the business number to pay to",
    "fee": "what this payment costs the client",
    "receipt": "the number of the wallet's receipt",
    "keys.back": "the key that goes back",
    "keys.home": "the key of the main menu",
    "keys.more": "the key of the next page",
    "amount": "an amount",
    "how_to_stop": "how to stop such messages",
    "min": "the least that is taken",
    "max": "the most that is taken",
    "minutes": "a number of minutes",
}
_OF_KIND: Final = {
    Say: "Said above the next screen.",
    Menu: "A question; its answers stand below it.",
    Ask: "A question; the client types.",
    Choose: "Stands above a list.",
    Confirm: "Yes or no, before money moves.",
    End: "The last screen.",
}
_TYPES: Final = (
    (Money, "an amount"),
    (dt.date, "a day"),
    (Phone, "a phone number"),
    (Name, "a name"),
    (bool, "yes or no"),
    (str, "words"),
)
LISTS: Final = {
    "yes_words": "Words that a client may type for yes, with spaces between.",
    "no_words": "Words that a client may type for no, with spaces between.",
    "product_words": "Words that tell of money owed or saved, with spaces between: no text to a phone may have them.",
    "reply_words": "Words that ask for a reply, with spaces between.",
}


def note(entry: Entry, flow: Flow | None, stage: Stage | None) -> str:
    """One sentence of where it stands, and one of each name in braces."""
    filled = (f"{{{name}}}: {_meaning(name, stage)}." for name in _names(entry.source))
    return " ".join([_place(entry, flow), *filled])


def _names(source: str) -> tuple[str, ...]:
    try:
        return names(source)
    except BadText:
        return ()


def _place(entry: Entry, flow: Flow | None) -> str:
    if entry.flow == SYSTEM or flow is None:
        return LISTS.get(entry.key, "Said by the engine itself.")
    if entry.key == "starts.as":
        return "A line of a menu."
    if _is_text_message(flow, entry.key):
        return "A text message."
    step = flow.steps.get(entry.step or "")
    return _on_step(entry, step) if step else ""


def _is_text_message(flow: Flow, key: str) -> bool:
    """Whether this is sent by itself, and not shown in a call."""
    step, _, rest = key.partition(".")
    invites = flow.starts.invite is not None and flow.starts.invite.key == key
    return invites or (bool(rest) and hasattr(flow.steps.get(step), "later"))


def _on_step(entry: Entry, step: AnyStep) -> str:
    if entry.key == step.name:
        return _OF_KIND.get(type(step), "")
    return "A line of the list." if isinstance(step, Choose) else "An answer: one line."


def _meaning(name: str, stage: Stage | None) -> str:
    value = _value(name, stage)
    if name.startswith("shortcut."):
        said = f"the key of {name.partition('.')[2]} in the main menu"
    else:
        said = KNOWN.get(name) or next((what for kind, what in _TYPES if isinstance(value, kind)), "a number")
    example = _example(value, stage)
    return f"{said}, like {example}" if example else said if name in KNOWN else "filled in from the record"


def _value(name: str, stage: Stage | None) -> Any:
    if stage is None:
        return None
    known = {"code": stage.names.get("code"), "min": 1, "max": 5, "minutes": 15}
    return lookup({**known, **stage.names}, name)


def _example(value: Any, stage: Stage | None) -> str:
    try:
        return stage.sizes.shown(value).replace("\n", " ")[:60] if stage and value is not None else ""
    except (Unprintable, KeyError):
        return ""
