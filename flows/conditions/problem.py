"""What is wrong with a condition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """In plain words: what is wrong, and what to do. ``code`` is the second half of a fault's code."""

    code: str
    message: str
    fix: str
