"""What is masked in the texts that a page of the desk shows."""

from __future__ import annotations

import pytest

from gateway.desk.telling import tone
from gateway.desk.veiling import private_words, read, veiled
from gateway.record.clients import Client

WHO = Client("10001", "Akinyi Otieno", "Akinyi", "Mama Joy", id="x")
PRIVATE = private_words(WHO, "L-1001", "SJK7TEST01")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Akinyi, you owe KES 500", "•••, you owe KES 500"),
        ("AKINYI OTIENO pays", "••• pays"),
        ("Otienoville is a place", "Otienoville is a place"),
        ("Hello Mama Joy!", "Hello •••!"),
        ("account L-1001, receipt SJK7TEST01.", "account •••, receipt •••."),
        ("number 10001", "number •••"),
        ("call +254700000001 or 0712 345 678 or 0712-345-678", "call •••001 or •••678 or •••678"),
        ("254700000001", "•••001"),
        ("1,500 2,000 3,000 on 2026-11-23 at 14:41:07", "1,500 2,000 3,000 on 2026-11-23 at 14:41:07"),
        ("KES 123,456,789.00", "KES 123,456,789.00"),
        ("C-775093", "C-775093"),
        ("*384*7#", "*384*7#"),
        ("", ""),
    ],
)
def test_names_and_numbers_in_a_text(text: str, shown: str) -> None:
    assert veiled(text, PRIVATE) == shown


def test_a_nickname_that_is_a_pattern_is_a_name() -> None:
    assert veiled("a (b.*) c", private_words(Client("1", "(b.*)"))) == "a ••• c"


def test_what_is_shown_has_its_mask_beside_it_and_is_escaped() -> None:
    made = read("<b>Akinyi</b>", PRIVATE, shown=True)
    assert made == '<span data-masked="&lt;b&gt;•••&lt;/b&gt;">&lt;b&gt;Akinyi&lt;/b&gt;</span>'
    assert read("nothing private", PRIVATE, shown=True) == "nothing private"


def test_a_state_that_nobody_knows_has_no_tone() -> None:
    assert [tone("posted"), tone("exception"), tone("sent"), tone("new")] == ["good", "bad", "wait", ""]
