"""GSM-7 and UCS-2 lengths and SMS parts, against two independent implementations."""

from __future__ import annotations

import gsm0338
import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from flows.screens import gsm7

IN_GSM7 = "".join(sorted(gsm7.BASIC | gsm7.EXTENDED))
gsm_texts = st.text(st.sampled_from(IN_GSM7), max_size=500)
texts = st.text(
    st.one_of(
        st.sampled_from(IN_GSM7 + "ê’–₦አक😀👍"), st.characters(exclude_categories=["Cs"], exclude_characters="\x1b")
    ),
    max_size=300,
)


def encoded_by_oracle(text: str) -> bytes | None:
    try:
        encoded, _ = gsm0338.Codec().encode(text)
    except UnicodeError:
        return None
    return bytes(encoded)


def test_the_alphabet_is_the_oracles() -> None:
    """The oracle takes the escape itself for a character; it is none that a text may hold."""
    every = (chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    valid = {character for character in every if smsutil.is_valid_gsm(character)}
    assert valid - {"\x1b"} == gsm7.BASIC | gsm7.EXTENDED


def test_each_character_costs_what_the_codec_writes() -> None:
    for character in IN_GSM7:
        encoded = encoded_by_oracle(character)
        assert encoded is not None
        assert gsm7.septets(character) == len(encoded), character


@given(gsm_texts)
def test_septets_are_the_codecs(text: str) -> None:
    encoded = encoded_by_oracle(text)
    assert encoded is not None
    assert gsm7.measure(text) == ("gsm7", len(encoded))


@given(texts.filter(bool))
def test_fits_as_the_oracles_say(text: str) -> None:
    assert gsm7.fits_gsm7(text) is smsutil.is_valid_gsm(text)


@given(st.one_of(texts, gsm_texts, texts.map(lambda text: text + "አ")))
def test_parts_are_the_oracles(text: str) -> None:
    assert gsm7.segments(text) == [part.content for part in smsutil.split(text).parts]


@given(texts)
def test_parts_lose_nothing_and_fit(text: str) -> None:
    alphabet, length = gsm7.measure(text)
    parts = gsm7.segments(text)
    count, alone, each = {"gsm7": (gsm7.septets, 160, 153), "ucs2": (gsm7.utf16_units, 70, 67)}[alphabet]
    assert "".join(parts) == text
    assert all(count(part) <= (alone if len(parts) == 1 else each) for part in parts)
    assert (len(parts) == 1) is (length <= alone)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("a" + "€" * 80, 2),
        ("’" + "a" * 69, 1),
        ("’" + "a" * 70, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_the_edges(text: str, parts: int) -> None:
    assert len(gsm7.segments(text)) == parts


def test_pairs_are_not_split() -> None:
    assert gsm7.segments("a" * 152 + "€" + "a" * 20) == ["a" * 152, "€" + "a" * 20]
    assert gsm7.segments("አ" * 66 + "😀" + "አ" * 20) == ["አ" * 66, "😀" + "አ" * 20]
