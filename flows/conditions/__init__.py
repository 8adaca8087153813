"""Conditions in words: ``due is more than 0 and account has credit``. Parsed and typed once, when a release is made.

``parse`` gives a ``Condition``, or says in plain words what is wrong. The grammar stands in docs/flow-grammar.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from flows.conditions.parser import Parsed, parse
from flows.conditions.problem import Problem
from flows.values import Value

WORDS = ("and", "or", "not", "is", "has", "between")  # no step or answer may be called so


class Condition(Protocol):
    """A parsed condition. ``names`` are the dotted names it reads; ``holds`` never raises on lawful values."""

    source: str
    names: tuple[str, ...]

    def holds(self, known: Mapping[str, Value]) -> bool: ...


__all__ = ["WORDS", "Condition", "Parsed", "Problem", "parse"]
