"""Words by language: what falls back to what, and what is never used."""

from __future__ import annotations

import datetime as dt

import pytest
import yaml
from pages import ROOT

from flows.values import Money
from flows.words import spoken
from flows.words.book import MissingWords, Setting, Source, Translation, Unlawful, Words
from flows.words.templates import BadText

REPAY = Source("en", {"amount": "How much for {account.nickname}?", "agree": "Pay {amount} on {day}?", "end": "Bye."})
SWAHILI = {
    "amount": Translation("How much for {account.nickname}?", "Kiasi gani kwa {account.nickname}?"),
    "agree": Translation("Pay {amount}?", "Lipa {amount} tarehe {day}?", reviewed=True),
}
SYSTEM = {
    "en": {"yes": "Yes", "no": "No", "more": "More", "wrong": "Try again, {client.name}."},
    "sw": {"yes": "Ndiyo", "no": "Hapana", "more": "Zaidi"},
}
VALUES = {"account": {"nickname": "Akiba"}, "amount": Money(150000, "KES"), "day": dt.date(2026, 8, 3), "sure": True}
TODAY = dt.date(2026, 8, 1)


def words(translation: Translation | None = None, languages: tuple[str, ...] = ("en", "sw")) -> Words:
    swahili = SWAHILI if translation is None else {"agree": translation}
    return Words(Setting(languages, "KE"), {"repay": REPAY}, {"sw": {"repay": swahili}}, SYSTEM)


def test_the_clients_language() -> None:
    assert words().render("sw", "repay", "amount", VALUES) == "Kiasi gani kwa Akiba?"
    assert words().render("sw", "repay", "agree", VALUES, TODAY) == "Lipa KES 1,500 tarehe 3 Ago?"
    assert words().render("en", "repay", "agree", VALUES, TODAY) == "Pay KES 1,500 on 3 Aug?"


def test_a_stale_translation_is_still_shown() -> None:
    assert SWAHILI["agree"].from_text != REPAY.texts["agree"]
    assert words().render("sw", "repay", "agree", VALUES).startswith("Lipa")


def test_without_a_translation_the_flows_own_language_speaks() -> None:
    assert words().render("sw", "repay", "end", {}) == "Bye."
    assert words().render("fr", "repay", "end", {}) == "Bye."
    source = Source("sw", {"day": "Siku {day}"})
    book = Words(Setting(("en", "sw"), "KE"), {"lipa": source}, {}, SYSTEM)
    assert book.render("en", "lipa", "day", VALUES, TODAY) == "Siku 3 Ago", "printed as its own words are"


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("Lipa {amount} {pin}?", "{day}, {pin} stands only here, or only in what it was made from."),
        ("Lipa {amount}?", "{day} stands only here, or only in what it was made from."),
        ("Lipa {amount", "'{amount' opens a brace that is never closed. Add a }."),
    ],
)
def test_an_unlawful_translation_is_left_out_and_told(to: str, reason: str) -> None:
    book = words(Translation("Pay {amount} on {day}?", to))
    assert book.render("sw", "repay", "agree", VALUES, TODAY) == "Pay KES 1,500 on 3 Aug?"
    assert book.unlawful == [Unlawful("sw", "repay", "agree", reason)]


def test_an_empty_translation_is_none() -> None:
    book = words(Translation("Pay {amount} on {day}?", "  "))
    assert book.render("sw", "repay", "agree", VALUES, TODAY) == "Pay KES 1,500 on 3 Aug?"
    assert book.unlawful == []


def test_the_systems_own_words() -> None:
    values = {"client": {"name": "Akinyi"}}
    assert words().render("sw", "", "more", {}) == "Zaidi"
    assert words().render("sw", "", "wrong", values) == "Try again, Akinyi."
    assert words().render("fr", "", "more", {}) == "More"
    assert words(languages=("sw", "en")).render("fr", "", "more", {}) == "Zaidi", "the institution's first language"


def test_yes_and_no_are_the_systems_words() -> None:
    assert [words().show(language, True) for language in ("en", "sw", "fr")] == ["Yes", "Ndiyo", "Yes"]


def test_the_institutions_own_sign() -> None:
    book = Words(Setting(("en",), "KE", {"KES": "KSh"}), {"repay": REPAY}, {}, SYSTEM)
    assert book.show("en", Money(500, "KES")) == "KSh 5"


def test_words_that_nobody_wrote() -> None:
    with pytest.raises(MissingWords, match="no words for 'bye' of repay, asked for in 'sw'") as caught:
        words().render("sw", "repay", "bye", {})
    assert (caught.value.language, caught.value.flow, caught.value.key) == ("sw", "repay", "bye")
    with pytest.raises(MissingWords, match="of the system"):
        words().render("sw", "", "bye", {})
    assert isinstance(caught.value, KeyError)


def test_a_source_must_be_lawful() -> None:
    with pytest.raises(BadText):
        Words(Setting(), {"repay": Source("en", {"a": "{a|b}"})}, {}, SYSTEM)


def test_what_there_is_can_be_asked() -> None:
    assert words().has("repay", "agree") and words().has("", "more") and not words().has("repay", "bye")
    assert words().names("sw", "repay", "agree") == ("amount", "day")


@pytest.mark.parametrize("language", ["en", "sw"])
def test_the_shipped_words_of_the_engine_are_those_that_it_says(language: str) -> None:
    text = (ROOT / "templates" / "messages" / language / "system.yaml").read_text(encoding="utf-8")
    words = yaml.load(text, yaml.BaseLoader)
    assert not [key for key in words if not spoken.is_key(key)]
    assert words.keys() >= spoken.NEEDED
