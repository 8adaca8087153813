"""What is wrong when YAML cannot read a file, in words for someone who has never heard of YAML."""

from __future__ import annotations

import re

import yaml

from flows.loading.meant import in_quotes
from flows.loading.report import Report
from flows.loading.shape import COMMON, HEADER, HEADER_MAY, STARTS, STEPS

_BARE = re.compile(r"(?<=[:,\[{-])(\s+)([*@%`][^\s,}\]]*)")
_BRACE_FIRST = re.compile(r":\s+\{[^}]*\}\s*[^\s,}\]#]")
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|(?<![^\s\[{,])'[^']*'|(?<!\S)#.*")
LONGEST = 1_000  # letters of a value that somebody wrote by hand, and may be told to write in another way
_COLON = re.compile(r":(?=\s|$)")
_SINGLE = re.compile(r"[:\[{,-]\s+'")
FOR_CLIENTS = {"as", "invite", "label", "from", "to", "show", "change", "done"} | {
    kind for kind, shape in STEPS.items() if shape.text
}
_OF_STEPS = {key for shape in STEPS.values() for key in (*shape.needs, *shape.may)}
_KEYS = sorted({*HEADER, *HEADER_MAY, *STARTS, *STEPS, *COMMON, *_OF_STEPS}, key=len, reverse=True)
_LINE = re.compile(r"(\s*(?:- )?)([A-Za-z_][\w ?-]*?):\s+(.*)")
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
            line = _LINE.fullmatch(text)
            if line and line[2] in FOR_CLIENTS and line.start(3) == start:
                return mark.line + 1, line[3], f"{text[:start]}{in_quotes(line[3].strip())}"
            return mark.line + 1, text[start:end], f"{text[:start]}'{text[start:end]}'{text[end:]}"
    return None


def report_bare(line: int, value: str, mended: str, report: Report) -> None:
    fix = f"Put it in single quotes: '{value}'."
    if mended.endswith('"'):
        key = mended.strip().partition(":")[0]
        fix = f"Write {key}: {in_quotes(value.strip())}"
        report.error(line, "quotes.for_clients", "What a client reads stands in double quotes.", fix)
        return
    report.error(line, "yaml.bare", f"{value} cannot stand here without quotes.", fix)


def explain(error: yaml.YAMLError, lines: list[str], report: Report) -> None:
    """Reports ``error`` at the line that its author must change."""
    problem = str(getattr(error, "problem", "") or "")
    context = str(getattr(error, "context", "") or "")
    at = _line(getattr(error, "problem_mark", None), lines)
    since = _line(getattr(error, "context_mark", None), lines) if context else at
    told = _unclosed(lines, at) or _in_line(lines, at) or _by_problem(problem, context, (since, at), lines)
    line, code, message, fix = told
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


def _in_line(lines: list[str], at: int) -> Told | None:
    """What the line itself tells, or the one above it: more surely than where YAML stopped."""
    for number in (at, at - 1):
        told = _slip(lines[number - 1], lines[number - 2] if number > 1 else "") if number > 0 else None
        if told:
            return (number, *told)
    return None


def _slip(text: str, above: str) -> tuple[str, str, str] | None:
    """Code, message and fix."""
    line, bare = _LINE.fullmatch(text), text.strip()
    if re.match(r"\s*[\w ]+:\xa0", text):
        return (
            "hard_space",
            "A hard space stands after the colon, perhaps copied from another program.",
            "Use plain spaces.",
        )
    if stepped := re.fullmatch(r"([A-Za-z_][\w.]*) +(\{.*\})", bare):
        return "no_colon", "A colon is missing here.", f"Write {stepped[1]}: {stepped[2]}"
    if above.rstrip().endswith("|") and bare and not _deeper(text, above):
        deep = len(above) - len(above.lstrip(" ")) + 2
        message = "This text belongs to the | above it, and does not stand further to the right."
        return "indent", message, f"Put {deep} spaces in front of it."
    if bare.startswith("- ") and _LINE.fullmatch(bare[2:]):
        return "dash", "A dash begins a list, and none is wanted here.", "Take the dash away."
    if joined := re.match(r"\s*([A-Za-z_][\w ]*):(?=[^\s:/])(.+)", text):
        message = f'After "{joined[1]}:" a space is missing.'
        return "no_colon", message, f"Write {joined[1]}: {joined[2].strip()}"
    return _in_value(line[2].strip(), line[3].strip()) if line else None


def _deeper(text: str, above: str) -> bool:
    return len(text) - len(text.lstrip(" ")) > len(above) - len(above.lstrip(" "))


def _in_value(key: str, value: str) -> tuple[str, str, str] | None:
    if len(value) > LONGEST:
        return None
    if key in FOR_CLIENTS and value.startswith('"') and not re.fullmatch(r'"(?:\\.|[^"\\])*"\s*(?:#.*)?', value):
        if value.endswith('",'):
            return "quote", "A comma stands after the text.", f"Write {key}: {value[:-1]}"
        inside = value[1:].removesuffix('"').replace('\\"', '"')
        inside = inside if value.endswith('"') else inside.replace('"', "")
        message = "The text ends at its second double quote, and more stands behind it."
        return "quote", message, f"Write {key}: {in_quotes(inside)}"
    if key in FOR_CLIENTS and value.startswith("''"):
        message = "Two single quotes are no double quote."
        return "quote", message, f"Write {key}: {in_quotes(value.strip(chr(39)))}"
    if key == "only if" and (":" in value or value.startswith("{")):
        meant = re.sub(r"[{}]", "", value).replace(":", " is")
        return "colon", "A condition has neither colons nor braces.", f"Write only if: {' '.join(meant.split())}"
    if key in FOR_CLIENTS and value[:1] not in ("", '"', "'", "|", ">") and ("{" in value or _COLON.search(value)):
        code = "unquoted" if value.startswith("{") else "colon"
        return code, "What a client reads stands in double quotes.", f"Write {key}: {in_quotes(value)}"
    if (inner := _LINE.fullmatch(value)) and inner[2] not in ("http", "https"):
        return "colon", "Two names stand in one line.", f"Write {key}: {{{value}}}"
    if value.startswith("(") and value.endswith(")"):
        return "bracket", "Names and values stand in braces.", f"Write {key}: {{{value[1:-1]}}}"
    return None


def _by_problem(problem: str, context: str, marks: tuple[int, int], lines: list[str]) -> Told:
    since, at = marks
    if "escape" in problem or "hex" in problem:
        return at, "escape", "A backslash in double quotes means something special.", "Write it twice: \\\\."
    if _BRACE_FIRST.search(lines[at - 1]):
        return at, "unquoted", "This text begins with a brace but does not stand in quotes.", "Put it in double quotes."
    if "mapping values" in problem:
        return _colons(at, lines)
    if "flow" in context or "',' or" in problem:
        message = "A bracket or brace is opened here, and what follows cannot be read."
        return since, "bracket", message, "Put a comma between the parts and close it with } or ]."
    if "':'" in problem:
        return _no_colon(since, lines)
    if "expected key" in problem or "block end" in problem or "block" in context:
        return _indent(at)
    return at, "unreadable", "This line cannot be read.", "Compare it with the same line of a flow that works."


def _colons(at: int, lines: list[str]) -> Told:
    """A colon too many, or a line above that lacks its own, or a line that stands too far to the right."""
    before = next((n for n in range(at - 1, 0, -1) if _QUOTED.sub("", lines[n - 1]).strip()), 0)
    if before and not _COLON.search(_QUOTED.sub("", lines[before - 1])):
        return _no_colon(before, lines)
    if len(_COLON.findall(_QUOTED.sub("", lines[at - 1]))) < 2:
        return _indent(at)
    message = "This line has more than one colon, so what belongs to what is not clear."
    return at, "colon", message, "Put words for the client in double quotes, or give each part a line of its own."


def _no_colon(line: int, lines: list[str]) -> Told:
    text = lines[line - 1].strip()
    if slip := _slip(lines[line - 1], ""):
        return (line, *slip)
    key = next((key for key in _KEYS if text == key or text.startswith(f"{key} ")), None)
    fix = "Write a name, a colon, a space and the value."
    if key:
        fix = f"Write {key}: {text.removeprefix(key).strip()}" if text != key else f"Write {key}:"
    elif re.fullmatch(r"[A-Za-z_]\w*", text):
        fix = f"Write {text}:"
    return line, "no_colon", "A colon is missing here.", fix


def _indent(line: int) -> Told:
    message = "This line does not stand under the lines it belongs to."
    return line, "indent", message, "Give lines that belong together the same number of spaces in front."
