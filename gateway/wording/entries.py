"""Every text of a language: what it says, what it was made from, and whether anything is left to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from flows.faults import Fault
from flows.loading import SourceFile, load_fields, load_flows, load_translations
from flows.loading.system import system_translations
from flows.model import Flow, Institution
from flows.words.book import Translation
from flows.words.quoted import quoted
from flows.words.templates import BadText, names
from gateway.publishing import Sources

State = Literal["missing", "wrong", "stale", "unreviewed", "good"]
STATES: Final[tuple[State, ...]] = ("missing", "wrong", "stale", "unreviewed")
_BRACES: Final = re.compile(r"\{[^{}]*\}")
SYSTEM: Final = "system"  # the "flow" of what the engine itself says, as its file is called
MEANING: Final = {
    "missing": "not translated; the source is shown",
    "wrong": "other names in braces than its source; the source is shown",
    "stale": "the source was changed since; the old translation is shown",
    "unreviewed": "nobody who speaks the language has read it yet",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One text. ``made_from``: what ``present`` translates; "" where nobody noted it."""

    flow: str
    key: str
    step: str | None
    source: str
    state: State
    present: str = ""
    made_from: str = ""
    line: int = 0

    @property
    def place(self) -> tuple[str, str]:
        return self.flow, self.key

    @property
    def old_source(self) -> str:
        """What was translated, where the source says something else by now."""
        return self.made_from if self.made_from != self.source else ""


@dataclass(frozen=True, slots=True)
class Wording:
    """All of ``language``. ``faults``: what could not be read; ``own``: flows that are written in it themselves.

    ``flows`` are all that could be read, ``orders`` the keys of each words file in the order of its source.
    """

    language: str
    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]
    flows: Mapping[str, Flow]
    broken: frozenset[str]
    orders: Mapping[str, Sequence[str]]
    own: frozenset[str] = field(default_factory=frozenset)

    @property
    def open(self) -> list[Entry]:
        """What is left to do, in the order of files and steps."""
        return [entry for entry in self.entries if entry.state != "good"]

    def counts(self) -> dict[str, int]:
        found = Counter[str](entry.state for entry in self.entries)
        return {state: found[state] for state in STATES}


def file_of(language: str, flow: str) -> str:
    """Where the words of a flow lie in a home."""
    return f"messages/{language}/{flow}.yaml"


def read_flows(sources: Sources, institution: Institution) -> tuple[dict[str, Flow], list[Fault]]:
    """The flows that can be read, and what is wrong with any."""
    fields, _ = load_fields(sources.below("fields"), institution.currency)
    return load_flows(sources.below("flows"), institution, fields)


def read_wording(sources: Sources, institution: Institution, language: str) -> Wording:
    """The texts of ``language``, of every flow that can be read."""
    flows, faults = read_flows(sources, institution)
    broken = {file.name for file in sources.below("flows")} - set(flows)
    files = [file for file in sources.below(f"messages/{language}") if file.name != SYSTEM]
    translations, wordy = load_translations(files, flows, (), broken)
    made = translations.get(language, {})
    entries = [entry for flow in flows.values() if flow.language != language for entry in _of(flow, made)]
    spoken, strange = _system(sources, flows, institution, language)
    wrong = [*(fault for fault in faults if fault.flow in broken), *wordy, *strange]
    orders = {name: list(quoted(flow).texts) for name, flow in flows.items()}
    orders[SYSTEM] = [entry.key for entry in spoken]
    return Wording(
        language,
        (*entries, *spoken),
        tuple(fault for fault in wrong if fault.level == "error"),
        flows,
        frozenset(broken),
        orders,
        frozenset(flow.name for flow in flows.values() if flow.language == language),
    )


def _of(flow: Flow, made: Mapping[str, Mapping[str, Translation]]) -> Iterator[Entry]:
    found = made.get(flow.name, {})
    for key, source in quoted(flow).texts.items():
        step = key.partition(".")[0]
        yield from _entry(flow.name, key, step if step in flow.steps else None, source, found.get(key))


def _entry(flow: str, key: str, step: str | None, source: str, made: Translation | None) -> Iterator[Entry]:
    """Nothing, where there are no words to translate and nobody did."""
    if made is None or not made.to.strip():
        if any(char.isalpha() for char in _BRACES.sub("", source)):
            yield Entry(flow, key, step, source, "missing")
        return
    yield Entry(flow, key, step, source, _state(source, made), made.to, made.from_text, made.line)


def _state(source: str, made: Translation) -> State:
    if made.from_text not in ("", source):
        return "stale"
    if not same_names(source, made.to):
        return "wrong"
    return "good" if made.reviewed else "unreviewed"


def same_names(source: str, text: str) -> bool:
    """Whether both are filled in with the same names."""
    try:
        return set(names(source)) == set(names(text))
    except BadText:
        return False


def _system(
    sources: Sources, flows: Mapping[str, Flow], institution: Institution, language: str
) -> tuple[list[Entry], list[Fault]]:
    """What the engine says, translated from the language that most flows are written in."""
    read = {of: system_translations(file) for of, file in _system_files(sources)}
    spoken = {of: found for of, (found, _) in read.items()}
    order = list(dict.fromkeys([*_original(flows), *institution.languages, *sorted(spoken)]))
    own, strange = read.get(language, ({}, []))
    entries: list[Entry] = []
    for key in dict.fromkeys(key for of in order for key in spoken.get(of, {})):
        first = next(of for of in order if key in spoken.get(of, {}))
        if first != language:
            entries += _entry(SYSTEM, key, None, spoken[first][key].to, own.get(key))
    return entries, strange


def _original(flows: Mapping[str, Flow]) -> list[str]:
    return [of for of, _ in Counter(flow.language for flow in flows.values()).most_common(1)]


def _system_files(sources: Sources) -> Iterable[tuple[str, SourceFile]]:
    for file in sources.below("messages"):
        if file.name == SYSTEM:
            yield file.path.split("/")[1], file
