"""Plays every shipped conversation, and checks that between them they visit every step, option and exit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import cache

import pytest

from flows.coverage import Coverage, coverage
from flows.model import Ask
from flows.release import Release
from flows.tracing import WRONG, Way
from flows.values import Kind
from gateway.home import Home
from gateway.institution import institution
from gateway.playing.running import Played, Repertoire, play_all
from gateway.publishing import compiled, gather
from gateway.settings import load


@pytest.fixture(scope="module")
def played() -> list[Played]:
    async def play() -> list[Played]:
        settings = load(flags={"demo.enabled": "true"}, environment={})
        return [one async for one in play_all(settings, Repertoire(Home(), settings))]

    return asyncio.run(play())


def test_every_conversation_goes_as_it_is_written(played: list[Played]) -> None:
    differences = [str(one.difference) for one in played if one.difference]
    assert not differences, "\n\n".join(differences)
    assert len(played) >= 70


def test_every_step_every_option_and_every_exit_is_visited(played: list[Played]) -> None:
    told = covered(played)
    assert not told.gaps, "\n".join(f"{gap.file}, {gap.step}: {gap.said}" for gap in told.gaps)
    assert told.wanted == told.visited > 300


def test_every_flow_is_heard_in_every_language(played: list[Played]) -> None:
    assert covered(played).unheard == ()
    heard = {(one.conversation.file.split("/")[1], one.conversation.language) for one in played}
    assert heard == {(flow, language) for flow in release().flows for language in release().institution.languages}


def test_every_question_is_answered_wrongly_once(played: list[Played]) -> None:
    """Any words are an answer to a question for a text."""
    seen = {way for one in played for way in one.ways}
    wanted = set(_questions())
    assert not wanted - seen, sorted(wanted - seen)


def _questions() -> Iterator[Way]:
    for flow in release().flows.values():
        for step in flow.steps.values():
            if isinstance(step, Ask) and step.answer.kind is not Kind.TEXT:
                yield flow.name, step.name, WRONG


def covered(played: list[Played]) -> Coverage:
    seen: dict[str, set[Way]] = {}
    for one in played:
        seen.setdefault(one.conversation.language, set()).update(one.ways)
    return coverage(release().flows, release().flows, seen, release().institution.languages)


@cache
def release() -> Release:
    settings = load(flags={"demo.enabled": "true"}, environment={})
    return compiled(gather(Home(), institution(settings)))
