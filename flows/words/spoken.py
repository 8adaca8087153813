"""The keys of what the engine itself says: ``messages/<language>/system.yaml`` has them, and no others."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

KEYS: Final = frozenset(
    [
        "back",
        "more",
        "yes",
        "no",
        "yes_words",
        "no_words",
        "product_words",
        "reply_words",
        "pin_ask",
        "pin_wrong",
        "pin_not_here",
        "help_pin",
        "how_to_enrol",
        "which_client",
        "which_client_again",
        "number_ask",
        "number_wrong",
        "number_locked",
        "help_menu",
        "help_choice",
        "help_choices",
        "help_money",
        "help_number",
        "help_rating",
        "help_date",
        "help_phone",
        "help_text",
        "help_name",
        "help_yes_no",
        "help_secret",
        "help_secret_letters",
        "help_min",
        "help_max",
        "skip",
        "redial",
        "redial_continue",
        "redial_restart",
        "dropped",
        "survey_elsewhere",
        "payment_changed",
        "payment_too_often",
        "not_for_you",
        "still_working",
        "unavailable",
        "too_late",
        "release_gone",
        "sorry",
        "told_pin_set",
        "told_pin_changed",
        "pin_locked_minutes",
        "pin_locked_reset",
        "entry_disbursed",
        "entry_repaid",
        "entry_deposited",
        "entry_withdrawn",
        "entry_reversed",
        "entry_fee",
        "entry_penalty",
        "entry_interest",
        "entry_not_paid",
        "entry_checking",
        "case_call_back",
        "case_question",
        "case_complaint",
        "case_fraud",
        "case_loan",
        "case_top_up",
        "case_withdrawal",
        "case_dispute",
        "case_interest",
        "told_number_added",
        "told_paid",
        "told_fee",
        "told_not_paid",
        "told_unknown",
        "how_to_stop",
    ]
)
OPEN: Final = ("entry_", "case_")  # kinds of movement and of request: a bank may have further ones
NEEDED: Final = frozenset(key for key in KEYS if not key.startswith(OPEN))


def is_key(key: str) -> bool:
    """Whether somebody says this; a kind of movement that is nearly called as one of ours is misspelt."""
    return key in KEYS or (key.startswith(OPEN) and not get_close_matches(key, KEYS, n=1, cutoff=0.93))
