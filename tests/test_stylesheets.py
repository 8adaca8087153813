"""The colours of the pages: words and what they stand on differ enough, in light and in dark.

WCAG 2.2, 1.4.3 (words), 1.4.11 (what is no words).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

WEB = Path(__file__).parent.parent / "templates" / "web"
DESK, PHONE = WEB / "desk" / "desk.css", WEB / "phone.css"
WORDS, LINES = 4.5, 3.0  # the least contrast of words, and of what shows where a field is
THEMES = ("light", "dark")
# words on paper: each of the first on each of the second
STAND_ON = {
    DESK: [
        (("ink", "soft", "accent", "good", "wait", "bad"), ("page", "card")),
        (("ink", "soft", "accent"), ("accent-soft",)),  # what is told; a line, a button below the pointer
        (("on-accent",), ("accent",)),
    ],
    PHONE: [
        (("ink", "soft", "accent"), ("page", "card", "accent-soft")),
        (("warn",), ("card",)),
        (("lcd-ink", "lcd-soft"), ("lcd",)),
        (("key-ink", "key-small"), ("key", "key-lit")),
    ],
}


def rules(sheet: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Each selector with what it sets; those below ``@media`` too."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", text):
        pairs = (one.partition(":")[::2] for one in body.split(";") if ":" in one)
        yield " ".join(selector.split()), {name.strip(): value.strip() for name, value in pairs}


def colours(sheet: Path, theme: str) -> dict[str, str]:
    """The variables of a theme: dark sets only what differs."""
    light, dark, *_ = [known for selector, known in rules(sheet) if selector == ":root"]
    return light | (dark if theme == "dark" else {})


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, "contrast ratio"; each as ``#abc`` or ``#aabbcc``."""
    darker, lighter = sorted((_light(one), _light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _light(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(2 * each for each in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_what_contrast_is() -> None:
    """The examples of the WCAG: black on white, and the lightest grey that is words on white."""
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sheet", STAND_ON, ids=lambda sheet: str(sheet.name))
def test_words_are_seen_on_what_they_stand_on(sheet: Path, theme: str) -> None:
    known = colours(sheet, theme)
    pairs = [pair for words, papers in STAND_ON[sheet] for pair in product(words, papers)]
    pale = {pair: contrast(known[f"--{pair[0]}"], known[f"--{pair[1]}"]) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in pale.items() if ratio < WORDS} == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sheet", STAND_ON, ids=lambda sheet: str(sheet.name))
def test_a_rule_that_sets_words_and_paper_sets_them_apart(sheet: Path, theme: str) -> None:
    known, pale, seen = colours(sheet, theme), {}, 0
    for selector, its in rules(sheet):
        ink, papers = _all(its.get("color", ""), known), _all(its.get("background", ""), known)
        for one, paper in product(ink, papers):
            seen += 1
            if contrast(one, paper) < WORDS:
                pale[selector] = round(contrast(one, paper), 2)
    assert (pale, seen > 5) == ({}, True)


@pytest.mark.parametrize("theme", THEMES)
def test_the_edge_of_a_field_is_seen(theme: str) -> None:
    known = colours(DESK, theme)
    for edge, paper in product(("--edge", "--accent"), ("--page", "--card")):
        assert contrast(known[edge], known[paper]) >= LINES, (edge, paper)


def test_every_colour_of_the_desk_has_a_name_and_is_looked_at() -> None:
    """But for a screen of a phone, which looks the same in light and in dark, and for paper."""
    named = {name for words, papers in STAND_ON[DESK] for name in (*words, *papers)}
    softs = {"good-soft", "wait-soft", "bad-soft"}  # always set together with their word's colour
    assert {name[2:] for name in colours(DESK, "light") if name.startswith("--")} == named | softs | {"line", "edge"}
    plain = {selector for selector, its in rules(DESK) if selector != ":root" and re.search(r"#[0-9a-f]{3}", str(its))}
    assert plain <= {".screen", ".screen, .typed", "body"}


def _all(value: str, known: dict[str, str]) -> list[str]:
    """The colours in a value: of a gradient, each that is not partly transparent."""
    given = re.sub(r"var\((--[a-z-]+)\)", lambda found: known[found[1]], value)
    return [one for one in re.findall(r"#[0-9a-f]+", given) if len(one) in (4, 7)]
