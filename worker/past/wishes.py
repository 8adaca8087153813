"""What each of them calls for, and what they answer: by their habits, and by chance of their own."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from worker.past.calling import Wish
from worker.past.cast import Character
from worker.past.names import COMPLAINED, DISPUTED, LIKED, WISHED

DROPS = 0.10  # of the calls end before their end
SLIPS = 0.08  # have a wrong key in them
MISSES = 0.06  # a wrong PIN
SKIP = "1"
# By flow: the menu that it is found in, and what is said on its way.
WAYS: Mapping[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "balance": ((), {"balance.account": ""}),
    "statement": ((), {"statement.account": ""}),
    "call_me": ((), {"call_me.sure": "yes"}),
    "complaint": (("requests",), {}),
    "dispute": (("requests",), {}),
    "ask_loan": (("requests",), {}),
    "withdraw": (("requests",), {"withdraw.account": "", "withdraw.sure": "yes"}),
    "my_requests": (("requests",), {"my_requests.request": ""}),
    "messages": (("settings",), {"messages.want": "no"}),
}


def pay(who: Character, account: str, amount: int, dice: random.Random) -> Wish:
    """``amount`` in whole units. Without a PIN the account's number is typed."""
    typed = str(amount)
    says = {"repay.account": account, "repay.amount": typed, "repay.agree": "1"}
    says |= {"repay.way": "mine", "repay.number": account, "repay.much": typed, "repay.sure": "1"}
    return _lived(who, ("repay",), says, dice)


def other(who: Character, what: str, dice: random.Random) -> Wish:
    """Any other call: ``what`` is the flow. Where there is a choice of records, the first is taken."""
    above, says = WAYS.get(what, ((), {}))
    match what:
        case "complaint":
            says = _complaint(who, dice)
        case "dispute":
            says = _dispute(dice)
        case "ask_loan":
            says = _loan(dice)
        case "withdraw":
            says = {**says, "withdraw.amount": str(dice.choice((200, 300, 500)))}
        case "messages":
            says = {**says, "messages.which": dice.choice(("survey", "marketing", "stop"))}
        case "register":
            says = _joining(who, dice)
    return _lived(who, (*above, what), says, dice)


def answers(who: Character) -> dict[str, str]:
    """What they say when they are asked: the language, and the questions of the surveys."""
    dice, happy = who.dice("answers"), who.habits.happy
    score = min(10, max(0, happy + dice.choice((-1, 0, 0, 0, 1))))
    words = _words(who, dice, score)
    return {
        "language.language": who.language,
        "feedback.score": str(score),
        "feedback.why": dice.choices(("staff", "cost", "time", "rules", "other"), (15, 38, 25, 14, 8))[0],
        "feedback.liked": _liked(dice, score),
        "feedback.words": words,
        **_loan_answers(who, dice, happy, words),
    }


def left(wish: Wish, dice: random.Random) -> Wish:
    """The same call, given up on the way: at the survey's next question, or by a dropped line."""
    return replace(wish, stops=dice.randrange(1, 5), silence=dice.random() < 0.5)


def _loan_answers(who: Character, dice: random.Random, happy: int, words: str) -> dict[str, str]:
    ease = min(5, max(1, round(happy / 2) + dice.choice((-1, 0, 0, 1))))
    return {
        "loan_feedback.full": dice.choices(("yes", "less", "more"), (76, 21, 3))[0],
        "loan_feedback.why": dice.choices(("rule", "savings", "officer", "untold"), (35, 30, 20, 15))[0],
        "loan_feedback.ease": str(ease),
        "loan_feedback.hard": dice.choices(("papers", "distance", "wait", "group", "staff"), (30, 20, 32, 12, 6))[0],
        "loan_feedback.extra": dice.choices(("no", "yes", "refused"), (91, 4, 5))[0],
        "loan_feedback.more": words,
    }


def _lived(who: Character, path: tuple[str, ...], says: dict[str, str], dice: random.Random) -> Wish:
    """The wish as it goes in life: some slip, some mistype the PIN, some calls drop."""
    drops = dice.random() < DROPS
    return Wish(
        path,
        {**answers(who), **says},
        stops=dice.randrange(1, 4) if drops else 0,
        silence=drops and dice.random() < 0.5,
        slips=dice.randrange(1, 4) if dice.random() < SLIPS else 0,
        misses=dice.choice((1, 1, 2)) if dice.random() < MISSES else 0,
    )


def _words(who: Character, dice: random.Random, score: int) -> str:
    if dice.random() < 0.45:
        return SKIP
    return dice.choice((LIKED if score > 6 else WISHED)[who.language])


def _liked(dice: random.Random, score: int) -> str:
    if score < 4:
        return "5"
    picked = sorted(dice.sample(range(1, 5), dice.choice((1, 1, 2))))
    return " ".join(map(str, picked))


def _complaint(who: Character, dice: random.Random) -> dict[str, str]:
    what = dice.choices(("service", "staff", "other", "bribe"), (45, 25, 22, 8))[0]
    words = COMPLAINED[what][0 if who.language == "en" else 1]
    return {"complaint.what": what, "complaint.more": words if dice.random() < 0.8 else SKIP}


def _dispute(dice: random.Random) -> dict[str, str]:
    says = {"dispute.which": dice.choice(("list", "words")), "dispute.movement": "", "dispute.wrong": "amount"}
    return says | {"dispute.more": SKIP, "dispute.words": dice.choice(DISPUTED)}


def _loan(dice: random.Random) -> dict[str, str]:
    wanted = dice.choice((5000, 10000, 15000, 20000, 30000, 50000))
    purpose = dice.choices(("business", "farm", "school", "home", "other"), (45, 20, 22, 9, 4))[0]
    return {"ask_loan.amount": str(wanted), "ask_loan.purpose": purpose}


def _joining(who: Character, dice: random.Random) -> dict[str, str]:
    about = dice.choices(("loan", "savings", "group"), (60, 25, 15))[0]
    return {"register.name": who.name, "register.about": about}
