"""What happens to a conversation that nobody goes on with: it is closed, and what it left running is found out."""

from __future__ import annotations

import contextlib

from adapters.channel import Hop
from flows import doing
from flows import session as sessions
from flows.engine import ask_again, resume
from flows.events import Do, End, Say
from flows.session import Unreadable
from flows.talk import Talk
from gateway import opening, recording
from gateway.acting import act
from gateway.deadline import Deadline
from gateway.gate import Gate, Line, Visit
from gateway.store.sessions import Change
from gateway.store.state import Held, State
from gateway.telling import text_of

PATIENCE = 30.0  # seconds an effect may take when nobody is waiting


class StillUnknown(Exception):
    """The effect has not answered yet: to be asked again later."""


async def expire(gate: Gate, state_key: str) -> None:
    """A timer came due. Raises StoreDown; StillUnknown when it has to be asked again."""
    with contextlib.suppress(Unreadable):  # of a version that is gone: whatever it left running cannot be asked for
        await _expire(gate, state_key)


async def _expire(gate: Gate, state_key: str) -> None:
    held: Held | None = await gate.sessions.load_key(state_key)
    while held is not None and held.state is not None:
        state = held.state
        line = gate.lines.get(sessions.decode(state.told.talk).person.channel)
        if line is None:
            return
        visit = _visit(gate, line, state, held)
        change = await _resolved(visit, state) or _silent(visit)
        if change is None:
            return
        held = await gate.sessions.commit(line.kind, visit.hop.service, visit.hop.address, held, change)


def _visit(gate: Gate, line: Line, state: State, held: Held) -> Visit:
    session = sessions.decode(state.told.talk)
    hop = Hop(session.person.address, session.service, state.provider, "", network=state.network)
    return Visit(gate, line, hop, Deadline(gate.loop_time, line.profile, PATIENCE), held)


def _silent(visit: Visit) -> Change | None:
    state = visit.held.state
    if state is None or not _is_silent(visit, state):
        return None  # somebody spoke since the timer was set; that turn set another
    return recording.of_silence(visit.gate, visit.line, visit.held)


def _is_silent(visit: Visit, state: State) -> bool:
    return visit.gate.clock.seconds() >= state.heard_at + visit.line.profile.idle_seconds


async def _resolved(visit: Visit, state: State) -> Change | None:
    """Asks again, under the same key, for an effect that had not answered, and texts what came of it."""
    session = sessions.decode(state.told.talk)
    if not session.doing or not (state.closed or _is_silent(visit, state)):
        return None
    talk = await opening.talk_of(visit, session)
    if talk is None or doing.needs_secret(talk):
        return None
    result = ask_again(talk)
    while isinstance(result, Do):
        result = resume(talk, await act(visit, talk, result))
    if talk.session.outcome == "pending" or not isinstance(result, Say | End):
        raise StillUnknown
    return _told(visit, talk, text_of(talk, result))


def _told(visit: Visit, talk: Talk, text: str) -> Change | None:
    session = talk.session
    ref = f"{session.conversation}.{session.effects}.result"
    return recording.of_result(visit, talk, [(ref, session.person.address, text)] if text else [])
