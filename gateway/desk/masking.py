"""What a page shows of who a client is, until somebody says why they must see more. Filters of our templates."""

from __future__ import annotations

from flows import phones

DOTS = "•••"


def name(full: str, shown: bool = False) -> str:
    """``Akinyi Otieno`` -> ``A. Otieno``; one name alone, ``A•••``."""
    words = full.split()
    if shown or not words:
        return full
    if len(words) == 1:
        return words[0][0] + DOTS
    return f"{words[0][0]}. {words[-1]}"


def phone(number: str, shown: bool = False) -> str:
    """``+254700000001`` -> ``+2547•••••001``. A WhatsApp id or the like is masked in the same way."""
    return number if shown or not number else phones.masked(number)


def ref(text: str, shown: bool = False) -> str:
    """An account, a receipt or a client number: its last four characters, and never all of it."""
    if shown or not text:
        return text
    return DOTS + text[-min(4, len(text) // 2) :] if len(text) > 1 else DOTS
