"""The word of help above a question that was not understood: the longest that this question can bring."""

from __future__ import annotations

from flows.checks.shown.known import bounds
from flows.checks.shown.stage import Stage
from flows.model import AnyStep, Ask
from flows.places import MAX_PLACE
from flows.talk import lookup
from flows.values import Kind, Value, Word


def help_for(stage: Stage, step: AnyStep) -> str:
    if not isinstance(step, Ask):
        return stage.system("help_menu")
    low, high = (_known(stage, bound) for bound in bounds(step, stage.sizes))
    values = {"min": low, "max": high}
    kind, answer = step.answer.kind, step.answer
    if kind is Kind.SECRET:
        values = dict(zip(("min", "max"), answer.digits, strict=True))
    if kind is Kind.MEDIA:
        return stage.system("help_media", {"kinds": [Word(f"media_{one}") for one in answer.of]})
    if kind is Kind.PLACE:
        values = {"max": MAX_PLACE}
    keys = [f"help_{kind.value}_letters" if answer.letters else f"help_{kind.value}"]
    if kind is Kind.PLACE:
        keys += [f"help_place_{odd}" for odd in ("long", "degrees", "range")]
    if kind in (Kind.NUMBER, Kind.MONEY, Kind.DATE):
        keys += [f"help_{name}" for name, bound in values.items() if bound is not None]
    return max((stage.system(key, values) for key in keys), key=len)


def _known(stage: Stage, bound: Value) -> Value:
    return lookup(stage.names, bound) if isinstance(bound, str) else bound
