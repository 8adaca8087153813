"""Starting one of our own modules as a process, from a checkout or from an installed wheel alike."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def command(module: str, *arguments: str) -> list[str]:
    """The command line. ``-P``: what lies in the current folder is never imported, whatever it is called."""
    return [sys.executable, "-P", "-m", module, *arguments]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our own environment, with the place of our packages first, as we may run from a checkout not installed."""
    here = str(Path(__file__).resolve().parents[2])
    paths = [here, *(path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and path != here)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **(extra or {})}
