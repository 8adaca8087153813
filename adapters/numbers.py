"""Phone numbers and service codes as providers write them, cleaned into the one form used inside."""

from __future__ import annotations

import re

from adapters.channel import BadSettings, ChannelSettings, Rejected
from flows import phones

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
INTERNATIONAL = re.compile(r"[1-9][0-9]{10,14}")  # too long to be a national number of the countries served
SEPARATORS = str.maketrans("", "", " -.()\u00a0")
SERVICE_CODE = re.compile(r"\*[0-9]+(\*[0-9]+)*#")


def e164(written: str, country: str, field: str = "phoneNumber") -> str:
    """The number in E.164 (``+254700000001``).

    A plus that the sender did not percent-encode arrives as a blank. Raises Rejected, for a masked number
    (``+2547****0001``) too: two clients could share it.
    """
    if E164.fullmatch(written):
        return written
    number = written.translate(SEPARATORS)
    if E164.fullmatch(number):
        return number
    if "*" in number:
        raise Rejected(f"{field} is masked: ask the provider to send whole numbers")
    try:
        if not number.isascii():
            raise phones.BadPhone("it has signs in it that no provider sends")
        return phones.e164(number, country, international=bool(INTERNATIONAL.fullmatch(number)))
    except phones.BadPhone:
        raise Rejected(f"{field} is not a phone number") from None


def service_code(written: str) -> str:
    """The code with its final ``#``, which some gateways drop."""
    code = written.strip()
    return code if code.endswith("#") else code + "#"


def service_codes(settings: ChannelSettings) -> frozenset[str]:
    """The codes that this channel answers. Raises BadSettings if there are none, or one cannot be dialled."""
    codes = frozenset(service_code(code) for code in settings.service_codes)
    if not codes:
        raise BadSettings(f'[channels.{settings.name}] service_codes is empty: name a code, such as ["*384*7#"].')
    for code in sorted(codes):
        if not SERVICE_CODE.fullmatch(code):
            raise BadSettings(f'[channels.{settings.name}] service_codes: "{code}" cannot be dialled; write "*384*7#".')
    return codes
