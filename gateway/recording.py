"""What a turn leaves behind: the new state of the conversation and one journal entry, nothing secret in either."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from functools import lru_cache

from adapters.channel import Closed, Hop, Reply
from flows import inviting
from flows import session as sessions
from flows.events import Dial, Event, Said
from flows.observed import as_kept
from flows.session import Session
from flows.talk import Talk
from flows.values import Absent, Media, Money, Place, Value
from gateway.acting import hidden_from
from gateway.gate import Gate, Line, Visit
from gateway.journal import Entry, Saved, encode
from gateway.place import Next, Opened
from gateway.store.sessions import Change
from gateway.store.state import SUPERSEDED, Held, Own, Spot, State, Told

log = logging.getLogger("njia.turns")

GRACE = 15.0  # seconds after the channel's own time-out before we call it a drop-off
RESOLVE = 5.0  # seconds before somebody else looks what became of an effect


def of_turn(visit: Visit, found: Opened | Next, talk: Talk, event: Event, reply: Reply) -> tuple[Reply, Change]:
    """The change that this turn commits, and what is told: an apology if the session outgrew its bound."""
    gate, hop, state, session = visit.gate, visit.hop, visit.held.state, talk.session
    session.turn += 1
    if session.outcome not in ("", "pending"):
        sessions.forget(session)
    kept = sessions.encode(session)
    if len(kept) > sessions.LIMIT:
        reply, kept = _too_long(visit, talk)
    entry = _turn_entry(visit, talk, event, reply)
    now, spot = entry.at, Spot(len(hop.text), gate.mark(hop.session, hop.text))
    after = State(hop.session, Told(spot, reply.text, reply.more, kept), now, hop.network, closed=not reply.more)
    if state is not None:
        after.superseded = _superseded(state, hop)
        after.before = _before(state, found)
    left = _left(visit) if session.turn == 1 else b""
    return reply, Change(after, encode(entry), _own(visit, talk), _due(visit, talk, reply, now), left)


def _too_long(visit: Visit, talk: Talk) -> tuple[Reply, bytes]:
    """The call ends with an apology, and only an effect that has not answered is still remembered."""
    session = talk.session
    session.outcome, session.pages, session.page = "too long", [], 0
    return visit.gate.apology(visit.line), _least(visit, talk)


def _least(visit: Visit, talk: Talk) -> bytes:
    """Of a session that outgrew its bound what an effect needs that has not answered: that was within it before."""
    log.error("the session outgrew %d bytes at %s, step %s", sessions.LIMIT, talk.frame.flow, talk.frame.step)
    visit.gate.metrics.failed(visit.line.name)
    session = talk.session
    session.frames = [frame for frame in session.frames if frame.doing]
    for frame in session.frames:
        frame.lists, frame.trail = {}, []
    return sessions.encode(session)


def _left(visit: Visit) -> bytes:
    """The last entry of a conversation that was open until this one took its place: a drop-off is data."""
    state = visit.held.state
    if state is None or state.closed:
        return b""
    try:
        ending = _ended(visit.gate, visit.line, state, "left")
    except sessions.Unreadable:
        return b""
    ending.entry.outcome = "left"
    return encode(ending.entry)


def _due(visit: Visit, talk: Talk, reply: Reply, now: float) -> float | None:
    """When to look again: a call that falls silent, or an effect that has not answered."""
    if reply.more:
        return now + visit.line.profile.idle_seconds + GRACE
    return now + RESOLVE if talk.session.doing else None


def _superseded(state: State, hop: Hop) -> list[str]:
    if state.provider == hop.session:
        return state.superseded
    return [*state.superseded, state.provider][-SUPERSEDED:]


def _before(state: State, found: Opened | Next) -> Told | None:
    """What a redial under the same session id leaves: it may have been a late copy of the first request."""
    if isinstance(found, Next) or not found.same or state.closed:
        return None
    return state.told


def _own(visit: Visit, talk: Talk) -> Own | None:
    """What the address chose, if that changed, a conversation began or this is its first word today."""
    before, person, seen = visit.held.own or Own(), talk.session.person, _written(talk.today)
    if before.seen != seen and talk.quiet:
        seen = before.seen  # silent until it proved who it is
    began = talk.session.turn == 1
    if not began and (person.language, person.notice, seen) == (before.language, before.notice, before.seen):
        return None
    return Own(person.language, person.notice, seen, before.calls + began)


_written = lru_cache(4)(dt.date.isoformat)


def _turn_entry(visit: Visit, talk: Talk, event: Event, reply: Reply) -> Entry:
    entry = entry_of(visit.gate, visit.line, talk.session, visit.hop.network)
    entry.event = _event(talk, event)
    if talk.heard or isinstance(event, Said):
        entry.heard = "*".join(talk.heard)
    entry.heard_flow, entry.heard_step = talk.where
    entry.matched = talk.matched
    entry.told, entry.more = reply.text, reply.more
    entry.took_ms = visit.deadline.took_ms()
    entry.outcome = "" if reply.more else talk.session.outcome
    if talk.saved:
        entry.saved = [_saved(*saved) for saved in talk.saved]
        entry.hidden_from = _hidden_from(talk)
    if talk.session.invited is not None:
        _tell_survey(entry, talk)
    if entry.flow in talk.release.surveys:
        entry.asked = inviting.asked(talk)
    if talk.surveyed[0]:
        entry.answering, entry.became = talk.surveyed
    entry.contact = talk.contact
    return entry


def _hidden_from(talk: Talk) -> str:
    """Of the flow that heard it, which may be over by now, and of those that run."""
    heard = talk.release.flows.get(talk.where[0])
    return ",".join(sorted({*(heard.hidden_from if heard else ()), *hidden_from(talk)}))


def _tell_survey(entry: Entry, talk: Talk) -> None:
    """How far the client came in a survey that they were invited to."""
    invited = talk.session.invited
    assert invited is not None  # noqa: S101 - asked before
    if invited.state in (inviting.BEGUN, inviting.LEFT, inviting.COMPLETED):
        entry.invitation, entry.invited, entry.reached = invited.id, invited.flow, inviting.reached(talk)
        entry.became = "" if invited.state == inviting.BEGUN else invited.state


def entry_of(gate: Gate, line: Line, session: Session, network: str) -> Entry:
    """What every entry says: which conversation, whose, and where it stands."""
    frame = session.frames[-1] if session.frames else None
    return Entry(
        conversation=session.conversation,
        turn=session.turn,
        at=gate.clock.seconds(),
        event="",
        channel=line.name,
        kind=line.kind,
        address=session.person.address,
        client=session.person.client,
        service=session.service,
        network=network,
        release=session.release,
        flow=frame.flow if frame else "",
        step=(frame.gate or frame.step) if frame else "",
        language=session.person.language,
        page=session.page,
    )


def _event(talk: Talk, event: Event) -> str:
    if isinstance(event, Dial):
        return "redial" if event.again else "dial"
    return "page" if talk.matched.startswith("page ") else "said"


def _saved(field: str, value: Value, step: str) -> Saved:
    """An observation in the journal's plain form."""
    if isinstance(value, Absent):
        return Saved(field, "text", None, step, value.value)
    if isinstance(value, Money):
        return Saved(field, "money", f"{value.minor} {value.currency}", step)
    if isinstance(value, bool):
        return Saved(field, "yes_no", value, step)
    if isinstance(value, int):
        return Saved(field, "number", value, step)
    if isinstance(value, Place | Media):
        return Saved(field, type(value).__name__.lower(), as_kept(value), step)
    if isinstance(value, list):
        return Saved(field, "choices", [str(v) for v in value], step)
    return Saved(field, type(value).__name__ if type(value).__name__ == "date" else "text", str(value), step)


def of_close(gate: Gate, line: Line, closed: Closed, held: Held) -> Change | None:
    """The change of an end notice; None when it came before, or is of another call.

    After an END of ours it brings only what the call cost.
    """
    state = held.state
    if state is None or state.provider != closed.session or state.noticed:
        return None
    said_end = state.closed and not state.told.more
    change = _ended(gate, line, state, "closed" if said_end else "hung up")
    if not said_end:
        change.entry.outcome = "failed" if closed.status == "failed" else "hung up"
    change.entry.cost = closed.cost
    state.noticed = True
    return change.sealed()


def of_result(visit: Visit, talk: Talk, texts: list[tuple[str, str, str]]) -> Change | None:
    """The change of an effect that answered after the call was over; what came of it is sent as SMS."""
    state = visit.held.state
    if state is None:
        return None
    kept = sessions.encode(talk.session)
    state.told.talk = kept if len(kept) <= sessions.LIMIT else _least(visit, talk)
    change = _ended(visit.gate, visit.line, state, "called back")
    change.entry.outcome, change.entry.texts = talk.session.outcome or "completed", texts
    return change.sealed()


def of_silence(gate: Gate, line: Line, held: Held) -> Change | None:
    """The change of a conversation that nobody went on with: a drop-off is data."""
    state = held.state
    if state is None or state.closed:
        return None
    change = _ended(gate, line, state, "timed out")
    change.entry.outcome = "timed out"
    return change.sealed()


@dataclass(slots=True)
class _Ending:
    state: State
    entry: Entry
    due: float | None

    def sealed(self) -> Change:
        return Change(self.state, encode(self.entry), None, self.due)


def _ended(gate: Gate, line: Line, state: State, event: str) -> _Ending:
    session = sessions.decode(state.told.talk)
    session.turn += 1
    entry = entry_of(gate, line, session, state.network)
    entry.event = event
    state.told.talk = sessions.encode(session)
    state.closed = True
    return _Ending(state, entry, entry.at + RESOLVE if session.doing else None)  # an effect is still to be found out
