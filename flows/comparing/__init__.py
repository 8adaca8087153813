"""What differs between two releases, in words: what clients read, where steps lead, which keys to press."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from flows.comparing.changes import Change, language_name, other
from flows.comparing.facts import differing, facts
from flows.comparing.menus import key_changes
from flows.comparing.steps import Side, step_changes
from flows.comparing.tables import table_changes
from flows.comparing.wording import Said, wording_changes
from flows.model import Flow, Institution
from flows.release import Release
from flows.words.book import Translation, Translations

__all__ = ["Change", "Edition", "compare"]

SETTINGS = "njia.toml"


@dataclass(frozen=True, slots=True)
class Edition:
    """One of the two: its files by their paths, and what they say. ``release`` is None where this version of the
    program cannot read them: they are then compared as they are written."""

    files: Mapping[str, str]
    institution: Institution
    release: Release | None = None
    translations: Translations | None = None


def compare(before: Edition, after: Edition, codes: Sequence[str] = ()) -> list[Change]:
    """Everything that differs; nothing only for files that are the same, letter by letter. ``codes``: what is dialled,
    ``*384*7#``."""
    found = [*_institution(before.institution, after.institution)]
    if before.release and after.release:
        found += _flows(before, after, before.release, after.release)
        found += key_changes(before.release, after.release, codes)
    readable = bool(before.release and after.release)
    for path in sorted({*before.files, *after.files}):
        if before.files.get(path) != after.files.get(path) and not (readable and _is_told(path)):
            found += table_changes(path, before.files.get(path), after.files.get(path))
    found += _unsaid(before, after, {change.file for change in found})
    order = {about: n for n, about in enumerate(dict.fromkeys(change.about for change in found))}
    return sorted(found, key=lambda change: order[change.about])


def _is_told(path: str) -> bool:
    """Whether a file is compared by what it means: a flow, or its words in another language."""
    return path.startswith("flows/") or (path.startswith("messages/") and not path.endswith("/system.yaml"))


def _institution(before: Institution, after: Institution) -> Iterator[Change]:
    was, now = _settings(before), _settings(after)
    for name in was:
        if was[name] != now[name]:
            said = f"{name}: {other(was[name] or None, now[name] or None)}"
            yield Change("the institution", "setting", said, SETTINGS, before=was[name], after=now[name])


def _settings(institution: Institution) -> dict[str, str]:
    """Each setting in one line, by its name in ``njia.toml``. The tariff is in minor units, as it is kept."""
    plain = asdict(institution)
    keys = {f"keys.{name}": key for name, key in plain.pop("keys").items()}
    tariff = ", ".join(f"{f'up to {most}' if most else 'above'}: {fee}" for most, fee in plain.pop("tariff"))
    lists = {name: ", ".join(value) for name, value in plain.items() if isinstance(value, tuple)}
    return {name: str(value) for name, value in {**plain, **lists, **keys, "tariff": tariff}.items()}


def _flows(before: Edition, after: Edition, old: Release, new: Release) -> Iterator[Change]:
    for name in sorted({*old.flows, *new.flows}):
        was, now = old.flows.get(name), new.flows.get(name)
        if was is None and now is not None:
            said = f"this flow is new: {_outline(now, _words(after, name))}"
            yield Change(f"flow {name}", "flow.added", said, now.file)
        elif now is None and was is not None:
            yield Change(f"flow {name}", "flow.removed", "this flow is gone", was.file)
        elif was is not None and now is not None:
            yield from _header(was, now)
            yield from step_changes(Side(was, old.reserved), Side(now, new.reserved))
            yield from wording_changes(Said(was, _words(before, name)), Said(now, _words(after, name)))


def _outline(flow: Flow, languages: Iterable[str]) -> str:
    starts = f'in the menu {flow.starts.menu} as "{flow.starts.label.source}"' if flow.starts.label else "run by others"
    steps = f"{len(flow.steps)} step{'' if len(flow.steps) == 1 else 's'}"
    also = " and ".join(map(language_name, languages))
    return f"{starts}, for {flow.who}, {steps}{f', also in {also}' if also else ''}"


def _words(edition: Edition, flow: str) -> dict[str, Mapping[str, Translation]]:
    found = edition.translations or {}
    return {language: flows[flow] for language, flows in found.items() if flows.get(flow)}


def _header(was: Flow, now: Flow) -> Iterator[Change]:
    for (label, key), old, new in differing(facts(was), facts(now)):
        said = f"{' '.join(filter(None, (label, key)))}: {other(old, new)}"
        yield Change(f"flow {now.name}", "header", said, now.file, before=old, after=new)


def _went_along(before: Edition, after: Edition, path: str) -> bool:
    """Whether a file has other words only for a flow, a step or an option that came or went, and was told with it."""
    if not (before.release and after.release):
        return False
    folder, _, name = path.removesuffix(".yaml").rpartition("/")
    language = folder.removeprefix("messages/")
    return path.startswith("messages/") and _words(before, name).get(language) != _words(after, name).get(language)


def _unsaid(before: Edition, after: Edition, told: set[str]) -> Iterator[Change]:
    """Files of which nothing was said: only remarks or their layout are others, or this version cannot read them."""
    for path in sorted({*before.files, *after.files} - told):
        old, new = before.files.get(path), after.files.get(path)
        if old == new or _went_along(before, after, path):
            continue
        if old is None or new is None:
            said = "this file is new" if old is None else "this file is gone"
        elif before.release and after.release:
            said = "written otherwise; it says what it said"
        else:
            said = "this file is another one; one of the two cannot be read by this version"
        yield Change(path, "file", said, path)
