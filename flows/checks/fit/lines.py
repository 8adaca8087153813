"""Whose words a line of a screen is: an option of the step itself, or the label of a flow that a menu lists."""

from __future__ import annotations

from dataclasses import replace

from flows import asking
from flows.checks.shown import Screen, Shows
from flows.checks.words.places import place, told_at
from flows.faults import Fault
from flows.model import AnyStep, Ask, Choose, Flow, Menu, Text

Labelled = tuple[Flow, Text]


def of_line(fault: Fault, shows: Shows, screen: Screen, key: str) -> Fault:
    """``fault`` where the words of the line with this key stand."""
    flow, text = _labels(shows, screen).get(key, (screen.flow, None))
    if text and not place(shows.subject, flow, text, screen.language).own:
        fault = replace(fault, language=flow.language)  # not translated: told once, and not in each language
    if flow is not screen.flow:
        fault = replace(fault, flow=flow.name, step=None, message=f"{fault.message}{_shown_by(screen)}")
    return told_at(fault, shows.subject, flow, text, text.line if text else 0)


def of_all(fault: Fault, shows: Shows, screen: Screen) -> Fault:
    """``fault`` where the words of the screen stand; of a menu that the institution made too long by adding a flow to
    it, at the last one that it added."""
    listed = _listed(shows, screen)
    own = shows.subject.own
    if listed and screen.flow.file not in own and (added := [flow for flow, _ in listed.values() if flow.file in own]):
        last, text = added[-1], added[-1].starts.label
        fault = replace(fault, flow=last.name, step=None, message=f"{fault.message}{_shown_by(screen)}")
        fix = f'Let "{last.name}" start from another menu, or shorten what stands after "as".'
        return replace(fault, file=last.file, line=text.line if text else 1, fix=fix)
    return told_at(fault, shows.subject, screen.flow, _main(screen.step))


def _shown_by(screen: Screen) -> str:
    return f" (The menu that shows it is in {screen.flow.file}, line {screen.step.line}.)"


def _main(step: AnyStep) -> Text | None:
    found = getattr(step, "text", None)
    return found if isinstance(found, Text) else None


def _listed(shows: Shows, screen: Screen) -> dict[str, Labelled]:
    if not (isinstance(screen.step, Menu) and screen.step.lists):
        return {}
    stage = shows.stages(screen.language, screen.largest)[screen.flow.name]
    listed = asking.listed(stage.talk(screen.step), screen.step.lists)
    return {key: (flow, flow.starts.label) for key, flow in listed.items() if flow.starts.label}


def _labels(shows: Shows, screen: Screen) -> dict[str, Labelled]:
    """By their keys."""
    step = screen.step
    if isinstance(step, Choose):
        return {key: (screen.flow, step.show) for key, _ in screen.shown.lines}
    if isinstance(step, Menu) and step.lists:
        return _listed(shows, screen)
    texts = [option.label for option in step.options] if isinstance(step, Menu) else _asked(step)
    if len(texts) != len(screen.shown.lines):
        return {}  # the engine's own words, or not all of them
    return {key: (screen.flow, text) for (key, _), text in zip(screen.shown.lines, texts, strict=True)}


def _asked(step: AnyStep) -> list[Text]:
    if not isinstance(step, Ask):
        return []
    return [offer.label for offer in step.offer] or [label for _, label in step.answer.options]
