"""The gateway process that ``njia serve`` runs, with the sources and banks of ``bench`` beside the product's own."""

from __future__ import annotations

import sys
from pathlib import Path

from adapters import banks
from flows import sources
from flows.loading import steps
from gateway.web import serving

HERE = Path(__file__).parent
LONGEST = 500  # steps of a flow, which the product does not take: does each of them cost something?


def extend() -> None:
    """Sources and banks are found by folder: to be called before the first one is asked for."""
    steps.MOST = LONGEST
    for package, name in ((sources, "sources"), (banks, "banks")):
        folder = str(HERE / name)
        if folder not in package.__path__:
            package.__path__.append(folder)


if __name__ == "__main__":
    extend()
    sys.exit(serving.main(sys.argv[1:]))
