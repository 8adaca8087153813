"""Settings: ``njia.toml``, and every key of it as ``NJIA_<SECTION>__<KEY>`` in the environment.

``load`` reads them all, refuses what it does not know, and reports every fault at once. Secrets stay where they are
until they are needed (``Hidden.reveal``).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from adapters.channel import ChannelSettings
from gateway.settings.checking import (
    check_adapter,
    check_channel,
    check_flows,
    check_institution,
    check_networks,
    check_payments,
    check_prices,
)
from gateway.settings.given import Given, collect
from gateway.settings.hidden import Hidden, Options, SettingsError
from gateway.settings.reading import Reader, Row, suggestion
from gateway.settings.sections import (
    SECTIONS,
    AdapterKeys,
    AdapterSettings,
    BankKeys,
    ChannelKeys,
    DatabaseSection,
    DemoSection,
    FlowsSection,
    InstitutionSection,
    JobsSection,
    LogSection,
    PricesSection,
    RedisSection,
    SecuritySection,
    WebSection,
)

__all__ = ["AdapterSettings", "Hidden", "Options", "Row", "Settings", "SettingsError", "load", "load_or_sample"]

SAMPLE = Path(__file__).parent.parent / "sample" / "njia.toml"
OF_A_DEMO = "demo"  # a file in the data folder of a demonstration of the sample institution
PAST = "past"  # a folder there: where the month of its made-up clients is written
WRITTEN = "written.json"  # a file in that: the record has all of it
NAMES = [*SECTIONS, "channels", "payments", "bank"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. ``home`` is the institution's folder (None: what is shipped), ``data`` is ours."""

    home: Path | None
    data: Path
    institution: InstitutionSection
    database: DatabaseSection
    redis: RedisSection
    jobs: JobsSection
    security: SecuritySection
    web: WebSection
    log: LogSection
    flows: FlowsSection
    prices: PricesSection
    demo: DemoSection
    channels: Mapping[str, ChannelSettings]
    payments: Mapping[str, AdapterSettings]
    bank: AdapterSettings
    rows: tuple[Row, ...] = field(repr=False)

    def own_url(self) -> str:
        """Where the gateway of this host answers, for programs of the same host."""
        host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.web.host, self.web.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.web.port}"

    def database_url(self) -> str:
        """The SQLAlchemy URL, with its password: never print it. SQLite in the data folder when none is set."""
        if self.database.url is None:
            return f"sqlite+aiosqlite:///{self.data / 'njia.db'}"
        scheme, separator, rest = self.database.url.reveal().partition("://")
        return (
            f"postgresql+asyncpg{separator}{rest}"
            if scheme in {"postgres", "postgresql"}
            else scheme + separator + rest
        )


def load(
    home: Path | None = None,
    data: Path | None = None,
    flags: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """The settings. Without ``home``: NJIA_HOME, or this folder if it has an njia.toml; else, on the data folder of a
    demonstration, those of the demonstration. Raises SettingsError."""
    environment = os.environ if environment is None else environment
    home = home or _home(environment)
    data = _data(data, home, environment)
    demo = home is None and (data / OF_A_DEMO).is_file()
    given = collect(SAMPLE if demo else _file(home, environment, flags or {}), environment, flags or {})
    if demo:
        given.put(("demo", "enabled"), "true", "njia demo")
    settings = _read(given, home, data)
    if given.faults:
        raise SettingsError(given.faults)
    return settings


def load_or_sample(home: Path | None = None) -> Settings:
    """The settings of a home; without one, of the sample institution that what is shipped was written for."""
    settings = load(home)
    return settings if settings.home else load(flags={"demo.enabled": "true"})


def _home(environment: Mapping[str, str]) -> Path | None:
    if environment.get("NJIA_HOME"):
        return Path(environment["NJIA_HOME"])
    here = Path.cwd()
    return here if (here / "njia.toml").is_file() else None


def _data(data: Path | None, home: Path | None, environment: Mapping[str, str]) -> Path:
    chosen = data or (Path(environment["NJIA_DATA"]) if environment.get("NJIA_DATA") else None)
    return (chosen or (home / "data" if home else Path(".njia"))).absolute()


def _file(home: Path | None, environment: Mapping[str, str], flags: Mapping[str, str]) -> Path | None:
    """The institution's njia.toml; a demonstration without one is of the sample institution."""
    if home is not None:
        if not home.is_dir():
            raise SettingsError([f"There is no folder {home}. Make one with: njia init {home}"])
        return home / "njia.toml" if (home / "njia.toml").is_file() else None
    demo = flags.get("demo.enabled") or environment.get("NJIA_DEMO__ENABLED", "")
    return SAMPLE if demo.lower() in {"true", "yes", "on", "1"} else None


def _read(given: Given, home: Path | None, data: Path) -> Settings:
    reader = Reader(given)
    for name in given.tree:
        if name not in NAMES:
            given.faults.append(f"{_where(given, name)}: there is no such section.{suggestion(name, NAMES)}")
    sections = {name: reader.section(cls, (name,)) for name, cls in SECTIONS.items()}
    check_institution(given, sections["institution"])
    check_networks(given, ("security", "proxies"), sections["security"].proxies)
    check_flows(given, sections["flows"])
    check_prices(given, sections["prices"])
    return Settings(
        home=home,
        data=data,
        channels=_channels(reader, sections["institution"].country),
        payments=_payments(reader, sections["institution"].currency),
        bank=_bank(reader),
        rows=tuple(reader.rows),
        **sections,
    )


def _where(given: Given, name: str) -> str:
    variables = [source for key, source in given.sources.items() if key[0] == name]
    return variables[0] if variables else f"njia.toml, [{name}]"


def _channels(reader: Reader, country: str) -> dict[str, ChannelSettings]:
    channels = {}
    for name in reader.table(("channels",)):
        keys, options = reader.open_section(ChannelKeys, ("channels", name))
        channel = ChannelSettings(name, keys.adapter, keys.country or country, keys.service_codes, keys.allow, options)
        check_channel(reader.given, channel)
        channels[name] = channel
    return channels


def _payments(reader: Reader, currency: str) -> dict[str, AdapterSettings]:
    payments = {}
    for name in reader.table(("payments",)):
        keys, options = reader.open_section(AdapterKeys, ("payments", name))
        limits = (keys.allow, keys.tariff, keys.others_a_day)
        payments[name] = AdapterSettings(name, keys.adapter, options, *limits)
        check_payments(reader.given, payments[name], currency)
    return payments


def _bank(reader: Reader) -> AdapterSettings:
    keys, options = reader.open_section(BankKeys, ("bank",))
    check_adapter(reader.given, ("bank",), keys.adapter)
    return AdapterSettings(name="bank", adapter=keys.adapter, options=options)
