"""Conversation files as people meet them: what a difference looks like, what --update writes, what a phone saves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flows.loading.conversations import Conversation, Happens, Shown, Sms, Typed, load_conversations
from flows.loading.source import SourceFile
from flows.people import SamplePerson
from gateway.cli.beside import FINE, PLAIN, beside
from gateway.playing.player import Difference
from gateway.playing.rewriting import Heard, rewritten
from gateway.playing.transcripts import NOBODY, SAVED, Said, blurred, caller, same, saved, written

HERE = Path(__file__).parent / "examples"
AKINYI = SamplePerson(
    short_name="Akinyi", name="Akinyi", number="10001", phone="+254700000001", language="en", about="", pin="4729"
)


def cases(name: str) -> list[Any]:
    found = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    return [pytest.param(case, id=title) for title, case in found.items()]


def read(text: str) -> Conversation:
    (found,), faults = load_conversations([SourceFile("a.txt", text)], ["Akinyi", "Otieno"], ["en"])
    assert not faults
    return found


def heard(conversation: Conversation, screens: list[list[str]], texts: list[str]) -> Heard:
    inputs = [item.line for item in conversation.turns if isinstance(item, Typed | Happens)]
    waits = [item.line for item in conversation.turns if isinstance(item, Sms)]
    by_line = dict(zip(inputs, map(tuple, screens), strict=True))
    return Heard(by_line, dict(zip(waits, texts, strict=True)))


def update(text: str, screens: list[list[str]], again: list[list[str]], texts: list[str]) -> str:
    conversation = read(text)
    return rewritten(text, conversation, heard(conversation, screens, texts), heard(conversation, again, texts))


@pytest.mark.parametrize("case", cases("rewriting"))
def test_update_writes_what_differs_and_nothing_else(case: dict[str, Any]) -> None:
    again, texts = case.get("again", case["screens"]), case.get("texts", [])
    now = update(case["was"], case["screens"], again, texts)
    assert now == case["is"]
    assert update(now, case["screens"], case["screens"], [text for text in texts if text]) == now


LINE = st.text(alphabet="ab1 …>@#:-", min_size=1, max_size=6).map(str.strip).filter(bool)
SCREEN = st.lists(LINE, max_size=5)


@given(was=st.lists(st.tuples(SCREEN, st.booleans()), min_size=1, max_size=4), data=st.data())
def test_what_was_updated_is_as_it_is_written(was: list[tuple[list[str], bool]], data: st.DataObject) -> None:
    """Whatever stood there and whatever comes: afterwards it fits, and every remark is still there."""
    lines = ["Akinyi, ussd, en"]
    for n, (screen, remark) in enumerate(was):
        old = written(screen)
        lines += ["> 1", *old[:1], *([f"# remark {n}"] if remark else []), *old[1:]]
    screens = [data.draw(SCREEN) for _ in was]
    now = update("\n".join(lines), screens, screens, [])
    shown: dict[int, tuple[str, ...]] = {}
    at = -1
    for item in read(now).turns:
        at += isinstance(item, Typed)
        if isinstance(item, Shown):
            shown[at] = item.lines
    for n, screen in enumerate(screens):
        assert same(shown.get(n, ()), screen)
    assert re.findall("# remark .*", now) == re.findall("# remark .*", "\n".join(lines))


@given(st.lists(st.text(alphabet="ab-1 ", max_size=8), max_size=3), st.lists(st.text(alphabet="ab-1 ", max_size=8)))
def test_what_is_blurred_fits_both_plays(one: list[str], other: list[str]) -> None:
    open_ = blurred(one, other)
    assert same(open_, one)
    if len(one) == len(other):
        assert same(open_, other)
    assert blurred(one, one) == one


def test_a_difference_is_two_screens_side_by_side() -> None:
    screens = (
        Difference(
            "conversations/visit/told.txt",
            4,
            ("Why shall we visit you? Say it in a few words.", "1 A new loan", "2 My group", "0 Back, C-…"),
            ("Why shall we come and visit you? Say it in a few words.", "1 A new loan", "0 Back, C-4711"),
            "> *384*7*4#",
        ),
        Difference("conversations/visit/told.txt", 9, ("sms for her",), ()),
    )
    fine, plain = (click.unstyle(beside(one, signs)) for one, signs in zip(screens, (FINE, PLAIN), strict=True))
    assert f"{fine}\n\n{plain}\n" == (HERE / "beside.txt").read_text(encoding="utf-8")
    assert max(map(len, f"{fine}\n{plain}".splitlines())) <= 80
    assert "\x1b[31m2 My group" in beside(screens[0]) and "\x1b[31m1 A new loan" not in beside(screens[0])


@pytest.mark.parametrize("case", cases("saving"))
def test_what_a_phone_did_becomes_a_file(case: dict[str, Any]) -> None:
    text = saved(AKINYI, "ussd", "en", [Said(*one) for one in case["said"]])
    assert text == "\n".join([*SAVED, case["file"]])
    assert not re.search("4729|10001|556677", text)
    assert len(read(text).turns) >= len(case["said"])


def test_a_test_begins_with_somebody_of_the_samples() -> None:
    assert caller([AKINYI], AKINYI.phone) is AKINYI
    assert caller([AKINYI], NOBODY.phone) is NOBODY
    assert caller([AKINYI], "+254711111111") is None
    assert "4729" not in repr(Said("4729", "Your PIN is 4729"))
