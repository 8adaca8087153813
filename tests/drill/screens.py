"""What is on a screen, by the flow and step that says it, in whatever words and language are shipped."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gateway.home import definitions, templates

LANGUAGES = ("en", "sw")
SAYS = ("say", "menu", "ask", "choose", "confirm", "end")


def shows(key: str, screen: str) -> bool:
    """Whether ``flow.step``, an option ``flow.step.option`` or ``system.key`` is on the screen, in any language."""
    return any(pattern.search(screen) for pattern in _patterns(key))


def shows_option(number: str, key: str, screen: str) -> bool:
    """Whether the option ``key`` can be chosen here by ``number``."""
    return any(re.search(rf"^{number} {pattern.pattern}", screen, re.MULTILINE) for pattern in _patterns(key))


def language_of(key: str, screen: str) -> str:
    """The language that the screen says ``key`` in; "" if it does not."""
    found = (code for code, one in zip(LANGUAGES, _patterns(key), strict=True) if one.search(screen))
    return next(found, "")


@cache
def _patterns(key: str) -> tuple[re.Pattern[str], ...]:
    flow, _, rest = key.partition(".")
    return tuple(_pattern(_text(flow, rest, language)) for language in LANGUAGES)


def _text(flow: str, key: str, language: str) -> str:
    if flow == "system":
        return str(_read(templates() / "messages" / language / "system.yaml")[key])
    if language != LANGUAGES[0]:
        return str(_read(templates() / "messages" / language / f"{flow}.yaml")[key]["to"])
    source = _read(definitions() / "flows" / f"{flow}.yaml")
    step, _, option = key.partition(".")
    if step == "starts":
        return str(source["starts"][option])
    found = source["steps"][step]
    return str(found["options"][option] if option else next(found[kind] for kind in SAYS if kind in found))


def _pattern(text: str) -> re.Pattern[str]:
    """The text with anything in the place of its names."""
    return re.compile("[^\n]+?".join(re.escape(part) for part in re.split(r"\{[^}]*\}", text)))


@cache
def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())
