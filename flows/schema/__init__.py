"""JSON Schemas of the files that authors write, for completion and hints in editors, made from the loader's own tables.

A schema knows keys, closed lists of words and forms. It cannot know quotes, names, targets or types: ``njia flows
check`` does. Draft 7 is what editors understand best.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flows.schema.fields import fields
from flows.schema.flow import flow
from flows.schema.parts import Schema
from flows.schema.people import kinds, people
from flows.schema.product import product
from flows.schema.words import words

# name -> (how it is made, the files of a home that it is for)
SCHEMAS: dict[str, tuple[Callable[..., Schema], str]] = {
    "flow": (flow, "flows/*.yaml"),
    "words": (words, "messages/*/*.yaml"),
    "fields": (fields, "fields/*.yaml"),
    "product": (product, "products/*.yaml"),
    "kinds": (kinds, "kinds.yaml"),
    "people": (people, "people.yaml"),
}


def schema(name: str, **catalogue: Any) -> Schema:
    """The schema of that name. ``catalogue``, of "flow": the ``actions`` and ``sources`` there are; else any."""
    found = SCHEMAS[name][0](**catalogue)
    return {"$schema": "http://json-schema.org/draft-07/schema#", **found}
