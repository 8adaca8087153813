"""Laying a copy into a home: first what would change, then all of it or nothing.

Only what is not there already is written. A file that this version of Njia ships in the same words is left out, so that
the institution keeps getting the later ones. A link in the home becomes a file: nothing outside is changed.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flows.model import Institution
from gateway.copying.form import Copy
from gateway.home import Home
from gateway.publishing import gather
from gateway.settings.template import njia_toml

SETTINGS = "njia.toml"


class InTheWay(Exception):
    """Something lies where a file of the copy belongs; the text says where and what to do."""


@dataclass(frozen=True, slots=True)
class Change:
    """A file of the institution; ``before`` is None where there was none."""

    path: str
    before: str | None
    after: str


@dataclass(slots=True)
class Plan:
    """What an import would do, and what it would not."""

    folder: Path
    new: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: list[str] = field(default_factory=list)  # they lie there already
    shipped: list[str] = field(default_factory=list)  # Njia ships them in the same words
    others: list[str] = field(default_factory=list)  # in the home or shipped, and not in the copy: they stay
    settings: list[str] = field(default_factory=list)  # of this home, other than in the copy: they stay

    @property
    def changes(self) -> list[Change]:
        return [*self.new, *self.changed]


def plan(copy: Copy, folder: Path, institution: Institution | None) -> Plan:
    """What laying ``copy`` into ``folder`` would do. ``institution``: that of the home; None where no settings are yet.

    Raises InTheWay, UnreadableHome.
    """
    made, shipped = Plan(folder), _shipped()
    for path, text in copy.files.items():
        _lay(made, path, text, shipped.get(path))
    ours = gather(Home(folder if folder.is_dir() else None), _any(institution)).files
    made.others = sorted(ours.keys() - copy.files.keys())
    if institution is None:
        made.new.append(Change(SETTINGS, None, _settings(copy.manifest.institution)))
    else:
        here = json.loads(json.dumps(asdict(institution)))
        said = copy.manifest.institution
        made.settings = sorted(name for name in here.keys() | said.keys() if here.get(name) != said.get(name))
    return made


def _lay(made: Plan, path: str, text: str, shipped: str | None) -> None:
    before = _before(made.folder, path)
    if before == text:
        made.same.append(path)
    elif before is not None:
        made.changed.append(Change(path, before, text))
    elif text == shipped:
        made.shipped.append(path)
    else:
        made.new.append(Change(path, None, text))


def _before(folder: Path, path: str) -> str | None:
    """As a home reads it. Raises InTheWay."""
    place = folder / path
    for above in (folder, *(folder / part for part in list(Path(path).parents)[:-1])):
        if os.path.lexists(above) and not above.is_dir():
            raise InTheWay(f"{above} is no folder. Move it away, or choose another folder.")
    if not os.path.lexists(place):
        return None
    if not place.is_file():
        raise InTheWay(f"{place} is no file. Move it away, or choose another folder.")
    return place.read_bytes().decode("utf-8-sig", errors="replace")


def _shipped() -> dict[str, str]:
    return gather(Home(), _any(None)).files


def _any(institution: Institution | None) -> Institution:
    return institution or Institution(name="", short_name="")


def write(made: Plan) -> None:
    """All of it, or nothing: the files are written beside first, then moved, and moved back if one cannot be.

    Whoever is killed in between finds whole files, and does it again. Raises OSError.
    """
    fresh = not made.folder.exists()
    made.folder.mkdir(parents=True, exist_ok=True)
    try:
        with _beside(made.folder) as beside:
            for number, change in enumerate(made.changes):
                _write(beside / str(number), change.after)
            _move(made, beside)
    except BaseException:
        if fresh:
            shutil.rmtree(made.folder, ignore_errors=True)
        raise


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A folder that no home reads, on the same disk."""
    place = Path(tempfile.mkdtemp(prefix=".import-", dir=folder))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _write(path: Path, text: str) -> None:
    """As a home will read it again: a mark at the beginning of a text would be taken for the file's."""
    mark = codecs.BOM_UTF8 if text.startswith("\ufeff") else b""
    with path.open("xb") as file:
        file.write(mark + text.encode())
        file.flush()
        os.fsync(file.fileno())


def _move(made: Plan, beside: Path) -> None:
    done: list[tuple[Path, Path | None]] = []
    try:
        for number, change in enumerate(made.changes):
            place, kept = made.folder / change.path, None
            place.parent.mkdir(parents=True, exist_ok=True)
            if change.before is not None:
                kept = beside / f"{number}.before"
                shutil.copy2(place, kept, follow_symlinks=False)
            done.append((place, kept))
            (beside / str(number)).replace(place)
    except BaseException:
        for place, kept in reversed(done):
            if kept is not None:
                kept.replace(place)
            else:
                place.unlink(missing_ok=True)
        raise


def _settings(institution: dict[str, Any]) -> str:
    """A first ``njia.toml`` with what the release says of the institution. What a payment costs stands with its wallet,
    which is not in a copy."""
    text = njia_toml()
    for name, value in institution.items():
        if name == "tariff":
            continue
        found = re.search(rf"^(# )?{re.escape(name)} = .*$", text, re.MULTILINE)
        if found:
            text = f"{text[: found.start()]}{name} = {_toml(value)}{text[found.end() :]}"
    return text


def _toml(value: Any) -> str:
    """JSON's texts, numbers and lists are TOML's, but for one sign."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml(one)}' for key, one in value.items())} }}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
