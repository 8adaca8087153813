"""The figures behind the findings: what each way takes, and how much of a screen each step fills."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from math import ceil
from typing import Any

from flows.checks.cost.costs import CASES, Costs, Shares
from flows.checks.cost.effort import Effort
from flows.checks.cost.prices import Prices
from flows.checks.fit.room import has_room
from flows.checks.shown import Screen, Shows
from flows.checks.shown.screens import is_shown_on
from flows.model import Choose
from flows.screens import gsm7
from flows.screens.profile import Profile
from flows.screens.typography import phone_safe

Row = dict[str, Any]


def paths(shows: Shows, profile: Profile, language: str, prices: Prices, shares: Shares | None = None) -> Iterator[Row]:
    """One row for each way from the first screen of a call to an end."""
    if not has_room(shows, language, profile):
        return
    for path in Costs(shows, profile, language, shares).paths():
        where = {"flow": path.flow.name, "end": path.end, "channel": profile.kind, "language": language}
        each: Row = {case: _figures(getattr(path, case), profile, prices) for case in CASES}
        yield {**where, **each, "hangs_up_after": profile.total_seconds or None}


def _figures(effort: Effort, profile: Profile, prices: Prices) -> Row:
    price = prices.of(effort, profile)
    return {
        "screens": round(effort.screens, 1),
        "keys": round(effort.keys, 1),
        "letters": round(effort.letters, 1),
        "seconds": round(effort.seconds, 1),
        "longest_screen_seconds": round(effort.longest, 1),
        "sms_parts": round(effort.parts, 1),
        "price": None if price is None else f"{price:.2f}" if price == round(price, 2) else f"{price:.4f}",
    }


def screens(shows: Shows, profile: Profile, language: str) -> Iterator[Row]:
    """One row for each step that is shown: with the largest values, and with usual ones."""
    if not has_room(shows, language, profile):
        return
    mine = [s for s in shows.screens if s.language == language and is_shown_on(s, profile)]
    usual = {(s.flow.name, s.step.name): s for s in mine if not s.largest}
    for screen in mine:
        place = (screen.flow.name, screen.step.name)
        if screen.largest and place in usual:
            where = {"flow": place[0], "step": place[1], "channel": profile.kind, "language": language}
            sizes = {"usual": _size(shows, usual[place], profile), "largest": _size(shows, screen, profile)}
            yield {**where, "list": isinstance(screen.step, Choose), **sizes}


def _size(shows: Shows, screen: Screen, profile: Profile) -> Row:
    pages = [profile.prefix + page for page in shows.pages(screen, profile)]
    return {"screens": len(pages), "texts": pages, **_counted(pages, profile)}


def _counted(pages: Collection[str], profile: Profile) -> Row:
    """Of all pages together; ``alphabet`` is that of the page which needs the larger one."""
    if profile.characters:
        return {"characters": sum(map(len, pages)), "alphabet": "any", "bytes": sum(len(p.encode()) for p in pages)}
    measured = [gsm7.measure(page) for page in pages]
    size = sum(ceil(length * 7 / 8) if alphabet == "gsm7" else 2 * length for alphabet, length in measured)
    alphabets = {alphabet for alphabet, _ in measured}
    return {
        "characters": sum(length for _, length in measured),
        "alphabet": "ucs2" if "ucs2" in alphabets else "gsm7",
        "bytes": size,
    }


def texts(shows: Shows, profile: Profile, language: str) -> Iterator[Row]:
    """One row for each text that is sent by itself, as SMS."""
    if not profile.pushes or profile.characters:
        return
    mine = [text for text in shows.pushed if text.language == language]
    usual = {(text.flow.name, text.text.key): text for text in mine if not text.largest}
    for text in mine:
        if text.largest:
            pair = {"usual": usual[text.flow.name, text.text.key].said, "largest": text.said}
            said = {name: profile.prefix + phone_safe(one, profile.letters) for name, one in pair.items()}
            sizes = {name: {"sms_parts": len(gsm7.segments(one)), "text": one} for name, one in said.items()}
            where = {"flow": text.flow.name, "step": text.step, "key": text.text.key}
            yield {**where, "channel": profile.kind, "language": language, **sizes}
