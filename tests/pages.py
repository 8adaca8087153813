"""The pages of the guide as scripts: what a reader types and writes, from the top of a page to its end.

How a page is written, so that it can be run:

* ```sh is typed: all of a page in one shell, and each block must succeed (```sh exits=1: must end with that code);
* ```text right after it is what it prints. ``…`` stands for anything in a line, alone on a line for any lines;
* a block whose first line is ``# some/path.ext`` is that file, written where the page's shell stands;
* ```python without a path is executed; ```console and every other ```text are only shown.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```(\w+)[ \t]*([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"# ([\w./-]+\.\w+)")
MARK, END = "@@block", "@@end"
ANYTHING = "…"


@dataclass(frozen=True, slots=True)
class Block:
    page: str
    line: int
    language: str
    attributes: str
    text: str
    after: int  # the line after the block

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def path(self) -> str:
        """The file that this block is, or nothing."""
        found = PATH.fullmatch(self.text.partition("\n")[0])
        return found[1] if found and self.language not in ("sh", "console") else ""


def blocks(file: Path) -> list[Block]:
    text = file.read_text(encoding="utf-8")
    name = file.relative_to(ROOT).as_posix()
    return [
        Block(name, _line(text, found.start()), found[1], found[2], found[3], _line(text, found.end()) + 1)
        for found in FENCE.finditer(text)
    ]


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def script(page: list[Block]) -> str:
    """Everything that a reader does on this page, for bash."""
    return "\n".join(["set -e", *(part for n, block in enumerate(page) for part in _typed(n, block))]) + "\n"


def _typed(n: int, block: Block) -> Iterator[str]:
    yield f"printf '\\n{MARK} {n}\\n'"
    if block.path:
        yield f"mkdir -p {Path(block.path).parent}"
        yield f"cat > {block.path} <<'{END}'\n{block.text}{END}"
    elif block.language == "python":
        yield f"python - <<'{END}'\n{block.text}{END}"
    elif block.language == "sh":
        wanted = re.search(r"exits=(\d+)", block.attributes)
        yield f"set +e\n{block.text}[ $? -eq {wanted[1]} ] || exit 99\nset -e" if wanted else block.text


def play(page: list[Block], folder: Path, environment: Mapping[str, str], url: str = "") -> list[str]:
    """Does all of it in ``folder``; what went another way than the page says. ``url``: of the gateway that runs."""
    text = script(page).replace("http://127.0.0.1:8384", url or "http://127.0.0.1:8384")
    run = subprocess.run(
        ["/bin/bash", "-c", text], cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=120,
    )  # fmt: skip
    printed = {int(n): out for n, out in re.findall(rf"^{MARK} (\d+)\n(.*?)(?=^{MARK} |\Z)", run.stdout, re.M | re.S)}
    if run.returncode != 0:
        last = max(printed)
        return [f"{page[last].place} failed ({run.returncode}) and printed:\n{printed[last]}"]
    pairs = [(n, block, after) for n, (block, after) in enumerate(pairwise(page))]
    return [
        f"{after.place} says\n{after.text}\nbut there came\n{printed[n]}"
        for n, block, after in pairs
        if block.language == "sh" and after.language == "text" and not after.path
        if after.line <= block.after + 1 and not fits(after.text, printed[n])
    ]


def fits(expected: str, printed: str) -> bool:
    """Whether this was printed, ``…`` standing for anything. Blanks at the ends of lines do not count."""
    form = "".join(
        r"(?:.*\n)*" if line == ANYTHING else ".*".join(map(re.escape, line.split(ANYTHING))) + r"\n"
        for line in _lines(expected)
    )
    return re.fullmatch(form, "".join(f"{line}\n" for line in _lines(printed))) is not None


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").split("\n")]
