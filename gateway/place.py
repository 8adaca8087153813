"""Where a request stands in its conversation: new, next, a repeat of what was answered, or too late.

The provider repeats everything typed so far in each request, joined by a separator that may itself be typed. So the
new words are what follows the position we answered last, after exactly one separator; a position is kept as length
and keyed hash, because what was typed may be a PIN.

Two things look alike here and cannot be told apart. An empty first answer is the first request once more: it is
answered as a repeat. And a redial under the same session id is a late copy of the first request: it opens a call, and
the older position still goes on if its words come.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct

from adapters.channel import Hop
from gateway.store.state import Spot, State, Told

Mark = Callable[[str, str], bytes]  # provider session id and text -> keyed hash


class Opened(Struct, frozen=True):
    """A new call. ``path`` are the parts of a deep dial; ``same``: the provider uses the session id again."""

    path: tuple[str, ...] = ()
    same: bool = False

    def __repr__(self) -> str:
        return f"Opened({len(self.path)} parts)"  # one of them may be a PIN


class Next(Struct, frozen=True):
    """The next words of the call that is open, after ``told``."""

    text: str
    told: Told

    def __repr__(self) -> str:
        return "Next(…)"  # the words may be a PIN


@dataclass(frozen=True, slots=True)
class Repeat:
    """Answered before: the same reply goes out again, and nothing runs."""

    told: Told


@dataclass(frozen=True, slots=True)
class Stale:
    """Of a call that is over, or behind what was already answered: refused, and nothing changes."""


Place = Opened | Next | Repeat | Stale


def place(state: State | None, hop: Hop, mark: Mark) -> Place:
    """Where ``hop`` stands against what this address was told last."""
    if state is None:
        return Opened(_path(hop))
    if hop.session != state.provider:
        return Stale() if hop.session in state.superseded else Opened(_path(hop))
    hung_up = state.closed and state.told.more
    if _is(state.told.at, hop, mark) and not (hung_up and not hop.text):
        return Repeat(state.told)
    if not hop.text:
        return Opened(same=True)
    if state.closed:
        return Stale()
    return _after(state, hop, mark) or Stale()


def _after(state: State, hop: Hop, mark: Mark) -> Next | None:
    """What was typed after the position told last. After a redial under the same session id that was really a late
    copy of the first request, the older position still goes on."""
    before = state.before
    if before is not None and before.at.length and (words := _words(before.at, hop, mark)) is not None:
        return Next(words, before)
    words = _words(state.told.at, hop, mark)
    return None if words is None else Next(words, state.told)


def _words(at: Spot, hop: Hop, mark: Mark) -> str | None:
    if at.length == 0:
        return hop.text
    if len(hop.text) <= at.length or hop.text[at.length] != hop.separator:
        return None
    if not hmac.compare_digest(mark(hop.session, hop.text[: at.length]), at.digest):
        return None
    return hop.text[at.length + 1 :]


def _is(at: Spot, hop: Hop, mark: Mark) -> bool:
    return len(hop.text) == at.length and hmac.compare_digest(mark(hop.session, hop.text), at.digest)


def _path(hop: Hop) -> tuple[str, ...]:
    return tuple(hop.text.split(hop.separator)) if hop.text else ()
