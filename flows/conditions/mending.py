"""What somebody meant who wrote a condition as in a spreadsheet, or as it is said, in the words that there are.

Only what can then be read without a fault is offered. Nothing is guessed at run time: a condition that is not written
as it should be is refused, and the author is shown how to write it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_SIGN = 'Conditions are written in words, and "{0}" is not one.'
_QUOTED = 'In a condition no value stands in double quotes, and "{0}" does.'
_WORD = 'Conditions have words of their own, and "{0}" is none of them.'
_ALONE = 'A number, an amount or a day stands alone in a condition, and "{0}" does not.'
_DAY = 'A day is written as 2026-01-31 is, and "{0}" is not.'
_SMALL = 'In a condition "{0}" stands in small letters.'
_THAN = r"(?: than| then)?"
_OR_EQUAL = r"(?: than| then)? or (?:is )?equals?(?: to)?"
_UP, _DOWN = (
    "(?:greater|larger|bigger|higher|older|more|over|above|after)",
    "(?:smaller|lower|fewer|younger|less|under|below|before)",
)
_COMMA = re.compile(r"\s*,\s*(?:or |and )?|\s+or\s+")


@dataclass(frozen=True, slots=True)
class Rule:
    """``written`` is replaced by ``meant``. ``said``: what is wrong about it; "": that it is unknown says enough."""

    written: re.Pattern[str]
    meant: str | Callable[[re.Match[str]], str]
    code: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Meant:
    """``source`` in the words of conditions; ``code`` and ``said`` of the first rule that has any."""

    source: str
    code: str = ""
    said: str = ""


def _rule(written: str, meant: str | Callable[[re.Match[str]], str], code: str = "", said: str = "") -> Rule:
    return Rule(re.compile(written, re.IGNORECASE), meant, code, said)


def _sign(sign: str, words: str) -> Rule:
    return Rule(re.compile(rf"\s*({sign})\s*"), f" {words} ", "sign", _SIGN)


def _word(written: str, meant: str) -> Rule:
    return _rule(rf"\b(?:{written})", meant, "", _WORD)


def _alone(written: str, meant: str | Callable[[re.Match[str]], str]) -> Rule:
    return _rule(written, meant, "value", _ALONE)


def _day(found: re.Match[str]) -> str:
    day, month, year = found.groups()
    return f"{year}-{int(month):02}-{int(day):02}"


def _several(found: re.Match[str]) -> str:
    return f"{found[1]} {' or '.join(_COMMA.split(found[2].strip(' ()')))}"


_RULES = (
    _rule("[‘’‚′`]", "'", "quote", "These quotes are curly ones, perhaps from a word processor."),
    _rule("[“”„«»]", '"'),
    _rule('"([^"]*)"', r"\1", "quotes", _QUOTED),
    _rule(r"\{([^{}]*)\}", r"\1", "braces", 'Names stand in braces only in what a client reads, and "{0}" does here.'),
    _rule(r"^\s*(?:only )?(if)\s+", "", "", _WORD),
    _alone(r"(?<=\d)/[-=]", ""),
    _sign("&&?", "and"), _sign(r"\|\|?", "or"),
    _sign(">=|=>|≥", "at least"), _sign("<=|=<|≤", "at most"), _sign("!==?|<>|≠", "is not"),
    _sign("===?|=", "is"), _sign(">", "more than"), _sign("<", "less than"), _sign("!", "not"),
    _word(rf"(?:is )?not {_UP}{_THAN}(?= )", "at most"), _word(rf"(?:is )?not {_DOWN}{_THAN}(?= )", "at least"),
    _word(rf"(?:is )?{_UP}{_OR_EQUAL}(?= )", "at least"), _word(rf"(?:is )?{_DOWN}{_OR_EQUAL}(?= )", "at most"),
    _word(rf"(?:is )?{_UP}{_THAN}(?= )", "more than"), _word(rf"(?:is )?{_DOWN}{_THAN}(?= )", "less than"),
    _rule(r"\bis (\d[\d,.]*)\+(?!\S)", r"at least \1"), _rule(r"\bis (\d\S*) or (?:more|above|over)\b", r"at least \1"),
    _rule(r"\bis (\d\S*) or (?:less|below|under)\b", r"at most \1"),
    _word(r"(?:is )?not equals?(?: to)?(?= )|does not equal|(?:is|are)n't|doesn't equal", "is not"),
    _word(r"(?:is )?equals?(?: to)?(?= )|(?:must|should|has to|to) be", "is"),
    _rule(r"(?<!is)(?<!and)(?<!or)(?<=\w) not (?=\S+$)", " is not "),
    _rule(r"\b(?:is )?(not )?in\b\s*(\(?[^()]*?,[^()]*\)?|\S+)", lambda m: f"is {m[1] or ''}{m[2]}"),
    _rule(r"\b(is not|is|has) (\(?[\w']+(?:\s*,\s*(?:or |and )?[\w']+)+\)?)", _several),
    _word(r"(?:contains|includes|include|contain)", "has"),
    _rule(r"\bis (not )?(?:blank|null|none|missing|nothing|unknown|'')(?= |$|\))", lambda m: f"is {m[1] or ''}empty"),
    _rule(r"\bis true\b", "is yes"), _rule(r"\bis false\b", "is no"),
    _rule(r"\bbetween (\S+?)\s*(?:-|–|—| to |,|&)\s*(\S+)", r"between \1 and \2"),
    _alone(r"\b(?:KES|KSHS?|USD|UGX|TZS|RWF|SHS?|\$)[. ]*(?=\d)", ""),
    _alone(r"(?<=\d) (?=\d{3}(?:\D|$))", ""),
    _alone(r"(?<=\d) (?:years?(?: old)?|yrs|days?|KES|shillings|%)(?!\S)", ""),
    _rule(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4})\b", _day, "value", _DAY),
    Rule(re.compile(r"\b(AND|OR|NOT|IS|HAS|BETWEEN)\b"), lambda m: m[0].lower(), "", _SMALL),
)  # fmt: skip


def meant(source: str) -> Iterator[Meant]:
    """What may have been meant: after each rule that changed something, the last one first."""
    found = [Meant(source)]
    for rule in _RULES:
        match = rule.written.search(found[-1].source)
        news = " ".join(rule.written.sub(rule.meant, found[-1].source).split())
        if match and news != found[-1].source:
            part = match[1] if match.re.groups == 1 and match[1] else match[0]
            said = rule.said.replace("{0}", part.strip())
            found.append(Meant(news, found[-1].code or rule.code, found[-1].said or said))
    yield from reversed(found[1:])
