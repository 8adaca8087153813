"""The gateway process, counting what is called in it: ``python -m bench.counting FD``, served by ``bench.price``.

For every line on standard input it answers with what was called since the line before, once nothing is under way.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from bench.serving import extend
from gateway.web import serving

ROOT = Path(__file__).resolve().parents[1]
OURS = tuple(f"{ROOT / name}/" for name in ("flows", "adapters", "gateway", "worker"))
STILL = 0.004  # seconds without a call: what was asked for is done
TOP = 40


class Counts:
    """Calls by the function that was called, and for functions in C by the one that called them."""

    def __init__(self) -> None:
        self._by: Counter[CodeType] = Counter()

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        if event in ("call", "c_call"):
            self._by[frame.f_code] += 1

    def taken(self) -> dict[str, Any]:
        """What was called since the last time, once all is still."""
        while not self._still():
            pass
        by, self._by = self._by, Counter()
        ours = sum(count for code, count in by.items() if code.co_filename.startswith(OURS))
        top = [(_name(code), count) for code, count in by.most_common(TOP)]
        return {"ours": ours, "all": by.total(), "top": top, "blocks": _blocks()}

    def _still(self) -> bool:
        before = self._by.total()
        time.sleep(STILL)
        return self._by.total() == before


def _blocks() -> int:
    """Pieces of memory that are in use, without what only waits for the collector."""
    gc.collect()
    return sys.getallocatedblocks()


def _name(code: CodeType) -> str:
    return f"{'/'.join(Path(code.co_filename).parts[-2:])} {code.co_qualname}"


def _answer(counts: Counts) -> None:
    for _ in sys.stdin:
        print(json.dumps(counts.taken()), flush=True)


if __name__ == "__main__":
    extend()
    counting = Counts()
    threading.Thread(target=_answer, args=(counting,), daemon=True).start()
    sys.setprofile(counting)  # of this thread, in which all turns are taken
    sys.exit(serving.main(sys.argv[1:]))
