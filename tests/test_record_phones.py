"""Telephone numbers: the table in phones.yaml, and that no reason repeats what was typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flows.phones import BadPhone, e164, masked, usual

TABLE = yaml.safe_load(Path(__file__).with_name("phones.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", TABLE, ids=lambda case: f"{case['country']} {case['typed']}"[:30])
def test_the_table(case: dict[str, str]) -> None:
    if "is" in case:
        assert e164(case["typed"], case["country"]) == case["is"]
        return
    with pytest.raises(BadPhone, match=case["wrong"]) as caught:
        e164(case["typed"], case["country"])
    assert caught.value.reason in str(caught.value)
    assert not case["typed"].strip(" -+*") or case["typed"] not in str(caught.value)


def test_all_digits_of_a_provider_that_sends_no_plus() -> None:
    assert e164("254712345678", international=True) == "+254712345678"
    assert e164("+254712345678", international=True) == "+254712345678"


@given(st.text(max_size=200))
def test_whatever_is_typed_becomes_a_number_that_stays_or_is_refused(typed: str) -> None:
    try:
        number = e164(typed, "KE")
    except BadPhone:
        return
    assert e164(number) == number


def test_ten_thousand_characters_take_no_time() -> None:
    for char in "7 (x#٧":
        with pytest.raises(BadPhone, match="too long"):
            e164(char * 10_000, "KE")


def test_only_a_second_look_for_an_unusual_range() -> None:
    assert usual("+254712345678")
    assert not usual("+447700900123")


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("+254712345149", "+2547•••••149"), ("+2250102030405", "+2250••••••405"), ("22884", "228•••"), ("", "•••")],
)
def test_masked(phone: str, shown: str) -> None:
    assert masked(phone) == shown


def test_the_tables_are_not_loaded_before_they_are_needed() -> None:
    code = "import sys, flows.phones; sys.exit('phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], check=False).returncode == 0
