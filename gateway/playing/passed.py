"""Which conversations came as they are written, on which release: what was played once need not be played again.

A note names everything that the outcome hangs on: the release, the files of the conversations, the people in them, the
settings, and our own code. It lies in the data folder, so that a test run just before a publication counts there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from gateway.playing.running import Repertoire
from gateway.settings import Settings

FILE = "played.json"
KEPT = 20  # notes
PACKAGES = ("flows", "adapters", "gateway", "worker")


def mark(release: str, repertoire: Repertoire, settings: Settings) -> str:
    """A name for these conversations on this release."""
    about = [release, _code(), repr(replace(settings, data=Path(), home=None)), repr(repertoire.people)]
    about += [part for path in sorted(repertoire.files) for part in (path, repertoire.files[path].text)]
    made = hashlib.blake2b(digest_size=16)
    for part in about:
        made.update(hashlib.blake2b(part.encode()).digest())
    return made.hexdigest()


def passed(data: Path, name: str) -> int | None:
    """How many conversations came as they are written; None if this was never seen."""
    count = _notes(data).get(name)
    return count if isinstance(count, int) else None


def note(data: Path, name: str, count: int) -> None:
    """All of them came as they are written. Where there is no data folder yet, nothing is kept."""
    if not data.is_dir():
        return
    notes = {old: n for old, n in _notes(data).items() if old != name}
    kept = dict([*notes.items(), (name, count)][-KEPT:])
    beside = data / f"{FILE}.{os.getpid()}"
    with contextlib.suppress(OSError):  # then they are played again
        beside.write_text(json.dumps(kept, indent=1))
        beside.replace(data / FILE)


def _notes(data: Path) -> dict[str, Any]:
    try:
        found = json.loads((data / FILE).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@cache
def _code() -> str:
    """Names our own program: any file of it that is another makes another name."""
    root = Path(__file__).resolve().parents[2]
    files = sorted(path for name in PACKAGES for path in (root / name).rglob("*") if path.suffix in (".py", ".yaml"))
    stats = [(path.relative_to(root).as_posix(), path.stat()) for path in files]
    return repr([(name, found.st_size, found.st_mtime_ns) for name, found in stats])
