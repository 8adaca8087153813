"""A channel's profile: what its screens hold, how long it waits, who pays. Data, read from ``<adapter>.yaml``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flows.screens import gsm7
from flows.screens.typography import Letters
from flows.values import MEDIA

SMALLEST: Final = {"gsm7": 40, "ucs2": 25, "characters": 40}  # room for two reserved keys and a few words
CARRIED: Final = (*MEDIA, "location")
PAYERS: Final = ("client", "institution", "nobody")


class BadProfile(ValueError):
    """A channel profile cannot be read. The message says which key, and what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One channel as a conversation sees it.

    A screen holds ``gsm7`` septets, or ``ucs2`` UTF-16 units when one of its characters is outside GSM-7 (0: other
    scripts are spelled in Latin). Networks carry 182 and 80 over USSD, but many gateways stop at 160 and 70: the
    default. With ``characters`` the channel shows anything, so much of it. ``prefix`` is what the provider
    puts before each of our texts and counts; the ``CON `` and ``END `` of USSD do not.
    """

    kind: str  # ussd, sms, whatsapp, …
    gsm7: int = 160
    ucs2: int = 70
    characters: int = 0
    extended: bool = False  # whether { } [ ] ~ | ^ \ and the euro are shown as they are
    prefix: str = ""
    idle_seconds: int = 0  # how long the channel waits for the client; 0: for ever
    total_seconds: int = 0  # how long a session lasts at most; 0: for ever
    answer_seconds: float = 10.0  # after which the provider gives up on our answer
    target_seconds: float = 1.0  # what we promise
    who_pays: str = "institution"
    buttons: int = 0  # how many choices can be shown as buttons; `no` in the file: none
    button_letters: int = 0  # that a button shows
    rows: int = 0  # how many choices a list has room for, where there are more than buttons
    row_letters: int = 0  # that a row of it shows
    asks_secrets: bool = False  # whether a PIN may be asked here
    pushes: bool = False  # whether we can speak first
    carries: frozenset[str] = frozenset()  # what clients can send beside words, of CARRIED
    __hash__ = object.__hash__  # a channel has one profile, and every turn looks up screens by it

    @property
    def letters(self) -> Letters:
        return Letters(extended=self.extended, ucs2=self.ucs2 > 0, everything=self.characters > 0)

    def fits(self, page: str) -> bool:
        """Whether ``page`` is one screen, counted in the alphabet that it needs."""
        page = self.prefix + page
        if self.characters:
            return len(page) <= self.characters
        alphabet, length = gsm7.measure(page)
        return length <= (self.gsm7 if alphabet == "gsm7" else self.ucs2)


def profile_from(mapping: Mapping[str, Any]) -> Profile:
    """The profile in a channel's data file.

    Keys: ``kind``, ``screen: {gsm7, ucs2}`` or ``{characters}``, ``idle_seconds``, ``total_seconds``,
    ``answer_seconds``, ``target_seconds``, ``who_pays``, ``asks_secrets``, ``pushes``; and if they differ from none:
    ``prefix``, ``buttons`` (with ``button_letters``, ``rows``, ``row_letters``), ``extended``, ``carries``. Raises
    BadProfile.
    """
    _check_keys(mapping, required=_REQUIRED, optional=_OPTIONAL, where="a channel profile")
    values: dict[str, Any] = {key: _READERS[key](key, value) for key, value in mapping.items() if key != "screen"}
    profile = Profile(**values | _screen(mapping["screen"]))
    if profile.target_seconds > profile.answer_seconds:
        raise BadProfile("target_seconds is later than answer_seconds: make it smaller.")
    return profile


def _check_keys(mapping: Any, *, required: frozenset[str], optional: frozenset[str], where: str) -> None:
    if not isinstance(mapping, Mapping):
        raise BadProfile(f"{where} is a list of keys and values.")
    unknown = sorted(str(key) for key in mapping if key not in required | optional)
    if unknown:
        known = ", ".join(sorted(required | optional))
        raise BadProfile(f"{where} has no key {', '.join(unknown)}. Its keys are: {known}.")
    missing = sorted(required - mapping.keys())
    if missing:
        raise BadProfile(f"{where} lacks {', '.join(missing)}. Add it.")


def _screen(screen: Any) -> dict[str, Any]:
    _check_keys(screen, required=frozenset(), optional=frozenset(SMALLEST), where="screen")
    sizes = {key: _whole(f"screen.{key}", value) for key, value in screen.items()}
    if not sizes.get("gsm7") and not sizes.get("characters"):
        raise BadProfile("screen says no size: give gsm7 and ucs2, or characters.")
    for key, size in sizes.items():
        if 0 < size < SMALLEST[key]:
            raise BadProfile(f"screen.{key} is {size}: a screen under {SMALLEST[key]} has no room for words.")
    return {"gsm7": 0, "ucs2": 0, **sizes}


def _whole(key: str, value: Any) -> int:
    number = _seconds(key, value)
    if number != int(number):
        raise BadProfile(f"{key} is {value}: write a whole number.")
    return int(number)


def _seconds(key: str, value: Any) -> float:
    try:
        number = float(value) if not isinstance(value, bool) else -1.0
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number < 1e6:
        raise BadProfile(f"{key} is {value!r}: write a number, 0 or more.")
    return number


def _yes_no(key: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value not in ("yes", "no", "true", "false"):
        raise BadProfile(f"{key} is {value!r}: write yes or no.")
    return value in ("yes", "true")


def _buttons(key: str, value: Any) -> int:
    return 0 if value in (False, "no", "false") else _whole(key, value)


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadProfile(f"{key} is {value!r}: write a text.")
    return value


def _payer(key: str, value: Any) -> str:
    if value not in PAYERS:
        raise BadProfile(f"{key} is {value!r}: write one of {', '.join(PAYERS)}.")
    return str(value)


def _carried(key: str, value: Any) -> frozenset[str]:
    words = value if isinstance(value, list | tuple) else [value]
    odd = [str(word) for word in words if word not in CARRIED]
    if odd:
        raise BadProfile(f"{key} has {', '.join(odd)}: write a list of {', '.join(CARRIED)}.")
    return frozenset(words)


_READERS: Final[dict[str, Callable[[str, Any], Any]]] = {
    "kind": _text,
    "prefix": _text,
    "idle_seconds": _whole,
    "total_seconds": _whole,
    "answer_seconds": _seconds,
    "target_seconds": _seconds,
    "who_pays": _payer,
    "buttons": _buttons,
    "button_letters": _whole,
    "rows": _whole,
    "row_letters": _whole,
    "asks_secrets": _yes_no,
    "pushes": _yes_no,
    "extended": _yes_no,
    "carries": _carried,
}
_OPTIONAL: Final = frozenset({"prefix", "buttons", "button_letters", "rows", "row_letters", "extended", "carries"})
_REQUIRED: Final = frozenset({"screen", *_READERS} - _OPTIONAL)
