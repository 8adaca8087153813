"""Finds a conversation that goes where none has gone, by playing: the nearest way first, and never without an end.

The flows say how near a place is; the player says what really happens. The same files give the same conversations.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from flows import session as sessions
from flows.coverage import Coverage
from flows.loading.conversations import CHANNELS, STRANGER, Conversation, Happens, Typed
from flows.model import Flow
from flows.release import Release
from flows.session import Session
from flows.talk import Talk
from flows.tracing import REACHED, Trace, Way
from gateway.build import House
from gateway.playing.aims import Aim, Map, Place, heard_first
from gateway.playing.moves import Item, Move, moves, typed
from gateway.playing.player import Player
from gateway.playing.running import Repertoire, stage
from gateway.playing.theatre import Theatre
from gateway.playing.transcripts import blurred, written
from gateway.settings import Settings

ROUNDS = (8, 8)  # conversations that are tried with each client for one aim, and then again
LONGEST = 24  # lines that are typed in one of them
REPEATED = 8  # what it costs to do again what was done at the same place, in steps
TROUBLES = tuple(Happens(0, what) for what in ("bank down", "record down"))


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation nobody had written: ``file`` is where it belongs, ``aims`` what it is the first to visit."""

    file: str
    text: str
    aims: tuple[Aim, ...]


@dataclass(slots=True)
class Explored:
    found: list[Found] = field(default_factory=list)
    missed: list[Aim] = field(default_factory=list)
    plays: int = 0


@dataclass(frozen=True, slots=True)
class Path:
    """Who does what."""

    person: str
    items: tuple[Item, ...]

    @property
    def troubled(self) -> bool:
        return any(item in TROUBLES for item in self.items)

    @property
    def dials(self) -> int:
        return sum(isinstance(item, Typed) and item.text.startswith("*") for item in self.items)


class _Search:
    """What is still to be tried with one client, the nearest first."""

    def __init__(self, near: dict[Place, int]) -> None:
        self.near = near
        self._queue: list[tuple[int, int, Path]] = []
        self._order, self._seen, self._tried = count(), set[object](), Counter[object]()

    def push(self, cost: int, path: Path, doing: object = None) -> None:
        """``doing``: what is done where; the same again can wait."""
        heapq.heappush(self._queue, (cost + REPEATED * self._tried[doing], next(self._order), path))
        self._tried[doing] += 1

    def pop(self) -> Path | None:
        return heapq.heappop(self._queue)[2] if self._queue else None

    def is_new(self, mark: object) -> bool:
        if mark in self._seen:
            return False
        self._seen.add(mark)
        return True


@dataclass(slots=True)
class Stood:
    """Where a path has led: the ways that it went, and the talk that it stands in (None: the call is over)."""

    ways: set[Way]
    talk: Talk | None

    @property
    def place(self) -> object:
        return self.talk and (self.talk.frame.flow, self.talk.frame.step, self.talk.frame.gate)


async def explore(settings: Settings, repertoire: Repertoire, told: Coverage) -> Explored:
    """A conversation for each gap that one can be found for. Raises BrokenDefinitions."""
    repertoire.check()
    async with stage(settings, repertoire.people) as theatre:
        async with theatre.scene() as house:
            explorer = Explorer(theatre, repertoire, house)
            release = house.releases.current
        deepest = sorted(told.missing, key=lambda gap: (gap.flow, -gap.line, gap.how))  # goes by many others
        aims = [Aim.at(gap) for gap in deepest]
        aims += [heard_first(release.flows[flow], language) for flow, language in told.unheard]
        for aim in aims:
            await explorer.look_for(aim, aims)
        return explorer.explored


class Explorer:
    """Looks for one aim after the other. What is found on the way is kept too."""

    def __init__(self, theatre: Theatre, repertoire: Repertoire, house: House) -> None:
        line = next(line for kind in CHANNELS for line in house.gate.lines.values() if line.kind == kind)
        self._theatre, self._channel = theatre, line.kind
        self._service = house.stores.settings.channels[line.name].service_codes[0]
        self._release: Release = house.releases.current
        self._people = repertoire.by_name
        self._map = Map(self._release.flows)
        self._visited: set[Aim] = set()
        self._files = set(repertoire.files)
        self.explored = Explored()

    async def look_for(self, aim: Aim, aims: Sequence[Aim]) -> None:
        """Adds to ``explored`` what comes of it, unless what was found for another of ``aims`` goes there too."""
        language = aim.language or self._release.institution.languages[0]
        if aim in self._visited or replace(aim, how=REACHED) in self.explored.missed:
            return
        path = await self._search(aim, language)
        if path is None:
            self.explored.missed.append(aim)
            return
        blocks, ways = await self._written(path, language)
        new = tuple(one for one in aims if one.way in ways and one.language in ("", language))
        new = tuple(one for one in new if one not in self._visited)
        self._visited |= {*new}
        why = f"# Found by njia flows test --explore: {'; '.join(map(str, new))}."
        text = "\n".join([why, f"{path.person}, {self._channel}, {language}", *blocks]) + "\n"
        self.explored.found.append(Found(self._name(aim), text, new))

    async def _search(self, aim: Aim, language: str) -> Path | None:
        """With each client in turn, as it often depends on who calls; ``ROUNDS`` bound it."""
        near = self._map.distances(aim)
        searches = [self._begun(name, aim, near) for name in (*self._people, STRANGER)]
        for plays in ROUNDS:
            for search in searches:
                path = await self._go_on(search, plays, aim, language)
                if path is not None:
                    return path
        return None

    def _begun(self, name: str, aim: Aim, near: dict[Place, int]) -> _Search:
        """A plain dial; for a survey, what it waits for first."""
        search, flow = _Search(near), self._release.flows[aim.flow]
        if flow.starts.event:
            search.push(0, Path(name, (*_event(flow), typed(self._service))))
        search.push(1, Path(name, (typed(self._service),)))
        return search

    async def _go_on(self, search: _Search, plays: int, aim: Aim, language: str) -> Path | None:
        """The best of what is open is played next."""
        for _ in range(plays):
            path = search.pop()
            if path is None:
                return None
            stood = await self._play(path, language)
            if aim.way in stood.ways:
                return path
            if search.is_new(_mark(path, stood)):
                for cost, longer in self._onward(path, stood, aim, search.near):
                    search.push(cost, longer, (stood.place, longer.items[len(path.items) :]))
        return None

    def _onward(self, path: Path, stood: Stood, aim: Aim, near: dict[Place, int]) -> Iterator[tuple[int, Path]]:
        done = len(path.items)
        if done >= LONGEST:
            return
        if (aim.flow, aim.step, REACHED) in stood.ways and not _typed_decides(aim):
            done += 2 * REPEATED  # it came out otherwise for this client; for another it may not
        if stood.talk is None:
            if path.dials < 2:
                yield done + 10, Path(path.person, (*path.items, typed(self._service)))
            return
        for move in moves(stood.talk):
            cost = done + move.cost + 2 * self._distance(stood.talk, move, aim, near)
            yield cost, Path(path.person, (*path.items, *move.items))
            if not path.troubled:
                trouble = cost + (0 if self._map.by_trouble(aim) else 2 * REPEATED)
                yield from ((trouble, Path(path.person, (*path.items, bad, *move.items))) for bad in TROUBLES)

    def _distance(self, talk: Talk, move: Move, aim: Aim, near: dict[Place, int]) -> int:
        here = (talk.frame.flow, talk.frame.step)
        if (*here, move.how) == aim.way:
            return 0
        there = self._map.leads_to(here, "next" if move.how.startswith("offer ") else move.how) or here
        waiting = talk.session.frames if there[0] != here[0] else talk.session.frames[:-1]
        return self._map.distance(near, there, waiting) + 1

    async def _play(self, path: Path, language: str) -> Stood:
        self.explored.plays += 1
        async with self._theatre.scene() as house:
            house.gate.trace = trace = Trace()
            player = self._player(house, path, language)
            try:
                await player.begin()
                for item in path.items:
                    await player.do(item)
                return Stood(trace.ways, await self._talk(player))
            finally:
                player.world.free()

    def _player(self, house: House, path: Path, language: str) -> Player:
        return Player(house, Conversation("", path.person, self._channel, language, path.items), self._people)

    async def _talk(self, player: Player) -> Talk | None:
        """The conversation as the store has it, if the call is still open."""
        if player.shown is None or not player.shown.more:
            return None
        held = await player.house.gate.sessions.load(player.line.kind, player.service, player.person.phone)
        session: Session = sessions.decode(held.state.told.talk)  # type: ignore[union-attr]
        today = player.house.stores.clock.today()
        profile = player.line.profile
        return Talk(self._release, session, today, profile.asks_secrets, player.service, profile.carries)

    async def _written(self, path: Path, language: str) -> tuple[list[str], set[Way]]:
        """Its lines, played twice so that what is new every time can be left open."""
        one, other = [await self._told(path, language) for _ in range(2)]
        blocks = [
            [*_line(item), *written(blurred(now, again))]
            for item, now, again in zip(path.items, one.screens, other.screens, strict=True)
        ]
        texts = [f"sms: {text}" for text in blurred(one.texts, other.texts)]
        return [*(line for block in blocks for line in block), *texts], one.ways

    async def _told(self, path: Path, language: str) -> _Told:
        async with self._theatre.scene() as house:
            house.gate.trace = trace = Trace()
            player, screens = self._player(house, path, language), []
            try:
                await player.begin()
                for item in path.items:
                    player.shown = None
                    await player.do(item)
                    screens.append(player.screen)
                return _Told(screens, await player.new_texts(), trace.ways)
            finally:
                player.world.free()

    def _name(self, aim: Aim) -> str:
        parts = [aim.step, aim.how, aim.language]
        stem = "-".join(filter(None, (re.sub(r"\W+", "-", part).strip("-").lower() for part in parts)))
        file = f"conversations/{aim.flow}/{stem}.txt"
        if file in self._files:
            file = f"conversations/{aim.flow}/{stem}-found.txt"
        self._files.add(file)
        return file


@dataclass(frozen=True, slots=True)
class _Told:
    screens: list[tuple[str, ...]]
    texts: Sequence[str]
    ways: set[Way]


def _typed_decides(aim: Aim) -> bool:
    """Whether it is what is typed that leads there, and not what is known of the client who calls."""
    return not aim.how.startswith("exit ") and aim.how not in ("none", "unavailable")


def _event(flow: Flow) -> tuple[Item, ...]:
    happened = Happens(0, "event", flow.starts.event or "")
    return (happened, Happens(0, "wait", flow.starts.after)) if flow.starts.after else (happened,)


def _mark(path: Path, stood: Stood) -> object:
    """What tells two places apart: where one stands, what is known there, what is down, and which guesses were lost."""
    if stood.talk is None:
        return (path.person, path.dials, frozenset(stood.ways))
    frames = tuple((f.flow, f.step, f.gate, f.misses, repr(f.known)) for f in stood.talk.session.frames)
    guesses = sum(isinstance(item, Typed) and item.secret.startswith("wrong") for item in path.items)
    down = tuple(item.event for item in path.items if item in TROUBLES)
    return (path.person, path.dials, frames, guesses, down)


def _line(item: Item) -> list[str]:
    if isinstance(item, Happens):
        return [f"@{item.event} {item.rest}".rstrip()]
    return [f"> ({item.secret})" if item.secret else f"> {item.text}".rstrip()]
