"""What differs between two releases, in words: tests/comparing/cases.yaml, and every place of the shipped flows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.comparing import Edition, compare
from flows.model import Flow, Institution, Keys, Option
from flows.release import Release
from flows.values import Money
from gateway import publishing
from gateway.home import Home
from gateway.publishing import Sources

HERE = Path(__file__).parent / "comparing"
CASES = {case["name"]: case for case in yaml.safe_load((HERE / "cases.yaml").read_text())}
JAMII = Institution(name="Jamii Microfinance", short_name="Jamii", languages=("en", "sw"))
CODES = ("*384*7#",)


@cache
def base() -> dict[str, str]:
    system = [file for code in ("en", "sw") for file in Home().files(f"messages/{code}") if file.name == "system"]
    own: dict[str, str] = yaml.safe_load((HERE / "base.yaml").read_text())
    return own | {file.path: file.text for file in system}


def sources(files: dict[str, str], institution: Institution = JAMII) -> Sources:
    gathered = publishing.gather(Home(), institution)
    return Sources(gathered.institution, dict(sorted(files.items())))


def changed(files: dict[str, str], replacing: dict[str, list[str]]) -> dict[str, str]:
    made = dict(files)
    for path, texts in replacing.items():
        for old, new in zip(texts[::2], texts[1::2], strict=True):
            assert old in made[path], f"{old!r} is not in {path}"
            made[path] = made[path].replace(old, new, 1)
    return made


def said(before: Sources, after: Sources) -> list[str]:
    found = compare(publishing.edition(before), publishing.edition(after), CODES)
    return [f"{change.about}: {change.said}" for change in found]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_difference_is_said_in_words(case: dict[str, Any]) -> None:
    before = changed(base(), case.get("before", {}))
    after = changed(before, case.get("replace", {})) | case.get("write", {})
    given = case.get("institution", {})
    if "keys" in given:
        given["keys"] = Keys(**given["keys"])
    if "languages" in given:
        given["languages"] = tuple(given["languages"])
    after = {path: text for path, text in after.items() if text is not None}
    assert said(sources(before), sources(after, replace(JAMII, **given))) == case["says"]


# -- nothing that a flow says can change unseen -----------------------------------------------------------------------

# What follows from elsewhere, or that a change of the file alone can never bring.
UNSAID = {"line", "file", "name", "names", "key", "fields", "item", "order", "steps", "only_if"}
WORDS = {"text", "label", "invite"}  # what is not there at all comes with a key of its own


@cache
def shipped() -> Release:
    return publishing.compiled(publishing.gather(Home(), JAMII))


def others(thing: Any) -> Iterator[tuple[str, Any]]:
    """``thing`` with one leaf of it another one, and which: for each leaf."""
    for one in fields(thing):
        value = getattr(thing, one.name)
        if one.name in UNSAID and not (one.name == "name" and isinstance(thing, Option)):
            continue
        if value is None:
            made_up = 9 if one.name == "shortcut" else "other"
            yield from [] if one.name in WORDS else [(one.name, replace(thing, **{one.name: made_up}))]
            continue
        for where, made in _otherwise(value):
            if one.name != "later" or where.endswith("source"):  # their names are part of their keys
                yield f"{one.name}{where}", replace(thing, **{one.name: made})


def _otherwise(value: Any) -> Iterator[tuple[str, Any]]:
    match value:
        case bool():
            yield "", not value
        case Enum():
            yield "", next(one for one in type(value) if one is not value)
        case Money():
            yield "", Money(value.minor + 1, value.currency)
        case str():
            yield "", f"{value}x"
        case int():
            yield "", value + 1
        case tuple():
            if value and not isinstance(value[0], str | int):
                yield " without the first", value[1:]
            for at, one in enumerate(value):
                for where, made in _otherwise(one):
                    yield f" {at}{where}", (*value[:at], made, *value[at + 1 :])
        case _ if is_dataclass(value):
            yield from ((f".{where}", made) for where, made in others(value))


def edition_of(flow: Flow) -> Edition:
    return Edition({}, JAMII, Release("", {flow.name: flow}, shipped().words, JAMII))


@pytest.mark.parametrize("name", sorted(shipped().flows))
def test_no_leaf_of_a_shipped_flow_changes_unseen(name: str) -> None:
    flow = shipped().flows[name]
    before, unseen, count = edition_of(flow), [], 0
    for where, made in changed_flows(flow):
        count += 1
        if not compare(before, edition_of(made)):
            unseen.append(where)
    assert count > 10
    assert not unseen


def changed_flows(flow: Flow) -> Iterator[tuple[str, Flow]]:
    yield from others(flow)
    for name, step in flow.steps.items():
        left = {one: step for one, step in flow.steps.items() if one != name}
        yield f"without {name}", replace(flow, steps=left)
        if name != [*flow.steps][-1]:
            yield f"{name} at the end", replace(flow, steps={**left, name: step})
        for where, made in others(step):
            yield f"{name}.{where}", replace(flow, steps={**flow.steps, name: made})


# -- any files --------------------------------------------------------------------------------------------------------


@st.composite
def edited(draw: st.DrawFn) -> dict[str, str]:
    """The base with a line of one of its files gone, doubled or written otherwise."""
    files = base()
    path = draw(st.sampled_from(sorted(files)))
    lines = files[path].splitlines(keepends=True)
    at = draw(st.integers(0, len(lines) - 1))
    line = lines[at]
    made = draw(st.sampled_from(["", line * 2, f"# {line}", line.replace("e", "E", 1), line.replace('"', "", 1)]))
    return files | {path: "".join([*lines[:at], made, *lines[at + 1 :]])}


@settings(max_examples=15, deadline=None)
@given(edited())
def test_whatever_is_edited_is_told_and_what_is_not_is_not(files: dict[str, str]) -> None:
    before, after = sources(base()), sources(files)
    assert bool(said(before, after)) == (files != base())
    assert bool(said(after, before)) == (files != base())
    assert said(after, after) == []


def test_the_shipped_release_differs_from_itself_in_nothing() -> None:
    made = publishing.gather(Home(), JAMII)
    assert said(made, made) == []
    assert said(made, Sources(made.institution, dict(reversed(made.files.items())))) == []
