"""Every setting there is: its section, its default, its help. What stands here is what ``njia.toml`` may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from gateway.settings.hidden import Hidden, Options


@dataclass(frozen=True, slots=True)
class About:
    """What there is to say of a setting: help text, the words it may be, the numbers it lies between."""

    help: str
    choices: tuple[str, ...] = ()
    within: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysSection:
    back: Annotated[str, About("The key that goes one screen back, in every language.")] = "0"
    home: Annotated[str, About("The key that goes to the main menu.")] = "00"
    more: Annotated[str, About("The key that shows the rest of a long screen.")] = "98"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionSection:
    name: Annotated[str, About("The institution's name in full, as notices give it.")] = "Sample Microfinance"
    short_name: Annotated[str, About("The name on a phone's small screen; empty: the first word of the name.")] = ""
    country: Annotated[str, About("The country, ISO 3166 (two letters): how local phone numbers are read.")] = "KE"
    currency: Annotated[str, About("The currency, ISO 4217 (three letters).")] = "KES"
    languages: Annotated[
        tuple[str, ...], About("The languages on offer; the first is used where another lacks words.")
    ] = ("en",)
    timezone: Annotated[str, About("Where the institution's day begins and ends.")] = "Africa/Nairobi"
    notice_url: Annotated[str, About("Where the full privacy notice is; named at a client's first use.")] = ""
    notice_version: Annotated[str, About("The version of the notice; the one a client was shown is kept.")] = "1"
    phone: Annotated[str, About("The number a client may call, in international form.")] = ""
    wallet: Annotated[str, About("What clients call the mobile money they pay by: M-PESA.")] = ""
    paybill: Annotated[str, About("The business number that clients pay to by hand.")] = ""
    payee: Annotated[str, About("The institution as the wallet's prompt names it; empty: its name.")] = ""
    help_flow: Annotated[str, About("The flow that a third misunderstood answer leads to.")] = "call_me"
    main_flow: Annotated[str, About("The flow that a plain dial starts.")] = "main"
    quiet_days: Annotated[
        int, About("Days of silence after which a number must prove who uses it.", within=(1, 3650))
    ] = 180
    keys: KeysSection = field(default_factory=KeysSection)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSection:
    url: Annotated[
        Hidden | None, About("postgresql+asyncpg://user:password@host/name; absent: SQLite in the data folder.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSection:
    url: Annotated[Hidden | None, About("redis://, rediss:// or unix://; absent: the embedded Valkey.")] = None
    appendfsync: Annotated[
        str,
        About(
            "Embedded only. everysec: a power cut may cost about a second; always: nothing, but turns are slower.",
            choices=("everysec", "always"),
        ),
    ] = "everysec"
    memory_mb: Annotated[int, About("Embedded only: the most memory it may use, in MiB.", within=(16, 1048576))] = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsSection:
    url: Annotated[
        Hidden | None, About("Where late work queues, which must be one server; absent: the same as [redis].")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecuritySection:
    secret: Annotated[
        Hidden | None, About("32 characters or more that all keys derive from; absent: <data>/secret.")
    ] = None
    proxies: Annotated[
        tuple[str, ...], About("Addresses of our own reverse proxies, whose X-Forwarded-For is believed.")
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSection:
    host: Annotated[str, About("The address to listen on.")] = "127.0.0.1"
    port: Annotated[int, About("The port to listen on; 0: any free one.", within=(0, 65535))] = 8384
    workers: Annotated[int, About("Gateway processes that share the port.", within=(1, 256))] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSection:
    form: Annotated[str, About("plain: for people; json: one object a line.", choices=("plain", "json"))] = "plain"
    level: Annotated[str, About("The least that is logged.", choices=("debug", "info", "warning", "error"))] = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowsSection:
    staff_numbers: Annotated[
        tuple[str, ...],
        About("Phones of the staff, in international form: a release that is staged is on them first."),
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PricesSection:
    """Amounts in the institution's currency, with a point: 0.80. Empty: not counted."""

    ussd: Annotated[str, About("What a USSD call costs, or each started part of it (ussd_seconds): 1.00.")] = ""
    ussd_seconds: Annotated[
        int, About("The seconds that a USSD call is charged by; 0: by the call.", within=(0, 3600))
    ] = 0
    sms: Annotated[str, About("What each part of an SMS costs that is sent: 0.80.")] = ""
    whatsapp: Annotated[str, About("What each WhatsApp message costs that is sent: 0.40.")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSection:
    enabled: Annotated[
        bool, About("Sample clients, a clock that can be moved, a simulated wallet. Never on live data.")
    ] = False
    people: Annotated[
        int, About("Of the sample institution: more clients, made up with a month of their calls.", within=(0, 2000))
    ] = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKeys:
    """What every ``[channels.<name>]`` understands; further keys are the adapter's own."""

    adapter: Annotated[str, About("The adapter, by its path: ussd/africastalking.")] = ""
    country: Annotated[
        str, About("ISO 3166, for numbers written without a country code; empty: the institution's.")
    ] = ""
    service_codes: Annotated[tuple[str, ...], About("What clients dial or write to on this channel.")] = ()
    allow: Annotated[tuple[str, ...], About("Source addresses or networks that may call; empty: any.")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterKeys:
    """What every ``[payments.<name>]`` understands; further keys are the adapter's own."""

    adapter: Annotated[str, About("The adapter, by its path: payments/simulated.")] = ""
    allow: Annotated[tuple[str, ...], About("Source addresses or networks of its callbacks; empty: any.")] = ()
    tariff: Annotated[
        tuple[str, ...],
        About('What a payer pays on top, to the institution: ["up to 500: 0", "above: 15"]; empty: nothing.'),
    ] = ()
    others_a_day: Annotated[
        int,
        About("How often a day a phone may be asked to pay for others, and a client ask others.", within=(0, 1000)),
    ] = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BankKeys:
    """What ``[bank]`` understands; further keys are the adapter's own."""

    adapter: Annotated[str, About("The bank, by its path: banks/local or banks/fineract.")] = "banks/local"


@dataclass(frozen=True, slots=True)
class AdapterSettings:
    """One ``[payments.<name>]``, or ``[bank]``."""

    name: str
    adapter: str
    options: Mapping[str, Any] = field(default_factory=lambda: Options({}))
    allow: tuple[str, ...] = ()  # of [payments.<name>], as what follows
    tariff: tuple[str, ...] = ()  # bands: flows.paying.tariff
    others_a_day: int = 5


SECTIONS: dict[str, type] = {
    "institution": InstitutionSection,
    "database": DatabaseSection,
    "redis": RedisSection,
    "jobs": JobsSection,
    "security": SecuritySection,
    "web": WebSection,
    "log": LogSection,
    "flows": FlowsSection,
    "prices": PricesSection,
    "demo": DemoSection,
}
