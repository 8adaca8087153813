"""``conversations/<flow>/*.txt``: what was said, as a plain transcript that a test plays. Anyone can write one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from flows.faults import Fault, listed, suggest
from flows.loading.report import Report
from flows.loading.scan import scan
from flows.loading.source import SourceFile

STRANGER = "Somebody"  # a phone that nobody is known by; never in people.yaml
CHANNELS = ("ussd", "sms", "whatsapp", "voice")
SECRETS = ("PIN", "wrong PIN", "new PIN", "code", "wrong code", "number", "wrong number", "case")
_TIME = r"\+\d{1,4} (?:second|minute|min|hour|day|week)s?"
EVENTS = {  # what can follow @, and how the rest of the line reads
    "hang up": "",
    "time out": "",
    "redial": "",
    "clock": _TIME,
    "wait": _TIME.removeprefix(r"\+"),
    "bank down": "",
    "bank slow": "",
    "bank up": "",
    "record down": "",
    "record up": "",
    "activate": "",
    "registered": "",
    "wallet": r"paid [A-Z0-9]+|declined|refused|silent",
    "event": r"[a-z][a-z ]*",
    "staff": r".+",
}


_EXAMPLES = {
    "clock": " +3 days",
    "wait": " 3 days",
    "wallet": " paid SJK7TEST01",
    "event": " loan disbursed",
    "staff": " hello",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """``> text``. ``secret`` names what stands for it (``> (PIN)``); ``text`` is then empty."""

    line: int
    text: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """The screen that must come next, line by line; ``at``: the number of each of its lines in the file."""

    line: int
    lines: tuple[str, ...]
    at: tuple[int, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Happens:
    """``@clock +3 days``: something from outside, and how much of it."""

    line: int
    event: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Sms:
    """``sms: …`` that the same phone receives, or ``sms to NAME: …``."""

    line: int
    text: str
    to: str = ""


Turn = Typed | Shown | Happens | Sms


@dataclass(frozen=True, slots=True)
class Conversation:
    """One transcript. ``person`` is a name of people.yaml."""

    file: str
    person: str
    channel: str
    language: str
    turns: tuple[Turn, ...] = field(default=())


def load_conversations(
    files: Iterable[SourceFile], people: Collection[str], languages: Collection[str]
) -> tuple[list[Conversation], list[Fault]]:
    """All transcripts that can be played, and everything that is wrong with the others."""
    found, faults = [], []
    for source in files:
        report = Report(source.path)
        conversation = _read(source, people, languages, report)
        if conversation and not report.faults:
            found.append(conversation)
        faults += report.faults
    return found, sorted(faults)


def _read(
    source: SourceFile, people: Collection[str], languages: Collection[str], report: Report
) -> Conversation | None:
    text = scan(source.text, report)
    lines = [(n, line.rstrip()) for n, line in enumerate((text or "").split("\n"), start=1)]
    said = [(n, line) for n, line in lines if line and not line.startswith("#")]
    if not said:
        report.error(1, "conversation.empty", "Nothing is said here.", 'Begin with "Akinyi, ussd, en".')
        return None
    person, channel, language = _header(*said[0], people, languages, report)
    turns = _turns(said if said[0][1][0] in ">@" else said[1:], people, report)
    _check_order(turns, said[0][0], report)
    return Conversation(source.path, person, channel, language, turns)


def _header(
    line: int, text: str, people: Collection[str], languages: Collection[str], report: Report
) -> tuple[str, str, str]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 3:
        message = "The first line says who talks, on which channel and in which language."
        report.error(line, "conversation.header", message, "Write, for instance: Akinyi, ussd, en")
        return ("", "", "")
    person, channel, language = parts
    known_by = {"person": (*people, STRANGER) if people else (), "channel": CHANNELS, "language": languages}
    for word, (what, known) in zip(parts, known_by.items(), strict=True):
        if known and word not in known:
            report.error(line, f"conversation.{what}", f'There is no {what} "{word}".', suggest(word, known))
    return person, channel, language


def _turns(said: list[tuple[int, str]], people: Collection[str], report: Report) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    for line, text in said:
        turn = _turn(line, text, people, report)
        last = turns[-1] if turns else None
        if isinstance(turn, Shown) and isinstance(last, Shown):
            turns[-1] = Shown(last.line, (*last.lines, *turn.lines), (*last.at, *turn.at))
        elif turn:
            turns.append(turn)
    return tuple(turns)


def _turn(line: int, text: str, people: Collection[str], report: Report) -> Turn | None:
    if text.startswith(">"):
        return _typed(line, text[1:].strip(), report)
    if text.startswith("@"):
        return _happens(line, text[1:].strip(), report)
    sms = re.fullmatch(r"sms(?: to ([^:]+))?: ?(.*)", text)
    if sms is None:
        return Shown(line, (text,), (line,))
    if sms[1] and people and sms[1] not in people:
        report.error(line, "conversation.person", f'There is no person "{sms[1]}".', suggest(sms[1], people))
    return Sms(line, sms[2], sms[1] or "")


def _typed(line: int, text: str, report: Report) -> Typed:
    secret = re.fullmatch(r"\((.+)\)", text)
    if secret is None:
        return Typed(line, text)
    if secret[1] not in SECRETS:
        fix = suggest(secret[1], SECRETS, f"In brackets stands one of these: {listed(SECRETS)}.")
        report.error(line, "conversation.secret", f'"({secret[1]})" does not stand for anything.', fix)
    return Typed(line, "", secret[1])


def _happens(line: int, text: str, report: Report) -> Happens | None:
    event = next((name for name in EVENTS if text == name or text.startswith(f"{name} ")), None)
    if event is None:
        known = [f"@{name}" for name in EVENTS]
        report.error(line, "conversation.event", f'"@{text}" is nothing that can happen.', suggest(f"@{text}", known))
        return None
    rest = text.removeprefix(event).strip()
    if not re.fullmatch(EVENTS[event], rest):
        fix = f"Write @{event}{_EXAMPLES.get(event, '')}."
        report.error(line, "conversation.event", f'"@{text}" cannot be read.', fix)
    return Happens(line, event, rest)


def _check_order(turns: tuple[Turn, ...], line: int, report: Report) -> None:
    """Nothing is shown before somebody dials, writes, or something happens."""
    if not turns:
        report.error(line, "conversation.empty", "Nothing is said here.", "Write what is typed: > *384*7#")
    elif isinstance(turns[0], Shown):
        fix = "Begin with what is typed: > *384*7#"
        report.error(turns[0].line, "conversation.order", "A screen is expected before anything was typed.", fix)
