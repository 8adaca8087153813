"""The gateway process that ``njia serve`` runs, with the folder ``bench/sources`` beside the product's own sources."""

from __future__ import annotations

import sys
from pathlib import Path

from flows import sources
from gateway.web import serving


def extend() -> None:
    """Sources are found by folder: to be called before the first one is asked for."""
    sources.__path__.append(str(Path(__file__).with_name("sources")))


if __name__ == "__main__":
    extend()
    sys.exit(serving.main(sys.argv[1:]))
