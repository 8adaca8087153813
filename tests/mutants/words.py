"""Faults of words: translations that are missing, stale or of another flow; lines that read alike; hard sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mutants.ground import Entry, File, files, flows, whole, words_of
from mutants.judging import Mutant, Says, broken, follows, kind, near
from mutants.places import flow_of, labels, misspelt, shown

from flows.model import Ask, Menu

LIES = ("sw",)  # languages that the shipped flows are translated to


def translated(*path: str) -> Iterator[Entry]:
    """Entries of the words files; with a path, what stands there below each: ``from`` or ``to``."""
    for language in LIES:
        for file in files(f"messages/{language}"):
            for entry in file.entries if file.name != "system" else ():
                if entry.path[1:] == path:
                    yield entry


def _step(entry: Entry) -> str:
    return entry.path[0].partition(".")[0]


def _is_label(entry: Entry) -> bool:
    step = whole().flows[entry.file.name].steps.get(_step(entry))
    return "." in entry.path[0] and isinstance(step, Menu | Ask)


@kind("words", "a translation is missing")
def missing() -> Iterator[Mutant]:
    for entry in translated():
        if not _is_label(entry):
            yield _missing(entry)


@kind("words", "the translation of an option is missing")
def option_missing() -> Iterator[Mutant]:
    for entry in translated():
        if _is_label(entry):
            yield _missing(entry)


def _missing(entry: Entry) -> Mutant:
    if len(entry.file.under()) == 1:  # without it the file is empty
        return broken(entry, entry.removed(), "yaml.empty").on(1)
    says = follows(entry.file, "words.missing", f'"{entry.name}"', steps=(_step(entry), None))
    return broken(entry, entry.removed(), "", blocks=False).found_by(says)


@kind("words", "a translation is of an older text")
def stale() -> Iterator[Mutant]:
    for entry in translated("from"):
        yield broken(entry, entry.said(f"{entry.text}!"), "words.stale", blocks=False)


@kind("words", "the flow says something else by now")
def source_changed() -> Iterator[Mutant]:
    for entry in shown():
        file = words_of(entry.file.name)
        if file and re.search("[A-Za-z]", re.sub(r"\{.*?\}", "", entry.text)):
            said = file.at(entry.step or "", "from")
            says = Says(("words.stale",), file.path, (said.line,) if said else (), (entry.step,))
            yield broken(entry, entry.said(f"{entry.text}!"), "", blocks=False).found_by(says)


@kind("words", "a name in braces is lost in translation")
def name_lost() -> Iterator[Mutant]:
    for entry in translated("to"):
        for name in re.findall(r"\{[^}]*\}", entry.text)[:1]:
            yield broken(entry, entry.said(entry.text.replace(name, "...")), "words.placeholders", name)


@kind("words", "a name in braces is misspelt in translation")
def name_misspelt() -> Iterator[Mutant]:
    for entry in translated("to"):
        for name in re.findall(r"\{([^}]*)\}", entry.text)[:1]:
            wrong = misspelt(name)
            yield broken(
                entry, entry.said(entry.text.replace(f"{{{name}}}", f"{{{wrong}}}")), "words.placeholders", name
            )


@kind("words", "a translation shows a name more than its source")
def name_more() -> Iterator[Mutant]:
    for entry in translated("to"):
        yield broken(entry, entry.said(f"{entry.text} {{client.name}}"), "words.placeholders", "{client.name}")


@kind("words", "a translation is called by a key that the flow does not have")
def key_misspelt() -> Iterator[Mutant]:
    for entry in translated():
        wrong = misspelt(entry.name)
        also = [follows(entry.file, "words.missing", f'"{entry.name}"')]
        yield broken(entry, entry.renamed(wrong), "words.unknown_key", f'"{wrong}"', also=also)


@kind("words", "a step is translated that is not there any more")
def for_no_step() -> Iterator[Mutant]:
    for file in files("messages/sw"):
        if file.name != "system":
            edit = file.last('gone_step: {from: "Good day", to: "Habari"}\n')
            says = follows(file, "words.unknown_key", '"gone_step"')
            yield broken(file.entries[0], edit, "").found_by(says)


@kind("words", "half of a translation is missing")
def half() -> Iterator[Mutant]:
    for entry in (*translated("to"), *translated("from")):
        yield broken(entry, entry.removed(), "translation.missing_key value.*", entry.name).on(
            entry.line, entry.line - 1, _top(entry)
        )


def _top(entry: Entry) -> int:
    above = entry.file.at(entry.path[0])
    return above.line if above else 0


@kind("words", "words of a translation stand without quotes")
def bare() -> Iterator[Mutant]:
    for entry in translated("to"):
        if not entry.inside.flow_style:
            yield broken(entry, entry.instead(entry.text), "quotes.for_clients yaml.*")


@kind("words", "a flow has no words in a language of the institution")
def no_file() -> Iterator[Mutant]:
    for file in files("messages/sw"):
        if file.name != "system":
            yield Mutant(file.path, {file.path: None}, (Says(("words.missing_file",), file.path),), blocks=False)


@kind("words", "a words file is called by no flow")
def other_name() -> Iterator[Mutant]:
    for file in files("messages/sw"):
        if file.name != "system":
            wrong = f"messages/sw/{misspelt(file.name)}.yaml"
            says = Says(("words.unknown_flow",), wrong, (), (), (file.name,))
            also = (Says(("words.missing_file",), file.path),)
            yield Mutant(file.path, {file.path: None, wrong: file.text}, (says,), also)


@kind("words", "a flow says that it is written in another language than it is")
def other_language() -> Iterator[Mutant]:
    for file in flows():
        entry = file.at("words")
        if entry and words_of(file.name):
            says = Says(("words.own_language",), f"messages/sw/{file.name}.yaml")
            also = [
                follows(file, "words.other_language"),
                Says(("words.missing_file",), f"messages/en/{file.name}.yaml"),
            ]
            yield broken(entry, entry.instead("sw"), "", also=also).found_by(says)


@kind("words", "the language of a flow is no code of one")
def no_language() -> Iterator[Mutant]:
    for file in flows():
        entry = file.at("words")
        if entry:
            yield broken(entry, entry.instead("English"), "flow.language", '"English"')


@kind("words", "a translation is a copy of its source")
def copied() -> Iterator[Mutant]:
    for entry in translated("to"):
        source = entry.file.at(entry.path[0], "from")
        plain = re.findall(r"[^\W\d_]+", re.sub(r"\{[^}]*\}", " ", source.text if source else ""))
        if source and sum(not word.isupper() for word in plain) >= 3:
            yield broken(entry, entry.said(source.text), "words.not_translated", blocks=False, also=[_english(entry)])


def _english(entry: Entry) -> Says:
    return follows(entry.file, "words.other_language")


@kind("words", "a whole file is in the wrong language")
def untranslated() -> Iterator[Mutant]:
    for file in files("messages/sw"):
        pairs = [(file.at(top.name, "from"), file.at(top.name, "to")) for top in file.under()]
        if file.name != "system" and len(pairs) > 5:
            change = [to.said(source.text) for source, to in pairs if source and to]
            says = [follows(file, "words.other_language words.not_translated")]
            also = [follows(file, "words.* fit.* cost.*"), follows(_flow(file), "words.* fit.* cost.*")]
            yield broken(file.entries[0], change, "", also=also, blocks=False).found_by(*says)


def _flow(file: File) -> File:
    return next(flow for flow in flows() if flow.name == file.name)


@kind("words", "two options read alike")
def alike() -> Iterator[Mutant]:
    for entry in labels():
        first = entry.file.under(*entry.path[:-1])[0]
        if first.name != entry.name:
            yield broken(entry, entry.said(f"{first.text.upper()} "), "words.same_label", entry.name).on(
                entry.line, first.line
            )


@kind("words", "two options read alike in translation")
def alike_in_translation() -> Iterator[Mutant]:
    for entry in translated("to"):
        if _is_label(entry):
            first = next(
                e for e in translated("to") if e.file is entry.file and _is_label(e) and _step(e) == _step(entry)
            )
            if first is not entry:
                yield broken(entry, entry.said(first.text), "words.same_label").on(entry.line, first.line)


@kind("words", "an option looks like the key for back or home")
def like_a_key() -> Iterator[Mutant]:
    for entry in labels():
        for wrong in (f"0 {entry.text}", "00", f"98. {entry.text}"):
            yield broken(
                entry, entry.said(wrong), "words.reserved_key", also=[follows(entry.file, "fit.*", steps=(entry.step,))]
            )


@kind("words", "an option looks like the key for back in translation")
def like_a_key_in_translation() -> Iterator[Mutant]:
    for entry in translated("to"):
        if _is_label(entry):
            yield broken(entry, entry.said(f"0) {entry.text}"), "words.reserved_key", also=_longer(entry))


def _longer(entry: Entry) -> list[Says]:
    here = follows(entry.file, "fit.* cost.* words.long_sentence")
    return [follows(_flow(entry.file), "fit.* cost.*", steps=(_step(entry),)), here]


@kind("words", "an option is called by a key that means something else")
def called_by_key() -> Iterator[Mutant]:
    for entry in labels():
        options = entry.file.under(*entry.path[:-1])
        if entry.path[-2] == "options" and entry is options[-1]:
            for key in ("0", "00", "98"):
                also = [
                    follows(entry.file, "saves.option step.unknown_answer condition.* action.* meaning.*"),
                    *_renamed(entry),
                ]
                says = [follows(entry.file, "words.reserved_key saves.option", f'"{key}"', steps=(entry.step,))]
                says += [follows(entry.file, "step.unknown_answer action.*", f'"{entry.name}"')]  # it had a use
                says += [follows(entry.file, "action.input_type")]
                yield broken(entry, entry.renamed(key), "", also=also).found_by(*says)


def _renamed(entry: Entry) -> list[Says]:
    file = words_of(entry.file.name)
    return [follows(file, "words.missing words.unknown_key", steps=(entry.step,))] if file else []


@kind("words", "an option brings a number of its own")
def numbered() -> Iterator[Mutant]:
    for entry in labels():
        yield broken(entry, entry.said(f"1. {entry.text}"), "words.numbered", also=_own(entry), blocks=False)


def _own(entry: Entry) -> list[Says]:
    return [follows(entry.file, "fit.* cost.*", steps=(entry.step,))]


LONG = " and then you wait here with us until someone comes and tells you what it is"


@kind("words", "a sentence is too long to follow")
def long_sentence() -> Iterator[Mutant]:
    for entry in shown():
        if "\n" not in entry.text:
            edit = entry.said(f"{entry.text.rstrip('.!?: ')}{LONG}.")
            yield broken(entry, edit, "words.long_sentence", also=_anywhere(entry), blocks=False)


def _anywhere(entry: Entry) -> list[Says]:
    """What is said above a screen can be too much for the screen of another step."""
    return [follows(entry.file, "fit.* cost.*")]


@kind("words", "a sentence of a translation is too long to follow")
def long_translation() -> Iterator[Mutant]:
    for entry in translated("to"):
        if not _is_label(entry) and not entry.path[0].startswith("starts."):
            edit = entry.said(f"{entry.text.rstrip('.!?: ')}{' na kisha tena' * 5}.")
            also = [follows(_flow(entry.file), "fit.* cost.*"), follows(entry.file, "fit.* cost.*")]
            yield broken(entry, edit, "words.long_sentence", also=also, blocks=False)


@kind("words", "a client is told that something is invalid")
def blaming() -> Iterator[Mutant]:
    for entry in shown():
        edit = entry.said(f"Invalid. {entry.text}")
        yield broken(entry, edit, "words.blaming", '"Invalid"', also=_anywhere(entry), blocks=False)


@kind("words", "a day is written as 11/30")
def date() -> Iterator[Mutant]:
    for entry in shown():
        edit = entry.said(f"{entry.text} 11/30")
        yield broken(entry, edit, "words.date", '"11/30"', also=[*_anywhere(entry), _sentence(entry)], blocks=False)


def _sentence(entry: Entry) -> Says:
    return follows(entry.file, "words.long_sentence", steps=(entry.step,))


@kind("words", "there are more options than one keeps in mind")
def many() -> Iterator[Mutant]:
    for entry in labels():
        options = entry.file.under(*entry.path[:-1])
        if (
            entry is options[0]
            and entry.path[-2] == "options"
            and not entry.file.at("steps", entry.step or "", "saves")
        ):
            more = ", ".join(f'more_{n}: "Number {n}"' for n in range(6 - len(options)))
            edit = (options[-1].end, options[-1].end, f", {more}" if more else "")
            also = [*_own(entry), *_renamed(entry), follows(entry.file, "meaning.* action.input_type")]
            says = [near(entry, "words.many_options"), follows(entry.file, "action.input_type meaning.input_word")]
            yield broken(entry, edit, "", also=also, blocks=False).found_by(*says)


@kind("words", "what the engine says is missing in a language")
def system_missing() -> Iterator[Mutant]:
    for entry in _system():
        yield broken(entry, entry.removed(), "", blocks=False).found_by(
            follows(entry.file, "system.missing", f'"{entry.name}"')
        )


def _system() -> Iterator[Entry]:
    for file in files("messages/sw"):
        yield from file.under() if file.name == "system" else ()


@kind("words", "what the engine says is called by a key that it does not have")
def system_key() -> Iterator[Mutant]:
    for entry in _system():
        wrong = misspelt(entry.name)
        also = [follows(entry.file, "system.missing", f'"{entry.name}"')]
        yield broken(entry, entry.renamed(wrong), "system.*", f'"{wrong}"', also=also, blocks=False)


@kind("words", "what the engine says shows a name that is not there")
def system_name() -> Iterator[Mutant]:
    for entry in _system():
        if not entry.name.endswith("_words"):
            yield broken(entry, entry.said(f"{entry.text} {{nobody}}"), "system.* names.*", "nobody")


__all__ = ["flow_of"]
