"""The keys of a ``[channels.<name>]`` that only its adapter knows, read strictly."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from adapters.channel import BadSettings, ChannelSettings


def check_keys(settings: ChannelSettings, known: Collection[str]) -> None:
    """Raises BadSettings for a key that this adapter does not know."""
    for key in settings.options:
        if key not in known:
            near = difflib.get_close_matches(key, sorted(known), n=1)
            hint = f'Did you mean "{near[0]}"?' if near else f"It knows: {', '.join(sorted(known))}."
            raise BadSettings(f'[channels.{settings.name}] {settings.adapter} has no key "{key}". {hint}')


def needed(settings: ChannelSettings, key: str, example: str) -> str:
    """The text of a key that must be there. Raises BadSettings; a secret that is not where it should be raises what
    the settings raise of it."""
    value = settings.options.get(key, "")
    if not isinstance(value, str) or not value.strip():
        raise BadSettings(f"[channels.{settings.name}] {key} is missing: write {key} = {example}.")
    return value.strip()
