"""What a conversation must remember at its fullest, against the 8 KiB that a session may have.

Taken together: every answer that can have been given by then, each as long as it can be, the list that is shown (the
engine keeps as much of it as half a session has room for), and the pages of the screen. That is more than will ever
meet; what is under the bound here never goes over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flows.answers import MAX_TEXT
from flows.checks.fit.room import has_room
from flows.checks.graph import START, Graph
from flows.checks.shown import Screen, Shows
from flows.checks.shown.screens import is_shown_on
from flows.checks.shown.stage import Stage
from flows.faults import Fault
from flows.model import AnyStep, Ask, Choose, Do, Menu, Run
from flows.places import DEGREES, MAX_PLACE
from flows.session import LIMIT, LIST, encode, size
from flows.values import Kind
from flows.words.printing import style_of

_TYPED = {Kind.TEXT: MAX_TEXT, Kind.NAME: MAX_TEXT, Kind.PLACE: MAX_PLACE + DEGREES}
HEAD = 3  # bytes that msgpack puts before a text or a list of this size
_Bytes = Mapping[str, int]


def findings(shows: Shows) -> Iterator[Fault]:
    """At the first step of a flow where it may be too much."""
    language = shows.languages[0]
    stages = shows.stages(language, True)
    taken = {name: _all_kept(stage) for name, stage in stages.items()}
    above, said = _above(stages, taken), set[str]()
    for screen in shows.screens:
        name = screen.flow.name
        if not screen.largest or screen.language != language or name in said:
            continue
        room = LIMIT - above[name] - _frames(stages[name], screen.step)
        if room < sum(taken[name].values()) + LIST + _pages(shows, screen):
            by_then = _by_then(shows.subject.graphs[name], screen.step.name)
            over = sum(taken[name][step] for step in by_then) + _on_screen(shows, screen, stages[name]) - room
            if over > 0:
                said.add(name)
                yield _too_much(shows, screen, over)


def _too_much(shows: Shows, screen: Screen, over: int) -> Fault:
    message = (
        f"By here what must be remembered of a call may take {LIMIT + over} bytes, and a session has {LIMIT}: the "
        "answers in words, a long list and its screens are too much together."
    )
    fix = "Choose from lists before you ask for words, ask for fewer of them, or show fewer fields of the list."
    return shows.subject.faults(screen.flow).error(screen.step.name, "fit.session", message, fix)


def _all_kept(stage: Stage) -> _Bytes:
    return {step.name: _kept(stage, step) for step in stage.flow.steps.values()}


def _kept(stage: Stage, step: AnyStep) -> int:
    """The bytes of what this step makes known."""
    if not isinstance(step, Menu | Ask | Choose | Do | Run):
        return 0
    value = stage.known.get(step.name)
    if isinstance(step, Ask) and step.answer.kind in _TYPED:
        latin = style_of(stage.sizes.language, stage.release.institution.country).latin
        return len(step.name) + HEAD + _TYPED[step.answer.kind] * (1 if latin else 3)
    if isinstance(step, Choose) and isinstance(value, dict):
        fields = {name: value.get(name) for name in ("id", *step.fields)}
        return len(step.name) + len(step.item) + 2 * (size(fields) + HEAD)
    return len(step.name) + HEAD + (size(value) if value is not None else 0)


def _above(stages: Mapping[str, Stage], taken: Mapping[str, _Bytes]) -> dict[str, int]:
    """The bytes of the flows below this one in the pile: those that run it, with all that they may know by then."""
    found = dict.fromkeys(stages, 0)
    for _ in stages:
        news = dict(found)
        for name, stage in stages.items():
            for step in stage.flow.steps.values():
                if isinstance(step, Run) and step.flow in found:
                    news[step.flow] = max(news[step.flow], found[name] + sum(taken[name].values()))
        if news == found:
            break
        found = news
    return found


def _frames(stage: Stage, step: AnyStep) -> int:
    """The bytes of the session itself, with a full trail and nothing known."""
    talk = stage.talk(step)
    talk.session.release = "r" * 32
    talk.frame.known, talk.frame.lists = {}, {}
    talk.frame.trail = [step.name] * 20
    return len(encode(talk.session))


def _by_then(graph: Graph, step: str) -> set[str]:
    """The steps that can have been passed before this one."""
    found, waiting = set[str](), [step]
    while waiting:
        news = {edge.step for edge in graph.before(waiting.pop())} - found - {START}
        found |= news
        waiting += news
    return found


def _on_screen(shows: Shows, screen: Screen, stage: Stage) -> int:
    listed = stage.talk(screen.step).frame.lists.get(screen.step.name)
    return (size(listed) if listed else 0) + _pages(shows, screen)


def _pages(shows: Shows, screen: Screen) -> int:
    """The bytes of its pages, on the channel where they are most."""
    seen = [p for p in shows.subject.profiles.values() if is_shown_on(screen, p)]
    made = [shows.pages(screen, profile) for profile in seen if has_room(shows, screen.language, profile)]
    return max((sum(len(page.encode()) + HEAD for page in pages) for pages in made if len(pages) > 1), default=0)
