"""Letters that a phone can show: a table of examples, and what must hold for any text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.screens import gsm7
from flows.screens.typography import CHAT, LATIN, SMS, USSD, Letters, in_latin, phone_safe

texts = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("abc 1 é ñ ü ê ç ɓ ọ { } [ ] ~ | ^ \\ € ₦ ₵ ’ “ – … \u00a0 \u202f \u200b \u200d \ufe0f \u0301"),
        st.sampled_from("አበ ال कि কি ខ្មែរ 😀 👍 \U0001f3fd \U0001e900"),
    ),
    max_size=60,
)

SHOWN = [  # typed, on USSD
    ("Pay 1,500", "Pay 1,500"),
    ("Don’t – “wait”…", 'Don\'t - "wait"...'),
    ("a\u00a0b\u202fc\u3000d\te", "a b c d e"),
    ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
    ("a\u200bb\u200e\u202ec\ufeff\x00\x07\x1b\u00add", "abcd"),
    ("été ñandú über", "été ñandu über"),
    ("não prêt reçu", "nao pret recu"),
    ("e\u0301 o\u0302", "é o"),
    ("ɓarna ɗaya ƙasa ƴa", "barna daya kasa ya"),
    ("Ẹ kú àárọ̀", "E ku àaro"),
    ("₦500", "NGN 500"),
    ("500₵ ₱5 ₹7", "500 GHS PHP 5 INR 7"),
    ("₦ 500", "NGN 500"),
    ("€5", "EUR 5"),
    ("{a} [b] c~d|e\\f^", "(a) (b) c-d/e/f'"),
    ("① Ａ ﬁ ² ½", "1 A fi 2 1/2"),
    ("१२३ ٤٥", "123 45"),
    ("Δ over 5%", "Δ over 5%"),
    ("OK 👍🏽", "OK :thumbsup:"),
]
KEPT = [  # in their own script; only signs that have a plain form change
    ("ገንዘብ “አለ”።", 'ገንዘብ "አለ"።'),
    ("رصيدك 500", "رصيدك 500"),
    ("رصيدك\u200f ٥٠٠", "رصيدك 500"),
    ("आपका बैलेंस ₹५००", "आपका बैलेंस INR 500"),
    ("ক্ষুদ্র\u200dঋণ", "ক্ষুদ্র\u200dঋণ"),
    ("សូម\u200bជ្រើស", "សូម\u200bជ្រើស"),
    ("Привет, é ê", "Привет, é ê"),
    ("\U0001e900\U0001e901 {1}", "\U0001e900\U0001e901 (1)"),
]


@pytest.mark.parametrize(("typed", "shown"), SHOWN + KEPT)
def test_on_ussd(typed: str, shown: str) -> None:
    assert phone_safe(typed, USSD) == shown


@pytest.mark.parametrize(("typed", "shown"), SHOWN)
def test_latin_texts_cost_one_alphabet(typed: str, shown: str) -> None:
    assert gsm7.fits_gsm7(phone_safe(typed, USSD))


def test_sms_shows_the_escape_table() -> None:
    assert phone_safe("€5 {a} [b] ~|^\\ ₦5", SMS) == "€5 {a} [b] ~|^\\ NGN 5"


def test_a_chat_shows_everything_but_controls() -> None:
    assert phone_safe("“ê” 😀 ₦5\x00\r\n{a}", CHAT) == "“ê” 😀 ₦5\n{a}"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Akinyi Otieno", "Akinyi Otieno"),
        ("Nguyễn Thị", "Nguyen Thi"),
        ("O’Neil Ñandú", "O'Neil Ñandu"),
        ("ቢቂላ", "Bik'ila"),
        ("राम", "Ram"),
        ("محمد", "Mhmd"),
        ("èመ", "Eme"),
        ("akinyi è", "akinyi è"),
    ],
)
def test_a_name_does_not_turn_the_screen(name: str, shown: str) -> None:
    assert in_latin(name) == shown
    assert gsm7.fits_gsm7(phone_safe(f"Hello {in_latin(name)}"))


@given(texts, st.sampled_from([USSD, SMS, LATIN, CHAT]))
def test_twice_is_once(text: str, letters: Letters) -> None:
    once = phone_safe(text, letters)
    assert phone_safe(once, letters) == once


@given(texts)
def test_only_another_script_makes_it_ucs2(text: str) -> None:
    shown = phone_safe(text, USSD)
    if not gsm7.fits_gsm7(shown):
        native = [c for c in shown if unicodedata.category(c)[0] in "LM" and "LATIN" not in unicodedata.name(c, "")]
        assert native, shown
    assert not set(shown) & gsm7.EXTENDED
    assert gsm7.fits_gsm7(phone_safe(text, LATIN))


@given(texts, st.sampled_from([USSD, SMS, LATIN]))
def test_nothing_invisible_but_newlines_and_joiners(text: str, letters: Letters) -> None:
    never = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    hidden = {c for c in phone_safe(text, letters) if unicodedata.category(c) in never}
    assert hidden <= set("\n\u200b\u200c\u200d")


@given(st.text(st.sampled_from(sorted(gsm7.BASIC - {"\r"}))))
def test_gsm7_is_left_alone(text: str) -> None:
    assert phone_safe(text, USSD) == text
