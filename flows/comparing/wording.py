"""What clients read, before and after, in each language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from flows.comparing.changes import Change, language_name, other, quoted
from flows.comparing.steps import options
from flows.model import Flow, Text
from flows.words.book import Translation
from flows.words.quoted import quoted as quoted_in

OF_A_START = {"starts.as": "name in the menu", "starts.invite": "invitation"}


@dataclass(frozen=True, slots=True)
class Said:
    """A flow in one of the two releases, with its words in other languages: by language and key."""

    flow: Flow
    translations: Mapping[str, Mapping[str, Translation]]


def wording_changes(before: Said, after: Said) -> Iterator[Change]:
    yield from _source(before.flow, after.flow)
    for language in dict.fromkeys([*before.translations, *after.translations]):
        old, new = before.translations.get(language, {}), after.translations.get(language, {})
        yield from _language(before.flow, after.flow, language, (old, new))


def place(key: str) -> str:
    """``step amount, other`` for ``amount.other``."""
    step, _, rest = key.partition(".")
    return OF_A_START.get(key) or f"step {step}{f', {rest}' if rest else ''}"


def step_of(key: str) -> str:
    return "" if key in OF_A_START else key.partition(".")[0]


def _source(old: Flow, new: Flow) -> Iterator[Change]:
    """In the language of the flow; what came or went with a step or an option is told with that."""
    was, now = quoted_in(old).texts, quoted_in(new).texts
    told = _told_with_steps(new, old) | _told_with_steps(old, new)
    for key in dict.fromkeys([*was, *now]):
        if was.get(key) != now.get(key) and key not in told:
            yield _text(new, key, new.language, quoted(was.get(key)), quoted(now.get(key)))


def _told_with_steps(flow: Flow, without: Flow) -> set[str]:
    """The keys of words that ``flow`` shows where it is told that ``without`` lacks a step or an option."""
    found: set[str] = set()
    for name, step in flow.steps.items():
        text = getattr(step, "text", None)
        if name not in without.steps:
            found |= {one.key for one in (text, *options(step).values()) if isinstance(one, Text)}
        else:
            there = options(without.steps[name])
            found |= {label.key for one, label in options(step).items() if one not in there}
    return found


def _language(
    old: Flow, new: Flow, language: str, made: tuple[Mapping[str, Translation], Mapping[str, Translation]]
) -> Iterator[Change]:
    was, now = made
    if bool(was) != bool(now):
        count = "1 text is" if len(was or now) == 1 else f"{len(was or now)} texts are"
        said = f"{language_name(language)}: {count} {'new' if now else 'gone'}"
        yield _translated(new, "", language, "words.language", said)
        return
    stay = quoted_in(new).texts.keys()
    for key in dict.fromkeys([*was, *now]):
        if was.get(key) != now.get(key):
            yield from _translation(new, key, language, was.get(key), now.get(key), stay)


def _translation(
    flow: Flow, key: str, language: str, was: Translation | None, now: Translation | None, stay: Collection[str]
) -> Iterator[Change]:
    where = f"{place(key)}, {language_name(language)}"
    if now is None and key not in stay:
        return  # it went with what it was the words of
    old, new = quoted(was.to if was else None), quoted(now.to if now else None)
    if old != new:
        yield _text(flow, key, language, old, new)
        return
    if was and now and was.from_text != now.from_text:
        said = f"{where}: as it was, and is now for {quoted(now.from_text)}"
        yield _translated(flow, key, language, "words.source", said)
    if was and now and was.reviewed != now.reviewed:
        said = f"{where}: {'reviewed' if now.reviewed else 'no longer reviewed'}"
        yield _translated(flow, key, language, "words.reviewed", said)


def _text(flow: Flow, key: str, language: str, was: str | None, now: str | None) -> Change:
    file = flow.file if language == flow.language else f"messages/{language}/{flow.name}.yaml"
    said = f"{place(key)}, {language_name(language)}: {other(was, now)}"
    return Change(f"flow {flow.name}", "words", said, file, step_of(key), language, was, now)


def _translated(flow: Flow, key: str, language: str, kind: str, said: str) -> Change:
    file = f"messages/{language}/{flow.name}.yaml"
    return Change(f"flow {flow.name}", kind, said, file, step_of(key), language)
