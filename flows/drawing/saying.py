"""What is said of a flow and its steps beside the words that clients read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from flows.actions import Action
from flows.faults import SPOKEN
from flows.model import AnyStep, Ask, Choose, Confirm, Do, End, Flow, Menu, Run, Say, Set, Split, Text
from flows.values import Kind

KINDS: Final[Mapping[type, str]] = {
    Say: "says",
    Menu: "menu",
    Ask: "question",
    Choose: "list",
    Confirm: "confirmation",
    Split: "split",
    Set: "sets",
    Do: "action",
    Run: "other flow",
    End: "end",
}
MONEY, SECRET, PIN = "money", "secret", "PIN"
_Say = Callable[[Flow, Text], str]


def marks(step: AnyStep, actions: Mapping[str, Action]) -> tuple[str, ...]:
    """Where money moves, where a secret is typed, and what is behind the PIN."""
    if isinstance(step, Confirm):
        return (MONEY,)
    if isinstance(step, Ask) and step.answer.kind is Kind.SECRET:
        return (SECRET,)
    if isinstance(step, Do) and step.action in actions:
        action: Any = actions[step.action]
        return (*([MONEY] if step.action == "collect" else []), *([PIN] if action.authority == "pin" else []))
    return ()


def entry(flow: Flow) -> tuple[str, ...]:
    """What stands before its first step."""
    return (PIN,) if flow.who == "client with PIN" else ()


def begins(flow: Flow, say: _Say) -> tuple[str, ...]:
    """How the flow starts, and for whom."""
    return (*_starts(flow, say), *_for_whom(flow))


def _starts(flow: Flow, say: _Say) -> Iterator[str]:
    starts = flow.starts
    if starts.menu:
        label = f', "{say(flow, starts.label)}"' if starts.label else ""
        key = f", key {starts.shortcut}" if starts.shortcut is not None else ""
        yield f"Menu {starts.menu}{key}{label}"
    if starts.keywords:
        yield f"Keyword{'s' if len(starts.keywords) > 1 else ''} {', '.join(starts.keywords)}"
    if starts.event:
        yield f"{starts.after} after: {starts.event}" if starts.after else f"After: {starts.event}"
    if starts.invite:
        yield f'Invited by SMS: "{say(flow, starts.invite)}"'
    if starts.every:
        yield f"Every {starts.every}"


def _for_whom(flow: Flow) -> Iterator[str]:
    if flow.who == "client with PIN":
        yield "For a client; the PIN is asked first"
    else:
        yield {"anyone": "For anyone", "unknown number": "For an unknown number"}.get(flow.who, f"For a {flow.who}")
    if flow.hidden_from:
        yield f"Hidden from {', '.join(flow.hidden_from)}"


def detail(step: AnyStep, flow: Flow, say: _Say) -> Iterator[str]:
    """What a reader of the file would want to know besides."""
    match step:
        case Ask():
            yield "typed: " + _answer(step)
        case Choose():
            yield f"from {step.source.source}"
            yield f'each line: "{say(flow, step.show)}"'
        case Split():
            yield f"over {step.over}"
        case Set():
            yield from (f"{name} = {value}" for name, value in step.values)
        case Do():
            yield step.action
            yield from (f'SMS later, {name}: "{say(flow, text)}"' for name, text in step.later)
        case Run():
            yield f"runs {step.flow}"
    if isinstance(step, Menu | Ask) and step.saves:
        yield f"saved as {step.saves}"


def _answer(step: Ask) -> str:
    spoken = "a secret" if step.answer.kind is Kind.SECRET else SPOKEN[step.answer.kind.value]
    return spoken if step.answer.required else f"{spoken}, or nothing"
