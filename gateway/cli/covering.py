"""How coverage, and what exploring found, are told: in lines for people, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flows.coverage import Coverage, Gap
    from gateway.playing.exploring import Explored


def coverage_lines(told: Coverage) -> Iterator[str]:
    yield f"{told.visited} of {told.wanted} steps, options and outcomes visited."
    for file, gaps in groupby(told.gaps, lambda gap: gap.file):
        yield f"  {file}"
        yield from (f"    line {gap.line:<4} {gap.step}: {gap.said}" for gap in gaps)
    for language, flows in groupby(sorted((language, flow) for flow, language in told.unheard), lambda pair: pair[0]):
        yield f"  never played in {language}: {', '.join(flow for _, flow in flows)}"


def coverage_json(told: Coverage) -> dict[str, Any]:
    return {
        "wanted": told.wanted,
        "visited": told.visited,
        "gaps": [_gap(gap) for gap in told.gaps],
        "unheard": [{"flow": flow, "language": language} for flow, language in told.unheard],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {"flow": gap.flow, "file": gap.file, "line": gap.line, "step": gap.step, "how": gap.how, "said": gap.said}


def explored_lines(explored: Explored) -> Iterator[str]:
    yield ""
    for one in explored.found:
        yield one.file
        yield from (f"  {line}" for line in one.text.splitlines())
        yield ""
    for aim in explored.missed:
        yield f"No way was found: {aim.flow}, {aim}. Write that conversation yourself."
    yield f"{len(explored.found)} found, {len(explored.missed)} not, in {explored.plays} plays."


def explored_json(explored: Explored) -> dict[str, Any]:
    found = [{"file": one.file, "visits": [str(aim) for aim in one.aims], "text": one.text} for one in explored.found]
    return {"found": found, "missed": [str(aim) for aim in explored.missed], "plays": explored.plays}
