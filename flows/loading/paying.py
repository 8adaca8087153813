"""Money moves only after a confirmation that shows it, and what is texted of it later tells nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from flows.faults import listed
from flows.loading.draft import Draft
from flows.loading.names import Catalogue, Known
from flows.loading.structure import falls_through
from flows.model import AnyStep, Ask, Choose, Confirm, Do, Menu
from flows.values import Kind

PAYERS = ("client", "client with PIN", "staff")
NOT_BY_SMS = (Kind.MONEY, Kind.DATE)  # of what is private: balances, dues and their days
Place = tuple[str, bool]  # a step, and whether a payment was agreed to on the way


def check_payments(draft: Draft, known: Known, catalogue: Catalogue) -> None:
    """Everything about ``confirm`` and the actions that collect."""
    collecting = [step for step in draft.steps.values() if _collects(step, catalogue)]
    unconfirmed = _unconfirmed(draft, catalogue) if collecting and None not in draft.steps.values() else set()
    for step in draft.steps.values():
        draft.report.step = step.name if step else None
        if isinstance(step, Confirm):
            _shows(draft, step, known)
        elif isinstance(step, Do) and step in collecting:
            _payer(draft, step)
            _later(draft, step, catalogue)
            if step.name in unconfirmed:
                message = f'"{step.action}" can be reached without a yes to a "confirm", and moves only what one bound.'
                draft.report.error(step.line, "payment.unconfirmed", message, 'Put a "confirm" before it on every way.')
    _names(draft, bool(collecting))
    draft.report.step = None


def _collects(step: AnyStep | None, catalogue: Catalogue) -> bool:
    action = catalogue.actions.get(step.action) if isinstance(step, Do) else None
    return action is not None and action.collects


def _shows(draft: Draft, step: Confirm, known: Known) -> None:
    """Who is paid, how much, and what it costs stand on the screen that is agreed to."""
    amount = dict(step.payment)["collect"]
    needed = ("payee", "fee") if known.kinds.get(amount) is not Kind.MONEY else (amount, "payee", "fee")
    missing = [name for name in needed if name not in step.text.names]
    if missing:
        braced = listed(f"{{{name}}}" for name in missing)
        message = f"Who agrees to a payment must see who gets it, how much and what it costs; {braced} is not shown."
        draft.report.error(step.text.line, "confirm.not_shown", message, f"Write {braced} into these words.")


def _payer(draft: Draft, step: Do) -> None:
    who = draft.header.get("who")
    if who not in PAYERS:
        message = f'Whose payment is it? This flow is for "{who}", and may be used by somebody whom nobody knows.'
        draft.report.error(draft.line(None, "who"), "payment.who", message, "Write who: client with PIN, or client.")


def _later(draft: Draft, step: Do, catalogue: Catalogue) -> None:
    private = set(_private(draft, catalogue))
    for name, text in step.later:
        for wrong in sorted(private.intersection(text.names)):
            message = f"{{{wrong}}} is private: a text tells amount and receipt of a payment, never what is owed."
            draft.report.error(text.line, "later.private", message, "Take it away here.")
        if "receipt" in text.names and not name.startswith("paid"):
            message = f'There is no receipt when it is "{name}".'
            draft.report.error(text.line, "later.receipt", message, "Take {receipt} away here.")


def _private(draft: Draft, catalogue: Catalogue) -> Iterator[str]:
    for step in draft.steps.values():
        source = catalogue.sources.get(step.source.source) if isinstance(step, Choose) else None
        if isinstance(step, Choose) and source and source.private:
            fields = [field for field, kind in source.fields.items() if kind in NOT_BY_SMS]
            yield from (f"{root}.{field}" for root in (step.item, step.name) for field in fields)


def _names(draft: Draft, collects: bool) -> None:
    """Names of payments stand where something is known by them."""
    later = {id(text) for step in draft.steps.values() if isinstance(step, Do) for _, text in step.later}
    confirms = any(isinstance(step, Confirm) or step is None for step in draft.steps.values())
    for step, text in draft.texts:
        draft.report.step = step
        wrong = [name for name in text.names if not _is_known(name, id(text) in later, collects, confirms)]
        for name in wrong if step else ():
            draft.report.error(text.line, "payment.name", *_NOT_HERE[name.partition(".")[0]])


def _is_known(name: str, is_later: bool, collects: bool, confirms: bool) -> bool:
    match name.partition(".")[0]:
        case "receipt" | "payer":
            return is_later
        case "open":
            return collects and not is_later
        case "fee":
            return confirms
    return True


_NOT_HERE = {
    "receipt": ("A receipt is known only by what is told later.", "Take {receipt} away here."),
    "payer": ("Who paid is known only by what is told later.", "Take it away here."),
    "open": ("What is being paid is known on the steps that collecting leads to.", "Take {open.amount} away here."),
    "fee": ('A fee is known where a payment is confirmed, and this flow has no "confirm".', "Take {fee} away here."),
}


# -- is there a way to it without a yes? -----------------------------------------------------------------------------


def _unconfirmed(draft: Draft, catalogue: Catalogue) -> set[str]:
    """The steps that collect and that some way reaches with nothing agreed to."""
    names = list(draft.steps)
    below = dict(zip(names, [*names[1:], None], strict=True))
    waiting: list[Place] = [(name, False) for name in (names[0], draft.header.get("without_pin")) if name]
    seen, found = set[Place](), set[str]()
    while waiting:
        place = waiting.pop()
        step = draft.steps.get(place[0])
        if step is None or place in seen:
            continue
        seen.add(place)
        collects = _collects(step, catalogue)
        if collects and not place[1]:
            found.add(step.name)
        ways = _ways(step, below[step.name], place[1] and not collects)  # what was agreed to is spent
        waiting += [(name, agreed) for name, agreed in ways if name]
    return found


def _ways(step: AnyStep, below: str | None, agreed: bool) -> Iterator[tuple[str | None, bool]]:
    """Where the walk can go on from here, and whether something is agreed to there."""
    on = step.goes or below
    if step.only_if is not None:
        yield below, agreed
    if isinstance(step, Confirm):
        yield on, True
        yield step.no, False
    elif step.goes or falls_through(step):
        yield on, agreed
    match step:
        case Do():
            yield from ((way, agreed) for _, way in step.exits)
        case Menu():
            yield from ((option.goes, agreed) for option in step.options)
        case Ask():
            yield from ((way, agreed) for _, way in step.ways)
        case Choose():
            yield from ((way, agreed) for way in (step.none, step.unavailable))
