"""Adapters are found by folder; names and settings that cannot work are refused with what to write instead."""

from __future__ import annotations

import datetime as dt

import pytest

from adapters import discover, payment
from adapters.channel import BadSettings, ChannelSettings
from adapters.sources import warnings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"adapter": "ussd/africastalkin"}, r'no adapter "ussd/africastalkin"\. Did you mean "ussd/africastalking"\?'),
        ({"adapter": "os"}, r'no adapter "os"\. There are: sms/africastalking, sms/console, ussd/africastalking'),
        ({"adapter": "../ussd/africastalking"}, "no adapter"),
        ({"adapter": "banks/local"}, r'no adapter "banks/local"'),
        ({"service_codes": ()}, r"\[channels\.ussd\] service_codes is empty"),
        ({"service_codes": ("384",)}, r'"384#" cannot be dialled; write "\*384\*7#"'),
        ({"allow": ("10.0.0.0/40",)}, r'\[channels\.ussd\] allow: "10\.0\.0\.0/40" is neither'),
    ],
)
def test_settings_that_cannot_work(settings: dict[str, object], message: str) -> None:
    whole = {"name": "ussd", "adapter": "ussd/africastalking", "country": "KE", "service_codes": ("*384*7#",)}
    with pytest.raises(BadSettings, match=message):
        discover.channel(ChannelSettings(**(whole | settings)))  # type: ignore[arg-type]


def test_an_unsigned_provider_without_an_allow_list_is_warned_of() -> None:
    settings = ChannelSettings("ussd", "ussd/africastalking", "KE", ("*384*7#",))
    assert "does not sign" in warnings(settings, signed=False)[0]
    assert not warnings(settings, signed=True)
    assert not warnings(ChannelSettings("ussd", "ussd/africastalking", "KE", (), ("192.0.2.1",)), signed=False)


def test_profile_of_an_unknown_adapter() -> None:
    with pytest.raises(discover.UnknownAdapter):
        discover.profile_text("ussd/nobody")


@pytest.mark.parametrize("name", ["payments/daraja", "banks/local", "payments/../simulation", "simulated"])
def test_a_wallet_is_looked_up_among_wallets(name: str) -> None:
    given = payment.Given(name="w", options={}, currency="KES", now=lambda: dt.datetime.now(dt.UTC))
    with pytest.raises(discover.UnknownAdapter, match=r"There are: payments/simulated\."):
        discover.payment(name, given)
