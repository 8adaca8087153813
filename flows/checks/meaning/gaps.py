"""Names that every flow knows and that may hold nothing: what this institution has not set, and who nobody knows.

The call goes on, and a client reads "Call  for help.": so these are warnings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flows.checks.knowing import Both, Ways
from flows.checks.meaning.guarding import guard, only_if
from flows.checks.subject import Subject
from flows.faults import Fault
from flows.model import AnyStep, Flow, Say, Text
from flows.words.quoted import texts_in

SETTINGS = {  # the name in a flow -> the setting in [institution]
    "institution.phone": "phone",
    "institution.notice_url": "notice_url",
    "wallet": "wallet",
    "paybill": "paybill",
}
OF_CLIENT = ("client.name", "client.number", "client.stage")
FOR_STRANGERS = ("anyone", "unknown number")
MOST_SAID = 3  # further places that one finding names


@dataclass(frozen=True, slots=True)
class Gap:
    """A text with a name that may hold nothing. ``step``: None for the words by which a flow starts."""

    flow: Flow
    step: AnyStep | None
    text: Text
    name: str


def findings(subject: Subject, ways: Mapping[str, Both]) -> Iterator[Fault]:
    empty = {name for name, setting in SETTINGS.items() if not getattr(subject.institution, setting)}
    gaps = [gap for name, both in ways.items() for gap in _gaps(subject.flows[name], both)]
    for name in sorted(empty):
        found = [gap for gap in gaps if gap.name == name]
        if any(gap.flow.file in subject.own for gap in found):  # what is shipped is not the author's to mend
            yield _not_set(sorted(found, key=lambda gap: gap.flow.file not in subject.own), subject)
    for gap in gaps:
        if gap.name in OF_CLIENT and gap.flow.who in FOR_STRANGERS and gap.step is not None:
            yield _nobody(gap, gap.step, subject)


def _gaps(flow: Flow, both: Both) -> Iterator[Gap]:
    for text in texts_in(flow.starts):
        yield from (Gap(flow, None, text, name) for name in text.names if name in SETTINGS)
    for step in flow.steps.values():
        for text in texts_in(step):
            for name in text.names:
                named = name in (*SETTINGS, *OF_CLIENT)
                if named and all(_may_be_empty(name, step, ways) for ways in (both.rough, both.fine) if ways):
                    yield Gap(flow, step, text, name)


def _may_be_empty(name: str, step: AnyStep, ways: Ways) -> bool:
    """Whether a client may come to this step for whom the name holds nothing, for all that conditions tell."""
    place, asked = ways.conditions.place, ways.conditions.domains
    cases = ways.down.get(step.name, ())
    if name in place:
        domain = asked[place[name]]
        cases = [case for case in cases if case.values[place[name]] & (domain.gone | domain.of(""))]
    if name in OF_CLIENT and "client.known" in place:
        known = asked[place["client.known"]].of(True)
        cases = [case for case in cases if case.values[place["client.known"]] & ~known]
    return bool(cases)


def _not_set(gaps: list[Gap], subject: Subject) -> Fault:
    first, setting = gaps[0], SETTINGS[gaps[0].name]
    others = list(dict.fromkeys(f"{gap.flow.file}, line {gap.text.line}" for gap in gaps[1:]))
    more = f", and {len(others) - MOST_SAID} more" if len(others) > MOST_SAID else ""
    also = f" So it is at {'; '.join(others[:MOST_SAID])}{more}." if others else ""
    message = f'"{setting}" is not set for this institution: a client reads a gap where {{{first.name}}} stands.{also}'
    fix = f'Write {setting} = "…" under [institution] in njia.toml.'
    fix += f" Or {guard(first.step, first.name) if first.step else f'take {{{first.name}}} away.'}"
    step = first.step.name if first.step else None
    return subject.faults(first.flow).warning(step, "meaning.not_set", message, fix, first.text.line)


def _nobody(gap: Gap, step: AnyStep, subject: Subject) -> Fault:
    message = (
        f"This flow is for {gap.flow.who}, and who is not known as a client reads a gap where {{{gap.name}}} stands."
    )
    if gap.flow.who == "unknown number":
        fix = f"Take {{{gap.name}}} away: nobody who comes here has one."
    elif isinstance(step, Say):
        fix = f'Write "{only_if(step, "client.known is yes")}" here, or "who: client" above.'
    else:
        fix = f'Write "who: client" above, if it is for nobody else. Or {guard(step, gap.name)}'
    return subject.faults(gap.flow).warning(step.name, "meaning.nobody", message, fix, gap.text.line)
