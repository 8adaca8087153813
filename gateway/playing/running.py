"""Plays all conversations of a home, each on a record of its own, on embedded parts in a scratch folder."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from pathlib import Path

from flows.faults import BrokenDefinitions
from flows.loading.conversations import Conversation, load_conversations
from flows.people import People, load_people
from gateway.embedded.attachment import attach
from gateway.embedded.valkey import Limits
from gateway.home import Home
from gateway.playing.player import NOBODY, Difference, play, rewritten
from gateway.playing.theatre import Theatre
from gateway.settings import Settings


@dataclass(slots=True)
class Played:
    """One conversation: as it is written (``difference`` None), or where it went another way."""

    conversation: Conversation
    difference: Difference | None = None
    text: str = field(default="", repr=False)  # the file as it would be now


class Repertoire:
    """The people and the conversations of a home, and what is wrong with their files (``faults``)."""

    def __init__(self, home: Home, settings: Settings, flows: Collection[str] = ()) -> None:
        institution = settings.institution
        source = home.file("people.yaml")
        self.people, faults = load_people(source, institution.currency) if source else (People(), [])
        chosen = [flow for flow in home.folders("conversations") if not flows or flow in flows]
        found = [file for flow in chosen for file in home.files(f"conversations/{flow}")]
        # What is shipped was said in the sample institution: a home plays its own.
        self.files = {f.path: f for f in found if home.path is None or (home.path / f.path).is_file()}
        names = [*(person.short_name for person in self.people.people), NOBODY.short_name]
        self.conversations, more = load_conversations(self.files.values(), names, institution.languages)
        self.faults = sorted([*faults, *more])

    def check(self) -> None:
        """Raises BrokenDefinitions if one of them cannot be played."""
        wrong = [fault for fault in self.faults if fault.level == "error"]
        if wrong:
            raise BrokenDefinitions(wrong)


async def play_all(settings: Settings, repertoire: Repertoire, update: bool = False) -> AsyncIterator[Played]:
    """Each conversation as it is played; with ``update``, with its text as it would be now.

    Raises BrokenDefinitions.
    """
    repertoire.check()
    people = {person.short_name: person for person in repertoire.people.people}
    with tempfile.TemporaryDirectory(prefix="njia-") as folder:
        attachment = attach(Path(folder), Limits())
        try:
            theatre = Theatre(settings, repertoire.people, Path(folder), attachment.url)
            await theatre.open()
            for conversation in repertoire.conversations:
                async with theatre.scene() as house:
                    played = Played(conversation)
                    if update:
                        text = repertoire.files[conversation.file].text
                        played.text = await rewritten(house, conversation, people, text)
                    else:
                        played.difference = await play(house, conversation, people)
                yield played
        finally:
            attachment.close()
