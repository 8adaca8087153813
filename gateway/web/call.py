"""What the simulator's page keeps of a call between two requests. It lives in the browser's form, never with us.

It holds what the provider holds, the typed text with a PIN in it too: pages with it are sent with ``no-store``.
"""

from __future__ import annotations

import functools
import shlex
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_plus, urlsplit

import msgspec
import yaml

from adapters import discover
from flows.screens.gsm7 import measure
from flows.screens.profile import Profile, profile_from
from gateway.playing.transcripts import HUNG_UP
from gateway.web.handsets import Call, Exchange, Line

State = Literal["ready", "open", "ended", "failed"]


class Held(msgspec.Struct):
    """A call as the browser holds it; the default is a phone that lies there."""

    line: str = ""
    phone: str = ""
    handset: dict[str, str] = {}
    state: State = "ready"
    shown: str = ""
    page: int = 1
    millis: float = 0
    sent: str = ""
    curl: str = ""
    got: str = ""
    said: list[tuple[str, str]] = []  # what was typed and shown, back to the last call that came to its end

    def heard(self, call: Call, url: str, typed: str, exchange: Exchange) -> None:
        """Takes in what came back."""
        self.handset = call.handset.save()
        self.millis = exchange.millis
        self.sent, self.curl, self.got = _sent(url, exchange), _curl(url, exchange), _got(exchange)
        reply = exchange.reply
        self.shown = reply.text if reply else "Connection problem or invalid MMI code."
        if reply:
            self.said.append((typed, reply.text))
        self.state = "failed" if reply is None else "open" if reply.more else "ended"

    @property
    def left(self) -> bool:
        """Whether the last call was hung up before its end."""
        return bool(self.said) and self.said[-1][0] == HUNG_UP

    def turned(self, typed: str, more: str, back: str) -> None:
        """Counts the screens of one long message, by the keys that turn them."""
        self.page = self.page + 1 if typed == more else max(1, self.page - 1) if typed == back else 1


def unpack(text: str) -> Held:
    """The call in a form's hidden field; a fresh one if the field is not what we wrote."""
    try:
        held = msgspec.json.decode(text, type=Held)
    except (msgspec.DecodeError, ValueError):
        return Held()
    return held if held.line and held.phone and held.handset else Held()


def pack(held: Held) -> str:
    return msgspec.json.encode(held).decode()


@dataclass(frozen=True, slots=True)
class Readings:
    """How much of one screen the text takes."""

    length: int
    room: int
    unit: str
    octets: int
    percent: int
    fits: bool


def readings(held: Held, line: Line | None) -> Readings | None:
    if line is None or held.state not in ("open", "ended"):
        return None
    profile = _profile(line.adapter)
    alphabet, length = measure(profile.prefix + held.shown)
    room = profile.gsm7 if alphabet == "gsm7" else profile.ucs2
    octets = -(-length * 7 // 8) if alphabet == "gsm7" else length * 2  # eight septets are packed into seven bytes
    unit = "GSM-7 septets" if alphabet == "gsm7" else "UCS-2 units"
    return Readings(length, room, unit, octets, min(100, 100 * length // max(1, room)), length <= room)


@functools.cache
def _profile(adapter: str) -> Profile:
    return profile_from(yaml.safe_load(discover.profile_text(adapter)))


def _sent(url: str, exchange: Exchange) -> str:
    where = urlsplit(url)
    head = [f"{exchange.sent.method} {where.path}{exchange.sent.path} HTTP/1.1", f"Host: {where.netloc}"]
    head += [f"{name}: {value}" for name, value in exchange.sent.headers.items()]
    return "\n".join([*head, "", exchange.sent.body.decode(errors="replace")])


def _curl(url: str, exchange: Exchange) -> str:
    fields = exchange.sent.body.decode(errors="replace").split("&")
    parts = [f"--data-urlencode {shlex.quote(unquote_plus(field))}" for field in fields]
    return " \\\n  ".join([f"curl {shlex.quote(url + exchange.sent.path)}", *parts])


def _got(exchange: Exchange) -> str:
    got = exchange.got
    return f"HTTP/1.1 {got.status}\nContent-Type: {got.content_type}\n\n{got.body.decode(errors='replace')}"
