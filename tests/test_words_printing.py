"""How values are printed: a table, and the promise that nothing printed turns a text into UCS-2."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.screens import gsm7
from flows.values import Absent, Money, Name, Phone, Secret
from flows.words.printing import LONGEST_VALUE, Printer, Unprintable, masked

TODAY = dt.date(2026, 11, 12)
LATIN = ["en", "sw", "fr", "pt", "es", "ha", "fil", "rw", "lg", "yo", "wo", "vi", "tr", "xx-none"]
OTHERS = ["am", "ar", "hi", "bn", "km", "ne", "my"]


@pytest.mark.parametrize(
    ("language", "country", "value", "shown"),
    [
        ("en", "KE", Money(150000, "KES"), "KES 1,500"),
        ("en", "KE", Money(150050, "KES"), "KES 1,500.50"),
        ("en", "KE", Money(5, "KES"), "KES 0.05"),
        ("en", "KE", Money(0, "KES"), "KES 0"),
        ("en", "KE", Money(-150000, "KES"), "KES -1,500"),
        ("sw", "KE", Money(123456789, "KES"), "KES 1,234,567.89"),
        ("en", "UG", Money(1500, "UGX"), "UGX 1,500"),
        ("ar", "TN", Money(1500500, "TND"), "1 500,500 TND"),
        ("fr", "SN", Money(1234567, "XOF"), "1 234 567 XOF"),
        ("pt", "MZ", Money(123456, "MZN"), "1 234,56 MZN"),
        ("es", "MX", Money(123456, "MXN"), "MXN 1,234.56"),
        ("es", "BO", Money(123456, "BOB"), "BOB 1 234,56"),
        ("hi", "IN", Money(1234567800, "INR"), "INR 1,23,45,678"),
        ("en", "KE", 7, "7"),
        ("en", "KE", 2026, "2026"),
        ("en", "KE", 12300, "12,300"),
        ("en", "KE", -5, "-5"),
        ("en", "KE", Decimal("2.50"), "2.5"),
        ("fr", "SN", Decimal("2.50"), "2,5"),
        ("en", "KE", Decimal("1E+5"), "100,000"),
        ("en", "KE", Decimal("-0.0"), "0"),
        ("en", "KE", True, "Yes"),
        ("en", "KE", False, "No"),
        ("en", "KE", "as it is", "as it is"),
        ("en", "KE", Phone("+254700000001"), "+254700000001"),
        ("en", "KE", Name("Nguyễn Thị"), "Nguyen Thi"),
        ("am", "ET", Name("ቢቂላ"), "ቢቂላ"),
        ("en", "KE", Name("ቢቂላ"), "Bik'ila"),
        ("en", "KE", dt.date(2026, 11, 30), "30 Nov"),
        ("en", "KE", dt.date(2026, 1, 2), "2 Jan"),
        ("en", "KE", dt.date(2027, 2, 1), "1 Feb"),
        ("en", "KE", dt.date(2027, 11, 30), "30 Nov 2027"),
        ("sw", "KE", dt.date(2026, 8, 3), "3 Ago"),
        ("fr", "SN", dt.date(2026, 8, 3), "3 aout"),
        ("ha", "NG", dt.date(2026, 11, 23), "23 Nuw"),
        ("en", "KE", dt.datetime(2026, 11, 12, 9, 5), "12 Nov 09:05"),
        ("en", "KE", ["a", 2, Money(500, "KES")], "a, 2, KES 5"),
        ("en", "KE", [], ""),
        ("xx", "", Money(150000, "KES"), "KES 1,500"),
    ],
)
def test_printed_as_people_write(language: str, country: str, value: Any, shown: str) -> None:
    assert Printer(language, country).show(value, TODAY) == shown


def test_without_today_a_date_has_its_year() -> None:
    assert Printer("en").show(dt.date(2026, 11, 30)) == "30 Nov 2026"


def test_the_institution_has_its_own_sign_and_words() -> None:
    printer = Printer("sw", "KE", yes="Ndiyo", no="Hapana", signs={"KES": "KSh"})
    assert [printer.show(value) for value in (Money(150000, "KES"), True, False)] == ["KSh 1,500", "Ndiyo", "Hapana"]


@pytest.mark.parametrize("value", [None, *Absent, Secret("1234"), {"a": 1}, 1.5, Decimal("NaN"), b"x", [None]])
def test_what_is_not_there_or_must_not_be_shown(value: Any) -> None:
    with pytest.raises(Unprintable) as caught:
        Printer("en").show(value, TODAY)
    assert "1234" not in str(caught.value)


def test_long_values_are_cut() -> None:
    assert len(Printer("en").show("a" * 10_000)) == LONGEST_VALUE
    assert len(Printer("en").show(["a" * 90] * 10_000)) == LONGEST_VALUE
    assert Printer("en").show("a" * LONGEST_VALUE) == "a" * LONGEST_VALUE


def test_a_masked_number_hides_its_middle() -> None:
    assert masked(Phone("+254700000001")) == "+2547*****001"
    assert masked(Phone("+25470")) == "+2547****470"


values = st.one_of(
    st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(["KES", "XOF", "NGN", "PHP", "INR", "TND"])),
    st.integers(-(10**12), 10**12),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=3),
    st.dates(),
    st.datetimes(),
)


@given(values, st.sampled_from(LATIN), st.sampled_from(["", "KE", "SN", "MZ", "NG", "PH"]))
def test_no_printed_value_leaves_gsm7(value: Any, language: str, country: str) -> None:
    shown = Printer(language, country).show(value, TODAY)
    assert gsm7.fits_gsm7(shown) and not set(shown) & gsm7.EXTENDED, shown


@given(st.one_of(values, st.text().map(Name)), st.sampled_from(LATIN))
def test_names_neither(value: Any, language: str) -> None:
    assert gsm7.fits_gsm7(Printer(language).show(value, TODAY))


@given(st.builds(Money, st.integers(0, 10**14), st.just("KES")), st.sampled_from(LATIN + OTHERS))
def test_no_cent_is_lost(amount: Money, language: str) -> None:
    style = Printer(language).style
    shown = Printer(language, signs={"KES": "#"}).show(amount).strip("# ")
    assert round(Decimal(shown.replace(style.group, "").replace(style.point, ".")) * 100) == amount.minor
