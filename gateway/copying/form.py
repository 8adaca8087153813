"""What a copy of a release is: a zip with the files as a home has them, and ``release.json``, which says what they are.

The form has a number. A program reads the numbers up to its own; what is new in a later one may mean anything.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.home import ALONE, FOLDERS
from gateway.publishing import Sources

FORM = 1
MANIFEST = "release.json"
MOST_BYTES = 16 * 1024 * 1024  # of the zip, and of everything in it
MOST_FILES = 4000
LONGEST = 200  # bytes of a file's name
DEEP = {"messages": 3, "conversations": 3}  # parts of a path there
BESIDE = ("conversations/", "people.yaml")  # what lies beside a release, and is not a part of it
_BAD = re.compile(r'[\\/:*?"<>|]|^[._]|[. ]$')


class Manifest(msgspec.Struct, kw_only=True):
    """``release.json``. ``release`` is the content hash; of who, when and why the first time that it was published."""

    form: int
    njia: str  # the version of the program that wrote it
    release: str
    number: int
    at: str
    who: str
    why: str
    institution: dict[str, Any]
    files: dict[str, str]  # path -> digest


class Copy(msgspec.Struct, frozen=True):
    """A copy that was read: everything in it is as it was when it was written."""

    manifest: Manifest
    files: dict[str, str]  # path in a home -> text

    @property
    def sources(self) -> Sources:
        return sources_of(self.manifest.institution, self.files)


def sources_of(institution: dict[str, Any], files: Mapping[str, str]) -> Sources:
    """The release among these files."""
    return Sources(institution, {path: files[path] for path in sorted(files) if not path.startswith(BESIDE)})


def digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def is_place(path: str) -> bool:
    """Whether a home has a file there, on every computer: ``flows/visit.yaml``, ``messages/sw/visit.yaml``."""
    if path in ALONE:
        return True
    folder, *names = path.split("/")
    if folder not in FOLDERS or len(names) + 1 != DEEP.get(folder, 2):
        return False
    return names[-1].endswith(FOLDERS[folder]) and all(map(_is_name, names))


def _is_name(name: str) -> bool:
    odd = any(unicodedata.category(sign).startswith("C") for sign in name)
    return bool(name) and not odd and not _BAD.search(name) and len(name.encode()) <= LONGEST
