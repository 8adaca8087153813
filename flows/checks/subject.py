"""What a family of checks may look at: everything that would be published, and nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from flows.actions import Action
from flows.checks.graph import Graph
from flows.faults import Fault
from flows.loading import Field, Kinds
from flows.model import Flow, Institution, Text
from flows.products.features import Product
from flows.screens.profile import Profile
from flows.sources import Source
from flows.words.book import Translations, Words


@dataclass(frozen=True, eq=False)
class Subject:
    """All flows of a release with what they are made of. They were read without an error.

    ``profiles`` by the name of the channel; ``system`` by language and key, and ``spoken`` with where each stands;
    ``translations`` by language, flow and key. ``own``: the paths of the files that the institution wrote; the others
    are shipped.
    """

    flows: Mapping[str, Flow]
    words: Words
    translations: Translations
    system: Mapping[str, Mapping[str, str]]
    institution: Institution
    fields: Mapping[str, Field]
    kinds: Kinds
    products: Mapping[str, Product]
    actions: Mapping[str, Action]
    sources: Mapping[str, Source]
    profiles: Mapping[str, Profile]
    own: frozenset[str] = frozenset()
    spoken: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)

    @cached_property
    def graphs(self) -> dict[str, Graph]:
        """The ways through each flow, by its name."""
        channels = tuple(profile.carries for profile in self.profiles.values())
        return {name: Graph(flow, self.flows, channels=channels) for name, flow in self.flows.items()}

    def line(self, language: str, key: str) -> int:
        """Where the engine's words of this key stand in ``messages/<language>/system.yaml``; 1 where they do not."""
        text = self.spoken.get(language, {}).get(key)
        return text.line if text else 1

    def faults(self, flow: Flow, language: str | None = None, channel: str | None = None) -> Faults:
        return Faults(flow, language, channel)


@dataclass(frozen=True, slots=True)
class Faults:
    """Makes faults of one flow. Without a ``line`` they stand where their step begins (or the file does)."""

    flow: Flow
    language: str | None = None
    channel: str | None = None

    def error(self, step: str | None, code: str, message: str, fix: str, line: int = 0, file: str = "") -> Fault:
        place = self._place(step, line, file)
        return Fault(*place, "error", code, message, fix, self.flow.name, step, self.language, self.channel)

    def warning(self, step: str | None, code: str, message: str, fix: str, line: int = 0, file: str = "") -> Fault:
        return replace(self.error(step, code, message, fix, line, file), level="warning")

    def _place(self, step: str | None, line: int, file: str) -> tuple[str, int]:
        begins = self.flow.steps[step].line if step in self.flow.steps else 1
        return file or self.flow.file, line or begins
