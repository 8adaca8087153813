"""The columns of an export, each with what it means and who may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flows.phones import masked

Private = Literal["", "who", "said", "sensitive"]
Row = Mapping[str, Any]
MASK = "•••"

# What a role is shown, if it asks for it and says why. Without a role nothing private is shown.
#   who        who the client is: name, client number, telephone number, account
#   said       what a client typed and read, in their own words
#   sensitive  answers to fields that the data dictionary calls sensitive
ROLES: dict[str, frozenset[str]] = {
    "admin": frozenset({"who", "said", "sensitive"}),
    "agent": frozenset({"who", "said"}),
    "analyst": frozenset({"said"}),
}
SEES_HIDDEN = frozenset({"admin", "analyst"})  # what is hidden from the staff whom it may be about


@dataclass(frozen=True, slots=True)
class Column:
    """``of``: its value in a row, where that is not what the row has under its name. ``judge``: who may see it, where
    that depends on the row."""

    name: str
    kind: Literal["text", "number", "moment"]
    about: str
    private: Private = ""
    of: Callable[[Row], Any] | None = None
    judge: Callable[[Row], Private] | None = None

    def shown(self, row: Row, sees: frozenset[str]) -> Any:
        """Its value, or a mask: enough of a telephone number to recognise it, of anything else nothing."""
        value = self.of(row) if self.of else row[self.name]
        private = self.judge(row) if self.judge else self.private
        if not private or private in sees or value is None or value == "":
            return value
        return masked(value) if private == "who" and str(value).startswith("+") else MASK

    def as_json(self) -> dict[str, str]:
        return {"name": self.name, "kind": self.kind, "about": self.about, "private": self.private}


def text(name: str, about: str, private: Private = "") -> Column:
    return Column(name, "text", about, private)


def number(name: str, about: str) -> Column:
    return Column(name, "number", about)


def moment(name: str, about: str) -> Column:
    return Column(name, "moment", f"{about} (UTC, ISO 8601).")


CLIENT = text("client", "The client's id: the same for the same client everywhere, and no name.")
WHO = (
    CLIENT,
    text("client_number", "The number on the pass book.", "who"),
    text("client_name", "The client's name.", "who"),
)
