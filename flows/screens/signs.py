"""The typography table: a plain form for each sign that word processors and telephones' keyboards put into texts.

``anyascii`` is asked only for what is not here, as its currency names and dashes are not what people read.
"""

from __future__ import annotations

from typing import Final

NEWLINES: Final = "\n\r\v\f\x85\u2028\u2029"
BREAK: Final = "\u200b"  # zero-width space: where a script without spaces (Khmer, Thai) may break a line
JOINERS: Final = "\u200c\u200d" + BREAK  # needed to write Indic and Arabic words; nothing in a Latin one
VARIANTS: Final = "\ufe0e\ufe0f"  # ask for the plain or the coloured form of the sign before them


def _each(signs: str, plain: str) -> dict[str, str]:
    return dict.fromkeys(signs, plain)


PLAIN: Final[dict[str, str]] = {
    **_each("‘’‚‛′‵`´ʹʻʼʽˈ＇ʾʿˊˋ‹›ꞌ", "'"),
    **_each("“”„‟″‶«»＂〃˝❝❞", '"'),
    **_each("‐‑‒–—―−⁃﹘﹣－⸺⸻•‣▪●◦∙", "-"),
    **_each("·‧", "."),
    **_each("×✕✖", "x"),
    **_each("÷⁄∕", "/"),
    **_each("→⇒➔➜", "->"),
    **_each("←⇐", "<-"),
    **_each("≤⩽", "<="),
    **_each("≥⩾", ">="),
    **_each("✓✔", "OK"),
    "\t": " ",
    "…": "...",
    "≠": "<>",
    "©": "(c)",
    "®": "(R)",
    "™": "TM",
    "№": "No",
    "°": "o",
    "º": "o",
    "ª": "a",
    "‰": " per 1000",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "⅓": "1/3",
    "⅔": "2/3",
}

EXTENDED: Final[dict[str, str]] = {
    "{": "(",
    "}": ")",
    "[": "(",
    "]": ")",
    "~": "-",
    "|": "/",
    "\\": "/",
    "^": "'",
    "€": "EUR",
}

CURRENCIES: Final[dict[str, str]] = {
    "₦": "NGN",
    "₵": "GHS",
    "₱": "PHP",
    "₹": "INR",
    "₨": "Rs",
    "₺": "TRY",
    "₽": "RUB",
    "₫": "VND",
    "₮": "MNT",
    "₭": "LAK",
    "₲": "PYG",
    "₡": "CRC",
    "₴": "UAH",
    "₸": "KZT",
    "₼": "AZN",
    "₾": "GEL",
    "₿": "BTC",
    "৳": "BDT",
    "៛": "KHR",
    "฿": "THB",
    "₪": "ILS",
    "₩": "KRW",
    "﷼": "IRR",
    "؋": "AFN",
    "֏": "AMD",
    "₣": "F",
    "₤": "£",
    "₥": "m",
    "¢": "c",
    "ƒ": "f",
}
