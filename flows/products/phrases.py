"""How a product file says a term: ``8 % for the term``, ``2 % of overdue after 7 days``, ``200 weekly``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import cast, get_args

from flows.money import minor_units
from flows.products.features import PARTS, Charge, Fee, Frequency, Part, Penalty, Per, Plan, Rate

FREQUENCIES: tuple[Frequency, ...] = get_args(Frequency)
NUMBER = r"\d{1,6}(?:\.\d{1,6})?"
RATE = re.compile(rf"({NUMBER}) ?% (?:(?:a|per) (year|month)|for the (term))")
FEE = re.compile(r"(.+) (at disbursement|each instalment)")
PENALTY = re.compile(r"(.+?)(?: of overdue)? after (\d{1,3}) days?")
MEETING = re.compile(r"(\d{1,4}) to (\d{1,4})")
CYCLE = re.compile(r"(\d{1,4}) meetings?")
PLAN = re.compile(rf"(\S+) ({'|'.join(FREQUENCIES)})")
YEARS = {"52 weeks": Fraction(52), "365 days": Fraction(365, 7), "360 days": Fraction(360, 7)}


class Unclear(ValueError):
    """A term that cannot be read, with what to write instead."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


def one_of(text: str, words: Iterable[str]) -> str:
    if text not in (known := list(words)):
        raise Unclear(f'"{text}" cannot stand here.', f"Use one of these: {', '.join(known)}.")
    return text


def count(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
        raise Unclear(f'"{text}" is not a whole number from {least} to {most}.', "Write it in digits.")
    return int(text)


def days(text: str) -> int:
    found = re.fullmatch(r"(\d{1,3}) days?", text)
    if not found:
        raise Unclear(f'"{text}" is not a number of days.', 'Write it as "7 days".')
    return int(found[1])


def amount(text: str, currency: str) -> int:
    try:
        return minor_units(text, currency)
    except ValueError as error:
        raise Unclear(str(error), f"Write an amount in {currency}.") from None


def percent(text: str) -> Fraction:
    found = re.fullmatch(rf"({NUMBER}) ?%", text)
    if not found:
        raise Unclear(f'"{text}" is not a percentage.', 'Write it as "2.5 %".')
    return Fraction(found[1]) / 100


def rate(text: str) -> Rate:
    found = RATE.fullmatch(text)
    if not found:
        raise Unclear(
            f'"{text}" is not a rate of interest.', 'Write "24 % a year", "2 % a month" or "8 % for the term".'
        )
    return Rate(Fraction(found[1]) / 100, cast("Per", found[2] or found[3]))


def charge(text: str, currency: str) -> Charge:
    return Charge(part=percent(text)) if text.endswith("%") else Charge(amount(text, currency))


def fee(name: str, text: str, currency: str) -> Fee:
    found = FEE.fullmatch(text)
    if not found:
        raise Unclear(
            f'"{text}" does not say when the fee is paid.', 'Write "500 at disbursement" or "1 % each instalment".'
        )
    return Fee(name, charge(found[1], currency), found[2] == "each instalment")


def penalty(text: str, currency: str) -> Penalty:
    found = PENALTY.fullmatch(text)
    if not found:
        raise Unclear(f'"{text}" is not a penalty.', 'Write "50 after 7 days" or "2 % of overdue after 7 days".')
    return Penalty(charge(found[1], currency), int(found[2]))


def order(words: Iterable[str]) -> tuple[Part, ...]:
    given = tuple(word.strip() for word in words)
    if sorted(given) != sorted(PARTS):
        raise Unclear("All four parts must stand here, each once.", f"Put these in order: {', '.join(PARTS)}.")
    return cast("tuple[Part, ...]", given)


def plan(text: str, currency: str) -> Plan:
    found = PLAN.fullmatch(text)
    if not found:
        raise Unclear(f'"{text}" is not a plan for saving.', 'Write "200 weekly".')
    return Plan(amount(found[1], currency), cast("Frequency", found[2]))


def each_meeting(text: str) -> tuple[int, int]:
    """The least and the most shares that a member buys at a meeting."""
    found = MEETING.fullmatch(text)
    if not found or not int(found[1]) <= int(found[2]) > 0:
        raise Unclear(f'"{text}" does not say how many shares a meeting takes.', 'Write "1 to 5".')
    return int(found[1]), int(found[2])


def cycle(text: str) -> int:
    found = CYCLE.fullmatch(text)
    if not found or not int(found[1]):
        raise Unclear(f'"{text}" is not a number of meetings.', 'Write it as "52 meetings".')
    return int(found[1])


def year(text: str) -> Fraction:
    """How many weeks a year has when a yearly rate is turned into a weekly one."""
    return YEARS[one_of(text, YEARS)]
