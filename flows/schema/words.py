"""``messages/<language>/<flow>.yaml`` and ``messages/<language>/system.yaml``."""

from __future__ import annotations

from flows.loading.shape import TRANSLATION, TRANSLATION_MAY
from flows.schema.parts import Schema, each, said, table, text

_ABOUT = {
    "from": "The text of the flow that was translated, word for word. When the flow changes, check says so.",
    "to": "The translation, in double quotes. The same {names} in braces must stand in it.",
    "reviewed": "Who speaks the language and has read it, and when: {by: Wanjiru, on: 2026-01-31}.",
}


def words() -> Schema:
    entry = table({key: _key(key) for key in (*TRANSLATION, *TRANSLATION_MAY)}, TRANSLATION)
    of_a_flow = each(entry, "Each text of the flow by its step (and option): what was translated, and the translation.")
    system = each(said("What is said, in double quotes."), "What the engine itself says.", r"[a-z][a-z0-9_]*")
    return {"title": "The words of a language", "anyOf": [of_a_flow, system]}


def _key(key: str) -> Schema:
    if key != "reviewed":
        return said(_ABOUT[key])
    by, on = text("Who has read it."), text("The day: 2026-01-31.", r"\d{4}-\d{2}-\d{2}")
    return table({"by": by, "on": on}, ("by", "on"), _ABOUT[key])
