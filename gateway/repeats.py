"""Requests that came again and got the same reply: noted in passing, and told to the record a moment later.

A repeat must cost nothing, and nobody waits for it to be counted. So a turn only notes it here; every half second, and
at the end of the process, one journal entry for each screen says how often it went out again. A process that is killed
takes at most that half second of counting with it, never anything that was said.
"""

from __future__ import annotations

import contextlib
from collections import Counter

from flows import session as sessions
from gateway import recording
from gateway.gate import Gate, Line
from gateway.ids import new_id
from gateway.journal import encode
from gateway.store.sessions import StoreDown

REPEATED = "repeated"  # the event of such an entry


async def tell(gate: Gate) -> None:
    """Writes what was noted to the journal. What the store did not confirm is sent again as it was, and is one row."""
    noted = Counter(gate.repeats)
    gate.repeats.clear()
    for (line, talk), times in noted.items():
        with contextlib.suppress(sessions.Unreadable):
            gate.untold.append(_entry(gate, line, talk, times))
    while gate.untold:
        told = gate.untold[0]
        try:
            await gate.sessions.note(*told)
        except StoreDown:
            return
        if gate.untold and gate.untold[0] is told:
            gate.untold.popleft()


def _entry(gate: Gate, line: Line, talk: bytes, times: int) -> tuple[str, bytes]:
    """Whose journal it goes to, and the entry."""
    session = sessions.decode(talk)
    entry = recording.entry_of(gate, line, session, "")
    entry.event, entry.repeated = REPEATED, (new_id(), times)
    return session.person.address, encode(entry)
