"""Faults of form: what cannot be read, or names what is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mutants.ground import Entry, everywhere, flows
from mutants.judging import Mutant, Says, broken, follows, kind
from mutants.places import action_of, is_exit, kind_of, misspelt, step_of, steps, targets, words

from flows.actions import catalogue
from flows.loading.shape import STEPS
from flows.model import Do, Run

LOST = "*.missing_key *.missing_input *.missing_later *.missing_exit value.* menu.options starts.no_invite starts.alone"
"""What is told besides of a key that is not read: that it is missing, and that its value does not fit elsewhere."""


@kind("form", "a step is misspelt where another one leads to it")
def target() -> Iterator[Mutant]:
    for entry in targets():
        wrong = misspelt(entry.text)
        yield broken(entry, entry.instead(wrong), "step.unknown_target", wrong)


@kind("form", "the key that says what a step does is misspelt")
def kind_key() -> Iterator[Mutant]:
    for step in steps():
        entry = step.file.at(*step.path, kind_of(step))
        assert entry is not None
        also = [follows(step.file, LOST, steps=(step.name,))]
        yield broken(entry, entry.renamed(misspelt(entry.name)), "step.no_kind", entry.name, also=also)


@kind("form", "another key of a step is misspelt")
def step_key() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.step and len(entry.path) == 3 and entry.name not in STEPS and not is_exit(entry):
            wrong = misspelt(entry.name)
            also = [follows(entry.file, LOST, steps=(entry.step,))]
            codes = "*.unknown_key action.unknown_exit"
            yield broken(entry, entry.renamed(wrong), codes, f'"{wrong}"', entry.name, also=also)


@kind("form", "a key of the header is misspelt")
def header_key() -> Iterator[Mutant]:
    for file in flows():
        for entry in file.under():
            wrong = misspelt(entry.name)
            also = [follows(file, LOST)]
            yield broken(entry, entry.renamed(wrong), "header.unknown_key", f'"{wrong}"', f'"{entry.name}"', also=also)


@kind("form", "a key of a start, an answer or a payment is misspelt")
def inner_key() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path[-2:-1] and entry.path[-2] in ("starts", "answer", "payment") and entry.step != entry.name:
            wrong = misspelt(entry.name)
            also = [follows(entry.file, LOST)]
            yield broken(entry, entry.renamed(wrong), "*.unknown_key", f'"{wrong}"', f'"{entry.name}"', also=also)


@kind("form", "a key stands twice")
def key_twice() -> Iterator[Mutant]:
    for entry in everywhere():
        begins, ends, _ = entry.removed()
        lines = entry.file.text[begins:ends]
        if not entry.inside.flow_style and lines.count("\n") == 1:
            yield broken(entry, (ends, ends, lines), "yaml.duplicate_key", f'"{entry.name}"').on(entry.line + 1)


@kind("form", "a step stands twice")
def step_twice() -> Iterator[Mutant]:
    for step in steps():
        begins, ends, _ = step.removed()
        lines = step.file.text[begins:ends]
        yield broken(step, (ends, ends, lines), "yaml.duplicate_key", f'"{step.name}"').on(
            step.line + lines.count("\n")
        )


@kind("form", "words for clients stand without quotes")
def no_quotes() -> Iterator[Mutant]:
    for entry in words():
        if "\n" not in entry.text:
            also = [
                follows(entry.file, "options.name value.* text.empty *.unknown_key *.missing_key", steps=(entry.step,))
            ]
            yield broken(entry, entry.instead(entry.text), "quotes.for_clients value.* yaml.*", also=also)


@kind("form", "words for clients stand in single quotes")
def single_quotes() -> Iterator[Mutant]:
    for entry in words():
        if "\n" not in entry.text:
            yield broken(entry, entry.instead(f"'{entry.text}'"), "quotes.for_clients")


@kind("form", "words for clients stand in curly quotes")
def curly_quotes() -> Iterator[Mutant]:
    for entry in words():
        if "\n" not in entry.text:
            yield broken(entry, entry.instead(f"“{entry.text}”"), "quotes.for_clients yaml.*", "quote")


@kind("form", "the quote at the end of words is missing")
def open_quote() -> Iterator[Mutant]:
    for entry in words():
        if "\n" not in entry.text:
            yield broken(entry, entry.instead(f'"{entry.text}'), "yaml.quote yaml.bracket", "quote")


@kind("form", "a word that is no client's stands in double quotes")
def quoted() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.is_bare:
            yield broken(entry, entry.instead(f'"{entry.text}"'), "quotes.* value.*", "quotes")


@kind("form", "a brace is not closed")
def open_brace() -> Iterator[Mutant]:
    for entry in words():
        if "}" in entry.text:
            yield broken(entry, entry.said(entry.text.replace("}", "", 1)), "braces.* words.*", also=_unseen(entry))


def _unseen(entry: Entry) -> list[Says]:
    return [follows(entry.file, "confirm.not_shown", steps=(entry.step,))]


@kind("form", "a name in braces is misspelt")
def placeholder() -> Iterator[Mutant]:
    for entry in words():
        for name in _names(entry):
            wrong = misspelt(name)
            change = entry.said(entry.text.replace(f"{{{name}}}", f"{{{wrong}}}"))
            yield broken(entry, change, "names.unknown", wrong.rpartition(".")[2], also=_unseen(entry))


def _names(entry: Entry) -> list[str]:
    return re.findall(r"\{([^{}]+)\}", entry.text)


@kind("form", "something is done with a name in braces")
def called() -> Iterator[Mutant]:
    for entry in words():
        for name in _names(entry):
            change = entry.said(entry.text.replace(f"{{{name}}}", f"{{{name}|upper}}"))
            yield broken(entry, change, "braces.* words.*", also=_unseen(entry))


@kind("form", "an exit of an action is missing")
def exit_gone() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.step and is_exit(entry):
            yield broken(entry, entry.removed(), "action.missing_exit", f'"{entry.name}"')


@kind("form", "an exit of an action is misspelt")
def exit_misspelt() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.step and is_exit(entry):
            wrong = misspelt(entry.name)
            also = [follows(entry.file, "action.missing_exit", entry.name, steps=(entry.step,))]
            yield broken(entry, entry.renamed(wrong), "action.unknown_exit", f'"{wrong}"', entry.name, also=also)


@kind("form", "what is told later is missing")
def later_gone() -> Iterator[Mutant]:
    for entry in everywhere():
        if len(entry.path) == 4 and entry.path[2] == "later":
            says = follows(entry.file, "action.missing_later", entry.name, steps=(entry.step,))
            yield broken(entry, entry.removed(), "").found_by(says)


@kind("form", "a key that is needed is missing")
def needed() -> Iterator[Mutant]:
    for entry in everywhere():
        step = entry.file.at("steps", entry.step) if entry.step else None
        if step and len(entry.path) == 3 and entry.name in STEPS[kind_of(step)].needs:
            yield broken(entry, entry.removed(), "*.missing_key", f'"{entry.name}"')


@kind("form", "an action is misspelt")
def action() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.step and entry.name == "do" and isinstance(step_of(entry), Do):
            yield broken(entry, entry.instead(misspelt(entry.text)), "action.unknown", entry.text)


@kind("form", "a list is misspelt")
def listed() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.step and entry.path[2:] == ("from",):
            yield broken(entry, entry.instead(misspelt(entry.text)), "source.unknown", entry.text)


@kind("form", "a flow that is run is misspelt")
def run() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.step and entry.name == "run" and isinstance(step_of(entry), Run):
            yield broken(entry, entry.instead(misspelt(entry.text)), "flow.unknown", entry.text)


def inputs() -> Iterator[Entry]:
    return (entry for entry in everywhere() if entry.step and entry.path[2:3] == ("with",) and len(entry.path) == 4)


@kind("form", "what an action is given is misspelt by name")
def input_name() -> Iterator[Mutant]:
    for entry in inputs():
        wrong = misspelt(entry.name)
        also = [follows(entry.file, "action.missing_input", entry.name, steps=(entry.step,))]
        yield broken(entry, entry.renamed(wrong), "action.unknown_input", f'"{wrong}"', entry.name, also=also)


@kind("form", "what an action needs is missing")
def input_gone() -> Iterator[Mutant]:
    for entry in inputs():
        if action_of(entry).inputs[entry.name].required:
            yield broken(entry, entry.removed(), "action.missing_input", f'"{entry.name}"')


@kind("form", "what an action is given is misspelt")
def input_value() -> Iterator[Mutant]:
    for entry in inputs():
        wrong = misspelt(entry.text)
        codes = "action.unknown_word action.input_type names.unknown action.near_name"
        also = [follows(entry.file, "safety.secret_unused")]
        yield broken(entry, entry.instead(wrong), codes, f'"{wrong}"', also=also, blocks=False)


@kind("form", "the type of an answer is misspelt")
def answer_type() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path[2:] == ("answer", "type"):
            yield broken(entry, entry.instead(misspelt(entry.text)), "answer.unknown_type", entry.text)


@kind("form", "a field that is saved is misspelt")
def saves() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path[2:] == ("saves",):
            wrong = misspelt(entry.text)
            yield broken(entry, entry.instead(wrong), "saves.unknown_field", f'"{wrong}"', f'"{entry.text}"')


@kind("form", "an answer is saved as something of another type")
def saves_type() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path[2:] == ("saves",):
            wrong = "client.birth_date"
            yield broken(entry, entry.instead(wrong), "saves.type", wrong)


@kind("form", "who, purpose or redial is misspelt")
def closed_word() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.name in ("who", "purpose", "redial") and len(entry.path) == 1:
            wrong = misspelt(entry.text)
            yield broken(entry, entry.instead(wrong), "value.unknown", f'"{wrong}"', entry.text)


@kind("form", "the name of a flow is not that of its file")
def flow_name() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path == ("flow",):
            yield broken(entry, entry.instead(misspelt(entry.text)), "flow.name", entry.text)


@kind("form", "an answer that leads somewhere is misspelt")
def answer_name() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path[2:3] == ("go to",) and len(entry.path) == 4:
            wrong = misspelt(entry.name)
            yield broken(entry, entry.renamed(wrong), "step.unknown_answer", f'"{wrong}"', entry.name)


def conditions() -> Iterator[Entry]:
    return (entry for entry in everywhere() if entry.path[2:] == ("only if",))


@kind("form", "a name in a condition is misspelt")
def condition_name() -> Iterator[Mutant]:
    for entry in conditions():
        name = entry.text.split()[0]
        wrong = misspelt(name)
        change = entry.instead(entry.text.replace(name, wrong, 1))
        yield broken(entry, change, "condition.*", wrong)


OPERATORS = ("is not", "at least", "at most", "more than", "less than", "has", "is")


@kind("form", "a comparison in a condition is misspelt")
def operator() -> Iterator[Mutant]:
    for entry in conditions():
        word = next(word for word in OPERATORS if f" {word} " in entry.text)
        wrong = misspelt(word)
        change = entry.instead(entry.text.replace(f" {word} ", f" {wrong} ", 1))
        yield broken(entry, change, "condition.*", f'"{wrong.split()[0]}')


@kind("form", "a tab stands in a line")
def tab() -> Iterator[Mutant]:
    for entry in everywhere():
        if not entry.inside.flow_style and not entry.is_words:
            yield broken(entry, (entry.start, entry.start, "\t"), "file.tab").on(entry.line)


@kind("form", "a character that cannot be seen stands in words")
def unseen() -> Iterator[Mutant]:
    for entry in words():
        yield broken(entry, (entry.end - 1, entry.end - 1, "\u200b"), "file.unseen").on(
            entry.file.text.count("\n", 0, entry.end) + 1
        )


@kind("form", "a colon is missing")
def colon() -> Iterator[Mutant]:
    for entry in everywhere():
        after = int(entry.key.end_mark.index)
        if not entry.inside.flow_style:
            yield broken(entry, (after, after + 1, ""), "yaml.* step.no_kind *.unknown_key")


@kind("form", "a line begins one space too far to the right")
def indent() -> Iterator[Mutant]:
    for entry in everywhere():
        if not entry.inside.flow_style:
            below = [other.line for other in entry.file.under(*entry.path[:-1])]
            first = below[1:2] if entry.line == below[0] else []  # which of the two stands wrong nobody knows
            yield broken(entry, (entry.start, entry.start, " "), "yaml.*").on(entry.line, *first)


@kind("form", "an action is done that flows do not name")
def builtin() -> Iterator[Mutant]:
    for name, (action, _) in catalogue().items():
        for entry in everywhere() if action.builtin else ():
            if entry.step and entry.name == "do" and isinstance(step_of(entry), Do):
                also = [follows(entry.file, "action.* names.*")]
                yield broken(entry, entry.instead(name), "action.builtin", name, also=also)


@kind("form", "an option is called by something that is no word")
def option_name() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path[-2:-1] == ("options",):
            wrong = f"{entry.name}-"
            also = [follows(entry.file, "saves.option condition.* step.unknown_answer meaning.*")]
            yield broken(entry, entry.renamed(wrong), "options.name", f'"{wrong}"', also=also)
