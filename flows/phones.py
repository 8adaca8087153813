"""Telephone numbers as people type and print them, made E.164: ``+254712345678``.

Our own cleaning comes before the ``phonenumbers`` library, which reads a leading 00 as part of the number, stars as
digits left out, and letters as keys. A number is refused when it is not *possible*; whether its range is given out
is not asked, since ranges change faster than libraries (and UK test numbers are possible, not valid).
"""

from __future__ import annotations

import re
import unicodedata

SHORT_CODE = 6  # up to so many digits it is a short code of a network, not somebody's number
EXTENSION = re.compile(
    r"\s*(?:;\s*ext\s*=?|\bext(?:ension)?\b\.?|\bextn\b\.?|[x#])\s*[:.]?\s*\d{1,7}\s*$", re.IGNORECASE
)
SEPARATORS = re.compile(r"[\s().\-/\u00ad\u2010-\u2015\u2212\u2060\u200b-\u200f\u202a-\u202e\ufeff]")
TEL = re.compile(r"^\s*(?:tel|whatsapp|sms)\s*:\s*", re.IGNORECASE)
SCIENTIFIC = re.compile(r"^\s*\d(?:[.,]\d+)?[eE]\+?\d+\s*$")
FLOAT = re.compile(r"^(\s*\+?\d{7,})[.,]0+\s*$")  # 254700000001.0
MASKS = "*•·…_?"


class BadPhone(ValueError):
    """The number cannot be dialled; the text says why in plain words and never repeats the number."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"This telephone number cannot be used: {reason}.")
        self.reason = reason


def e164(typed: str, country: str = "", *, international: bool = False) -> str:
    """The number in E.164. Raises BadPhone.

    ``country`` (ISO 3166, ``KE``) reads national forms; ``international`` is for providers that send all digits
    with the country code and no plus. Digits of any script are read.
    """
    digits = _digits(_one_line(typed))
    if digits.startswith("00"):
        digits = "+" + digits.lstrip("0")  # what people write for +, whatever a network dials (000 in Kenya)
    elif international and not digits.startswith("+"):
        digits = "+" + digits
    if len(digits.lstrip("+")) <= SHORT_CODE:
        raise BadPhone("it is too short: a short code cannot be somebody's number")
    return _parsed(digits, country)


def usual(phone: str) -> bool:
    """False for a number in a range that is not known to be given out: worth a second look, not a refusal."""
    import phonenumbers  # noqa: PLC0415

    return bool(phonenumbers.is_valid_number(phonenumbers.parse(phone)))


def _one_line(typed: str) -> str:
    """Without what surrounds a number: ``tel:``, an extension, the marks that spreadsheets leave."""
    if len(typed) > 80:
        raise BadPhone("it is too long for a telephone number")
    if SCIENTIFIC.match(typed):
        raise BadPhone("a spreadsheet has rounded it: format the column as text and write the number again")
    text = EXTENSION.sub("", TEL.sub("", typed.lstrip("'’` ")))
    return FLOAT.sub(r"\1", text)


def _digits(text: str) -> str:
    """Only digits, with a plus in front if there was one."""
    if any(mark in text for mark in MASKS):
        raise BadPhone("some digits are hidden: write all of them")
    text = SEPARATORS.sub("", text).replace("＋", "+")
    if not text:
        raise BadPhone("it is empty")
    digits = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    if re.search(r"[^\W\d_]", digits):
        raise BadPhone("it has letters in it: write digits only")
    if not re.fullmatch(r"\+?\d+", digits, re.ASCII):
        raise BadPhone("it has signs in it that no number has: write digits, with + in front of a country code")
    if len(digits) > 18:  # 15 digits of E.164, with 00 or a trunk 0
        raise BadPhone("it has too many digits to be one number")
    return digits


def _parsed(cleaned: str, country: str) -> str:
    import phonenumbers  # noqa: PLC0415 - 48 MB of tables, for those who need them

    if not (country or cleaned.startswith("+")):
        raise BadPhone("the country code is missing: write it as +254712345678")
    try:
        number = phonenumbers.parse(cleaned, country.upper() or None)
    except phonenumbers.NumberParseException as error:
        raise BadPhone("the country code is not one that exists") from error
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == phonenumbers.ValidationResult.IS_POSSIBLE:
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    if reason == phonenumbers.ValidationResult.TOO_LONG:
        raise BadPhone("it has too many digits")
    if reason == phonenumbers.ValidationResult.INVALID_COUNTRY_CODE:
        raise BadPhone("the country code is not one that exists")
    raise BadPhone("it has too few digits, or lacks the area or network code")


def masked(phone: str) -> str:
    """``+2547•••••149``: enough for its owner to recognise, too little to dial. Shorter ones show less."""
    shown = 5 if len(phone) >= 12 else 3
    tail = 3 if len(phone) >= 9 else 0
    return phone[:shown] + "•" * max(len(phone) - shown - tail, 3) + (phone[-tail:] if tail else "")
