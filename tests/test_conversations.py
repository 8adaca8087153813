"""Plays every shipped conversation, and checks that between them they visit every option and every exit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from flows import actions, doing, engine, taking
from flows.model import Ask, Choose, Confirm, Do, Menu
from flows.values import Kind
from gateway.home import Home
from gateway.institution import institution
from gateway.playing.running import Played, Repertoire, play_all
from gateway.publishing import compiled, gather
from gateway.settings import load


@dataclass
class Told:
    """What playing everything came to; ``seen`` holds (flow, step, option or exit)."""

    played: list[Played] = field(default_factory=list)
    seen: set[tuple[str, str, str]] = field(default_factory=set)


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    told = Told()
    with pytest.MonkeyPatch.context() as patch:
        _watch(patch, told.seen)
        asyncio.run(_play(told))
    yield told


async def _play(told: Told) -> None:
    settings = load(flags={"demo.enabled": "true"}, environment={})
    async for played in play_all(settings, Repertoire(Home(), settings)):
        told.played.append(played)


def _watch(patch: pytest.MonkeyPatch, seen: set[tuple[str, str, str]]) -> None:
    """Notes what each answer was taken for, and how each action and list came out."""
    answer, resume = taking.answer, doing.resume

    def answered(talk: Any, typed: str) -> Any:
        flow, step = talk.frame.flow, talk.frame.step
        result = answer(talk, typed)
        kind = talk.release.flows[flow].steps[step]
        seen.add((flow, step, talk.matched if isinstance(kind, Menu | Confirm) or talk.matched == "?" else "taken"))
        return result

    def resumed(talk: Any, outcome: Any) -> Any:
        flow, step = talk.frame.flow, talk.frame.step
        empty = outcome.exit == "found" and outcome.values.get("items") == []
        seen.add((flow, step, "none" if empty else outcome.exit))
        return resume(talk, outcome)

    patch.setattr(engine.taking, "answer", answered)
    patch.setattr(engine.doing, "resume", resumed)


def test_every_conversation_goes_as_it_is_written(told: Told) -> None:
    differences = [str(one.difference) for one in told.played if one.difference]
    assert not differences, "\n\n".join(differences)
    assert len(told.played) >= 70


def test_every_option_and_every_exit_is_visited(told: Told) -> None:
    wanted = set(_wanted())
    assert not wanted - told.seen, sorted(wanted - told.seen)


def test_every_flow_is_heard_in_every_language(told: Told) -> None:
    settings = load(flags={"demo.enabled": "true"}, environment={})
    heard = {(one.conversation.file.split("/")[1], one.conversation.language) for one in told.played}
    flows = {flow for flow, _ in heard}
    missing = [(f, lang) for f in flows for lang in settings.institution.languages if (f, lang) not in heard]
    assert flows == set(_release().flows)
    assert not missing, missing


def _release() -> Any:
    settings = load(flags={"demo.enabled": "true"}, environment={})
    return compiled(gather(Home(), institution(settings.institution)))


def _wanted() -> Iterator[tuple[str, str, str]]:
    release = _release()
    for flow in release.flows.values():
        for step in flow.steps.values():
            for way in _ways(release, step):
                yield flow.name, step.name, way


def _ways(release: Any, step: Any) -> list[str]:
    match step:
        case Menu() if step.lists:
            return [flow.name for flow in release.menus[step.lists]]
        case Menu():
            return [option.name for option in step.options]
        case Confirm():
            return ["yes", "no"]
        case Choose() if step.source.source == "institution.languages":
            return ["found", "taken"]  # an institution without languages is refused before
        case Choose():
            return ["found", "none", "taken", *(["unavailable"] if step.unavailable else [])]
        case Ask():
            return ["taken"] if step.answer.kind is Kind.TEXT else ["taken", "?"]
        case Do():
            return [*actions.catalogue()[step.action][0].exits]
    return []
