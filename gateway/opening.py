"""The session that a turn works on: the one that is open, an unfinished one taken up again, or a new one."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from typing import Any

from adapters.channel import Reply
from flows import inviting
from flows import session as sessions
from flows.engine import redial
from flows.events import Dial, Event, Said
from flows.ports import Unavailable
from flows.release import Release
from flows.session import Person, Session
from flows.talk import Talk
from gateway.gate import Visit
from gateway.looking import be_sure
from gateway.place import Next, Opened
from gateway.store.state import Own

SHARED = 2  # clients of an address that a session keeps until one of them said who they are


class Gone(Exception):
    """The conversation cannot go on and ends honestly: its release is missing, or the person cannot be looked up."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


async def begin(visit: Visit, found: Opened | Next) -> tuple[Talk, Event]:
    """The talk and the event that the engine hears. Raises Gone."""
    if isinstance(found, Next):
        return await _next(visit, found), Said(found.text)
    event = Dial(found.path)
    unfinished = await _unfinished(visit)
    policy = redial(unfinished, event) if unfinished else "restart"
    if unfinished and policy in ("continue", "ask"):
        return unfinished, Dial(again=True)
    talk = await _new(visit)
    if policy == "expire":
        talk.parts.append(talk.system("dropped"))
    elif not event.path:
        _offer(visit, talk)
    return talk, event


def _offer(visit: Visit, talk: Talk) -> None:
    """The survey that this address was invited to, unless it ended a moment ago and the record does not know yet."""
    invited = (visit.held.who or {}).get("invited")
    if not invited or invited["until"] <= visit.gate.clock.seconds():
        return
    before = _invited_before(visit)
    if before is not None and before.id == invited["id"] and before.state in (inviting.LEFT, inviting.COMPLETED):
        talk.session.invited = before
    else:
        inviting.offer(talk, invited["id"], invited["flow"])


def _invited_before(visit: Visit) -> sessions.Invited | None:
    """What the call before knew of an invitation."""
    state = visit.held.state
    try:
        return sessions.decode(state.told.talk).invited if state else None
    except sessions.Unreadable:
        return None


async def _next(visit: Visit, found: Next) -> Talk:
    """The talk that these words go on with. Raises Gone when it cannot go on here."""
    try:
        talk = await talk_of(visit, _session(visit, found))
    except sessions.Unreadable:
        talk = None
    if talk is None:
        await be_sure(visit)
        raise Gone(visit.gate.system(visit.line, visit.held, "release_gone"))
    return talk


def _session(visit: Visit, found: Next) -> Session:
    """The session that these words go on from. If a redial that was none had gone on with it, its turns count."""
    held = visit.held
    if held.state is None or found.told is held.state.told:
        return held.session or sessions.decode(found.told.talk)
    session, newest = sessions.decode(found.told.talk), sessions.decode(held.state.told.talk)
    if newest.conversation == session.conversation:
        session.turn = newest.turn
    return session


async def _unfinished(visit: Visit) -> Talk | None:
    """The conversation that this address left unfinished, if it can still be taken up."""
    state = visit.held.state
    if state is None or visit.gate.clock.seconds() - state.heard_at > visit.gate.sessions.life_seconds:
        return None
    try:
        session = sessions.decode(state.told.talk)
    except sessions.Unreadable:
        return None
    if not session.frames or session.outcome not in ("", "pending"):
        return None
    session.outcome = ""
    return await talk_of(visit, session)


async def talk_of(visit: Visit, session: Session) -> Talk | None:
    release = visit.gate.releases.current
    if session.release != release.hash:
        found = await visit.gate.releases.get(session.release)
        if found is None:
            return None
        release = found
    return _made(visit, release, session)


def _made(visit: Visit, release: Release, session: Session) -> Talk:
    gate, profile, code = visit.gate, visit.line.profile, visit.hop.service
    return Talk(release, session, gate.clock.today(), profile.asks_secrets, code, profile.carries, trace=gate.trace)


async def _new(visit: Visit) -> Talk:
    held, hop = visit.held, visit.hop
    who = held.who = await _who(visit)
    own = held.own or Own(who.get("language", ""), who.get("notice", ""), who.get("seen", ""))
    held.own = held.own or own
    clients: list[dict[str, Any]] = who["clients"]
    person = Person(
        hop.address,
        visit.line.name,
        own.language,
        own.notice,
        dt.date.fromisoformat(own.seen) if own.seen else None,
        [*map(dict, clients[:SHARED])],
        clients[0]["id"] if len(clients) == 1 else "",
    )
    release = visit.gate.releases.begun_by(hop.address, person.client)
    return _made(visit, release, Session(release.hash, _conversation(visit), person, hop.service))


async def _who(visit: Visit) -> dict[str, Any]:
    """The contact card. Where it knows of no PIN the record is asked again: a process may have been killed between
    setting one and saying so here. Raises Gone."""
    card = visit.held.who
    if card is not None and all(client.get("has_pin") for client in card["clients"]):
        return card
    try:
        async with asyncio.timeout(visit.deadline.left(True)):
            found = await visit.gate.read_card(visit.hop.address)
    except (TimeoutError, Unavailable) as error:
        if card is not None:
            return card
        raise Gone(visit.gate.apology(visit.line)) from error
    if found["clients"] and found != card:
        await visit.gate.sessions.put_who(visit.hop.address, found)
    return found


def _conversation(visit: Visit) -> str:
    """The id of a new conversation: two copies of one request mint the same one, so their effects have one key.

    The next one here gets another id, even where a provider uses its session ids again; that a call was closed
    meanwhile, or forgotten, changes nothing.
    """
    hop, calls = visit.hop, visit.held.own.calls if visit.held.own else 0
    seed = f"{visit.line.name}\0{hop.address}\0{hop.service}\0{hop.session}\0{hop.text}\0{calls}".encode()
    return hashlib.blake2b(seed, key=visit.gate.position_key, digest_size=16, person=b"conversation").hexdigest()
