"""Finds adapters by folder: the name in njia.toml is the path under ``adapters/`` (``ussd/africastalking``).

Only what lies in this package is ever imported; a name is looked up, never turned into an import by itself.
"""

from __future__ import annotations

import difflib
import functools
import pkgutil
from importlib import import_module, resources
from types import ModuleType
from typing import Any, cast

import adapters
from adapters import payment as payments
from adapters.bank import Given
from adapters.channel import BadSettings, ChannelSettings, Handset, Inline, Push

CHANNELS = ("ussd", "sms", "whatsapp", "voice")


class UnknownAdapter(BadSettings):
    """There is no adapter of this name. The message lists those that exist."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f' Did you mean "{near[0]}"?' if near else ""
        super().__init__(f'There is no adapter "{name}".{hint} There are: {", ".join(known) or "none"}.')


@functools.cache
def names(*kinds: str) -> tuple[str, ...]:
    """All adapters of these kinds (folders); without kinds, of every folder. Nothing is imported but the folders."""
    folders = [found.name for found in pkgutil.iter_modules(adapters.__path__) if found.ispkg]
    return tuple(
        f"{folder}/{found.name}"
        for folder in sorted(folders)
        if not kinds or folder in kinds
        for found in pkgutil.iter_modules(import_module(f"adapters.{folder}").__path__)
        if not found.ispkg
    )


def module(name: str, *kinds: str) -> ModuleType:
    """The adapter's module. Raises UnknownAdapter for a name that is not among those found."""
    known = names(*kinds)
    if name not in known:
        raise UnknownAdapter(name, known)
    return import_module("adapters." + name.replace("/", "."))


def channel(settings: ChannelSettings) -> Inline | Push:
    """The channel that these settings describe. Raises UnknownAdapter or BadSettings."""
    found = module(settings.adapter, *CHANNELS)
    if not hasattr(found, "Channel"):
        raise BadSettings(f'The adapter "{settings.adapter}" has no class Channel: see docs/add-a-channel.md.')
    return cast("Inline | Push", found.Channel(settings))


def handset(adapter: str, service_code: str, phone: str) -> Handset | None:
    """A phone that can be played through this adapter; None where the channel has no such thing."""
    found = module(adapter, *CHANNELS)
    return found.Handset(service_code, phone) if hasattr(found, "Handset") else None


def bank(name: str, given: Given) -> Any:
    """The bank of this name, a ``flows.ports.Bank``. Raises UnknownAdapter or BadSettings."""
    found = module(name, "banks")
    if not hasattr(found, "open_bank"):
        raise BadSettings(f'The adapter "{name}" has no function open_bank: see docs/add-a-bank.md.')
    return found.open_bank(given)


def payment(adapter: str, given: payments.Given) -> payments.Provider:
    """The payment provider of this name. Raises UnknownAdapter or BadSettings."""
    found = module(adapter, "payments")
    if not hasattr(found, "open_provider"):
        raise BadSettings(f'The adapter "{adapter}" has no function open_provider: see docs/add-a-wallet.md.')
    return cast("payments.Provider", found.open_provider(given))


def profile_text(adapter: str) -> str:
    """The adapter's profile, ``<vendor>.yaml`` beside ``<vendor>.py``. Raises UnknownAdapter or BadSettings."""
    known = names(*CHANNELS)
    if adapter not in known:
        raise UnknownAdapter(adapter, known)
    folder, vendor = adapter.split("/")
    file = resources.files(f"adapters.{folder}").joinpath(f"{vendor}.yaml")
    if not file.is_file():
        raise BadSettings(f'The adapter "{adapter}" has no profile {vendor}.yaml beside it: see docs/add-a-channel.md.')
    return file.read_text(encoding="utf-8")


def profile_texts() -> dict[str, str]:
    """Every profile that lies beside an adapter, or waits for one, by the adapter's name."""
    folders = {folder: resources.files(f"adapters.{folder}").iterdir() for folder in CHANNELS}
    files = sorted((f"{folder}/{file.name}", file) for folder, found in folders.items() for file in found)
    return {name.removesuffix(".yaml"): file.read_text("utf-8") for name, file in files if name.endswith(".yaml")}
