"""What is wrong with the letters of a file, before anyone asks what they mean: tabs, encoding, unseen ones, size."""

from __future__ import annotations

import re

from flows.loading.report import Report

LARGEST = 100_000  # characters; the longest real flow has a tenth of it
_ENCODING = re.compile("\ufffd")
_CONTROL = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNSEEN = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_HARD_SPACE = re.compile("^ *\xa0[ \xa0]*", re.MULTILINE)


def scan(text: str, report: Report) -> str | None:
    """The text with what was reported made harmless, so that reading can go on; None when it is too large to read."""
    if len(text) > LARGEST:
        message = f"This file has {len(text):,} characters; {LARGEST:,} is the most."
        report.error(1, "file.too_large", message, "Split it into several flows.")
        return None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if text.startswith("\ufffd"):
        fix = 'Save the file again with the encoding "UTF-8".'
        report.error(1, "file.encoding", "This file is not in UTF-8.", fix)
        text = text[1:]
    text = _replace(_ENCODING, text, report, "encoding")
    text = _replace(_CONTROL, text, report, "control")
    text = _replace(_UNSEEN, text, report, "unseen")
    text = _replace(_HARD_SPACE, text, report, "hard_space")
    return _tabs(text, report)


def _tabs(text: str, report: Report) -> str:
    """At the beginning of a line a tab stands for as many spaces as the line above suggests; elsewhere for one."""
    if "\t" not in text:
        return text
    lines, below = text.split("\n"), 0
    for at, line in enumerate(lines):
        if "\t" in line:
            head = line[: len(line) - len(line.lstrip(" \t"))]
            leads = "\t" in head
            fix = f"Put {below} spaces in front of this line instead." if leads else "Use spaces instead."
            report.error(at + 1, "file.tab", "There is a tab in this line.", fix)
            lines[at] = " " * (below if leads else len(head)) + line[len(head) :].replace("\t", " ")
        words = lines[at].strip()
        if words and not words.startswith("#"):
            below = len(lines[at]) - len(lines[at].lstrip(" ")) + (2 if words.endswith((":", "|")) else 0)
    return "\n".join(lines)


_SAID = {
    "encoding": (
        "There are characters here that are not UTF-8.",
        'Save the file again with the encoding "UTF-8" and look at the accented letters in this line.',
    ),
    "control": ("There is a control character in this line, which no phone can show.", "Type the line again."),
    "unseen": (
        "There is a character in this line that cannot be seen, perhaps copied from another program.",
        "Type the line again instead of copying it.",
    ),
    "hard_space": ("This line begins with hard spaces, perhaps copied from another program.", "Use plain spaces."),
}


def _replace(what: re.Pattern[str], text: str, report: Report, name: str) -> str:
    if what.search(text) is None:
        return text
    for number, line in enumerate(text.split("\n"), start=1):
        if what.search(line):
            report.error(number, f"file.{name}", *_SAID[name])
    return what.sub(lambda found: " " * len(found[0]), text)
