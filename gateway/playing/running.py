"""Plays all conversations of a home, each on a record of its own, on embedded parts in a scratch folder."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from flows.faults import BrokenDefinitions
from flows.loading.conversations import STRANGER, Conversation, load_conversations
from flows.loading.source import SourceFile
from flows.people import People, SamplePerson, load_people
from flows.tracing import Trace, Way
from gateway.embedded.attachment import attach
from gateway.embedded.valkey import Limits
from gateway.home import Home
from gateway.playing.player import Difference, Unplayable, play, unplayable
from gateway.playing.rewriting import heard, rewritten
from gateway.playing.theatre import Theatre
from gateway.settings import Settings


@dataclass(slots=True)
class Played:
    """One conversation: as it is written (``difference`` None), or where it went another way."""

    conversation: Conversation
    difference: Difference | None = None
    text: str = field(default="", repr=False)  # the file as it would be now
    ways: set[Way] = field(default_factory=set)  # where it went


class Repertoire:
    """The people and the conversations of a home, and what is wrong with their files (``faults``; ``unread``: of the
    conversations).

    ``flows``: only theirs, and with ``loose`` these files, wherever they lie; without either, all of them.
    """

    def __init__(
        self, home: Home, settings: Settings, flows: Collection[str] = (), loose: Sequence[SourceFile] = ()
    ) -> None:
        institution = settings.institution
        source = home.file("people.yaml")
        self.people, faults = load_people(source, institution.currency) if source else (People(), [])
        self.files = {file.path: file for file in loose}
        self.flows = frozenset(flows)
        if flows or not loose:
            self.files |= {file.path: file for file in _said_in(home, flows)}
        names = [*(person.short_name for person in self.people.people), STRANGER]
        self.conversations, self.unread = load_conversations(self.files.values(), names, institution.languages)
        self.faults = sorted([*faults, *self.unread])
        self._people_faults = faults

    @property
    def by_name(self) -> dict[str, SamplePerson]:
        """The people as conversation files call them."""
        return {person.short_name: person for person in self.people.people}

    def about(self, home: Home) -> set[str]:
        """The flows that these conversations ought to visit: those asked for, else the institution's own."""
        talked_of = {PurePosixPath(file).parent.name for file in self.files}
        own = [f.name for f in home.files("flows") if home.path is None or (home.path / f.path).is_file()]
        return set(self.flows) or {*talked_of, *own}

    def check(self) -> None:
        """Raises BrokenDefinitions if nobody can talk: the file of the people cannot be read."""
        wrong = [fault for fault in self._people_faults if fault.level == "error"]
        if wrong:
            raise BrokenDefinitions(wrong)

    def unreadable(self) -> Iterator[Played]:
        """The files that cannot be played, as conversations that failed at the first line that is at fault."""
        told: set[str] = set()
        for fault in self.unread:
            if fault.level == "error" and fault.file not in told:
                told.add(fault.file)
                lines = self.files[fault.file].text.splitlines()
                written = "".join(lines[fault.line - 1 : fault.line])
                why = unplayable(fault.file, fault.line, written, f"{fault.message} {fault.fix}")
                yield Played(Conversation(fault.file, "", "", ""), why, self.files[fault.file].text)


def _said_in(home: Home, flows: Collection[str]) -> list[SourceFile]:
    """What is shipped was said in the sample institution: a home plays its own."""
    chosen = [flow for flow in home.folders("conversations") if not flows or flow in flows]
    found = [file for flow in chosen for file in home.files(f"conversations/{flow}")]
    return [file for file in found if home.path is None or (home.path / file.path).is_file()]


@asynccontextmanager
async def stage(settings: Settings, people: People) -> AsyncIterator[Theatre]:
    """A theatre in a scratch folder, on embedded parts of its own. Raises BrokenDefinitions."""
    with tempfile.TemporaryDirectory(prefix="njia-") as folder:
        attachment = attach(Path(folder), Limits())
        try:
            theatre = Theatre(settings, people, Path(folder), attachment.url)
            await theatre.open()
            yield theatre
        finally:
            attachment.close()


async def play_all(settings: Settings, repertoire: Repertoire, update: bool = False) -> AsyncIterator[Played]:
    """Each conversation as it is played; with ``update``, with its text as it would be now. A file that cannot be read
    is one that failed.

    Raises BrokenDefinitions for the flows and the people.
    """
    repertoire.check()
    for unread in repertoire.unreadable():
        yield unread
    async with stage(settings, repertoire.people) as theatre:
        for conversation in repertoire.conversations:
            played = await _play(theatre, conversation, repertoire.by_name)
            if update:
                await _update(theatre, played, repertoire)
            yield played


async def _play(theatre: Theatre, conversation: Conversation, people: dict[str, SamplePerson]) -> Played:
    async with theatre.scene() as house:
        house.gate.trace = trace = Trace()
        return Played(conversation, await play(house, conversation, people), ways=trace.ways)


async def _update(theatre: Theatre, played: Played, repertoire: Repertoire) -> None:
    """Plays it twice more: what differs from one time to the other is new every time."""
    text, now = repertoire.files[played.conversation.file].text, []
    try:
        for _ in range(2):
            async with theatre.scene() as house:
                now.append(await heard(house, played.conversation, repertoire.by_name))
        played.text = rewritten(text, played.conversation, *now)
    except Unplayable:
        played.text = text
