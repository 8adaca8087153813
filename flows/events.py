"""What a conversation hears, and what it answers. Control is never a fake message: each thing has its own type."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec import Struct

from flows.model import Text
from flows.values import Media, Place, Value

# -- heard ----------------------------------------------------------------------------------------------------------


class Dial(Struct, frozen=True):
    """The client opened a session. ``path`` are the parts of a deep dial; the first is a shortcut."""

    path: tuple[str, ...] = ()
    again: bool = False  # a redial: an unfinished conversation of this address is here

    def __repr__(self) -> str:
        return f"Dial({len(self.path)} parts{', again' if self.again else ''})"  # one of them may be a PIN


class Said(Struct, frozen=True):
    """The client's own words, exactly as typed (never logged: they may be a PIN)."""

    text: str

    def __repr__(self) -> str:
        return "Said(…)"


class Sent(Struct, frozen=True):
    """Something that is not typed: a position, or a file that is stored by now."""

    what: Place | Media

    def __repr__(self) -> str:
        return f"Sent({type(self.what).__name__})"  # where somebody is, is theirs


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Nothing came within the channel's time."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The provider says that the session is over. ``status`` is the provider's word."""

    status: str = ""


@dataclass(frozen=True, slots=True)
class CalledBack:
    """Something the conversation waited for is known: the result of an effect, a payment, a media file."""

    key: str
    exit: str
    values: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A member of staff speaks now; the flow pauses until ``released``."""

    staff: str
    released: bool = False


Event = Dial | Said | Sent | TimedOut | HungUp | CalledBack | TakenOver

# -- answered -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """A text to be rendered: of a flow, or (``flow`` empty) the engine's own ``system.yaml`` key."""

    flow: str
    key: str
    values: dict[str, Value]  # none: the words are the same for everybody, and one object is all of them
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class Choice:
    """One line that can be chosen: the key to press and what it says."""

    key: str
    label: Words
    value: Value = None  # printed after the label by its type, when there is one
    __hash__ = object.__hash__


class Say(Struct, frozen=True):
    """Show this and wait. ``parts`` are all messages of the turn, in order; they become one screen (or pages)."""

    parts: tuple[Words, ...]
    choices: tuple[Choice, ...] = ()
    back: bool = False  # whether the back key is shown
    page: int | None = None  # turn to this page of what is already shown; `parts` is then empty


@dataclass(frozen=True, slots=True)
class Do:
    """Run this action, then ``resume`` with its outcome. An effect's ``key`` was committed a turn earlier."""

    action: str
    inputs: dict[str, Value]
    key: str


class End(Struct, frozen=True):
    """Show this and close."""

    parts: tuple[Words, ...]
    outcome: str = "completed"  # completed | locked | unavailable | pending | expired | hung up | ...


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is said: the event only changed the session (a hang-up, a time-out, a take-over)."""


Result = Say | Do | End | Silence


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an action ended: one of its declared exits (or ``unknown`` at the deadline), and its outputs."""

    exit: str
    values: dict[str, Value] = field(default_factory=dict)


__all__ = [
    "CalledBack",
    "Choice",
    "Dial",
    "Do",
    "End",
    "Event",
    "HungUp",
    "Outcome",
    "Result",
    "Said",
    "Say",
    "Sent",
    "Silence",
    "TakenOver",
    "Text",
    "TimedOut",
    "Words",
]
