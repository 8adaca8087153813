"""Conditions in words: ``due is more than 0 and account has credit``. Parsed and typed once, when a release is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from flows.values import Value


class Condition(Protocol):
    """A parsed condition. ``names`` are the dotted names it reads; ``holds`` never raises on lawful values."""

    source: str
    names: tuple[str, ...]

    def holds(self, known: Mapping[str, Value]) -> bool: ...
