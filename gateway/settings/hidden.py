"""Values that are never shown: read at the moment they are needed, from where njia.toml says that they are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class SettingsError(Exception):
    """The settings cannot be used as they are; every fault is one sentence."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class Hidden:
    """A secret: ``{ env = "NAME" }``, ``{ file = "path" }`` or, less well, written out. Its repr never tells it."""

    __slots__ = ("_base", "_how", "_what", "label")

    def __init__(self, label: str, how: str, what: str, base: Path | None = None) -> None:
        self.label = label
        self._how = how
        self._what = what
        self._base = base

    @property
    def written_out(self) -> bool:
        """Whether the secret itself stands in the settings file, where others may read it."""
        return self._how == "text"

    def reveal(self) -> str:
        """The secret, read now. Raises SettingsError when it is not where the settings say."""
        if self._how == "text":
            return self._what
        if self._how == "env":
            return self._from_environment()
        return self._from_file()

    def _from_environment(self) -> str:
        value = os.environ.get(self._what, "")
        if not value:
            raise SettingsError(
                [f"{self.label}: the environment variable {self._what} is not set. Set it, and start again."]
            )
        return value

    def _from_file(self) -> str:
        path = (self._base or Path()) / self._what
        try:
            value = path.read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError):
            value = ""
        if not value:
            raise SettingsError([f"{self.label}: the file {path} cannot be read or is empty. Put the secret there."])
        return value

    def __repr__(self) -> str:
        return "(set)"


class Options(Mapping[str, Any]):
    """The keys that only one adapter knows. A secret among them is read when it is asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getitem__(self, key: str) -> Any:
        value = self._values[key]
        return value.reveal() if isinstance(value, Hidden) else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def plain(self) -> list[str]:
        """The texts among them that are no secrets."""
        return [value for value in self._values.values() if isinstance(value, str)]

    def __repr__(self) -> str:
        return f"Options({', '.join(self._values)})"
