"""Faults of fit: what is too long for a screen, a button or an SMS, and letters that phones lack."""

from __future__ import annotations

from collections.abc import Iterator

from mutants.ground import Entry, everywhere, files, flows, whole, words_of
from mutants.judging import Mutant, Says, broken, follows, kind, untold
from mutants.places import flow_of, kind_of, labels, sent, shown, steps
from mutants.words import translated

from flows.model import Menu

SENTENCE = ". We are here for you every day of the week"
LONG = SENTENCE * 5  # 215 letters: more than one screen of USSD
READ = "fit.* cost.*"


def _beside(entry: Entry) -> list[Says]:
    """A text that is said above a screen fills the screens of other steps, in each language; and takes long to read."""
    return [follows(file, READ) for file in (entry.file, words_of(entry.file.name)) if file]


@kind("fit", "words are longer than a screen")
def too_long() -> Iterator[Mutant]:
    for entry in shown():
        if entry.name != "confirm" and "\n" not in entry.text:
            codes = "fit.screens fit.key fit.option"
            says = follows(entry.file, codes, steps=_shown_at(entry))
            yield broken(entry, entry.said(entry.text + LONG), "", also=_beside(entry), blocks=False).found_by(says)


def _shown_at(entry: Entry) -> tuple[str | None, ...]:
    """Words of ``say`` are read above those that follow: any of the screens after it may be named."""
    if entry.name != "say":
        return (entry.step,)
    return tuple(whole().graphs[entry.file.name].reachable(entry.step or ""))


@kind("fit", "words of a translation are longer than a screen")
def translation_too_long() -> Iterator[Mutant]:
    for entry in translated("to"):
        flow = whole().flows[entry.file.name]
        step = entry.path[0]
        if step in flow.steps and "\n" not in entry.text:
            model = next(file for file in flows() if file.name == flow.name).at("steps", step)
            said = model and kind_of(model)
            if said in ("menu", "ask", "end", "choose"):
                says = [
                    Says(("fit.screens", "fit.key", "fit.option"), path, (), (step,))
                    for path in (flow.file, entry.file.path)
                ]
                also = [Says(("fit.*", "cost.*"), flow.file), follows(entry.file, "words.long_sentence fit.* cost.*")]
                text = entry.said(entry.text + " Tuko hapa kwa ajili yako kila siku." * 6)
                yield broken(entry, text, "", also=also, blocks=False).found_by(*says)


@kind("fit", "a payment does not fit on the screen on which it is agreed to")
def payment() -> Iterator[Mutant]:
    for entry in shown():
        if entry.name == "confirm":
            says = follows(entry.file, "fit.payment", steps=(entry.step,))
            yield broken(entry, entry.said(entry.text + LONG), "", also=_beside(entry)).found_by(says)


@kind("fit", "a text that is sent by itself takes several SMS")
def parts() -> Iterator[Mutant]:
    for entry in sent():
        says = follows(entry.file, "fit.parts", steps=(entry.step,))
        yield broken(entry, entry.said(entry.text + LONG), "", also=_beside(entry), blocks=False).found_by(says)


@kind("fit", "a text that is sent by itself takes several SMS in translation")
def translated_parts() -> Iterator[Mutant]:
    for entry in translated("to"):
        step, _, key = entry.path[0].partition(".")
        model = whole().flows[entry.file.name].steps.get(step)
        if entry.path[0] == "starts.invite" or key in dict(getattr(model, "later", ())):
            paths = (f"flows/{entry.file.name}.yaml", entry.file.path)
            says = [Says(("fit.parts",), path) for path in paths]
            also = [Says(("fit.*", "cost.*"), path) for path in paths]
            text = entry.said(entry.text + " Tuko hapa kwa ajili yako kila siku." * 6)
            yield broken(entry, text, "", also=also, blocks=False).found_by(*says)


@kind("fit", "a letter of another alphabet stands in words")
def letter() -> Iterator[Mutant]:
    for entry in (*shown(), *labels(), *sent()):
        for sign in "Ж" if "\n" not in entry.text else "":
            yield broken(entry, entry.said(entry.text + sign), "fit.letter", sign, also=_beside(entry), blocks=False)


@kind("fit", "a picture stands in words")
def picture() -> Iterator[Mutant]:
    for entry in (*shown(), *labels(), *sent()):
        for sign in "🎉" if "\n" not in entry.text else "":
            yield broken(entry, entry.said(entry.text + sign), "fit.picture", sign, also=_beside(entry), blocks=False)


@kind("fit", "a letter of another alphabet stands in a translation")
def translated_letter() -> Iterator[Mutant]:
    for entry in translated("to"):
        also = [Says(("fit.*", "cost.*"), path) for path in (f"flows/{entry.file.name}.yaml", entry.file.path)]
        yield broken(entry, entry.said(f"{entry.text}Ж"), "fit.letter", "Ж", also=also, blocks=False).on(*_lines(entry))


def _lines(entry: Entry) -> tuple[int, ...]:
    top = entry.file.at(entry.path[0])
    return (entry.line, top.line if top else entry.line)


@kind("fit", "a letter of another alphabet stands in what the engine says")
def system_letter() -> Iterator[Mutant]:
    for language in ("en", "sw"):
        for file in files(f"messages/{language}"):
            for entry in file.under() if file.name == "system" else ():
                also = [Says(("fit.*", "cost.*"), f.path) for f in flows()]
                made = broken(entry, entry.said(f"{entry.text}Ж"), "fit.letter", "Ж", also=also, blocks=False)
                yield made.on(entry.line)


@kind("fit", "the word for back or more fills a screen")
def no_room() -> Iterator[Mutant]:
    for language in ("en", "sw"):
        for file in files(f"messages/{language}"):
            for entry in file.under() if file.name == "system" else ():
                if entry.name in ("back", "more"):
                    says = follows(file, "fit.no_room")
                    also = [Says(("fit.*", "cost.*"), f.path) for f in flows()]
                    yield broken(entry, entry.said(entry.text + LONG), "", also=also).found_by(says)


@kind("fit", "a line to choose is longer than a screen")
def option() -> Iterator[Mutant]:
    for entry in labels():
        made = broken(entry, entry.said(entry.text + LONG), "", also=_beside(entry), blocks=entry.path[-2] == "options")
        yield made.found_by(follows(entry.file, "fit.option", steps=(entry.step,)))


@kind("fit", "a line to choose is longer than a button or a row of a chat")
def button() -> Iterator[Mutant]:
    for entry in labels():
        if entry.path[-2] == "options" and isinstance(flow_of(entry).steps[entry.step or ""], Menu):
            longer = entry.said(f"{entry.text}, as it always was with us")
            says = follows(entry.file, "fit.button", steps=(entry.step,))
            yield broken(entry, longer, "", also=_beside(entry), blocks=False).found_by(says)


@kind("fit", "there are sixty options")
def sixty() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.name == "options" and entry.step and entry.step != "options":
            more = ", ".join(f'more_{n}: "Number {n}"' for n in range(60))
            says = follows(entry.file, "fit.screens fit.rows action.input_type")
            also = [*_beside(entry), follows(entry.file, "words.many_options saves.option meaning.* action.input_type")]
            also.append(untold(entry.file))
            if not entry.file.at("steps", entry.step, "saves"):
                edit = (entry.end - 1, entry.end - 1, f", {more}")
                yield broken(entry, edit, "", also=also, blocks=False).found_by(says)


@kind("fit", "more words are asked for than a session can remember")
def session() -> Iterator[Mutant]:
    for step in steps():
        lines = "".join(
            f'  word{n}:\n    ask: "Tell us more."\n    answer: {{type: text}}\n    redial: restart\n'
            for n in range(60)
        )
        if step is step.file.steps[0]:
            says = follows(step.file, "fit.session")
            also = [*_beside(step), untold(step.file)]
            also += [Says(("fit.session", "cost.call"), f.path) for f in flows()]
            yield broken(step, step.file.before(step.name, lines), "", also=also).found_by(says)
