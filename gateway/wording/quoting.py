"""Values as they are written into a words file."""

from __future__ import annotations

import re
from typing import Final

_PLAIN: Final = re.compile(r"[^\W\d_](?:[\w. -]*\w)?")
_ESCAPED: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def quoted(text: str) -> str:
    """What a client reads, in double quotes."""
    return '"' + "".join(_ESCAPED.get(char, char) for char in text) + '"'


def bare(word: str) -> str:
    """A key or a name: as it is, or in single quotes where YAML would take it for something else."""
    if _PLAIN.fullmatch(word) and " -" not in word:
        return word
    return "'" + word.replace("'", "''") + "'"


def as_block(text: str, there: str, line_end: str) -> str | None:
    """``text`` after the same ``|`` and as far in as what stands ``there``; None if a block cannot say it."""
    head, _, rest = there.partition("\n")
    first = re.search(r"^( +)\S", rest, re.MULTILINE)
    lines = text.split("\n")
    if first is None or head.rstrip() not in ("|", "|-") or any(line != line.strip() or not line for line in lines):
        return None
    return line_end.join([head.rstrip("\r"), *(first[1] + line for line in lines)])
