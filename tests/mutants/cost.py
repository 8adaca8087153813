"""Faults of cost and time: what takes longer than a call may, and what is paid for twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from checking import shipped
from mutants.fit import SENTENCE
from mutants.ground import Entry, flows, whole, words_of
from mutants.judging import Mutant, Says, broken, follows, kind, untold
from mutants.places import flow_of, sent, shown, step_of, steps
from mutants.words import translated

from flows.model import Ask, Menu
from flows.values import Kind


def _beside(entry: Entry) -> list[Says]:
    return [follows(file, "fit.* cost.*") for file in (entry.file, words_of(entry.file.name)) if file]


def _untold(entry: Entry) -> list[Says]:
    return [untold(entry.file)]


def _typed() -> Iterator[tuple[Entry, Says]]:
    """Questions that are answered in words, and what is said where that takes too long."""
    for entry in shown():
        step = step_of(entry)
        if isinstance(step, Ask) and step.answer.kind in (Kind.TEXT, Kind.NAME):
            yield entry, follows(entry.file, "cost.idle", "letters to type", "hangs up", steps=(entry.step,))


@kind("cost", "a question that is answered in words is too long to answer in time")
def too_much_to_type() -> Iterator[Mutant]:
    for entry, says in _typed():
        yield broken(entry, entry.said(entry.text + SENTENCE * 3), "", also=_beside(entry), blocks=False).found_by(says)


@kind("cost", "so much is said before such a question that nobody answers it in time")
def too_much_before() -> Iterator[Mutant]:
    for entry, says in _typed():
        edit = entry.file.before(entry.step or "", f'  long_words: {{say: "Hello{SENTENCE * 3}"}}\n')
        also = [*_beside(entry), *_untold(entry), follows(entry.file, "structure.unreachable", steps=("long_words",))]
        yield broken(entry, edit, "", also=also, blocks=False).found_by(says, *also[2:])


@kind("cost", "such a question is too long in translation")
def too_much_translated() -> Iterator[Mutant]:
    for entry, says in _typed():
        file = words_of(entry.file.name)
        said = file.at(entry.step or "", "to") if file else None
        if said:
            edit = said.said(f"{said.text}{'. Tuko hapa kwa ajili yako kila siku' * 4}")
            also = [*_beside(entry), follows(file, "fit.* cost.* words.long_sentence")]
            there = replace(says, path=file.path)
            yield broken(said, edit, "", also=also, blocks=False).found_by(says, there)


@kind("cost", "more is asked than a call has time for")
def too_many_questions() -> Iterator[Mutant]:
    yield from _asked('ask: "How many are you at home, with all the children?"\n    answer: {type: number}', 20)


@kind("cost", "more words are to be typed than a call has time for")
def too_many_words() -> Iterator[Mutant]:
    yield from _asked('ask: "What do you want to tell us?"\n    answer: {type: text}', 8)


@kind("cost", "more is to be chosen than a call has time for")
def too_many_menus() -> Iterator[Mutant]:
    yield from _asked('menu: "Which day is good for you?"\n    options: {one: "Monday", two: "Tuesday"}', 30)


def _asked(question: str, times: int) -> Iterator[Mutant]:
    """Before the first step of a flow that cannot be gone on with in a new call."""
    for step in steps():
        flow = flow_of(step)
        if step is step.file.steps[0] and flow.redial not in ("continue", "ask") and flow.name != "main":
            lines = "".join(f"  more{n}:\n    {question}\n" for n in range(times))
            says = [follows(step.file, "cost.call", "seconds")]
            menus = {s.lists for s in flow.steps.values() if isinstance(s, Menu) and s.lists}
            opened = [other for other in whole().flows.values() if other.starts.menu in menus]
            says += [Says(("cost.call",), other.file, (), (), ("From the first screen",)) for other in opened]
            runs = [other for other in whole().flows.values() if f"run: {flow.name}" in shipped().files[other.file]]
            says += [Says(("cost.call",), other.file, (), (), ("From the first screen",)) for other in runs]
            also = [*_beside(step), *_untold(step), follows(step.file, "meaning.* structure.*")]
            also += [Says(("cost.call", "fit.session"), file.path) for file in flows()]
            yield broken(step, step.file.before(step.name, lines), "", also=also, blocks=False).found_by(*says)


@kind("cost", "a text is sent in two parts, and both are paid for")
def two_parts() -> Iterator[Mutant]:
    for entry in sent():
        says = follows(entry.file, "fit.parts", "paid", steps=(entry.step,))
        longer = entry.said(entry.text + SENTENCE * 3)
        yield broken(entry, longer, "", also=_beside(entry), blocks=False).found_by(says)


@kind("cost", "a text is sent in two parts in translation, and both are paid for")
def two_parts_translated() -> Iterator[Mutant]:
    for entry in translated("to"):
        step, _, key = entry.path[0].partition(".")
        flow = whole().flows[entry.file.name]
        if entry.path[0] == "starts.invite" or key in dict(getattr(flow.steps.get(step), "later", ())):
            says = [Says(("fit.parts",), path, (), (), ("paid",)) for path in (flow.file, entry.file.path)]
            edit = entry.said(f"{entry.text}{'. Tuko hapa kwa ajili yako kila siku' * 4}")
            also = [follows(entry.file, "words.long_sentence")]
            yield broken(entry, edit, "", also=also, blocks=False).found_by(*says)
