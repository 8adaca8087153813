"""A flow as it would be read aloud: its steps by their numbers, what is said there, and where each way leads."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.graph import START
from flows.drawing.picture import Arrow, Box, Picture


def outline(picture: Picture) -> str:
    """Lines of text, indented under their step."""
    numbers = {box.name: at for at, box in enumerate(picture.boxes, 1)}
    ways: dict[str, list[Arrow]] = {name: [] for name in (START, *numbers)}
    for arrow in picture.arrows:
        ways[arrow.step].append(arrow)
    lines = [picture.flow, *(f"  {said}." for said in picture.begins), *_entries(ways[START], numbers)]
    for box in picture.boxes:
        lines += ["", *_step(box, numbers), *(f"     {line}" for line in _ways(box, ways[box.name], numbers))]
    if any(edge.how == "third miss" for edge in picture.edges):
        lines += ["", "Whoever is not understood three times at one question is offered a person."]
    return "\n".join([*lines, ""])


def _entries(arrows: list[Arrow], numbers: dict[str, int]) -> Iterator[str]:
    for arrow in arrows:
        said = f"  {_capital(' / '.join(arrow.labels))}: " if arrow.labels else "  Begins "
        yield f"{said}at {numbers[arrow.target]} {arrow.target}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _step(box: Box, numbers: dict[str, int]) -> Iterator[str]:
    condition = f", only if {box.only_if}" if box.only_if else ""
    marked = f" ({', '.join(box.marks)})" if box.marks else ""
    yield f"{numbers[box.name]:>3}. {box.name}: {box.kind}{marked}{condition}"
    for at, line in enumerate(box.words.split("\n") if box.words else ()):
        yield f"     {'' if at else chr(34)}{line}" + (chr(34) if at == box.words.count("\n") else "")
    yield from (f"     - {line}" for line in box.lines)
    yield from (f"     {line}" for line in box.details)


def _ways(box: Box, arrows: list[Arrow], numbers: dict[str, int]) -> Iterator[str]:
    here = numbers[box.name]
    for arrow in arrows:
        there = numbers[arrow.target]
        leads = (
            "here again:" if there == here else "back to" if there < here else "on to" if there == here + 1 else "to"
        )
        said = f"{' / '.join(arrow.labels)}: " if arrow.labels else ""
        yield f"> {said}{leads} {there} {arrow.target}"
    if not arrows and box.kind != "end":
        yield "> ends"
