"""What can be seen without any store: the settings, the home, the secret, the disk, the providers."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

from adapters import discover
from adapters.channel import BadSettings
from adapters.payment import Given
from adapters.simulation import MemoryNotebook
from gateway.clock import Clock
from gateway.doctor import Finding, ok, problem, warning
from gateway.home import Home
from gateway.secrets import load_keys
from gateway.settings import Hidden, Options, Settings, SettingsError

ENOUGH_BYTES = 2 * 1024**3
PATIENCE = 5.0  # seconds for a provider's server to accept a connection


def settings_findings(settings: Settings) -> Iterator[Finding]:
    """The settings were read without a fault; whether they are wise is another matter."""
    yield ok("settings", f"home {settings.home or '(what is shipped)'}, data {settings.data}")
    if settings.institution.name == "Sample Microfinance":
        yield warning("institution", "has no name yet.", "Set [institution] name; clients read it in the notice.")
    if settings.demo.enabled:
        yield warning("demo", "is on: anybody can move the clock.", "Never leave [demo] enabled on live data.")
    for row in settings.rows:
        if isinstance(row.value, Hidden) and row.value.written_out and row.source == "njia.toml":
            fix = 'Write { env = "NAME" } or { file = "path" } instead.'
            yield warning("secrets", f"{row.key} stands in njia.toml for all to read.", fix)
    for stranger in Home(settings.home).strangers():
        yield warning("home", stranger, "Rename or remove it.")


def secret_findings(settings: Settings) -> Iterator[Finding]:
    hidden = [row.value for row in settings.rows if isinstance(row.value, Hidden)]
    try:
        load_keys(settings.data, settings.security.secret)
        for one in hidden:
            one.reveal()
    except SettingsError as error:
        yield problem("secrets", str(error), "Nothing starts without it.")
        return
    yield ok("secrets", f"the keys and {len(hidden)} other secrets are where they should be")


def disk_findings(settings: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.data).free
    says = f"{free / 1024**3:.1f} GiB free for {settings.data}"
    if free < ENOUGH_BYTES:
        yield problem("disk", f"{says}.", "Make room: when the disk is full, no turn is kept.")
    else:
        yield ok("disk", says)


async def provider_findings(settings: Settings) -> list[Finding]:
    """Channels, wallets and the bank: is there such an adapter, and does its server accept a connection?"""
    found: list[Finding] = []
    if not settings.channels:
        found.append(problem("channels", "there is none.", "Add [channels.ussd] to njia.toml: no client can reach us."))
    for name, channel in settings.channels.items():
        found += await _adapter(f"channel {name}", channel.adapter, channel.options)
        found += await _channel(name, settings)
    for name, payment in settings.payments.items():
        found += _wallet(name, settings) or await _adapter(f"payments {name}", payment.adapter, payment.options)
    return found + await _adapter("bank", settings.bank.adapter, settings.bank.options)


async def _channel(name: str, settings: Settings) -> list[Finding]:
    channel = settings.channels[name]
    try:
        made = discover.channel(channel)
    except (BadSettings, SettingsError) as error:
        return [problem(f"channel {name}", str(error), "Correct the channel's settings.")]
    url = getattr(made, "url", "")
    found = [await _reach(f"channel {name}", url)] if url and "base_url" not in channel.options else []
    called = hasattr(made, "answer") or getattr(made, "reported", False)
    if called and not made.signed and not channel.allow and not settings.demo.enabled:
        says = "its provider does not sign, and any address may call: only the token in the path protects it."
        found.append(warning(f"channel {name}", says, "Set allow to the provider's addresses."))
    return found


def _wallet(name: str, settings: Settings) -> list[Finding]:
    one, clock = settings.payments[name], Clock()
    notebook = MemoryNotebook() if settings.demo.enabled else None
    try:
        made = discover.payment(
            one.adapter, Given(name=name, options=one.options, currency="KES", now=clock.now, notebook=notebook)
        )
    except (BadSettings, SettingsError) as error:
        return [problem(f"payments {name}", str(error), f"Correct [payments.{name}] in njia.toml.")]
    if not made.signed and not one.allow and not settings.demo.enabled:
        says = "its callbacks are not signed, and any address may post them."
        return [warning(f"payments {name}", says, "Set allow to the wallet's addresses.")]
    return []


async def _adapter(name: str, adapter: str, options: object) -> list[Finding]:
    try:
        discover.module(adapter)
    except BadSettings as error:
        return [problem(name, str(error), "Correct adapter = in njia.toml.")]
    texts = options.plain() if isinstance(options, Options) else []
    urls = [text for text in texts if text.startswith(("http://", "https://"))]
    reached = [await _reach(name, url) for url in urls]
    return reached or [ok(name, adapter)]


async def _reach(name: str, url: str) -> Finding:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError):
        fix = "Is the address right? Does a firewall stand between?"
        return problem(name, f"{parts.hostname}, port {port} does not answer.", fix)
    writer.close()
    return ok(name, f"{parts.hostname}, port {port} answers")
