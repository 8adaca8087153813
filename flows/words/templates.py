"""A text with names between braces, compiled once: ``How much for {account.nickname}?``

Between braces stands one dotted name and nothing else. This is checked on Jinja2's syntax tree, and Jinja2's immutable
sandbox renders it: what a value holds is printed and never interpreted.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from flows.values import Name, Value
from flows.words.printing import Printer, Unprintable

LONGEST: Final = 4000  # characters of a text, in its file and when it is rendered

_braces = re.compile(r"\{([^{}]*)\}|[{}]")
_hint: Final = "Write one name that this flow knows, such as {amount} or {account.nickname}."


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a text: ``code`` of the fault, what is seen, what to do."""

    code: str
    message: str
    fix: str


class BadText(ValueError):
    """A text cannot be used. ``troubles`` has all that is wrong with it."""

    def __init__(self, troubles: tuple[Trouble, ...]) -> None:
        super().__init__(" ".join(f"{trouble.message} {trouble.fix}" for trouble in troubles))
        self.troubles = troubles


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 with our delimiters, where a dot reaches the fields of a record and nothing else of any object."""

    def __init__(self) -> None:
        super().__init__(
            variable_start_string="{",
            variable_end_string="}",
            block_start_string="\x01b",  # control characters are refused in texts, so these cannot be written
            block_end_string="b\x01",
            comment_start_string="\x01c",
            comment_end_string="c\x01",
            keep_trailing_newline=True,
            undefined=jinja2.StrictUndefined,
            finalize=_finalize,
            autoescape=False,
        )
        self.globals.clear()
        self.filters.clear()
        self.tests.clear()

    def getattr(self, obj: Any, attribute: str) -> Any:
        found = _field(obj, attribute)
        return self.undefined(name=attribute) if found is None else found


class _Known:
    """All that a compiled text asks a context for: its names are looked up, and what it has found is printed.

    Jinja2's own context is made for blocks, macros and imports. To make one costs more than to fill in a text.
    """

    __slots__ = ("printer", "today", "values")

    def __init__(self, values: Mapping[str, Value], printer: Printer, today: dt.date | None) -> None:
        self.values = values
        self.printer = printer
        self.today = today

    def resolve_or_missing(self, name: str) -> Value:
        return self.values.get(name, missing)


@jinja2.pass_context
def _finalize(known: _Known, value: Value) -> str:
    return known.printer.show(value, known.today)


_sandbox = _Sandbox()


_BRACES: Final = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled text. ``names`` are its dotted names in order, each once."""

    source: str
    names: tuple[str, ...]
    compiled: jinja2.Template | None  # None: nothing to fill in

    @property
    def has_words(self) -> bool:
        """Whether anything is left to translate when the names are taken out."""
        return any(char.isalpha() for char in _BRACES.sub("", self.source))

    def filled(self, values: Mapping[str, Value], printer: Printer) -> Template:
        """The text with all its values printed, or as it is when one of them cannot be."""
        try:
            return replace(self, source=self.render(values, printer), compiled=None)
        except Unprintable:
            return self

    def render(self, values: Mapping[str, Value], printer: Printer, today: dt.date | None = None) -> str:
        """The text with its values printed. Raises Unprintable with the name of the value that is not there."""
        if self.compiled is None:
            return self.source
        known: Any = _Known(values, printer, today)
        try:
            text = "".join(self.compiled.root_render_func(known))
        except Unprintable:
            raise Unprintable(self._culprit(values, printer)) from None
        return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."

    def _culprit(self, values: Mapping[str, Value], printer: Printer) -> str:
        for name in self.names:
            try:
                printer.show(_find(values, name))
            except Unprintable:
                return name
        return ""


def _find(values: Any, name: str) -> Value:
    for part in name.split("."):
        values = _field(values, part)
    return values


def _field(record: Any, name: str) -> Value:
    """A field of a record, or of a name that has more to tell (``{institution}``, ``{institution.phone}``)."""
    if isinstance(record, dict):
        return record.get(name)
    return getattr(record, "__dict__", {}).get(name) if isinstance(record, Name) else None


@lru_cache(8192)
def compile_text(source: str) -> Template:
    """``source`` ready to be rendered. Raises BadText."""
    found = names(source)
    return Template(source, found, _sandbox.from_string(source) if found else None)


@lru_cache(8192)
def names(source: str) -> tuple[str, ...]:
    """The dotted names between braces, in order, each once. Raises BadText with everything that is wrong."""
    troubles = tuple(_troubles(source))
    if troubles:
        raise BadText(troubles)
    found = tuple(dict.fromkeys(match[1] for match in _braces.finditer(source)))
    if found:
        _check_tree(_sandbox.parse(source))
    return found


def _troubles(source: str) -> Iterator[Trouble]:
    if len(source) > LONGEST:
        yield Trouble("words.long", f"This text has {len(source)} characters.", f"Keep it under {LONGEST}.")
    hidden = sorted({f"U+{ord(c):04X}" for c in source if c != "\n" and unicodedata.category(c) in ("Cc", "Cs")})
    if hidden:
        yield Trouble("words.hidden", f"This text has a hidden character, {', '.join(hidden)}.", "Type it anew.")
    for match in _braces.finditer(source):
        if match[0] == "{":
            seen = _from(source, match.start())
            yield Trouble("words.open brace", f"{seen} opens a brace that is never closed.", "Add a }.")
        elif match[0] == "}":
            seen = _from(source, max(0, match.start() - 15))
            yield Trouble("words.lone brace", f"{seen} closes a brace that was never opened.", "Take the } out.")
        elif not match[1].strip():
            yield Trouble("words.empty braces", "There is no name between { and }.", _hint)
        elif match[1] != match[1].strip():
            fix = f"Write {{{match[1].strip()}}}."
            yield Trouble("words.space in braces", f"{match[0]} has a space inside its braces.", fix)
        elif not _is_name(match[1]):
            yield Trouble("words.not a name", f"{match[0]} is not a name.", _hint)


def _from(source: str, start: int) -> str:
    return repr(source[start : start + 20])


@lru_cache(4096)
def _is_name(text: str) -> bool:
    """Whether this is one dotted name; ``true`` or ``not`` mean something else to Jinja2, and ``__x`` to Python."""
    if not all(part.isidentifier() and not part.startswith("_") for part in text.split(".")):
        return False
    try:
        _check_tree(_sandbox.parse(f"{{{text}}}"))
    except (BadText, jinja2.TemplateSyntaxError):
        return False
    return text.partition(".")[0] not in ("self", "super")


def _check_tree(tree: nodes.Template) -> None:
    """Refuses everything but text and chains of names, whatever the scanner above believes."""
    for output in tree.body:
        for node in output.nodes if isinstance(output, nodes.Output) else [output]:
            if not isinstance(_root(node), nodes.TemplateData | nodes.Name):
                kind = type(node).__name__
                raise BadText((Trouble("words.not a name", f"Between braces stands {kind}, not a name.", _hint),))


def _root(node: nodes.Node) -> nodes.Node:
    """What a chain of dots hangs on."""
    while isinstance(node, nodes.Getattr):
        node = node.node
    return node
