"""Is everything that a flow names known, and of the right type? Nothing secret may be shown, compared or passed on."""

from __future__ import annotations

from collections.abc import Iterable

from flows.conditions import parse
from flows.faults import SPOKEN, suggest
from flows.loading.draft import NAME, Draft, Use
from flows.loading.names import BUILT_IN, Known
from flows.values import Kind

_OUTSIDE = {
    name: kind for name, kind in BUILT_IN.items() if name.split(".")[0] not in ("open", "fee", "receipt", "payer")
}


def check_uses(draft: Draft, known: Known) -> None:
    """Values, bounds, offers and the names between braces."""
    for use in draft.uses:
        draft.report.step = use.step
        _check_use(draft, use, known)
    for step, text in draft.texts:
        draft.report.step = step
        names = known.kinds if step else _before(text.key, known)
        for name in text.names:
            _check_shown(draft, name, text.line, names, known)
    draft.report.step = None


def _before(key: str, known: Known) -> dict[str, Kind]:
    """Before a flow has begun, only what every flow knows is there; and of whoever is invited nothing at all."""
    names = _OUTSIDE | {name: kind for name, kind in known.kinds.items() if name.startswith("shortcut.")}
    if key != "starts.invite":
        return names
    return {name: kind for name, kind in names.items() if name.split(".")[0] not in ("client", "contact")}


def _check_use(draft: Draft, use: Use, known: Known) -> None:
    kind = known.kinds.get(use.name)
    if kind is None:
        if not (known.is_unsure(use.name) or (use.bare and not ("." in use.name and NAME.fullmatch(use.name)))):
            unknown(draft, use.name, use.line, known.kinds)
    elif kind is Kind.SECRET and (use.kinds is None or Kind.SECRET not in use.kinds):
        secret(draft, use.name, use.line)
    elif use.kinds and kind not in use.kinds:
        wanted = " or ".join(sorted(SPOKEN[k.value] for k in use.kinds))
        message = f'"{use.what}" takes {wanted}, and "{use.name}" is {SPOKEN[kind.value]}.'
        draft.report.error(use.line, "names.type", message, "Name another one.")


def _check_shown(draft: Draft, name: str, line: int, names: dict[str, Kind], known: Known) -> None:
    kind = names.get(name)
    if kind is None:
        if not known.is_unsure(name):
            unknown(draft, name, line, names)
    elif kind is Kind.SECRET:
        secret(draft, name, line)
    elif kind is Kind.RECORD:
        parts = [other for other in names if other.startswith(f"{name}.")]
        fix = f"Name one of them, such as {{{min(parts)}}}." if parts else "Name one of them."
        draft.report.error(line, "names.record", f"{{{name}}} has several values and cannot be shown as one.", fix)


def unknown(draft: Draft, name: str, line: int, names: Iterable[str]) -> None:
    message = f'Nothing is known by the name "{name}".'
    if name.startswith("shortcut."):
        message = f'"{name.removeprefix("shortcut.")}" is no flow with a shortcut.'
        names = [other for other in names if other.startswith("shortcut.")]
    fix = suggest(name, names, "Name the answer of a step, or something that every flow knows.")
    draft.report.error(line, "names.unknown", message, fix)


def secret(draft: Draft, name: str, line: int) -> None:
    message = f'"{name}" is secret: it can be checked by an action, and nothing else.'
    draft.report.error(line, "names.secret", message, "Take it away here.")


def read_conditions(draft: Draft, known: Known) -> tuple[str, ...]:
    """Parses every ``only if`` of the flow; returns all names that they read."""
    names: list[str] = []
    for step, (source, line) in draft.conditions.items():
        draft.report.step = step
        condition, problems = parse(source, known.kinds, currency=draft.institution.currency, choices=known.choices)
        for problem in problems:
            if not (problem.code == "unknown_name" and any(known.is_unsure(word) for word in source.split())):
                draft.report.error(line, f"condition.{problem.code}", problem.message, problem.fix)
        if condition:
            draft.change(step, only_if=condition)
            names += condition.names
    draft.report.step = None
    return tuple(names)
