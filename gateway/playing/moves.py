"""What a client could do next: the answers that a screen offers, and a few of those that it leaves open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from flows import asking
from flows.frames import NAME
from flows.loading.conversations import Happens, Typed
from flows.model import Answer, Ask, Choose, Confirm, Do, Menu
from flows.money import exponent
from flows.talk import Talk, lookup
from flows.values import Kind, Money, Value

Item = Typed | Happens
WORDS = {Kind.TEXT: "A few words", Kind.NAME: "Amina Odera", Kind.PHONE: "0712345678", Kind.PLACE: "Kawangware"}
SECRETS = ("new PIN", "PIN", "code", "number", "wrong PIN", "wrong code", "wrong number")


@dataclass(frozen=True, slots=True)
class Move:
    """One thing to do, and ``how`` it leaves the step (as in ``flows.checks.graph.Edge``); "" where nobody knows."""

    items: tuple[Item, ...]
    how: str = ""
    cost: int = 1


def typed(text: str) -> Typed:
    return Typed(0, text)


def secret(name: str) -> Typed:
    return Typed(0, "", name)


def moves(talk: Talk) -> list[Move]:
    """What can be typed here, the likeliest first."""
    if talk.session.asks_redial:
        return [Move((typed("1"),)), Move((typed("2"),))]
    if talk.frame.gate:
        return _at_gate(talk.frame.gate)
    step = talk.flow.steps.get(talk.frame.step)
    match step:
        case Menu() if step.lists is not None:
            return [Move((typed(k),), f"flow {flow.name}") for k, flow in asking.listed(talk, step.lists).items()]
        case Menu():
            keys = asking.numbers(talk, len(step.options))
            return [Move((typed(k),), f"option {o.name}") for k, o in zip(keys, step.options, strict=True)]
        case Confirm():
            return [Move((typed("1"),), "yes"), Move((typed("2"),), "no")]
        case Choose():
            keys = asking.numbers(talk, len(talk.frame.lists.get(step.name, ())))
            return [Move((typed(k),), "next") for k in keys]
        case Ask():
            return list(_asked(talk, step))
    return []


def _at_gate(gate: str) -> list[Move]:
    if gate == NAME:
        return [Move((secret("number"),), "next"), Move((secret("wrong number"),), cost=3)]
    right, wrong = ("PIN", "wrong PIN") if gate == "pin" else ("number", "wrong number")
    return [Move((secret(right),), "next"), Move((secret(wrong),), cost=3)]


def _asked(talk: Talk, step: Ask) -> Iterator[Move]:
    if step.answer.kind is Kind.SECRET:
        yield from _secrets(talk, step)
        return
    for choice in asking.choices(talk, step):
        yield Move((typed(choice.key),), _chosen(step, choice.key, choice.label.key))
    for text in dict.fromkeys(_open(talk, step.answer)):
        yield Move((typed(text),), "next", 2)
    if step.answer.kind is Kind.TEXT:
        yield Move((secret("case"),), "next", 3)
    if not step.answer.required:
        yield Move((typed(""),), "refused", 2)


def _secrets(talk: Talk, step: Ask) -> Iterator[Move]:
    """What the action that is given this secret calls it tells which are worth trying first."""
    given = [
        name
        for one in talk.flow.steps.values()
        if isinstance(one, Do)
        for name, right in one.inputs
        if right == step.name
    ]
    for name in SECRETS:
        cost = 1 if not given or any(word in name.casefold() for word in given) else 6
        cost += 2 if name.startswith("wrong") else 0
        yield Move((secret(name),), "next", cost)
        if name == "code" and talk.person.clients:
            yield Move((Happens(0, "activate"), secret(name)), "next", cost)


def _chosen(step: Ask, key: str, label: str) -> str:
    if step.answer.kind is Kind.YES_NO:
        return "way yes" if key == "1" else "way no"
    name = label.removeprefix(f"{step.name}.")
    if step.offer:
        return f"offer {name}"
    if step.answer.options:
        return f"way {name}" if step.answer.kind is Kind.CHOICE else "next"
    return "refused"


def _open(talk: Talk, answer: Answer) -> Iterator[str]:
    """Answers that are typed: the least, the most, something between, and words of that kind."""
    if answer.kind in WORDS:
        yield WORDS[answer.kind]
    elif answer.kind is Kind.DATE:
        days = (talk.today, _bound(talk, answer.min), _bound(talk, answer.max))
        yield from (day.strftime("%d-%m-%Y") for day in days if isinstance(day, dt.date))
    elif answer.kind in (Kind.NUMBER, Kind.MONEY, Kind.RATING):
        low, high = (_number(_bound(talk, bound)) for bound in (answer.min, answer.max))
        found = [low, high, (low + high) // 2 if low is not None and high is not None else Decimal(100)]
        yield from (f"{number:f}" for number in found if number is not None)


def _bound(talk: Talk, bound: Value) -> Value:
    return lookup(talk.names(), bound) if isinstance(bound, str) else bound


def _number(bound: Value) -> Decimal | None:
    if isinstance(bound, Money):
        return Decimal(bound.minor).scaleb(-exponent(bound.currency))
    return Decimal(bound) if isinstance(bound, int | Decimal) and not isinstance(bound, bool) else None
