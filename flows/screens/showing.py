"""What a channel shows for a text and its choices: letters that it has, on screens that it can hold."""

from __future__ import annotations

from collections.abc import Sequence

from flows.screens.gsm7 import is_plain
from flows.screens.paging import Nav, paginate
from flows.screens.profile import Profile
from flows.screens.typography import phone_safe


def show(text: str, choices: Sequence[tuple[str, str]], nav: Nav, profile: Profile) -> list[str]:
    """The screens for ``text`` and ``choices`` (key, label), exactly as they go to the phone. Raises NoRoom."""
    if is_plain("\n".join([text, *(label for _, label in choices)])):
        return paginate(text, choices, nav, profile)
    letters = profile.letters
    shown = [(key, phone_safe(label, letters)) for key, label in choices]
    safe = Nav(phone_safe(nav.back, letters), phone_safe(nav.more, letters), nav.first)
    return paginate(phone_safe(text, letters), shown, safe, profile)
