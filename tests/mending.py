"""Does what a finding says that should be written, to the letter: as somebody would who does not think about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import SequenceMatcher

from flows.faults import Fault

Follow = Callable[[str, Fault, re.Match[str]], str]


def mended(text: str, fault: Fault) -> str | None:
    """The file as it is when the fix of ``fault`` was followed; None where that takes thought."""
    for pattern, follow in _FIXES:
        found = re.search(pattern, fault.fix, re.DOTALL)
        if found:
            return follow(text, fault, found)
    return None


def _swap(text: str, line: int, change: Callable[[str], str]) -> str:
    lines = text.split("\n")
    lines[line - 1] = change(lines[line - 1])
    return "\n".join(lines)


def _meant(text: str, fault: Fault, found: re.Match[str]) -> str:
    """``Did you mean "…"?``: in place of what the message quotes and the line holds."""
    line = text.split("\n")[fault.line - 1]
    quoted = [one for one in re.findall(r'"([^"]*)"', fault.message) if one and one in line and one != found[1]]
    wrong = max(quoted, key=lambda one: SequenceMatcher(None, one.casefold(), found[1].casefold()).ratio())
    places = list(re.finditer(rf"(?<![\w.]){re.escape(wrong)}(?![\w.])", line))
    start, end = places[-1].span()
    return _swap(text, fault.line, lambda one: one[:start] + found[1] + one[end:])


def _condition(text: str, fault: Fault, found: re.Match[str]) -> str:
    inside = r"(only if: ).*?(?=(?:\s*\}\s*$)|(?:, \w+(?: \w+)?: )|$)"
    return _swap(text, fault.line, lambda one: re.sub(inside, lambda key: key[1] + found[1], one, count=1))


def _guarded(text: str, fault: Fault, found: re.Match[str]) -> str:
    """``only if`` on the step, in place of the one that it has; and the step below it that the fix names."""
    lines = text.split("\n")
    at = next(n for n, line in enumerate(lines) if re.match(rf"  {fault.step}:", line))
    end = next((n for n in range(at + 1, len(lines)) if not lines[n].startswith("   ")), len(lines))
    step = [line for line in lines[at:end] if not re.match(r"    only if:", line)]
    if "{" in step[0]:
        step[0] = re.sub(r"\}\s*$", f", {found[1]}}}", re.sub(r", only if: [^,}]*", "", step[0]))
    else:
        step.insert(1, f"    {found[1]}")
    below = re.search(r"(\w+_else: \{end: )\"…\"\}", fault.fix)
    return "\n".join([*lines[:at], *step, *([f'  {below[1]}"Well."}}'] if below else []), *lines[end:]])


def _above(text: str, fault: Fault, found: re.Match[str]) -> str:
    """A step of its own above; a question then does without the name that it had."""
    lines = text.split("\n")
    at = next(n for n, line in enumerate(lines) if re.match(rf"  {fault.step}:", line))
    name = re.search(r"only if: (\S+) is", found[1])
    if name and "not in this question" in fault.fix:
        lines[fault.line - 1] = lines[fault.line - 1].replace(f"{{{name[1]}}}", "it")
    return "\n".join([*lines[:at], f"  above: {found[1].replace('…', 'Well.')}", *lines[at:]])


def _written(text: str, fault: Fault, found: re.Match[str]) -> str:
    """``Write key: value``: in place of what stands at the key, in its line or in those that belong to it."""
    key, value = found[1], (found[2] or "").strip()
    value = re.sub(r", or .*$", "", value) if value.startswith("{") else value
    value = value[:-1] if value.endswith(".") else value
    lines, at = text.split("\n"), fault.line - 1
    alone = value.lower().startswith(f'"{key}')  # words without a name before them
    while at and not alone and not re.search(rf"(?<!\w){re.escape(key)}(?!\w)", lines[at]):
        at -= 1
    line = lines[at]
    head = line[: len(line) - len(line.lstrip())]
    if line.lstrip().startswith(key):
        end = next((n for n in range(at + 1, len(lines)) if not lines[n].startswith(f"{head} ")), len(lines))
        rest = lines[end:] if value else lines[at + 1 :]
        return "\n".join([*lines[:at], f"{head}{key}: {value}".rstrip(), *rest])
    inside = rf"\"?(?<!\w){re.escape(key)}(?!\w)\"?\s*:?.*?(?=(?:,\s*\"?[A-Za-z][\w ]*\"?:)|(?:\}}*\s*$))"
    if not re.search(inside, line):
        inside = re.escape(value)  # the words without a name
    lines[at] = re.sub(inside, lambda _: f"{key}: {value}", line, count=1)
    return "\n".join(lines)


def _quoted(text: str, fault: Fault, found: re.Match[str]) -> str:
    return _swap(text, fault.line, lambda line: line.replace(found[1].strip("'"), found[1], 1))


def _bare(text: str, fault: Fault, found: re.Match[str]) -> str:
    return _swap(text, fault.line, lambda line: re.sub(rf'"{re.escape(found[1])}"', found[1], line, count=1))


def _added(text: str, fault: Fault, found: re.Match[str]) -> str:
    return text.rstrip("\n") + "\n" + found[1].replace('"…"', '"Maneno ya kwao."') + "\n"


def _instead(text: str, fault: Fault, found: re.Match[str]) -> str:
    wrong = re.findall(r'"([^"]*)"', fault.message)[0]
    return _swap(text, fault.line, lambda line: line.replace(wrong, found[1], 1))


def _spaces(text: str, fault: Fault, found: re.Match[str]) -> str:
    return _swap(text, fault.line, lambda line: " " * int(found[1]) + line.lstrip())


def _further(text: str, fault: Fault, found: re.Match[str]) -> str:
    for line in range(int(found[1]), int(found[2] or found[1]) + 1):
        text = _swap(text, line, lambda one: f"  {one}")
    return text


def _edge(text: str, fault: Fault, found: re.Match[str]) -> str:
    return _swap(text, fault.line, lambda line: f"  {line.lstrip()}")


def _all_below(text: str, fault: Fault, found: re.Match[str]) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[: fault.line], *(f"  {line}" if line else "" for line in lines[fault.line :])])


def _plain_spaces(text: str, fault: Fault, found: re.Match[str]) -> str:
    return _swap(text, fault.line, lambda line: line.replace("\xa0", " "))


def _no_dash(text: str, fault: Fault, found: re.Match[str]) -> str:
    return _swap(text, fault.line, lambda line: line.replace("- ", "", 1))


def _in_braces(text: str, fault: Fault, found: re.Match[str]) -> str:
    wrong = re.match(r"\{\{?[^}]*\}\}?", fault.message)
    assert wrong
    return _swap(text, fault.line, lambda line: line.replace(wrong[0], found[1], 1))


_FIXES: tuple[tuple[str, Follow], ...] = (
    (r"^Write: (.+)$", _condition),
    (r"^Put (\d+) spaces in front of (?:it|this line)", _spaces),
    (r"^Put two more spaces in front of (?:the lines |line )(\d+)(?: to (\d+))?", _further),
    (r"^Put two spaces in front of this line", _edge),
    (r"^Put two spaces in front of every line below it", _all_below),
    (r"^Use plain spaces", _plain_spaces),
    (r"^Take the dash away", _no_dash),
    (r"^Write (\{[\w.]+\})[.:]", _in_braces),
    (r'Did you mean "([^"]*)"\?', _meant),
    (r'(?:^|: | )[Ww]rite "(only if: [^"]*)" here', _guarded),
    (r'(\{(?:say|end): "…", only if: [^}]*\})', _above),
    (r"single quotes: ('[^']*')\.$", _quoted),
    (r"double quotes away: (.*)\.$", _bare),
    (r"(?:Add this line|here too)[^:]*: (.+)$", _added),
    (r'^Write "([^"]*)" instead\.$', _instead),
    (r"(?:^|\. )Write ([A-Za-z][\w. ]*?):(?: ([^…]*))?$", _written),
)
