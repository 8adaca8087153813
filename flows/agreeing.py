"""What a confirmation binds, and what ``collect`` takes of it: exactly what was shown, under the key minted there."""

from __future__ import annotations

from flows import frames
from flows.events import Outcome
from flows.model import Confirm, Do
from flows.naming import resolve
from flows.paying.tariff import fee_of
from flows.talk import Talk, lookup
from flows.values import Absent, Money, Phone, Value

AGREED = "?agreed"  # the confirmation that was answered with yes; no step can be called so
THIS_PHONE = "this phone"
Bound = dict[str, Value]


def bind(talk: Talk, step: Confirm) -> Bound | None:
    """The payment as this screen shows it; None if a part of it is not known here."""
    names = dict(step.payment)
    amount, whom = resolve(talk, names["collect"]), resolve(talk, names["for"])
    wallet = _wallet(talk, names["wallet"])
    if not (isinstance(amount, Money) and amount.minor > 0 and whom and not isinstance(whom, Absent) and wallet):
        return None
    fee = fee_of(talk.release.institution.tariff, amount)  # ours; what else a wallet charges is not ours to say
    return {"collect": amount, "for": whom, "wallet": wallet, "fee": fee, "key": frames.mint(talk, step.name)}


def _wallet(talk: Talk, name: str) -> Value:
    """The number that is asked to pay."""
    if name == THIS_PHONE:
        return Phone(talk.person.address)
    number = resolve(talk, name)
    return number if isinstance(number, Phone) else None


def answer(talk: Talk, step: Confirm, yes: bool) -> None:
    """The client said yes or no to what this step has shown. After a no, nothing is agreed to."""
    talk.frame.known.pop(AGREED, None)
    if yes:
        talk.know(AGREED, step.name)


def agreed(talk: Talk) -> Bound | None:
    """What the client said yes to and nothing was done about yet."""
    known = talk.frame.known
    bound = known.get(known.get(AGREED, ""))
    return bound if isinstance(bound, dict) and isinstance(bound["for"], dict) else None


def inputs(talk: Talk, step: Do, bound: Bound) -> dict[str, Value]:
    """What ``collect`` is given."""
    given = {"account": bound["for"]["id"], "amount": bound["collect"], "fee": bound["fee"], "wallet": bound["wallet"]}
    return {**given, "later": _later(talk, step, bound)}


def _later(talk: Talk, step: Do, bound: Bound) -> dict[str, Value]:
    """Where the words of later are, and what they name as it is known now."""
    kept: dict[str, Value] = {}
    names = talk.names()
    for name in dict.fromkeys(name for _, text in step.later for name in text.names):
        value = lookup(names, name)
        if name.partition(".")[0] not in talk.release.names and _tells(value):
            _put(kept, name, value)
    session = talk.session
    place = {"service": session.service, "flow": talk.frame.flow, "step": step.name, "release": session.release}
    return {**place, "nickname": str(bound["for"].get("nickname") or ""), "names": kept}


def _tells(value: Value) -> bool:
    return value is not None and not isinstance(value, Absent)


def _put(kept: dict[str, Value], dotted: str, value: Value) -> None:
    *path, last = dotted.split(".")
    for part in path:
        kept = kept.setdefault(part, {})
    kept[last] = value


def answered(talk: Talk, outcome: Outcome, again: dict[str, str]) -> str:
    """The exit that the flow takes. What was agreed to is spent: to pay once more is to confirm once more.

    ``{open.amount}`` is what is being paid. When the answer is that of an earlier call, the wallet was asked then.
    """
    talk.frame.known.pop(AGREED, None)
    talk.know("open", outcome.values)
    return again.get(outcome.exit, outcome.exit) if talk.asked_again else outcome.exit
