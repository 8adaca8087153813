"""Whatever is typed, wherever: a screen that fits comes back, the session survives, and no PIN is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from walking import TODAY, USSD, Decide, Turned, people, places, release, turn, wanted

from flows import session as sessions
from flows.engine import redial
from flows.events import Dial, Outcome, Said
from flows.model import Ask
from flows.screens.profile import Profile
from flows.talk import Talk
from flows.values import Kind, Money, Name

PIN = "739205184462"  # nowhere else, by chance or otherwise
SCRIPTS = ("0123456789", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")
PROFILES = {
    "ussd": USSD,
    "the least": replace(USSD, gsm7=80, ucs2=40),
    "other letters are spelled": replace(USSD, ucs2=0),
    "a prefix": replace(USSD, prefix="Network: "),
    "everything": replace(USSD, characters=200, extended=True),
}


def pins() -> st.SearchStrategy[str]:
    """The PIN as it may be typed: in digits of any script, alone or in a sentence, with blanks and marks between."""
    written = st.sampled_from(SCRIPTS).map(lambda digits: [digits[int(d)] for d in PIN])
    spaced = st.tuples(written, st.sampled_from(["", " ", "\u200f", "\u202e"])).map(
        lambda drawn: drawn[1].join(drawn[0])
    )
    return st.tuples(spaced, st.sampled_from(["{}", " {}\n", "my PIN is {}", "1.{}", "{}!!"])).map(
        lambda drawn: drawn[1].format(drawn[0])
    )


ANYTHING = (
    st.text(max_size=80) | st.text("\u200f\u202e\0\x1b\n😀٣1*#{}%'\"é", max_size=20) | st.text("7", min_size=1000)
)
KEYS = st.sampled_from(
    ["1", "2", "3", "4", "5", "8", "0", "00", "98", "1.", " 2 ", "Amina", "4071", "yes", "NDIYO", ""]
)
TYPED = ANYTHING | KEYS | pins()
NASTY = [
    *("", " ", "\t\n", "\0", "\x07\x1b[2J", "\u200f\u200e", "\u202e12", "\u0301", "\ufeff", "\ud800", "\U0010ffff"),
    *("😀", "👨‍👩‍👧", "٣", "½", "①", "ﷺ" * 200, "e\u0301" * 500, "." * 4000, " " * 4000 + "1", "7" * 10_000),
    *["0", "00", "98", "*", "#", "**", "1*1", "-1", "1e9", "NaN", "+5", "1.", "1)", "one", "()", "[", "\\1", "%s"],
    *("{{7*7}}", "{institution}", "{% for %}", "<script>", "' or 1=1 --", "../../etc", "None", "true", "null", "98 "),
    *(PIN, f"my PIN is {PIN}", *("".join(digits[int(d)] for d in PIN) for digits in SCRIPTS)),
]
FIGURES = [PIN, PIN[::-1], *("".join(digits[int(d)] for d in PIN) for digits in SCRIPTS)]
thoroughly = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


class World:
    """Comes out in any way, with hostile words and amounts in what it tells."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def __call__(self, ways: list[Outcome]) -> Outcome:
        way = self.data.draw(st.sampled_from(ways))
        return Outcome(way.exit, {name: self._hostile(value) for name, value in way.values.items()})

    def _hostile(self, value: Any) -> Any:
        if isinstance(value, list) and value and "nickname" in value[0] and "ref" in value[0]:
            nickname = Name(self.data.draw(st.text(max_size=40)))
            amount = Money(self.data.draw(st.integers(-(10**12), 10**14)), "KES")
            return [item | {"nickname": nickname, "balance": amount} for item in value]
        return value


def is_for_words(where: tuple[str, str]) -> bool:
    """Whether what was heard there was asked for in the client's own words."""
    flow = release().flows.get(where[0])
    step = flow.steps.get(where[1]) if flow else None
    return isinstance(step, Ask) and step.answer.kind is Kind.TEXT


def check(turned: Turned, profile: Profile, in_words: bool = False) -> None:
    """What holds for every turn. ``in_words``: something was said in the client's own words before, and is kept."""
    session = turned.talk.session
    shown = [*session.pages, turned.reply.text]
    assert all(page.strip() for page in shown), "an empty screen"
    assert all(profile.fits(page) for page in shown), "a screen that is longer than the channel shows"
    again = sessions.decode(turned.kept)
    assert again == session and sessions.encode(again) == turned.kept
    talk = turned.talk
    kept = [
        turned.kept.decode("utf-8", "replace"),
        *shown,
        *talk.heard,
        talk.matched,
        repr(talk.saved),
        repr(talk.contact),
    ]
    if not (
        in_words or is_for_words(talk.where)
    ):  # an amount that somebody writes of is kept; figures alone that may be a PIN are not
        assert not [text for text in kept for figures in FIGURES if figures in text], "a PIN was kept"
    assert not talk.secrets and not talk.path


def again(kept: bytes, decide: Decide, profile: Profile) -> Turned:
    """A new call where the last one was left, as ``gateway.opening`` begins it."""
    session = sessions.decode(kept)
    unfinished = bool(session.frames) and session.outcome in ("", "pending")
    talk = Talk(release(), session, TODAY)
    if unfinished and redial(talk, Dial()) in ("continue", "ask"):
        session.outcome = ""
        return turn(sessions.encode(session), Dial(again=True), decide, profile)
    return turn(people()[0], Dial(), decide, profile)


def test_every_step_that_waits_is_known() -> None:
    assert set(places()) >= wanted()


@pytest.mark.parametrize("typed", NASTY, ids=lambda typed: f"{typed[:12]!a}")
def test_something_nasty_typed_at_every_step(typed: str) -> None:
    for kept, *_ in places().values():
        for world in (0, -1):
            check(turn(kept, Said(typed), lambda ways, world=world: ways[world]), USSD)


@thoroughly
@given(data=st.data())
def test_anything_typed_at_any_step(data: st.DataObject) -> None:
    found = places()[data.draw(st.sampled_from(sorted(places())))]
    kept = found[data.draw(st.integers(0, len(found) - 1))]
    paged = bool(sessions.decode(kept).pages)  # these are as they were shown: the channel is not another one now
    name = "ussd" if paged else data.draw(st.sampled_from(sorted(PROFILES)))
    profile = PROFILES[name]
    in_words = False
    for typed in data.draw(st.lists(TYPED, min_size=1, max_size=6)):
        turned = turn(kept, Said(typed), World(data), profile)
        check(turned, profile, in_words)
        in_words |= is_for_words(turned.talk.where)
        if not turned.reply.more:
            event(f"ended on {name}")
            turned = again(turned.kept, World(data), profile)
            check(turned, profile, in_words)
        if not turned.reply.more:
            break
        kept = turned.kept


@thoroughly
@given(data=st.data(), path=st.lists(TYPED | st.sampled_from(["1", "2", "3", "5", "8"]), min_size=1, max_size=5))
def test_anything_dialled_after_the_code(data: st.DataObject, path: list[str]) -> None:
    turned = turn(people()[data.draw(st.integers(0, len(people()) - 1))], Dial(tuple(path)), World(data))
    check(turned, USSD)


@thoroughly
@given(data=st.data(), path=st.lists(pins(), min_size=1, max_size=3))
def test_a_pin_dialled_where_a_shortcut_belongs(data: st.DataObject, path: list[str]) -> None:
    """Nothing of it waits in the session, whatever is asked before the menu."""
    turned = turn(people()[data.draw(st.integers(0, len(people()) - 1))], Dial(tuple(path)), World(data))
    check(turned, USSD)
    assert turned.talk.session.shortcut == "" and turned.talk.heard == ["(digits)"]
