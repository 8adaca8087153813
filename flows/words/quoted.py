"""All the words that one flow quotes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from flows.model import Flow, Text
from flows.words.book import Source


def quoted(flow: Flow) -> Source:
    """The flow's language and each text in it by its words key, for ``Words``."""
    return Source(flow.language, {text.key: text.source for text in texts_in(flow)})


def texts_in(thing: Any) -> Iterator[Text]:
    """Every Text in a flow, a step or a part of one, in the order of the file."""
    if isinstance(thing, Text):
        yield thing
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from texts_in(value)
    elif isinstance(thing, tuple):
        for value in thing:
            yield from texts_in(value)
    elif dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from texts_in(getattr(thing, field.name))
