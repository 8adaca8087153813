"""``products/<name>.yaml``."""

from __future__ import annotations

from typing import get_args

from flows.loading.header import LANGUAGE
from flows.products import phrases
from flows.products.features import PARTS, RUNS, Equal, Method, Payoff
from flows.products.reading import KEYS
from flows.products.terms import CREDIT, MOST_INSTALMENTS, NEEDED, SAVINGS, SHARES
from flows.schema.parts import Schema, amount, count, each, one_of, said, several, table, text, word

_ABOUT = {
    "product": "The name of this product: the same as that of its file, without .yaml.",
    "words": "The language of the label.",
    "label": "What clients call it, in double quotes.",
    "made of": "What an account of this product can do: credit, savings, shares, or several of them.",
    "extra": "Where money goes that is more than what is due.",
}
FEATURES = {
    "credit": "A loan, with its interest and instalments.",
    "savings": "Savings; without any line below it, plain ones.",
    "shares": "Shares of the fund of a group that meets.",
}
TERMS = {
    "method": "How interest is charged: flat on the whole loan, declining on what is still owed.",
    "rate": "The interest: 24 % a year, 2 % a month, or for a loan 8 % for the term.",
    "frequency": "How often an instalment is due.",
    "instalments": "How many instalments there are.",
    "equal": "What is the same each time: the instalments, or the principal in them.",
    "grace": "How many instalments at the beginning are of interest only.",
    "round to": "Instalments are rounded to a multiple of this amount.",
    "fees": "Each fee with its name: {application: 1 % at disbursement}.",
    "penalty": "What a late instalment costs, once: 50 after 7 days, or 2 % of overdue after 7 days.",
    "pays first": "In which order a payment is used: penalty, fee, interest, principal.",
    "early payoff": "What interest a loan costs that is ended early.",
    "year": "How long a year is when its rate is turned into one of a week.",
    "minimum": "What must stay on the account.",
    "notice": "How long before money is taken out it must be asked for: 7 days.",
    "plan": "What is saved regularly: 200 weekly.",
    "price": "What one share costs.",
    "meets": "How often the group meets.",
    "each meeting": "How many shares a member buys at a meeting: 1 to 5.",
    "value": "What one share is worth now.",
    "cycle": "After how many meetings it is shared out: 52 meetings.",
}
_WORDS = {
    "method": get_args(Method),
    "frequency": phrases.FREQUENCIES,
    "meets": phrases.FREQUENCIES,
    "equal": get_args(Equal),
    "early payoff": get_args(Payoff),
    "year": tuple(phrases.YEARS),
}
_FORMS = {
    "rate": phrases.RATE.pattern,
    "penalty": phrases.PENALTY.pattern,
    "notice": r"\d{1,3} days?",
    "plan": phrases.PLAN.pattern,
    "each meeting": phrases.MEETING.pattern,
    "cycle": phrases.CYCLE.pattern,
}
AMOUNTS = ("round to", "minimum", "price", "value")
COUNTS = {"instalments": 1, "grace": 0}


def product() -> Schema:
    made_of = {
        "credit": table({key: _term(key) for key in CREDIT}, NEEDED["credit"], FEATURES["credit"]),
        "savings": {**table({key: _term(key) for key in SAVINGS}, (), FEATURES["savings"]), "type": ["object", "null"]},
        "shares": table({key: _term(key) for key in SHARES}, NEEDED["shares"], FEATURES["shares"]),
    }
    found = {
        "product": word(_ABOUT["product"]),
        "words": text(_ABOUT["words"], LANGUAGE.pattern),
        "label": said(_ABOUT["label"]),
        "made of": table(made_of, (), _ABOUT["made of"], minProperties=1),
        "extra": one_of(_ABOUT["extra"], RUNS),
    }
    return {"title": "A product", **table({key: found[key] for key in KEYS}, ("product", "label", "made of"))}


def _term(key: str) -> Schema:
    said_of = TERMS[key]
    if key in _WORDS:
        return one_of(said_of, _WORDS[key])
    if key == "fees":
        return each(text("How much, and when.", phrases.FEE.pattern), said_of)
    if key == "pays first":
        return several(said_of, one_of("A part of what is due.", PARTS), "|".join(PARTS))
    if key in AMOUNTS:
        return amount(said_of)
    if key in COUNTS:
        return count(said_of, COUNTS[key], MOST_INSTALMENTS)
    return word(said_of, _FORMS.get(key, ""))
