"""``fields/*.yaml``: the data dictionary."""

from __future__ import annotations

from flows.loading.fields import BOUNDED, KINDS, MAY, NEEDS
from flows.schema.parts import LENGTH, Schema, each, one_of, said, several, table, text, word, yes_no
from flows.values import Kind

KEEP = rf"{LENGTH}|[1-9]\d? years?|for ever"
_ABOUT = {
    "type": "What kind of thing it is.",
    "label": "What staff and exports call it, in double quotes.",
    "min": "The least.",
    "max": "The most.",
    "options": "The answers that there are, by their names: [yes, less, more].",
    "unit": "What it is counted in: acres, kg.",
    "sensitive": "yes shows it only to staff whose role allows it.",
    "keep": "How long it is kept after the client has left: 5 years, 60 days, for ever.",
}


def fields() -> Schema:
    """A choice alone has options; what can be ordered has bounds."""
    only = [_only("options", (Kind.CHOICE, Kind.CHOICES)), *(_only(key, BOUNDED) for key in ("min", "max"))]
    one = table({key: _key(key) for key in (*NEEDS, *MAY)}, NEEDS, allOf=only)
    name = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+"
    return {"title": "The data dictionary", **each(one, "Each thing that can be known of a client: loan.ease.", name)}


def _only(key: str, kinds: tuple[Kind, ...]) -> Schema:
    allowed = {"properties": {"type": {"enum": [kind.value for kind in kinds]}}}
    return {"if": {"required": [key]}, "then": allowed}


def _key(key: str) -> Schema:
    said_of = _ABOUT[key]
    match key:
        case "type":
            return one_of(said_of, [kind.value for kind in KINDS])
        case "label":
            return said(said_of)
        case "options":
            return several(said_of, word("The name of an answer."))
        case "sensitive":
            return yes_no(said_of)
        case "keep":
            return text(said_of, KEEP)
    return word(said_of)
