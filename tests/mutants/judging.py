"""One fault at one place, what a truthful finding says of it, and whether the check said that and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch

import yaml
from checking import shipped
from mutants.ground import Edit, Entry, File, neighbours

from flows.faults import Fault
from gateway.publishing import Sources, check

FAMILIES = ("form", "structure", "meaning", "words", "fit", "safety", "cost")
OURS = "# Ours, and not what is shipped.\n"


@dataclass(frozen=True, slots=True)
class Says:
    """A truthful finding: one of these codes (``*`` for any part), in this file, on one of these lines (none given:
    any of the file), at this step (or at none, where a line is given: what cannot be read has no steps yet), and with
    these words in it."""

    codes: tuple[str, ...]
    path: str
    lines: tuple[int, ...] = ()
    steps: tuple[str | None, ...] = ()
    words: tuple[str, ...] = ()

    def of(self, fault: Fault) -> bool:
        return (
            any(fnmatch(fault.code, code) for code in self.codes)
            and fault.file == self.path
            and (not self.lines or fault.line in self.lines)
            and (not self.steps or fault.step in self.steps or (fault.step is None and bool(self.lines)))
            and all(word in f"{fault.message} {fault.fix}" for word in self.words)
        )


@dataclass(frozen=True, slots=True)
class Mutant:
    """``files``: what is laid over the shipped home (None: what is taken out of it). ``says``: any of these finds it;
    ``also``: what follows from the fault and may be said beside. ``harmless``: the rule by which it is none."""

    place: str
    files: dict[str, str | None]
    says: tuple[Says, ...]
    also: tuple[Says, ...] = ()
    blocks: bool = True  # an error, and no warning
    harmless: str = ""
    among: frozenset[str] = frozenset()  # further flows without which it cannot be seen
    house: dict[str, object] = field(default_factory=dict)

    def on(self, *lines: int) -> Mutant:
        """Found on one of these lines, whatever step that is."""
        return replace(self, says=tuple(replace(says, lines=lines, steps=()) for says in self.says))

    def found_by(self, *says: Says) -> Mutant:
        return replace(self, says=says)

    @property
    def reads_the_same(self) -> bool:
        """Whether nothing was changed but spaces: then there is nothing to find."""
        return all(
            text is not None and _events(text) == _events(shipped().files.get(path, ""))
            for path, text in self.files.items()
        )

    def unbroken(self) -> Sources:
        """The part of the shipped home that it is put into."""
        return replace(self, files={path: shipped().files.get(path) for path in self.files}).sources()

    def sources(self) -> Sources:
        """Only the flows that this one cannot do without: to prove all of them takes longer."""
        names = set(self.among).union(*(neighbours(n) for n in {"main", *_flows(self.files), *self.among}))
        texts = {path: text for path, text in shipped().files.items() if _is_among(path, names)}
        for path in _words_beside(self.files, texts):
            texts[path] += OURS
        texts.update({path: text for path, text in self.files.items() if text is not None})
        for path, text in self.files.items():
            if text is None:
                texts.pop(path, None)
        return Sources({**shipped().institution, **self.house}, texts)


def _words_beside(changed: Iterable[str], texts: Iterable[str]) -> list[str]:
    """The words of the flows that are changed: whoever changes a shipped flow has these too."""
    flows = set(_flows(changed))
    return [
        path for path in texts if path.startswith("messages/") and path.split("/")[-1].removesuffix(".yaml") in flows
    ]


def _events(text: str) -> list[tuple[object, ...]] | None:
    """What a reader of YAML sees, with its quotes."""
    try:
        events = list(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return None
    return [(type(e), *(getattr(e, part, None) for part in ("value", "style", "flow_style"))) for e in events]


def _flows(paths: Iterable[str]) -> Iterator[str]:
    shipped_flows = {path for path in shipped().files if path.startswith("flows/")}
    for path in paths:
        name = path.rpartition("/")[2].removesuffix(".yaml")
        if f"flows/{name}.yaml" in shipped_flows:
            yield name


def _is_among(path: str, names: Iterable[str]) -> bool:
    folder, _, name = path.rpartition("/")
    if folder != "flows" and not folder.startswith("messages"):
        return True
    return name == "system.yaml" or name.removesuffix(".yaml") in names


@dataclass(frozen=True, slots=True)
class Kind:
    """``what`` is done to a flow; ``make`` does it wherever it can be done."""

    family: str
    what: str
    make: Callable[[], Iterator[Mutant]]


KINDS: list[Kind] = []


def kind(family: str, what: str) -> Callable[[Callable[[], Iterator[Mutant]]], Callable[[], Iterator[Mutant]]]:
    assert family in FAMILIES

    def named(make: Callable[[], Iterator[Mutant]]) -> Callable[[], Iterator[Mutant]]:
        KINDS.append(Kind(family, what, make))
        return make

    return named


def broken(entry: Entry, edits: Edit | Iterable[Edit], codes: str, *words: str, **more: object) -> Mutant:
    """One file changed near ``entry``; found where its line or that of its step is named, with one of ``codes`` (words
    with spaces between) and all of ``words``."""
    changes = [edits] if isinstance(edits, tuple) else list(edits)
    says = near(entry, codes, *words)
    place = f"{entry.file.path}, line {entry.line}, {'.'.join(entry.path)}"
    also = (*more.pop("also", ()), stale(entry))  # type: ignore[misc]
    return Mutant(place, {entry.file.path: entry.file.changed(*changes)}, (says,), also, **more)  # type: ignore[arg-type]


def near(entry: Entry, codes: str, *words: str) -> Says:
    step = entry.file.at("steps", entry.step) if entry.step else None
    lines = (entry.line, *((step.line,) if step else ()))
    return Says(tuple(codes.split()), entry.file.path, lines, (entry.step,) if entry.step else (), words)


def follows(file: File, codes: str, *words: str, steps: tuple[str | None, ...] = ()) -> Says:
    """What may be said anywhere in this file too."""
    return Says(tuple(codes.split()), file.path, (), steps, words)


def untold(file: File) -> Says:
    """New words for clients have no translation yet."""
    return Says(("words.missing", "words.missing_file"), f"messages/sw/{file.name}.yaml")


def stale(entry: Entry) -> Says:
    """When words for clients change, their translation is of an older text."""
    return Says(("words.stale",), f"messages/sw/{entry.file.name}.yaml", (), (entry.step, None) if entry.step else ())


@dataclass(frozen=True, slots=True)
class Verdict:
    """``astray``: findings that blame something else."""

    mutant: Mutant
    found: bool
    astray: tuple[Fault, ...]


def judge(mutant: Mutant) -> Verdict:
    _, faults = check(mutant.sources())
    found = [fault for fault in faults if any(says.of(fault) for says in mutant.says)]
    beside = [fault for fault in faults if fault not in found and not any(says.of(fault) for says in mutant.also)]
    blocked = any(fault.level == "error" for fault in found)
    return Verdict(mutant, bool(found) and (blocked or not mutant.blocks), tuple(beside))


__all__ = [
    "FAMILIES",
    "KINDS",
    "Kind",
    "Mutant",
    "Says",
    "Verdict",
    "broken",
    "follows",
    "judge",
    "kind",
    "near",
    "untold",
]
