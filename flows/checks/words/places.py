"""Every text of every flow, in every language that it stands in, with where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flows.checks.subject import Subject
from flows.faults import Fault
from flows.model import Flow, Text
from flows.words.quoted import texts_in


@dataclass(frozen=True, slots=True)
class Place:
    """A text as it is shown in ``language``; ``own``: it stands there in that language."""

    flow: Flow
    key: str
    language: str
    text: str
    file: str
    line: int
    own: bool = True
    made_from: str = ""  # the place of what was translated

    @property
    def step(self) -> str | None:
        first = self.key.partition(".")[0]
        return first if first in self.flow.steps else None

    def error(self, subject: Subject, code: str, message: str, fix: str) -> Fault:
        faults = subject.faults(self.flow, self.language)
        return faults.error(self.step, code, message + self.made, fix, self.line, self.file)

    def warning(self, subject: Subject, code: str, message: str, fix: str) -> Fault:
        faults = subject.faults(self.flow, self.language)
        return faults.warning(self.step, code, message + self.made, fix, self.line, self.file)

    @property
    def made(self) -> str:
        return f" (Translated from {self.made_from}.)" if self.made_from else ""


def place(subject: Subject, flow: Flow, text: Text, language: str) -> Place:
    """What a reader of ``language`` is shown: the translation, else the flow's own words."""
    made = subject.translations.get(language, {}).get(flow.name, {}).get(text.key)
    if language == flow.language or made is None:
        return Place(flow, text.key, language, text.source, flow.file, text.line, language == flow.language)
    file, made_from = f"messages/{language}/{flow.name}.yaml", f"{flow.file}, line {text.line}"
    return Place(flow, text.key, language, made.to, file, made.line, made_from=made_from)


def told_at(fault: Fault, subject: Subject, flow: Flow, text: Text | None, line: int = 0) -> Fault:
    """``fault`` where the words stand that are at fault: a translation in its own file, else ``line`` of the flow."""
    shown = place(subject, flow, text, fault.language or flow.language) if text else None
    if shown is None or not shown.made_from:
        return replace(fault, file=flow.file, line=line or fault.line)
    return replace(fault, file=shown.file, line=shown.line, message=fault.message + shown.made)


def places(subject: Subject) -> Iterator[Place]:
    """All that stand in their own language."""
    for flow in subject.flows.values():
        for text in texts_in(flow):
            for language in languages(subject, flow):
                found = place(subject, flow, text, language)
                if found.own:
                    yield found


def languages(subject: Subject, flow: Flow) -> list[str]:
    """Those that the flow may be shown in, its own first."""
    return list(dict.fromkeys([flow.language, *subject.institution.languages]))
