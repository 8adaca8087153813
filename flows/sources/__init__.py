"""Lists that a ``choose`` may offer. One file each, found by folder: ``my_accounts.py`` is ``my.accounts``.

A file holds ``SOURCE`` and ``async def read(world, caller, institution) -> list[dict]``. A source is a read: it is
cancelled at the deadline.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache

from flows.actions import Authority
from flows.model import Institution
from flows.ports import Caller, World
from flows.values import Kind, Value


@dataclass(frozen=True, slots=True)
class Source:
    """``item`` is the name of one of the list, ``fields`` what is known of it. Every item has an ``id``.

    ``choices``: the values of a field that has no others. ``only_if``: for a field that not every item has, a condition
    on the item's fields under which it has it for sure.
    """

    item: str
    fields: dict[str, Kind]
    authority: tuple[Authority, ...] = ("none",)
    private: bool = True
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    only_if: dict[str, str] = field(default_factory=dict)


Reader = Callable[[World, Caller, Institution], Awaitable[list[dict[str, Value]]]]


@cache
def catalogue() -> dict[str, tuple[Source, Reader]]:
    """Every source by the name that a flow writes after ``from:``."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        source = importlib.import_module(f"{__name__}.{module.name}")
        found[module.name.replace("_", ".", 1)] = (source.SOURCE, source.read)
    return found
