"""A definition file as the loader takes it: where it stands and what it says. No disk is read here."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class SourceFile:
    """``path`` is what a fault names, ``/`` between its parts; ``text`` the whole file."""

    path: str
    text: str

    @classmethod
    def from_bytes(cls, path: str, data: bytes) -> SourceFile:
        """UTF-8 is expected. What is not becomes U+FFFD, which the loader reports by line; so does the mark with which
        a spreadsheet's "Unicode text" begins."""
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return cls(path, "\ufffd" + data.decode("utf-16", errors="replace"))
        return cls(path, data.decode("utf-8-sig", errors="replace"))

    @property
    def name(self) -> str:
        """The name of the file without its folder and ending: the name of a flow."""
        return PurePosixPath(self.path).stem
