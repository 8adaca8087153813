"""Paging over random texts, choices and channels: nothing lost, nothing doubled, nothing too long."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.screens import gsm7
from flows.screens.paging import Nav, NoRoom, paginate
from flows.screens.profile import Profile
from flows.screens.signs import BREAK

BLANK = f" \n{BREAK}"
USSD = Profile(kind="ussd")
ENGLISH = Nav(back="0 Back", more="98 More")

letters = st.one_of(
    st.sampled_from("abcdefghij KLM 1,5 0"),
    st.sampled_from("éñü{}€~^ \n"),
    st.sampled_from("አማር ሂን្កខ \u0301\u093e\u200d" + BREAK),
    st.sampled_from("😀👍\U0001f3fd"),
)
words = st.text(letters, min_size=1, max_size=14)
long_words = st.text(st.sampled_from("abcé{አខ😀"), min_size=60, max_size=240)
texts = st.lists(st.one_of(words, words, words, long_words), max_size=60).map(" ".join)
labels = st.one_of(words, st.lists(words, min_size=1, max_size=40).map(" ".join), long_words).map(
    lambda label: " ".join(label.split()) or "-"
)
plain_texts = st.lists(st.text("abcdefgh", min_size=1, max_size=9), max_size=80).map(" ".join)
profiles = st.one_of(
    st.just(USSD),
    st.builds(Profile, kind=st.just("tiny"), gsm7=st.integers(18, 60), ucs2=st.integers(18, 40)),
    st.builds(Profile, kind=st.just("ussd"), gsm7=st.just(182), ucs2=st.just(80)),
    st.builds(Profile, kind=st.just("chat"), characters=st.integers(20, 300)),
)
navs = st.builds(
    Nav,
    back=st.sampled_from(["0 Back", "0 Rudi", "0 ተመለስ"]),
    more=st.sampled_from(["98 More", "98 Zaidi", "98 ቀጣይ"]),
    first=st.booleans(),
)


@st.composite
def menus(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    return tuple((str(n), label) for n, label in enumerate(draw(st.lists(labels, max_size=40)), start=1))


@dataclass
class Paged:
    """Pages, taken apart again: what each shows of ``body`` (text and choices, one line each) and where it stands."""

    units: list[str]
    pages: list[str]
    nav: Nav
    profile: Profile

    def __post_init__(self) -> None:
        self.body = "\n".join(self.units)
        self.spans: list[tuple[int, int]] = []
        place = 0
        for number in range(len(self.pages)):
            start, place = self._follow(self.content(number), place)
            self.spans.append((start, place))
        assert not self.body[place:].strip(BLANK), f"lost: {self.body[place:]!r}"

    def foot(self, number: int) -> list[str]:
        more = [self.nav.more] if number < len(self.pages) - 1 else []
        back = [self.nav.back] if number or self.nav.first else []
        return more + back

    def content(self, number: int) -> str:
        page, foot = self.pages[number], "\n".join(self.foot(number))
        if not foot or page == foot:
            return "" if page == foot else page
        assert page.endswith("\n" + foot), (page, foot)
        return page.removesuffix("\n" + foot)

    def _follow(self, content: str, place: int) -> tuple[int, int]:
        """Where ``content`` stands in the body from ``place`` on, blanks skipped before it and breaks inside it."""
        while place < len(self.body) and self.body[place] in BLANK:
            place += 1
        start = place
        for character in content:
            while self.body[place] == BREAK:
                place += 1
            assert self.body[place] == character, f"not what follows: {self.body[place:][:40]!r} in {content!r}"
            place += 1
        return start, place

    def fits_alone(self, part: str, number: int) -> bool:
        return self.profile.fits("\n".join([part.replace(BREAK, ""), *self.foot(number)]))

    def cut_words(self) -> list[tuple[int, str]]:
        """The page and the word, for each word that goes on on the next page."""
        found = []
        for number, (_, end) in enumerate(self.spans[:-1]):
            if end and self.spans[number + 1][0] == end and self.body[end] not in BLANK:
                start = max(self.body.rfind(blank, 0, end) for blank in BLANK) + 1
                stop = min((at for blank in BLANK if (at := self.body.find(blank, end)) > 0), default=len(self.body))
                found.append((number, self.body[start:stop]))
        return found


def paged(text: str, choices: tuple[tuple[str, str], ...], nav: Nav, profile: Profile) -> Paged:
    units = [unit for unit in (text.strip(BLANK), *(f"{key} {label}" for key, label in choices)) if unit]
    return Paged(units, paginate(text, choices, nav, profile), nav, profile)


@given(texts, menus(), navs, profiles)
def test_no_screen_is_too_long_and_nothing_is_lost_or_doubled(
    text: str, choices: tuple[tuple[str, str], ...], nav: Nav, profile: Profile
) -> None:
    result = paged(text, choices, nav, profile)  # following the body through the pages shows loss and doubling
    for page in result.pages:
        alphabet, length = gsm7.measure(page)
        room = {"gsm7": profile.gsm7, "ucs2": profile.ucs2}[alphabet]
        assert len(page) <= profile.characters if profile.characters else length <= room
        assert BREAK not in page
    if len(result.pages) > 1:
        assert all(result.content(number) for number in range(len(result.pages)))


@given(texts, menus(), navs, profiles)
def test_each_choice_is_whole_and_its_key_begins_a_line(
    text: str, choices: tuple[tuple[str, str], ...], nav: Nav, profile: Profile
) -> None:
    result = paged(text, choices, nav, profile)
    place = len(result.body) - len("\n".join(f"{key} {label}" for key, label in choices))
    for key, label in choices:
        line = f"{key} {label}"
        number, (start, end) = next((n, span) for n, span in enumerate(result.spans) if span[0] <= place < span[1])
        assert result.body[start:end].startswith(line[:1]) if start == place else result.body[place - 1] == "\n"
        if place + len(line.rstrip(BLANK)) > end:
            assert start == place, "a long choice begins its own page"
            assert not result.fits_alone(line, number), "a choice was parted that fits a page"
        place += len(line) + 1


@given(texts, menus(), navs, profiles)
def test_a_word_is_cut_only_if_it_is_longer_than_a_screen(
    text: str, choices: tuple[tuple[str, str], ...], nav: Nav, profile: Profile
) -> None:
    result = paged(text, choices, nav, profile)
    for number, word in result.cut_words():
        assert not result.fits_alone(word, number), word


@given(texts, menus(), navs, profiles)
def test_one_page_whenever_it_fits(text: str, choices: tuple[tuple[str, str], ...], nav: Nav, profile: Profile) -> None:
    result = paged(text, choices, nav, profile)
    whole = "\n".join([result.body.replace(BREAK, ""), *([nav.back] if nav.first else [])]).strip("\n")
    assert (len(result.pages) == 1) is profile.fits(whole)
    assert paginate(text, choices, nav, profile) == result.pages


@given(plain_texts, navs.filter(lambda nav: nav.back.isascii() and nav.more.isascii()))
def test_pages_are_as_full_as_they_can_be(text: str, nav: Nav) -> None:
    result = paged(text, (), nav, USSD)
    for number in range(len(result.pages) - 1):
        next_word = result.content(number + 1).split()[0]
        assert not result.fits_alone(f"{result.content(number)} {next_word}", number)


def test_many_choices_keep_their_numbers_on_later_pages() -> None:
    choices = [(str(n), f"Group number {n}") for n in range(1, 13)]
    assert paginate("Which group?", choices, ENGLISH, USSD) == [
        "Which group?\n" + "\n".join(f"{n} Group number {n}" for n in range(1, 9)) + "\n98 More",
        "\n".join(f"{n} Group number {n}" for n in range(9, 13)) + "\n0 Back",
    ]


def test_an_amount_stays_with_its_currency() -> None:
    tiny = Profile(kind="tiny", gsm7=40, ucs2=25)
    first, second, *_ = paginate("You owe us all of today KES 1,500 please pay it at once", [], ENGLISH, tiny)
    assert (first, second.splitlines()[0]) == ("You owe us all of today\n98 More", "KES 1,500 please pay it at once")
    assert paginate("aaaaaaaaa bbbbbbbb cccc 1 500 XOF ddddddddddd", [], ENGLISH, tiny)[1].startswith("1 500 XOF")


def test_khmer_breaks_where_its_author_marked_it() -> None:
    word = "សូមជ្រើសរើស"
    pages = paginate(BREAK.join([word] * 12), [], ENGLISH, USSD)
    assert len(pages) == 3
    assert all(set(page.splitlines()[0].split(word)) == {""} for page in pages)


def test_an_accent_is_not_parted_from_its_letter() -> None:
    pages = paginate("कि" * 60, [], ENGLISH, USSD)
    assert len(pages) > 1
    assert all(page.startswith("क") and page.splitlines()[0].endswith("ि") for page in pages)


def test_a_label_of_two_lines_cannot_pose_as_two_choices() -> None:
    assert paginate("Which?", [("1", "Mine\n2 Yours")], ENGLISH, USSD) == ["Which?\n1 Mine 2 Yours"]


def test_nothing_but_keys_fits() -> None:
    with pytest.raises(NoRoom, match="fill a screen"):
        paginate("a" * 50, [], ENGLISH, Profile(kind="tiny", gsm7=8, ucs2=8))
