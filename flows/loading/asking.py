"""Steps that ask: ``say`` (which waits for nobody), ``menu`` and ``ask``."""

from __future__ import annotations

from typing import Any

from flows.faults import suggest
from flows.loading.answers import read_answer, read_options
from flows.loading.draft import At
from flows.loading.nodes import Table
from flows.loading.shape import ASK_BY_SMS
from flows.model import Answer, Ask, Menu, Offer, Option, Say
from flows.values import Kind

Common = dict[str, Any]


def read_say(at: At, common: Common) -> Say | None:
    text = at.words("say")
    return Say(**common, text=text) if text else None


def read_menu(at: At, common: Common) -> Menu | None:
    """Fixed options, or all flows that start from the menu of a name."""
    text, lists = at.words("menu"), at.word("lists")
    options = read_options(at, at.table)
    _either(at)
    ways = read_ways(at, [name for name, _ in options]) if "options" in at.table.items else {}
    shown = tuple(Option(name, label, ways.get(name)) for name, label in options)
    if text is None:
        return None
    return Menu(**common, text=text, options=shown, lists=lists, saves=at.word("saves"), on_timeout=_on_timeout(at))


def _either(at: At) -> None:
    has = [key for key in ("options", "lists") if key in at.table.items]
    if len(has) != 1:
        message = (
            "A menu has options, or it lists flows." if not has else "A menu cannot have options and list flows too."
        )
        at.report.error(at.line, "menu.options", message, 'Write "options:" or "lists:".')


def read_ask(at: At, common: Common) -> Ask | None:
    text, answer = at.words("ask"), read_answer(at)
    if text is None or answer is None:
        return None
    ways = read_ways(at, answer_names(answer))
    offer = _offer(at, answer)
    timeout, saves = _on_timeout(at), at.word("saves")
    return Ask(
        **common, text=text, answer=answer, offer=offer, ways=tuple(ways.items()), saves=saves, on_timeout=timeout
    )


def answer_names(answer: Answer) -> list[str]:
    """The answers that a step can tell apart by name."""
    if answer.kind is Kind.YES_NO:
        return ["yes", "no"]
    return [name for name, _ in answer.options] if answer.kind is Kind.CHOICE else []


def read_ways(at: At, answers: list[str]) -> dict[str, str]:
    """``go to: {yes: step, no: step}``: where each answer leads. ``go to: STEP`` was read with the step."""
    table = at.table.items.get("go to")
    if not isinstance(table, Table):
        return {}
    if not answers:
        at.report.error(table.line, "step.go_to", "The answers here have no names to go by.", "Write go to: STEP.")
        return {}
    for answer in table.items:
        if answer not in answers:
            message = f'"{answer}" is not an answer of this step.'
            at.report.error(table.at(answer), "step.unknown_answer", message, suggest(answer, answers))
    ways = {answer: at.goes(node, answer) for answer, node in table.items.items()}
    return {answer: step for answer, step in ways.items() if step}


def _offer(at: At, answer: Answer) -> tuple[Offer, ...]:
    """Ready answers: a name whose value is shown and taken, or ``other``."""
    table = at.sub("offer")
    found = []
    for value, node in (table.items if table else {}).items():
        if answer.kind is Kind.MEDIA and table:
            message = "What is sent cannot be offered ready: no key stands for a photo."
            at.report.error(table.at(value), "ask.offer_media", message, 'Take "offer" away.')
            return ()
        label = at.text(node, value, value)
        if value != "other" and table:
            at.use_name(value, "offer", table.at(value), answer.kind)
        if label:
            found.append(Offer(value, label))
    return tuple(found)


def _on_timeout(at: At) -> str | None:
    if at.table.items.get("on timeout") is None:
        return None
    text = at.word("on timeout")
    line = at.table.at("on timeout")
    message = "Nothing happens by itself when a client does not answer in time: this release cannot do that yet."
    fix = "It is left out for now: the flow goes on without it, and a redial finds the question again."
    at.report.warning(line, "step.on_timeout", message, fix)
    return text if text == ASK_BY_SMS else at.target("on timeout")
