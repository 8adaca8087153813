"""A conversation file with its screens as they are now. What was typed, remarked and still fits stays as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flows.loading.conversations import Conversation, Happens, Shown, Sms, Typed
from flows.people import SamplePerson
from gateway.build import House
from gateway.playing.player import Player, Unplayable
from gateway.playing.transcripts import Screen, blurred, fits, written


@dataclass(slots=True)
class Heard:
    """What came, by the line of the file that led to it: screens, and the texts of ``sms:`` lines."""

    screens: dict[int, Screen] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)


async def heard(house: House, conversation: Conversation, people: Mapping[str, SamplePerson]) -> Heard:
    """Plays to the end, whatever is shown. Raises Unplayable where something cannot happen here."""
    player, found = Player(house, conversation, people), Heard()
    await player.begin()
    try:
        for item in conversation.turns:
            if isinstance(item, Sms):
                found.texts[item.line] = await player.next_text(item)
            elif isinstance(item, Typed | Happens):
                player.shown = None
                wrong = await player.do(item)
                if wrong is not None:
                    raise Unplayable(f"{wrong.file}, line {wrong.line}: {' '.join(wrong.shown)}")
                found.screens[item.line] = player.screen
    finally:
        player.world.free()
    return found


def rewritten(text: str, conversation: Conversation, now: Heard, again: Heard) -> str:
    """The file's text as it would be now. What differs between two plays is new every time, and becomes ``…``."""
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    starts = [item.line for item in conversation.turns if isinstance(item, Typed | Happens)]
    shown = {n: line for item in conversation.turns if isinstance(item, Shown) for n, line in _numbered(item)}
    texts = {line: blurred([text], [again.texts.get(line, "")])[0] for line, text in now.texts.items()}
    kept = lines[: starts[0] - 1] if starts else lines
    for start, end in zip(starts, [*starts[1:], len(lines) + 1], strict=True):
        screen = written(blurred(now.screens[start], again.screens.get(start, ())))
        block = [(n, lines[n - 1]) for n in range(start + 1, end)]
        kept += [lines[start - 1], *_block(block, shown, screen, texts)]
    return ending.join(kept)


def _numbered(item: Shown) -> Iterator[tuple[int, str]]:
    yield from zip(item.at, item.lines, strict=True)


def _block(
    block: list[tuple[int, str]], shown: Mapping[int, str], screen: Sequence[str], texts: Mapping[int, str]
) -> Iterator[str]:
    """What follows one input: the new screen, and between its lines what is no part of it where it stood."""
    old = [n for n, _ in block if n in shown]
    places = _aligned([shown[n] for n in old], screen)
    merged = list(screen)
    for place, line in zip(places, (shown[n] for n in old), strict=True):
        if place is not None:
            merged[place] = line
    told, after = 0, 0
    for n, line in block:
        if n in shown:
            place = places[after]
            after += 1
            upto = len(merged) if after == len(old) else told if place is None else place + 1
        else:
            upto = told if old else len(merged)
        yield from merged[told:upto]
        told = max(told, upto)
        if n not in shown and (told_line := _beside(n, line, texts)) is not None:
            yield told_line
    yield from merged[told:]


def _beside(n: int, line: str, texts: Mapping[int, str]) -> str | None:
    """A remark as it is, a text message as it is now; None for one that does not come any more."""
    if n not in texts:
        return line
    if not texts[n]:
        return None
    head, _, said = line.partition(":")
    return line if fits(said.strip(), texts[n]) else f"{head}: {texts[n]}"


def _aligned(old: Sequence[str], new: Sequence[str]) -> list[int | None]:
    """For each old line the new one that it still fits, in order."""
    places: list[int | None] = []
    free = 0
    for line in old:
        place = next((n for n in range(free, len(new)) if fits(line, new[n])), None)
        places.append(place)
        free = free if place is None else place + 1
    return places
