"""The composition root: settings in, everything joined out. Nothing else constructs stores, banks or channels."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import yaml
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from adapters import discover, payment
from adapters.bank import Given
from adapters.channel import Inline, Push
from adapters.payment import Provider
from flows.ports import Bank
from flows.products.features import Product
from flows.release import Release, titled
from flows.screens.profile import Profile, profile_from
from gateway import session_over
from gateway.clock import Clock
from gateway.embedded.attachment import Attachment, attach
from gateway.embedded.valkey import Limits
from gateway.gate import Gate, Line
from gateway.home import Home
from gateway.institution import institution
from gateway.metrics import Metrics
from gateway.posting import takes_money
from gateway.publishing import gather
from gateway.record.books import SqlBooks
from gateway.record.cases import Cases
from gateway.record.collecting import Payments
from gateway.record.consents import Consents
from gateway.record.database import Database
from gateway.record.hashing import Hasher
from gateway.record.invitations import Invitations
from gateway.record.lookup import Clients
from gateway.record.pins import Pins
from gateway.record.releases import Releases as KeptReleases
from gateway.releases import Releases
from gateway.secrets import Keys, channel_token, load_keys
from gateway.settings import AdapterSettings, Settings
from gateway.store import lost, nodes
from gateway.store.asking import Store
from gateway.store.cards import Cards as ContactCards
from gateway.store.keys import CLOCK
from gateway.store.notebook import Notebook
from gateway.store.sessions import Sessions, StoreDown
from gateway.world import Joined

CLOCK_WAIT = 5.0  # seconds
ANSWER = 1.0  # seconds that a turn waits for the session store at one go


@dataclass(slots=True)
class Stores:
    """The two stores and the clock: what every process of the product opens."""

    settings: Settings
    redis: Redis
    redis_url: str
    db: Database
    clock: Clock
    attachment: Attachment | None = None
    seconds: float = ANSWER  # that a turn waits for the session store at one go
    hot: Store = field(init=False)  # the same store, for what turns ask of it

    def __post_init__(self) -> None:
        self.hot = nodes.opened(self.redis_url, self.redis, self.seconds)

    async def follow_clock(self) -> None:
        """A demonstration's clock is moved in one process and followed by all."""
        offset = await self.redis.get(CLOCK)
        self.clock.offset = float(offset or 0)

    async def find_clock(self) -> None:
        """The same at the start of a process, which must not begin in the past: worth a short wait for the store."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOCK_WAIT):
                while True:
                    with suppress(RedisError, OSError):
                        return await self.follow_clock()
                    await asyncio.sleep(0.1)

    async def close(self) -> None:
        await self.hot.close()
        await self.redis.aclose()
        await self.db.close()
        if self.attachment:
            self.attachment.close()


@dataclass(slots=True)
class House:
    """One process's share of the product, ready to take turns."""

    stores: Stores
    keys: Keys
    gate: Gate
    releases: Releases
    cards: ContactCards
    bank: Any  # flows.ports.Bank, and what else it can do
    hasher: Hasher
    pushing: Mapping[str, Push] = field(default_factory=dict)
    payments: Mapping[str, Provider] = field(default_factory=dict)

    async def close(self) -> None:
        """Lets effects that are under way finish, then closes what channels opened, and the stores."""
        if self.gate.finishing:
            await asyncio.wait(self.gate.finishing, timeout=5.0)
        for channel in self.pushing.values():
            await channel.close()
        for wallet in self.payments.values():
            await wallet.close()
        self.hasher.close()
        await self.stores.close()


async def open_stores(settings: Settings, seconds: float = ANSWER) -> Stores:
    """The stores that the settings name; the embedded Valkey is started or attached to when they name none."""
    attachment, url = None, settings.redis.url.reveal() if settings.redis.url else ""
    if not url:
        limits = Limits(settings.redis.appendfsync, settings.redis.memory_mb)
        attachment = await asyncio.to_thread(attach, settings.data, limits)
        url = attachment.url
    clock = Clock(settings.institution.timezone)
    return Stores(settings, connect(url, seconds), url, Database(settings.database_url()), clock, attachment, seconds)


def connect(url: str, seconds: float) -> Redis:
    """A client that repeats nothing by itself: whether a call may be repeated is known only to its caller."""
    client = Redis.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=Retry(NoBackoff(), 0))
    return lost.told(client)


async def build(stores: Stores, hasher: Hasher | None = None) -> House:
    """Everything joined, with the institution's release published. ``hasher``: another one than the usual.

    Raises BrokenDefinitions, BadSettings.
    """
    settings, db, clock = stores.settings, stores.db, stores.clock
    if settings.demo.enabled:
        await stores.find_clock()
    keys = load_keys(settings.data, settings.security.secret)
    sessions = Sessions(stores.hot)
    cards = ContactCards(db, sessions)
    releases = Releases(stores.redis, KeptReleases(db, clock))
    await releases.begin(gather(Home(settings.home), institution(settings)), "start-up")
    hasher = hasher or Hasher(keys.pepper)
    cases = Cases(db, clock)
    bank = bank_of(stores, releases.current.products)
    world = Joined(
        bank=bank,
        pins=Pins(db, hasher, clock, lambda *words: told(releases.current, *words), cards.refresh),
        clients=Clients(db, clock, cases, cards.refresh),
        consents=Consents(db, clock),
        cases=cases,
        payments=collecting(db, clock, settings.payments, bank),
        invitations=Invitations(db, clock),
        clock=clock,
    )
    gate = Gate(sessions, releases, world, cards.read, clock, keys.position, Metrics())
    made = {name: discover.channel(one) for name, one in settings.channels.items()}
    for name, channel in made.items():
        if hasattr(channel, "answer"):
            profile = profile_of(settings.channels[name].adapter)
            gate.lines[name] = Line(name, cast("Inline", channel), profile, channel_token(keys, name))
    pushing = {name: cast("Push", channel) for name, channel in made.items() if hasattr(channel, "send")}
    wallets = wallets_of(stores, partial(_in_session, stores, gate))
    return House(stores, keys, gate, releases, cards, bank, hasher, pushing, wallets)


def collecting(db: Database, clock: Clock, wallets: Mapping[str, AdapterSettings], bank: Bank) -> Payments:
    """Payments by the first of ``wallets``."""
    first = next(iter(wallets.values()), None)
    if first is None:
        return Payments(db, clock, "")
    return Payments(db, clock, first.name, partial(takes_money, bank), first.others_a_day)


def bank_of(stores: Stores, products: Mapping[str, Product]) -> Any:
    """The bank that the settings name. ``flows.ports.Bank``; our own ledger can open accounts too."""
    settings, clock = stores.settings, stores.clock
    given = Given(
        options=settings.bank.options,
        currency=settings.institution.currency,
        clock=clock,
        books=SqlBooks(stores.db, clock),
        products=products,
    )
    return discover.bank(settings.bank.adapter, given)


def wallets_of(stores: Stores, in_session: Callable[[str], Awaitable[bool]] | None = None) -> dict[str, Provider]:
    """The payment providers that the settings name. Raises BadSettings."""
    settings = stores.settings
    return {
        name: discover.payment(
            one.adapter,
            payment.Given(
                name=name,
                options=one.options,
                currency=settings.institution.currency,
                now=stores.clock.now,
                callback_url=f"{settings.own_url()}/payments/{name}",
                notebook=Notebook(stores.redis, name) if settings.demo.enabled else None,
                in_session=in_session,
            ),
        )
        for name, one in settings.payments.items()
    }


async def _in_session(stores: Stores, gate: Gate, phone: str) -> bool:
    """Whether a phone is in a session on any line. Raises OSError when nobody can say."""
    dialled = {name: channel.service_codes for name, channel in stores.settings.channels.items()}
    try:
        return await session_over.in_session(gate.sessions, gate.lines, dialled, phone, stores.clock.seconds())
    except StoreDown as error:
        raise ConnectionError("the session store does not answer") from error


def profile_of(adapter: str) -> Profile:
    """The profile that lies beside an adapter."""
    return profile_from(yaml.safe_load(discover.profile_text(adapter)))


def told(release: Release, language: str, key: str, values: Mapping[str, object]) -> str:
    """One of the engine's own sentences, for a message."""
    named = {"institution": titled(release.institution), **values}
    return release.words.render(language, "", key, named)
