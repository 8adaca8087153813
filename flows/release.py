"""A release: everything an institution has published, compiled once, under one content hash. It never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flows.model import Flow, Institution

if TYPE_CHECKING:
    from flows.words.book import Words


@dataclass(frozen=True, slots=True)
class Release:
    """``hash`` names the sources it was made from: flows, words, products and what the institution set."""

    hash: str
    flows: dict[str, Flow]
    words: Words
    institution: Institution
    products: Mapping[str, Any] = field(default_factory=dict)
    menus: dict[str, tuple[Flow, ...]] = field(init=False)
    shortcuts: dict[str, str] = field(init=False)  # what to press in the main menu -> flow
    reserved: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        keys = self.institution.keys
        menus = _menus(self.flows)
        main = menus.get(self.institution.main_flow, ())
        object.__setattr__(self, "menus", menus)
        object.__setattr__(self, "shortcuts", {str(f.starts.shortcut): f.name for f in main if f.starts.shortcut})
        object.__setattr__(self, "reserved", frozenset((keys.back, keys.home, keys.more)))


def _menus(flows: Mapping[str, Flow]) -> dict[str, tuple[Flow, ...]]:
    """Which flows each menu lists: ordered by shortcut, then by file name."""
    menus: dict[str, list[Flow]] = {}
    for flow in flows.values():
        if flow.starts.menu:
            menus.setdefault(flow.starts.menu, []).append(flow)
    return {
        menu: tuple(sorted(listed, key=lambda f: (f.starts.shortcut or 10_000, f.name)))
        for menu, listed in menus.items()
    }
