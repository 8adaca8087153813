"""One difference between two releases, as people read it and as a tool does."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from babel import Locale, UnknownLocaleError

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Change:
    """``about`` what: ``flow repay``, ``product biashara``; ``said`` in words; ``file`` where its author finds it.
    ``before`` and ``after`` are None where there was, or is, none."""

    about: str
    kind: str
    said: str
    file: str
    step: str = ""
    language: str = ""
    before: str | None = None
    after: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def other(before: str | None, after: str | None) -> str:
    """``"old" → "new"``."""
    return f"{NOTHING if before is None else before} → {NOTHING if after is None else after}"


def quoted(text: str | None) -> str | None:
    """Words for clients, in one line."""
    return None if text is None else '"' + text.replace("\n", " / ") + '"'


def language_name(code: str) -> str:
    """``Swahili`` for ``sw``; a language that Unicode CLDR has no name for goes by its code."""
    try:
        return Locale.parse(code, sep="-").get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code
