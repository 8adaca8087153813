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
PAGES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")), *sorted(ROOT.glob("docs/*.md"))]
TEXTS = {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in PAGES}
FENCE = re.compile(r"^```(\w+)[ \t]*([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"# ([\w./-]+\.\w+)")
MARK, END = "@@block", "@@end"
ANYTHING = "…"
DEFAULT = "http://127.0.0.1:8384"  # where the guide says that a gateway is


@dataclass(frozen=True, slots=True)
class Block:
    page: str
    line: int
    language: str
    attributes: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def path(self) -> str:
        """The file that this block is, or nothing."""
        found = PATH.fullmatch(self.text.partition("\n")[0])
        return found[1] if found and self.language not in ("sh", "console") else ""

    def tells_of(self, before: Block) -> bool:
        """Whether this is what the block before it prints."""
        follows = self.line == before.line + before.text.count("\n") + 2
        return follows and before.language == "sh" and self.language == "text" and not self.path


def blocks(page: str) -> list[Block]:
    text = TEXTS[page]
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2], found[3])
        for found in FENCE.finditer(text)
    ]


BLOCKS = {page: blocks(page) for page in TEXTS}


def script(page: str) -> str:
    """Everything that a reader does on this page, for bash."""
    parts = [part for n, block in enumerate(BLOCKS[page]) for part in _typed(n, block)]
    return "\n".join(["set -e", *parts]) + "\n"


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


def play(page: str, folder: Path, environment: Mapping[str, str], url: str = DEFAULT) -> list[str]:
    """Does all of it in ``folder``; what went another way than the page says. ``url``: of the gateway that runs."""
    run = subprocess.run(
        ["/bin/bash", "-c", script(page).replace(DEFAULT, url)],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=420,  # seconds; far more than a page takes, however slow the machine
    )
    found = re.findall(rf"^{MARK} (\d+)\n(.*?)(?=^{MARK} |\Z)", run.stdout, re.MULTILINE | re.DOTALL)
    printed = [out for _, out in found]
    if run.returncode != 0:
        last = BLOCKS[page][len(printed) - 1]
        return [f"{last.place} failed with code {run.returncode} and printed:\n{printed[-1]}"]
    return [
        f"{told.place} says\n{told.text}\nbut there came\n{printed[n]}"
        for n, (block, told) in enumerate(pairwise(BLOCKS[page]))
        if told.tells_of(block) and not fits(told.text, printed[n])
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
