"""What the wallet of a played conversation does where a file asks too much of it; else see the conversations."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.loading import SourceFile, load_conversations
from gateway.home import Home
from gateway.playing.player import Difference, play
from gateway.playing.running import Repertoire
from gateway.playing.theatre import Theatre
from gateway.settings import load

NOTHING = "Nothing was asked of the wallet: there is no payment, or the call is still open."
AGREE = """Wanjiru, ussd, en
> *384*7*1#
> (PIN)
> 1
"""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("Wanjiru, ussd, en\n> *384*7#\n@wallet paid SJK7\n", 3, id="nothing was agreed to"),
        pytest.param(f"{AGREE}@wallet declined\n", 5, id="nobody has said yes"),
        pytest.param(f"{AGREE}> 1\n> *384*7#\n@wallet silent\n", 7, id="they have dialled again"),
    ],
)
async def test_a_wallet_that_was_not_asked_says_nothing(tmp_path: Path, valkey_url: str, text: str, line: int) -> None:
    settings = load(flags={"demo.enabled": "true"}, environment={})
    repertoire = Repertoire(Home(), settings, ["main"])
    people = {person.short_name: person for person in repertoire.people.people}
    source = SourceFile("conversations/repay/one.txt", text)
    (conversation,), faults = load_conversations([source], [*people], settings.institution.languages)
    theatre = Theatre(settings, repertoire.people, tmp_path, valkey_url)
    await theatre.open()
    async with theatre.scene() as house:
        difference = await play(house, conversation, people)
    event = text.strip().rsplit("\n", maxsplit=1)[-1]
    assert not faults
    assert difference == Difference("conversations/repay/one.txt", line, (event,), (NOTHING,))
