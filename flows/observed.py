"""Places and files as an observation keeps them, in the plain form of JSON, and as people read them there."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flows.values import Media, Place

Plain = dict[str, Any]


def as_kept(value: Place | Media) -> Plain:
    """``{"words", "latitude", "longitude"}``, what there is of them, degrees as text (exactly as they came); or
    ``{"id", "kind", "mime", "bytes"}``."""
    if isinstance(value, Media):
        return {"id": value.id, "kind": value.kind, "mime": value.mime, "bytes": value.size}
    degrees = {"latitude": value.latitude, "longitude": value.longitude}
    said = {"words": value.words} if value.words else {}
    return said | {name: f"{number:f}" for name, number in degrees.items() if number is not None}


def from_kept(found: Mapping[str, Any]) -> Place | Media:
    """What ``as_kept`` was given."""
    if "mime" in found:
        return Media(found["id"], found["kind"], found["mime"], found["bytes"])
    degrees = (Decimal(found[name]) if name in found else None for name in ("latitude", "longitude"))
    return Place(found.get("words", ""), *degrees)


def in_words(found: Mapping[str, Any]) -> str:
    """``Kawangware (-1.2921, 36.8219)``; ``photo 4f3a (image/jpeg, 120345 bytes)``."""
    if "mime" in found:
        return f"{found['kind']} {found['id']} ({found['mime']}, {found['bytes']} bytes)"
    words, point = found.get("words", ""), ", ".join(found[n] for n in ("latitude", "longitude") if n in found)
    return f"{words} ({point})" if words and point else words or point
