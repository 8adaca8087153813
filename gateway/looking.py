"""What a turn begins from: what this process wrote last if the words go straight on from there, else a look."""

from __future__ import annotations

from adapters.channel import Hop
from gateway.gate import Gate, Line, Visit
from gateway.place import Next, Place, place
from gateway.store.state import Held


class Overtaken(Exception):
    """Somebody else went on with a conversation that this process only remembered: to be looked at."""


async def look(gate: Gate, line: Line, hop: Hop) -> tuple[Held, Place]:
    """The conversation of a request, and where the request stands in it. Raises StoreDown.

    Words after a separator of their own are not trusted to go straight on: another process may have answered the
    request in between. A repeat, a new call and a late one are answered, or begun, by what the store says.
    """
    held = gate.sessions.remembered(line.kind, hop.service, hop.address)
    if held is not None:
        found = place(held.state, hop, gate.mark)
        if isinstance(found, Next) and hop.separator not in found.text:
            return held, found
    held = await gate.sessions.load(line.kind, hop.service, hop.address)
    return held, place(held.state, hop, gate.mark)


async def be_sure(visit: Visit) -> None:
    """To be called before anything that no commit can take back. Raises Overtaken, StoreDown."""
    hop = visit.hop
    if await visit.gate.sessions.newer(visit.line.kind, hop.service, hop.address, visit.held) is not None:
        raise Overtaken
