"""A flow as data: what stands in ``flows/<flow>.yaml``, read, typed and frozen. See docs/write-a-flow.md.

Every step carries the line it was read from, so that any later message can name file, line and step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from flows.values import Kind, Value

if TYPE_CHECKING:
    from flows.conditions import Condition

Who = Literal["anyone", "unknown number", "client", "client with PIN", "staff"]
Purpose = Literal["service", "reminder", "survey", "marketing"]
Redial = Literal["continue", "ask", "restart", "expire"]


@dataclass(frozen=True, slots=True)
class Text:
    """Words a client reads, in the flow's source language. ``key`` is ``step[.key[.subkey]]`` of the words files."""

    key: str
    source: str
    line: int
    names: tuple[str, ...] = ()  # the dotted names between braces, in order, each once


@dataclass(frozen=True, slots=True)
class Answer:
    """What an ``ask`` accepts. Bounds are a number, Money, a date, or the dotted name (str) of one known by then."""

    kind: Kind
    min: Value = None
    max: Value = None
    required: bool = True
    options: tuple[tuple[str, Text], ...] = ()  # for choice and choices: key and label
    digits: tuple[int, int] = (4, 6)  # for secret: fewest and most digits
    letters: bool = False  # for secret: letters count as digits do
    of: tuple[str, ...] = ()  # for media: what is taken, of flows.values.MEDIA


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a menu: ``name`` is the answer's value, ``goes`` the step it leads to (None: downwards)."""

    name: str
    label: Text
    goes: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A ready answer to an ``ask``: ``value`` a dotted name whose value is shown and taken, or ``other``: type it."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class From:
    """Where a list comes from: ``my.accounts``, or ``my.groups where my role is leader or treasurer``."""

    source: str
    where: tuple[str, tuple[str, ...]] | None = None  # ("my role", ("leader", "treasurer"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What all steps share."""

    name: str
    line: int
    only_if: Condition | None = None
    goes: str | None = None  # `go to: STEP`; None: the next step down
    redial: Redial | None = None  # None: the flow's


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Step):
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu(Step):
    """Fixed options, or (``lists``) every flow that starts from the menu of that name and that this person may use."""

    text: Text
    options: tuple[Option, ...] = ()
    lists: str | None = None
    saves: str | None = None
    on_timeout: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Step):
    text: Text
    answer: Answer
    offer: tuple[Offer, ...] = ()
    saves: str | None = None
    on_timeout: str | None = None  # a step, or "ask by sms"
    ways: tuple[tuple[str, str], ...] = ()  # `go to: {yes: STEP, no: STEP}`: where each answer leads

    def way(self, answer: Value) -> str | None:
        """The step that this answer leads to, if the flow says so by answer."""
        word = ("no", "yes")[answer] if isinstance(answer, bool) else answer
        return dict(self.ways).get(word) if isinstance(word, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(Step):
    """A list from the record, kept as it was shown; ``item`` is the name by which the chosen one is known.

    A single one is taken without asking. ``none`` is where to go when there is nothing; ``unavailable`` when the
    list could not be read in time (None: the engine's own apology ends the call).
    """

    text: Text
    source: From
    show: Text
    item: str
    none: str
    unavailable: str | None = None
    fields: tuple[str, ...] = ()  # the fields of an item that this flow names: all the snapshot keeps


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Step):
    """Binds a payment: mints its key and fixes exactly what was shown."""

    text: Text
    payment: tuple[tuple[str, str], ...]  # (("collect", "amount"), ("for", "account"), ("wallet", "this phone"))
    no: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Step):
    """Amounts over a list, one line each (runs in a later release; read and checked today)."""

    text: Text
    over: str
    each: str
    amount: str
    starts_at: str
    show: Text
    answer: Answer
    change: Text
    done: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(Step):
    """Gives names a value: a bare word, a number, or the dotted name of something known."""

    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Do(Step):
    """Runs an action. ``exits`` maps each exit that the action declares to a step."""

    action: str
    inputs: tuple[tuple[str, str], ...] = ()
    exits: tuple[tuple[str, str], ...] = ()
    later: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Step):
    """Runs another flow and comes back with its results, known as ``<this step>.<name>``."""

    flow: str


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Step):
    text: Text | None = None


AnyStep = Say | Menu | Ask | Choose | Confirm | Split | Set | Do | Run | End


@dataclass(frozen=True, slots=True)
class Starts:
    """How a flow begins: from a menu, a stable shortcut, a keyword, or (later releases) an event or a schedule."""

    menu: str | None = None
    label: Text | None = None  # the `as:` of the file; its words key is `starts.as`
    shortcut: int | None = None
    keywords: tuple[str, ...] = ()
    event: str | None = None
    after: str | None = None
    between: str | None = None
    to: tuple[tuple[str, str], ...] = ()
    invite: Text | None = None
    remind: str | None = None
    closes: str | None = None
    every: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    name: str
    file: str
    language: str  # `words:`, the language quoted in the file
    who: Who = "anyone"
    purpose: Purpose = "service"
    redial: Redial = "restart"
    starts: Starts = field(default_factory=Starts)
    without_pin: str | None = None
    acting_for: From | None = None
    hidden_from: tuple[str, ...] = ()
    steps: dict[str, AnyStep]
    order: dict[str, str | None]  # step -> the next step down; None after the last


@dataclass(frozen=True, slots=True)
class Keys:
    """Reserved keys, one choice for the whole organisation, equal in every language."""

    back: str = "0"
    home: str = "00"
    more: str = "98"


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """What the engine and the words need to know of the institution."""

    name: str  # in full, for notices
    short_name: str  # on screens: "Jamii"
    country: str = "KE"  # ISO 3166
    currency: str = "KES"  # ISO 4217
    languages: tuple[str, ...] = ("en",)  # the first is the fallback
    timezone: str = "Africa/Nairobi"
    keys: Keys = field(default_factory=Keys)
    notice_url: str = ""
    notice_version: str = "1"
    phone: str = ""  # the number a client may call
    wallet: str = ""  # what clients call their mobile money: "M-PESA"
    paybill: str = ""  # the business number that they pay to by hand
    payee: str = ""  # whom the wallet's prompt names; "": the name
    tariff: tuple[tuple[int, int], ...] = ()  # what a payment costs: flows.paying.tariff
    help_flow: str = "call_me"  # where a third miss leads
    main_flow: str = "main"
    quiet_days: int = 180  # after so many days without a word, the person proves who they are again
