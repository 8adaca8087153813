"""One turn: a channel adapter turned a provider's request into a hop; this moves the client one step.

Read it top to bottom: look (one round trip, or none: what this process wrote last it remembers) · place · hear · act ·
tell · commit (one round trip, atomic) · answer.
What it promises: a repeat gets the same reply and nothing runs twice; of two at once one commits and the other looks
again; whatever is down or slow, the person hears something within the deadline.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from adapters.channel import Closed, Hop, Reply
from flows.engine import hear, resume
from flows.events import Do
from flows.session import Unreadable
from gateway import opening, recording
from gateway.acting import act
from gateway.deadline import Deadline
from gateway.gate import Gate, Line, Visit
from gateway.looking import Overtaken, look
from gateway.place import Repeat, Stale
from gateway.store.sessions import StoreDown
from gateway.store.state import Held
from gateway.telling import tell

TRIES = 8  # looks at the store before a turn gives up: each one lost means that another request won


async def turn(gate: Gate, line: Line, hop: Hop, given_up: Callable[[], bool] = lambda: False) -> Reply:
    """The reply to one request of a session. Never raises for what is down: the apology is a reply too.

    ``given_up``: whether nobody waits for the reply any more. What has happened since may be the next call then.
    """
    deadline = Deadline(gate.loop_time, line.profile)
    try:
        for _ in range(TRIES):
            reply = await _once(gate, line, hop, deadline, given_up)
            if reply is not None:
                return reply
            if deadline.over() or given_up():
                break
    except opening.Gone as gone:
        return gone.reply
    return gate.apology(line)


async def _once(gate: Gate, line: Line, hop: Hop, deadline: Deadline, given_up: Callable[[], bool]) -> Reply | None:
    """One attempt; None: the store went away or another request was first, look again."""
    try:
        held, found = await look(gate, line, hop)
        if given_up():  # what we see may be the next call already; if it comes after this, the commit will see it
            return None
        if isinstance(found, Repeat):
            gate.metrics.replayed(line.name)
            gate.repeats.append((line, found.told.talk))
            return Reply(found.told.text, found.told.more)
        if isinstance(found, Stale):
            gate.metrics.stale(line.name)
            return gate.system(line, held, "too_late")
        visit = Visit(gate, line, hop, deadline, held)
        talk, event = await opening.begin(visit, found)
        result = hear(talk, event)
        while isinstance(result, Do):
            result = resume(talk, await act(visit, talk, result))
        reply, change = recording.of_turn(visit, found, talk, event, tell(talk, result, line.profile))
        held.session = talk.session  # remembered with what is committed
        newer = await gate.sessions.commit(line.kind, hop.service, hop.address, held, change)
    except Overtaken:
        return None
    except StoreDown:
        await deadline.breathe()
        return None
    return reply if newer is None else None


async def close(gate: Gate, line: Line, closed: Closed) -> None:
    """The provider's end notice: kept once in the journal; a redial will find the conversation where it stood."""
    held: Held | None = await gate.sessions.load(line.kind, closed.service, closed.address)
    with contextlib.suppress(Unreadable):  # of a version that is gone: there is nothing left to close
        while held is not None and (change := recording.of_close(gate, line, closed, held)) is not None:
            held = await gate.sessions.commit(line.kind, closed.service, closed.address, held, change)
