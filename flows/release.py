"""A release: everything an institution has published, compiled once, under one content hash. It never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flows.events import Words as Said
from flows.model import Flow, Institution
from flows.values import Name, Value

if TYPE_CHECKING:
    from flows.words.book import Words


class Titled(Name):
    """A name that has further names: ``{institution}`` and ``{institution.phone}``."""

    phone: str
    notice_url: str
    notice_version: str


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """``hash`` names the sources it was made from: flows, words, products and what the institution set.

    What no turn changes is worked out here once: the names that are the same for everybody, and the words that need no
    others (``fixed``, by flow and key).
    """

    hash: str
    flows: dict[str, Flow]
    words: Words
    institution: Institution
    products: Mapping[str, Any] = field(default_factory=dict)
    menus: dict[str, tuple[Flow, ...]] = field(init=False)
    shortcuts: dict[str, str] = field(init=False)  # what to press in the main menu -> flow
    reserved: frozenset[str] = field(init=False)
    names: dict[str, Value] = field(init=False)
    fixed: dict[tuple[str, str], Said] = field(init=False)
    needs: dict[tuple[str, str], frozenset[str]] = field(init=False)  # of all other words: the names they begin with
    surveys: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        keys = self.institution.keys
        menus = _menus(self.flows)
        main = menus.get(self.institution.main_flow, ())
        object.__setattr__(self, "menus", menus)
        object.__setattr__(self, "shortcuts", {str(f.starts.shortcut): f.name for f in main if f.starts.shortcut})
        object.__setattr__(self, "reserved", frozenset((keys.back, keys.home, keys.more)))
        object.__setattr__(self, "names", _names(self))
        needs = self.words.fix(self.names)
        object.__setattr__(self, "fixed", {place: Said(*place, {}) for place, names in needs.items() if not names})
        object.__setattr__(self, "needs", needs)
        surveys = frozenset(flow.name for flow in self.flows.values() if flow.purpose == "survey")
        object.__setattr__(self, "surveys", surveys)


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


def _names(release: Release) -> dict[str, Value]:
    institution = release.institution
    return {
        "institution": titled(institution),
        "wallet": institution.wallet,
        "paybill": institution.paybill,
        "payee": institution.payee or institution.name,
        "keys": {"back": institution.keys.back, "home": institution.keys.home, "more": institution.keys.more},
        "shortcut": {flow: key for key, flow in release.shortcuts.items()},
    }


def titled(institution: Institution) -> Titled:
    """The institution as words name it."""
    title = Titled(institution.short_name)
    title.phone, title.notice_url = institution.phone, institution.notice_url
    title.notice_version = institution.notice_version
    return title
