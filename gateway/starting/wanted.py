"""What the author of a new home says of the institution."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.home import Home
from gateway.starting.places import language_name, place


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """``service_code``: what clients dial. What stands last may be "": not known yet."""

    name: str
    country: str
    currency: str
    languages: tuple[str, ...]
    timezone: str
    service_code: str
    phone: str = ""
    wallet: str = ""
    paybill: str = ""
    notice_url: str = ""

    def said(self) -> str:
        """``Kenya, KES, English and Swahili``."""
        names = [language_name(code) for code in self.languages]
        spoken = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
        return f"{place(self.country).name}, {self.currency}, {spoken}"


@dataclass(frozen=True, slots=True)
class Lacking:
    """A language in which nothing is shipped, and what clients read instead: the names of both, in English."""

    code: str
    name: str
    shown: str


def lacking(wanted: Wanted) -> list[Lacking]:
    """Flows are shipped in English: it is what a client reads where another language has no words."""
    shipped = Home().folders("messages")
    return [Lacking(code, language_name(code), "English") for code in wanted.languages if code not in shipped]
