"""``messages/<language>/<flow>.yaml``: each translation beside the text that it was made from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from flows.faults import Fault, listed, suggest
from flows.loading import take
from flows.loading.meant import in_quotes
from flows.loading.nodes import Scalar, Table
from flows.loading.reading import read_table
from flows.loading.report import Report
from flows.loading.shape import TRANSLATION, TRANSLATION_MAY
from flows.loading.source import SourceFile
from flows.model import Flow, Text
from flows.words.book import Translation
from flows.words.quoted import texts_in

Translations = dict[str, dict[str, dict[str, Translation]]]  # language -> flow -> key
_NAMES = re.compile(r"\{[^{}]*\}")


def load_translations(
    files: Iterable[SourceFile],
    flows: Mapping[str, Flow],
    languages: Sequence[str] = (),
    known: Collection[str] = (),
    own: Collection[str] = (),
) -> tuple[Translations, list[Fault]]:
    """All translations by language, flow and key, and what is wrong with them.

    The language is the folder that a file lies in. ``languages`` are those that the institution speaks: a flow that
    has no words in one of them is a warning. ``known`` names flows whose own file is at fault: their words are not
    checked. Missing and stale texts are warnings; the reader then gets the flow's own words, or the old translation.
    ``own``: the paths of the files that the institution wrote.
    """
    found: Translations = {}
    faults: list[Fault] = []
    for source in files:
        report = Report(source.path, source.name, language=_language(source))
        flow = flows.get(source.name)
        if flow:
            found.setdefault(report.language or "", {})[flow.name] = _read(source, flow, report)
            if report.faults and flow.file in own and source.path not in own:
                report.faults[:] = _of_shipped(flow, report)
        elif source.name not in known:
            fix = suggest(source.name, {*flows, *known}, "Delete this file.")
            report.error(1, "words.unknown_flow", f'There is no flow "{source.name}".', fix)
        faults += report.faults
    spoken = [
        fault for fault in faults if fault.code != "words.missing" or not languages or fault.language in languages
    ]
    return found, sorted([*spoken, *_missing_files(found, flows, languages)])


def check_languages(paths: Iterable[str], languages: Sequence[str], own: Collection[str]) -> list[Fault]:
    """A folder of words that the institution wrote, in a language that it does not speak: nobody is shown them."""
    first: dict[str, str] = {}
    for path in sorted(path for path in paths if path in own):
        first.setdefault(PurePosixPath(path).parent.name, path)
    reports = []
    for language, path in first.items():
        if language not in languages:
            report = Report(path, language=language)
            message = f'"{language}" is no language of this institution, and so nobody is shown these words.'
            wanted = ", ".join(f'"{one}"' for one in (*languages, language))
            fix = f"Write languages = [{wanted}] under [institution] in njia.toml, or take this folder away."
            report.warning(1, "words.unknown_language", message, fix)
            reports += report.faults
    return reports


def _of_shipped(flow: Flow, report: Report) -> list[Fault]:
    """The institution wrote a flow in place of a shipped one, and has not translated it: one finding, and not one for
    each text in a file that it did not write. (What is translated too much does no harm.)"""
    of_flow = [fault for fault in report.faults if fault.code in ("words.missing", "words.stale")]
    rest = [fault for fault in report.faults if fault not in of_flow and fault.code != "words.unknown_key"]
    if not of_flow:
        return rest
    alone = Report(report.file, flow.name, language=report.language)
    message = (
        f'Your flow "{flow.name}" takes the place of the shipped one, and these words are still those of the shipped '
        f"one. They do not fit at: {listed(dict.fromkeys(fault.step or 'starts' for fault in of_flow))}."
    )
    fix = f"Write {report.file} in your home, with an entry for each text. Until then the flow's own words are shown."
    alone.warning(1, "words.of_shipped", message, fix)
    return [*alone.faults, *rest]


def _language(source: SourceFile) -> str:
    return PurePosixPath(source.path).parent.name


def _read(source: SourceFile, flow: Flow, report: Report) -> dict[str, Translation]:
    texts = {text.key: text for text in texts_in(flow)}
    table = read_table(source, report)
    if table is None:
        return {}
    if report.language == flow.language:
        message = f'"{flow.name}" is itself written in "{flow.language}".'
        report.error(1, "words.own_language", message, "Write these words in the flow, and delete this file.")
    found = {}
    for key in table.items:
        report.step = _step(key, flow)
        entry = _entry(key, table, texts, report)
        if entry:
            found[key] = entry
    _missing(flow, table, report)
    return found


def _step(key: str, flow: Flow) -> str | None:
    step = key.partition(".")[0]
    return step if step in flow.steps else None


def _entry(key: str, table: Table, texts: Mapping[str, Text], report: Report) -> Translation | None:
    line = table.at(key)
    if key not in texts:
        fix = suggest(key, texts, "Take this entry away.")
        report.error(line, "words.unknown_key", f'The flow has no text "{key}".', fix)
    entry = take.table(table.items[key], key, report)
    made = read_entry(entry, key, report) if entry else None
    if made is None or key not in texts:
        return None
    made_from, to, reviewed = made
    check_names(made_from, to, report)
    check_stale([texts[key].source], made_from, "flow", report)
    return Translation(made_from.source, to.source, reviewed, to.line)


def read_entry(entry: Table, key: str, report: Report) -> tuple[Text, Text, bool] | None:
    """``from``, ``to``, and whether it is reviewed; None, and a fault, if one of the first two is not there."""
    take.check_keys(entry, TRANSLATION, TRANSLATION_MAY, "a translation", report)
    made_from = take.words(entry.items.get("from"), key, "from", report)
    to = take.words(entry.items.get("to"), key, "to", report)
    reviewed = _reviewed(entry, report)
    return None if made_from is None or to is None else (made_from, to, reviewed)


def check_names(made_from: Text, to: Text, report: Report) -> None:
    """The same names must stand in a translation and in what it was made from."""
    for name in sorted(set(made_from.names) ^ set(to.names)):
        here, there = ("from", "to") if name in made_from.names else ("to", "from")
        message = f'{{{name}}} stands in "{here}" and not in "{there}".'
        report.error(to.line, "words.placeholders", message, "The same names in braces must stand in both.")


def check_stale(sources: Sequence[str], made_from: Text, who: str, report: Report) -> None:
    """What was translated must be what ``who`` says now (the flow, or the engine, in one of its languages)."""
    if sources and made_from.source not in sources:
        message = f"This translation is of an older text: the {who} now says something else."
        fix = f"Translate what it says now, and write it here too: from: {in_quotes(sources[0])}"
        report.warning(made_from.line, "words.stale", message, fix)


def _reviewed(entry: Table, report: Report) -> bool:
    """``reviewed: {by: Wanjiru, on: 2026-01-31}``: a person who speaks the language has read it."""
    table = take.table(entry.items.get("reviewed"), "reviewed", report)
    if table is None:
        return False
    take.check_keys(table, ("by", "on"), (), "the reviewed", report)
    on = table.items.get("on")
    if isinstance(on, Scalar) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", on.text):
        report.error(on.line, "words.reviewed", f'"{on.text}" is not a day.', "Write it as 2026-01-31.")
    who, when = (take.word(table.items.get(key), key, report) for key in ("by", "on"))
    return bool(who and when)


def _missing(flow: Flow, table: Table, report: Report) -> None:
    for text in texts_in(flow):
        if text.key not in table.items and _to_translate(text.source):
            report.step = _step(text.key, flow)
            message = f'"{text.key}" has no words here (translate {flow.file}, line {text.line}).'
            entry = f'{text.key}: {{from: {in_quotes(text.source)}, to: "…"}}'
            fix = f"Add this line; until then the flow's own words are shown: {entry}"
            report.warning(table.line, "words.missing", message, fix)
    report.step = None


def _to_translate(text: str) -> bool:
    """Whether anything is left when the names are taken out."""
    return any(c.isalpha() for c in _NAMES.sub("", text))


def _missing_files(found: Translations, flows: Mapping[str, Flow], languages: Sequence[str]) -> list[Fault]:
    reports = []
    for language in languages:
        for name, flow in flows.items():
            wordy = any(_to_translate(text.source) for text in texts_in(flow))
            if language != flow.language and name not in found.get(language, {}) and wordy:
                report = Report(f"messages/{language}/{name}.yaml", name, language=language)
                message = f'The flow "{name}" has no words in "{language}".'
                report.warning(1, "words.missing_file", message, "Write this file. Until then its own words are shown.")
                reports += report.faults
    return reports
