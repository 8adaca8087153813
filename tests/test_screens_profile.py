"""Channel profiles as data, and what is said about a wrong one."""

from __future__ import annotations

from typing import Any

import pytest

from flows.screens.paging import Nav
from flows.screens.profile import BadProfile, Profile, profile_from
from flows.screens.showing import show

GOOD: dict[str, Any] = {
    "kind": "ussd",
    "screen": {"gsm7": 160, "ucs2": 70},
    "idle_seconds": 30,
    "total_seconds": 180,
    "answer_seconds": 8,
    "target_seconds": 1,
    "who_pays": "client",
    "asks_secrets": True,
    "pushes": False,
}


def test_a_profile_is_read() -> None:
    profile = profile_from({**GOOD, "prefix": "", "buttons": False})
    assert profile == Profile(
        kind="ussd",
        gsm7=160,
        ucs2=70,
        idle_seconds=30,
        total_seconds=180,
        answer_seconds=8,
        target_seconds=1,
        who_pays="client",
        asks_secrets=True,
    )


def test_texts_are_read_as_what_they_mean() -> None:
    texts = {key: str(value) for key, value in GOOD.items() if key != "screen"}
    texts |= {"asks_secrets": "yes", "pushes": "no", "buttons": "3", "target_seconds": "0.5"}
    profile = profile_from({**texts, "screen": {"gsm7": "182", "ucs2": "80"}})
    assert (profile.gsm7, profile.ucs2, profile.asks_secrets, profile.pushes) == (182, 80, True, False)
    assert (profile.buttons, profile.target_seconds) == (3, 0.5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"colour": "red"},
            "a channel profile has no key colour. Its keys are: answer_seconds, asks_secrets,",
        ),
        ({"kind": 7}, "kind is 7: write a text."),
        ({"screen": {"gsm7": 10}}, "screen.gsm7 is 10: a screen under 40 has no room for words."),
        ({"screen": {"bytes": 160}}, "screen has no key bytes. Its keys are: characters, gsm7, ucs2."),
        ({"screen": {}}, "screen says no size: give gsm7 and ucs2, or characters."),
        ({"screen": 160}, "screen is a list of keys and values."),
        ({"screen": {"gsm7": 160.5}}, "screen.gsm7 is 160.5: write a whole number."),
        ({"idle_seconds": "soon"}, "idle_seconds is 'soon': write a number, 0 or more."),
        ({"idle_seconds": -1}, "idle_seconds is -1: write a number, 0 or more."),
        ({"idle_seconds": True}, "idle_seconds is True: write a number, 0 or more."),
        ({"answer_seconds": "nan"}, "answer_seconds is 'nan': write a number, 0 or more."),
        ({"target_seconds": 9}, "target_seconds is later than answer_seconds: make it smaller."),
        ({"who_pays": "me"}, "who_pays is 'me': write one of client, institution, nobody."),
        ({"asks_secrets": "perhaps"}, "asks_secrets is 'perhaps': write yes or no."),
        ({"buttons": True}, "buttons is True: write a number, 0 or more."),
    ],
)
def test_a_wrong_profile_says_what_to_do(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadProfile) as caught:
        profile_from({**GOOD, **change})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("key", sorted(GOOD))
def test_what_is_missing_is_named(key: str) -> None:
    with pytest.raises(BadProfile, match=f"a channel profile lacks {key}. Add it."):
        profile_from({name: value for name, value in GOOD.items() if name != key})


def test_fits_in_its_own_alphabet() -> None:
    profile = profile_from(GOOD)
    assert profile.fits("a" * 160) and not profile.fits("a" * 161)
    assert profile.fits("€" * 80) and not profile.fits("€" * 80 + "a")
    assert profile.fits("አ" * 70) and not profile.fits("አ" * 71)
    assert profile.fits("😀" * 35) and not profile.fits("😀" * 36)


def test_what_the_provider_puts_before_counts() -> None:
    profile = profile_from({**GOOD, "prefix": "Trial: "})
    assert profile.fits("a" * 153) and not profile.fits("a" * 154)


def test_a_channel_without_other_scripts_spells_them() -> None:
    nav = Nav(back="0 Back", more="98 More", first=True)
    narrow = profile_from({**GOOD, "screen": {"gsm7": 160}})
    assert show("ራም {1}", [("1", "Café – ê")], nav, narrow) == ["ram (1)\n1 Café - e\n0 Back"]
    assert show("ራም {1}", [("1", "Café – ê")], nav, profile_from(GOOD)) == ["ራም (1)\n1 Café - e\n0 Back"]


def test_a_chat_shows_all_of_it() -> None:
    nav = Nav(back="0 Back", more="98 More")
    chat = profile_from({**GOOD, "kind": "whatsapp", "screen": {"characters": 1024}})
    assert show("“ራም” {1} 😀", [], nav, chat) == ["“ራም” {1} 😀"]
    assert all(len(page) <= 1024 for page in show("word " * 1000, [], nav, chat))
