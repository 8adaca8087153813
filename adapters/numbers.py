"""Phone numbers and service codes as providers write them, cleaned into the one form used inside."""

from __future__ import annotations

import re

import phonenumbers

from adapters.channel import BadSettings, ChannelSettings, Rejected

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
INTERNATIONAL = re.compile(r"[1-9][0-9]{10,14}")  # too long to be a national number of the countries served
SEPARATORS = str.maketrans("", "", " -.()\u00a0")
SERVICE_CODE = re.compile(r"\*[0-9]+(\*[0-9]+)*#")


def e164(written: str, country: str, field: str = "phoneNumber") -> str:
    """The number in E.164 (``+254700000001``).

    A plus that the sender did not percent-encode arrives as a blank; ``00`` is not the international prefix of every
    country, so it is rewritten here, before a library reads it by the country's own rules. Raises Rejected, for a
    masked number (``+2547****0001``) too: two clients could share it.
    """
    number = written.translate(SEPARATORS)
    if E164.fullmatch(number):
        return number
    if "*" in number:
        raise Rejected(f"{field} is masked: ask the provider to send whole numbers")
    if number.startswith("00"):
        number = "+" + number[2:]
    elif INTERNATIONAL.fullmatch(number):
        number = "+" + number
    if E164.fullmatch(number):
        return number
    return _national(number, country, field)


def _national(number: str, country: str, field: str) -> str:
    try:
        if not re.fullmatch(r"[0-9]{7,14}", number):
            raise Rejected(f"{field} is not a phone number")
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        raise Rejected(f"{field} is not a phone number with its country code") from None
    if not phonenumbers.is_possible_number(parsed):
        raise Rejected(f"{field} is not a phone number of {country}")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


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
