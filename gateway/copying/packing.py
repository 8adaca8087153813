"""Writing a copy: the same release gives the same bytes, on every computer and every day."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from gateway.copying.form import BESIDE, FORM, MANIFEST, MOST_BYTES, MOST_FILES, Manifest, digest, is_place
from gateway.home import Home
from gateway.publishing import Sources

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip knows
READABLE = (stat.S_IFREG | 0o644) << 16
UNIX = 3


class CannotBeCopied(Exception):
    """This release does not fit into a copy; the text says why and what to do."""


def pack(about: Manifest, sources: Sources, beside: Mapping[str, str]) -> bytes:
    """The zip. ``beside``: conversations and people that go along. Raises CannotBeCopied."""
    files = {**sources.files, **beside}
    about.form, about.institution = FORM, dict(sources.institution)
    about.files = {path: digest(files[path]) for path in sorted(files)}
    told = msgspec.json.format(msgspec.json.encode(about, order="deterministic"), indent=1) + b"\n"
    packed = {MANIFEST: told} | {path: files[path].encode() for path in sorted(files)}
    _fits(packed)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:  # packers differ, and their bytes with them
        for path, data in packed.items():
            entry = zipfile.ZipInfo(path, FIRST_DAY)
            entry.create_system, entry.external_attr = UNIX, READABLE
            archive.writestr(entry, data)
    return target.getvalue()


def _fits(packed: Mapping[str, bytes]) -> None:
    odd = [path for path in packed if path != MANIFEST and not is_place(path)]
    if odd:
        raise CannotBeCopied(
            f"{odd[0]}: another computer cannot have a file of this name. Rename it, and publish again."
        )
    if len(packed) > MOST_FILES or sum(map(len, packed.values())) > MOST_BYTES:
        raise CannotBeCopied(
            f"A copy holds {MOST_FILES} files and {MOST_BYTES >> 20} MiB at most; this release is larger."
        )


def lying_beside(home: Path | None) -> dict[str, str]:
    """The conversations and people of the institution itself; those that are shipped are everywhere."""
    if home is None:
        return {}
    ours, shipped = _beside(Home(home)), _beside(Home())
    return {path: text for path, text in ours.items() if shipped.get(path) != text}


def _beside(home: Home) -> dict[str, str]:
    folder, alone = BESIDE
    files = [file for flow in home.folders(folder.rstrip("/")) for file in home.files(f"{folder}{flow}")]
    people = home.file(alone)
    return {file.path: file.text for file in [*files, *([people] if people else [])]}
