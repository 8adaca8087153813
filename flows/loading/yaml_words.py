"""What is wrong when YAML cannot read a file, in words for someone who has never heard of YAML."""

from __future__ import annotations

import re

import yaml

from flows.loading.report import Report

_BARE = re.compile(r"(?<=[:,\[{-])(\s+)([*@%`][^\s,}\]]*)")
_BRACE_FIRST = re.compile(r":\s+\{[^}]*\}\s*[^\s,}\]#]")
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|(?<![^\s\[{,])'[^']*'|(?<!\S)#.*")
_COLON = re.compile(r":(?=\s|$)")
_SINGLE = re.compile(r"[:\[{,-]\s+'")
Told = tuple[int, str, str, str]  # line, second half of the code, message, fix


def bare_value(error: yaml.YAMLError, lines: list[str]) -> tuple[int, str, str] | None:
    """Line, value and mended line of a value that must stand in single quotes, if that is what went wrong."""
    for mark in (getattr(error, "problem_mark", None), getattr(error, "context_mark", None)):
        if mark is None or mark.line >= len(lines):
            continue
        text = lines[mark.line]
        hidden = _QUOTED.sub(lambda found: " " * len(found[0]), text)
        found = _BARE.search(hidden)
        if found:
            start, end = found.span(2)
            return mark.line + 1, text[start:end], f"{text[:start]}'{text[start:end]}'{text[end:]}"
    return None


def report_bare(line: int, value: str, report: Report) -> None:
    fix = f"Put it in single quotes: '{value}'."
    report.error(line, "yaml.bare", f"{value} cannot stand here without quotes.", fix)


def explain(error: yaml.YAMLError, lines: list[str], report: Report) -> None:
    """Reports ``error`` at the line that its author must change."""
    problem = str(getattr(error, "problem", "") or "")
    context = str(getattr(error, "context", "") or "")
    at = _line(getattr(error, "problem_mark", None), lines)
    since = _line(getattr(error, "context_mark", None), lines) if context else at
    line, code, message, fix = _unclosed(lines, at) or _by_problem(problem, context, (since, at), lines)
    report.error(line, f"yaml.{code}", message, fix)


def _line(mark: yaml.Mark | None, lines: list[str]) -> int:
    return min(mark.line + 1, max(len(lines), 1)) if mark else 1


def _unclosed(lines: list[str], until: int) -> Told | None:
    """The first line with an opening quote that is not closed, in it or in the line where reading stopped."""
    for number, text in enumerate(lines[:until], start=1):
        rest = _QUOTED.sub("", text)
        if '"' in rest:
            fix = 'Put a double quote at the end of the text; a quote inside it is written \\".'
            return number, "quote", "A text begins with a double quote here, and the quote is not closed.", fix
        if _SINGLE.search(rest):
            fix = "Put a single quote at its end."
            return number, "quote", "A value begins with a single quote here, and the quote is not closed.", fix
    return None


def _by_problem(problem: str, context: str, marks: tuple[int, int], lines: list[str]) -> Told:
    since, at = marks
    if "escape" in problem:
        return at, "escape", "A backslash in double quotes means something special.", "Write it twice: \\\\."
    if _BRACE_FIRST.search(lines[at - 1]):
        return at, "unquoted", "This text begins with a brace but does not stand in quotes.", "Put it in double quotes."
    if "mapping values" in problem:
        return _colons(at, lines)
    if "flow" in context or "',' or" in problem:
        message = "A bracket or brace is opened here, and what follows cannot be read."
        return since, "bracket", message, "Put a comma between the parts and close it with } or ]."
    if "':'" in problem:
        return _no_colon(since)
    if "expected key" in problem or "block end" in problem or "block" in context:
        return _indent(at)
    return at, "unreadable", "This line cannot be read.", "Compare it with the same line of a flow that works."


def _colons(at: int, lines: list[str]) -> Told:
    """A colon too many, or a line above that lacks its own, or a line that stands too far to the right."""
    before = next((n for n in range(at - 1, 0, -1) if _QUOTED.sub("", lines[n - 1]).strip()), 0)
    if before and not _COLON.search(_QUOTED.sub("", lines[before - 1])):
        return _no_colon(before)
    if len(_COLON.findall(_QUOTED.sub("", lines[at - 1]))) < 2:
        return _indent(at)
    message = "This line has more than one colon, so what belongs to what is not clear."
    return at, "colon", message, "Put words for the client in double quotes, or give each part a line of its own."


def _no_colon(line: int) -> Told:
    return line, "no_colon", "A colon is missing here.", "Write a name, a colon, a space and the value."


def _indent(line: int) -> Told:
    message = "This line does not stand under the lines it belongs to."
    return line, "indent", message, "Give lines that belong together the same number of spaces in front."
