"""Where a request stands in its conversation: a table of cases, and what comes back of everything that can be typed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.channel import Hop
from gateway.place import Next, Opened, Place, Repeat, Stale, place
from gateway.store.state import Spot, State, Told

CASES = yaml.load(Path(__file__).with_name("place.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
TYPED = st.text(alphabet="1*0#aé ", max_size=6)


def mark(session: str, text: str) -> bytes:
    return hashlib.blake2b(f"{session}\0{text}".encode(), key=b"k" * 32, digest_size=16).digest()


def spot(text: str, session: str = "S1") -> Spot:
    return Spot(len(text), mark(session, text))


def state_of(given: dict[str, Any]) -> State:
    """The state after ``told`` was answered."""
    told = Told(spot(given["told"], given.get("mark_of", "S1")), "words", given.get("more", "yes") == "yes", b"")
    before = Told(spot(given["before"]), "before", True, b"") if "before" in given else None
    closed = given.get("closed") == "yes"
    return State("S1", told, 0.0, closed=closed, superseded=given.get("superseded", []), before=before)


def said(found: Place, state: State | None) -> str:
    match found:
        case Opened(path, same):
            return ("same " if same else "opened ") + "|".join(path)
        case Next(text, told):
            return ("next of before " if state is not None and told is state.before else "next ") + text
        case Repeat():
            return "repeat "
        case Stale():
            return "stale "


@pytest.mark.parametrize("case", [pytest.param(case, id=case["it"]) for case in CASES])
def test_place(case: dict[str, Any]) -> None:
    state = state_of(case["state"]) if "state" in case else None
    session, text = case["comes"]
    hop = Hop("+254700000001", "*384*7#", session, text, separator=case.get("separator", "*"))
    assert said(place(state, hop, mark), state).rstrip(" ") == case["is"].rstrip(" ")


def hear_all(typed: list[str]) -> list[str]:
    """What is heard of a call in which these are typed, one after the other, as the provider sends them on."""
    state, text, heard = state_of({"told": ""}), "", list[str]()
    for at, words in enumerate(typed):
        text = f"{text}*{words}" if at else words
        found = place(state, Hop("+254700000001", "*384*7#", "S1", text), mark)
        assert isinstance(found, Next)
        heard.append(found.text)
        state = state_of({"told": text})
    return heard


@given(first=TYPED.filter(bool), rest=st.lists(TYPED, max_size=8))
@example(first="7", rest=["a*b*****"])
@example(first="*", rest=["*", "", "**", ""])
def test_what_is_typed_is_what_is_heard(first: str, rest: list[str]) -> None:
    """Stars and empty answers too. The one thing that cannot be told: an empty first answer is the first request."""
    assert hear_all([first, *rest]) == [first, *rest]


@given(typed=st.lists(TYPED.filter(bool), min_size=1, max_size=6), late=st.data())
def test_what_comes_late_is_refused_or_answered_as_before(typed: list[str], late: st.DataObject) -> None:
    """No earlier request of a call moves it on: it is stale, or, where nothing had been typed, a call of its own."""
    texts = ["", *("*".join(typed[: n + 1]) for n in range(len(typed)))]
    state = state_of({"told": texts[-1]})
    at = late.draw(st.integers(0, len(texts) - 2))
    found = place(state, Hop("+254700000001", "*384*7#", "S1", texts[at]), mark)
    assert found == (Opened(same=True) if at == 0 else Stale())
    assert place(state, Hop("+254700000001", "*384*7#", "S1", texts[-1]), mark) == Repeat(state.told)


@given(text=TYPED, told=TYPED, other=TYPED)
def test_a_call_that_is_over_never_moves_on(text: str, told: str, other: str) -> None:
    state = state_of({"told": told, "more": "no", "closed": "yes", "superseded": ["S0"]})
    found = place(state, Hop("+254700000001", "*384*7#", "S1", text), mark)
    assert isinstance(found, Repeat | Stale) or found == Opened(same=True)
    assert place(state, Hop("+254700000001", "*384*7#", "S0", other), mark) == Stale()
