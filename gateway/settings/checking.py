"""What the settings must be to make sense together. Each check tells its faults to ``given``."""

from __future__ import annotations

import ipaddress
import re
from zoneinfo import available_timezones

from adapters.channel import ChannelSettings
from gateway.settings.given import Given, Key
from gateway.settings.sections import AdapterSettings, FlowsSection, InstitutionSection, PricesSection

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
ADAPTER = re.compile(r"[a-z]+/[a-z0-9_]+")


def check_institution(given: Given, section: InstitutionSection) -> None:
    at = "institution"
    if not section.name.strip():
        given.fault((at, "name"), "must not be empty.")
    if not re.fullmatch(r"[A-Z]{2}", section.country):
        given.fault((at, "country"), "must be two capital letters (ISO 3166), such as KE.")
    if not re.fullmatch(r"[A-Z]{3}", section.currency):
        given.fault((at, "currency"), "must be three capital letters (ISO 4217), such as KES.")
    if section.timezone not in available_timezones():
        given.fault((at, "timezone"), f"{section.timezone} is not a time zone. Write one such as Africa/Nairobi.")
    _check_languages(given, section.languages)
    _check_keys(given, section)


def _check_languages(given: Given, languages: tuple[str, ...]) -> None:
    key = ("institution", "languages")
    if not languages:
        given.fault(key, 'must name at least one language: ["en"].')
    for code in languages:
        if not re.fullmatch(r"[a-z]{2,3}", code):
            given.fault(key, f"{code} is not a language code. Write one of ISO 639, such as en or sw.")


def _check_keys(given: Given, section: InstitutionSection) -> None:
    keys = (section.keys.back, section.keys.home, section.keys.more)
    for name, key in zip(("back", "home", "more"), keys, strict=True):
        if not re.fullmatch(r"[0-9]{1,2}", key):
            given.fault(("institution", "keys", name), "must be one or two digits.")
    if len(set(keys)) < len(keys):
        given.fault(("institution", "keys", "back"), "back, home and more must be three different keys.")


def check_adapter(given: Given, key: Key, adapter: str) -> None:
    if not adapter:
        given.fault((*key, "adapter"), 'is missing. Write adapter = "kind/vendor", such as "ussd/africastalking".')
    elif not ADAPTER.fullmatch(adapter):
        given.fault((*key, "adapter"), "must be written kind/vendor, such as ussd/africastalking.")


def check_payments(given: Given, payments: AdapterSettings, currency: str) -> None:
    key = ("payments", payments.name)
    if not NAME.fullmatch(payments.name):
        given.fault((*key, "adapter"), "a wallet's name is small letters, digits, - and _; it stands in its address.")
    check_adapter(given, key, payments.adapter)
    check_networks(given, (*key, "allow"), payments.allow)
    if payments.tariff:
        _check_tariff(given, (*key, "tariff"), payments.tariff, currency)


def _check_tariff(given: Given, key: Key, lines: tuple[str, ...], currency: str) -> None:
    from flows.paying import tariff  # noqa: PLC0415 - currencies take a tenth of a second to load

    try:
        tariff.read(lines, currency)
    except tariff.BadTariff as bad:
        given.fault(key, str(bad))


def check_flows(given: Given, flows: FlowsSection) -> None:
    for number in flows.staff_numbers:
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", number):
            given.fault(("flows", "staff_numbers"), "must be numbers in international form: +254700000001.")


def check_prices(given: Given, prices: PricesSection) -> None:
    for name in ("ussd", "sms", "whatsapp"):
        if not re.fullmatch(r"(\d{1,6}(\.\d{1,6})?)?", getattr(prices, name)):
            given.fault(("prices", name), 'must be an amount with a point and no currency, such as "0.80".')


def check_channel(given: Given, channel: ChannelSettings) -> None:
    key = ("channels", channel.name)
    if not NAME.fullmatch(channel.name):
        given.fault((*key, "adapter"), "a channel's name is small letters, digits, - and _; it stands in its address.")
    check_adapter(given, key, channel.adapter)
    check_networks(given, (*key, "allow"), channel.allow)
    for code in channel.service_codes:
        if not re.fullmatch(r"[*#+0-9A-Za-z ]{1,24}", code):
            given.fault((*key, "service_codes"), f"{code} cannot be dialled. Write one such as *384*7#.")


def check_networks(given: Given, key: Key, networks: tuple[str, ...]) -> None:
    for network in networks:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            given.fault(key, f"{network} is not an address or network, such as 203.0.113.0/24.")
