"""Cuts what is to be said into screens.

Lines stand in this order: the text, one line ``key label`` for each choice, the reserved keys. A page ends between
words or between lines; the space there is dropped. A choice is never parted unless it alone is longer than a screen,
and a word neither. Where it can be helped an amount stays with its currency ("KES 1,500").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flows.screens import gsm7
from flows.screens.profile import Profile
from flows.screens.signs import BREAK

_space: Final = re.compile(f"[ \n{BREAK}]+")
_currency: Final = re.compile(r"(?:^|[ \n])[A-Z]\w{1,3}$").search  # KES, KSh
_ends_amount: Final = re.compile(r"\d|[A-Z]{3}").match
_blank: Final = f" \n{BREAK}"
_NEAR: Final = 24  # characters that a page may be shorter by to keep an amount in one piece


@dataclass(frozen=True, slots=True)
class Nav:
    """The lines of the reserved keys, in the client's language: ``0 Back``, ``98 More``.

    ``first``: whether the first page offers to go back (to the step before); later pages always do (to the page
    before), and all but the last offer more.
    """

    back: str
    more: str
    first: bool = False


class NoRoom(ValueError):
    """The reserved keys alone fill a screen of this channel: shorten their words, or use a larger screen."""


def paginate(text: str, choices: Sequence[tuple[str, str]], nav: Nav, profile: Profile) -> list[str]:
    """The screens for ``text`` and ``choices`` (key, label): one if it fits, never none. Raises NoRoom."""
    units = [text.strip(_blank), *(f"{key} {_one_line(label)}" for key, label in choices)]
    if not units[0]:
        del units[0]
    whole = "\n".join([*units, nav.back] if nav.first else units)
    if BREAK not in whole and profile.fits(whole):
        return [whole]
    return list(_pages(units, nav, profile))


def _one_line(label: str) -> str:
    return " ".join(label.split()) if "\n" in label else label


def _pages(rest: list[str], nav: Nav, profile: Profile) -> Iterator[str]:
    back = [nav.back] if nav.first else []
    while not _fits([*rest, *back], profile):
        lines, rest = _fill(rest, [nav.more, *back], profile)
        yield _join([*lines, nav.more, *back])
        back = [nav.back]
    yield _join([*rest, *back])


def _fill(rest: list[str], foot: list[str], profile: Profile) -> tuple[list[str], list[str]]:
    """As many whole units as one page takes, or else the beginning of the first one; and what is left."""
    taken = 0
    while taken < len(rest) and _fits([*rest[: taken + 1], *foot], profile):
        taken += 1
    if taken:
        return rest[:taken], rest[taken:]
    if not rest:
        raise NoRoom(NoRoom.__doc__)
    place = _cut(rest[0], foot, profile)
    return [rest[0][:place].rstrip(_blank)], [rest[0][place:].lstrip(_blank), *rest[1:]]


def _cut(unit: str, foot: list[str], profile: Profile) -> int:
    """Where to end the page inside ``unit``, which is longer than a page: the best place that still fits."""

    def fits(place: int) -> bool:
        return _fits([unit[:place].rstrip(_blank), *foot], profile)

    longest = min(len(unit), _most(unit, profile))
    gaps = [gap for gap in _space.finditer(unit, 0, longest) if fits(gap.start())]
    lines = [gap.start() for gap in gaps if "\n" in gap[0] and gap.start() * 2 >= gaps[-1].start()]
    if lines:
        return lines[-1]
    if gaps:
        near = [gap.start() for gap in gaps if gaps[-1].start() - gap.start() <= _NEAR and not _glued(unit, gap)]
        return near[-1] if near else gaps[-1].start()
    most = next((place for place in range(longest, 0, -1) if fits(place)), 0)
    if not most:
        raise NoRoom(NoRoom.__doc__)
    return next((place for place in range(most, 0, -1) if not _joined(unit, place) and fits(place)), most)


def _most(unit: str, profile: Profile) -> int:
    """A bound on the characters of ``unit`` that one page can show; marks of a possible break are free."""
    wide = profile.ucs2 and not gsm7.fits_gsm7(unit[: profile.ucs2].replace(BREAK, ""))
    size = profile.characters or (profile.ucs2 if wide else max(profile.gsm7, profile.ucs2))
    return size * 2 if BREAK in unit else size


def _glued(unit: str, gap: re.Match[str]) -> bool:
    """Whether this one space stands inside an amount: ``KES 1,500``, ``1 500 XOF``."""
    if gap[0] != " ":
        return False
    before, after = unit[max(0, gap.start() - 5) : gap.start()], unit[gap.end() : gap.end() + 3]
    return bool(_ends_amount(after) if before[-1:].isdigit() else after[:1].isdigit() and _currency(before))


def _joined(unit: str, place: int) -> bool:
    """Whether the character at ``place`` belongs to the one before: an accent, a vowel sign, a joiner."""
    return unicodedata.category(unit[place]) in ("Mn", "Mc", "Me", "Cf") or unit[place - 1] == "\u200d"


def _fits(lines: list[str], profile: Profile) -> bool:
    return profile.fits(_join(lines))


def _join(lines: list[str]) -> str:
    return "\n".join(lines).replace(BREAK, "")
