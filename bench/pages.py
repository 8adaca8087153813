"""``python -m bench.pages RESULT.json PAGE.md …``: puts the tables of a run into pages, where they are named."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from bench.table import Table, filled


def fill(result: Any, pages: Iterable[Path]) -> None:
    """``result`` is what a run wrote as JSON."""
    tables = msgspec.convert(result["tables"], list[Table])
    by_name = {table.name: table for table in tables}
    for page in pages:
        page.write_text(filled(page.read_text(), by_name))


if __name__ == "__main__":
    fill(json.loads(Path(sys.argv[1]).read_text()), map(Path, sys.argv[2:]))
