"""The engine: hears one event, moves the conversation on, and says what is to be said or done. It does no I/O.

``hear(talk, event)`` starts a turn; when it answers ``Do``, the host runs that action and calls ``resume`` with the
outcome, until a ``Say``, ``End`` or ``Silence`` closes the turn. The session then goes to bytes until the next one.
"""

from __future__ import annotations

from flows import answering, doing, frames, gates, inviting, keys, showing, taking
from flows.answers import clean, pick
from flows.events import (
    CalledBack,
    Dial,
    Do,
    Event,
    HungUp,
    Outcome,
    Result,
    Said,
    Say,
    Sent,
    Silence,
    TakenOver,
    TimedOut,
)
from flows.model import AnyStep, Ask, Choose, Confirm, Menu, Split
from flows.talk import MAX_FRAMES, Talk
from flows.values import Absent, Kind, Media, Place, Secret

MAX_STEPS = 200  # steps one turn may walk without saying anything
ASKING = (Ask, Menu, Choose, Confirm, Split)
MAX_ACTIONS = 20  # actions and lists that one turn may ask for


class Runaway(Exception):
    """A flow walked too far without speaking to the client; the release check should have refused it."""


def hear(talk: Talk, event: Event) -> Result:
    """One event into the conversation. See ``flows.events`` for what can be heard and answered."""
    match event:
        case Said():
            return _settle(talk, _said(talk, event.text))
        case Dial():
            return _settle(talk, _dial(talk, event))
        case Sent():
            return _settle(talk, _sent(talk, event))
        case CalledBack() if event.key and event.key == talk.session.doing:
            _unattended(talk)
            return resume(talk, Outcome(event.exit, event.values))
        case TakenOver():
            talk.session.paused = "" if event.released else event.staff
        case TimedOut():
            _mark_unanswered(talk)
        case HungUp():
            pass
    return Silence()


def resume(talk: Talk, outcome: Outcome) -> Result:
    """The outcome of the action that the last ``Do`` named."""
    if talk.session.invited is not None and inviting.is_asked(talk):
        inviting.resume(talk, outcome)
        return _settle(talk, _walk(talk))
    if talk.taking:
        return _settle(talk, answering.resume(talk, outcome) or _walk(talk))
    if outcome.exit == "unknown" or (outcome.exit == "unavailable" and talk.asked_again):
        return _settle(talk, talk.end("pending", talk.system("still_working")))
    frame = talk.frame
    if talk.trace is not None and not frame.gate:
        talk.trace.resumed(talk, frame, frame.step, outcome)
    result = gates.resume(talk, outcome) if frame.gate else doing.resume(talk, outcome)
    return _settle(talk, result or _walk(talk))


def ask_again(talk: Talk) -> Result:
    """Asks for the effect that has not answered once more, under its key, while nobody is on the line."""
    _unattended(talk)
    return _settle(talk, _walk(talk))


def _unattended(talk: Talk) -> None:
    """Stands where the effect was asked for. Gates are lifted for this one step, which was passed before."""
    frames.leave_until_waiting(talk)
    talk.session.outcome = ""
    talk.lifted = [(frame, frame.gate) for frame in talk.session.frames]
    for frame in talk.session.frames:
        frame.gate = ""


def redial(talk: Talk, event: Dial) -> str:
    """What a new call does with the unfinished conversation here: continue, ask, restart or expire.

    Never into a secret or a money step; always on to an effect that has not answered yet: it tells the truth.
    """
    frame = talk.frame
    step = talk.flow.steps.get(frame.step)
    if talk.session.doing:
        return "restart" if doing.needs_secret(talk) else "continue"
    if event.path or frame.gate or isinstance(step, Confirm) or _asks_secret(step):
        return "restart"
    return (step and step.redial) or talk.flow.redial


def _asks_secret(step: object) -> bool:
    return isinstance(step, Ask) and step.answer.kind is Kind.SECRET


def _dial(talk: Talk, event: Dial) -> Result:
    session = talk.session
    if not session.frames:
        if event.path:
            _begin_deep(talk, *event.path)
        frames.enter(talk, talk.release.institution.main_flow)
        return _walk(talk)
    policy = redial(talk, event)
    frames.shut(talk)
    answering.again(talk)
    session.effects += 1  # what the call before had begun and nobody was told is not what this one will ask for
    session.pages, session.page, talk.frame.misses = [], 0, 0
    session.asks_redial = policy == "ask"
    return keys.ask_redial(talk) if session.asks_redial else _walk(talk)


def _begin_deep(talk: Talk, first: str, *rest: str) -> None:
    """The first part of a deep dial waits in the session for the main menu, unless it is too long for a key there:
    it may be a PIN, and then nothing that was dialled is taken."""
    first = clean(first)
    talk.heard.append(frames.hidden(first))
    if first and talk.heard[-1] == first:
        talk.session.shortcut, talk.path = first, list(rest)


def _said(talk: Talk, text: str) -> Result:
    session = talk.session
    if session.paused:
        return Silence()
    if not session.frames:
        return _dial(talk, Dial())
    typed, frame = clean(text), session.frames[-1]
    talk.where = (frame.flow, frame.gate or frame.step)
    if session.asks_redial:
        return _redial_answer(talk, typed)
    page = keys.turn_page(talk, typed)
    if page is not None:
        return page
    if session.outcome:  # an ending of several pages, and no key of its pages: the same page again
        return Say((), page=session.page)
    return _walk(talk) if keys.moved(talk, typed) else _answer(talk, typed)


def _sent(talk: Talk, event: Sent) -> Result:
    """As if it were typed: what is on the screen decides whether it is an answer."""
    if talk.session.paused:
        return Silence()
    if not talk.session.frames:
        return _dial(talk, Dial())
    frame = talk.frame
    talk.where = (frame.flow, frame.gate or frame.step)
    if talk.session.asks_redial:
        return _redial_answer(talk, "")
    if talk.session.outcome:
        return Say((), page=talk.session.page)
    take = taking.sent if talk.trace is None else _traced_sent
    return (gates.sent(talk) if frame.gate else take(talk, event.what)) or _walk(talk)


def _traced_sent(talk: Talk, what: Place | Media) -> Result | None:
    trace, frame, step = talk.trace, talk.frame, talk.frame.step
    assert trace is not None  # noqa: S101 - asked before
    result = taking.sent(talk, what)
    trace.answered(talk, frame, step, "")
    return result


def _redial_answer(talk: Talk, typed: str) -> Result:
    key = pick(typed, ("1", "2"))
    if key is None:
        taking.missed(talk, typed, "help_menu")
        talk.session.asks_redial = talk.frame.misses > 0  # at the third miss a person is offered instead
        return keys.ask_redial(talk) if talk.session.asks_redial else _walk(talk)
    talk.heard.append(key)
    talk.matched = "continue" if key == "1" else "restart"
    talk.session.asks_redial, talk.frame.misses = False, 0
    if key == "1":
        return _walk(talk)
    talk.session.frames.clear()
    inviting.start_again(talk)
    answering.again(talk)
    return _dial(talk, Dial())


def _answer(talk: Talk, typed: str) -> Result:
    take = taking.answer if talk.trace is None else _traced
    result = gates.answer(talk, typed) if talk.frame.gate else take(talk, typed)
    return result or _walk(talk)


def _traced(talk: Talk, typed: str) -> Result | None:
    """Takes an answer while somebody looks on."""
    trace, frame, step = talk.trace, talk.frame, talk.frame.step
    assert trace is not None  # noqa: S101 - asked before
    offer = trace.offered(talk, typed)
    result = taking.answer(talk, typed)
    trace.answered(talk, frame, step, offer)
    return result


def _walk(talk: Talk) -> Result:
    """Steps down until the client or the world is needed. Deep-dialled answers are taken as if they were typed."""
    for _ in range(MAX_STEPS):
        result = _here(talk)
        if result is None:
            continue
        if not (isinstance(result, Say) and talk.path and taking.takes_path(talk)):
            return result
        talk.parts.clear()
        talk.where = (talk.frame.flow, talk.frame.gate or talk.frame.step)
        typed = clean(talk.path.pop(0))
        take = taking.answer if talk.trace is None else _traced
        answered = gates.answer(talk, typed) if talk.frame.gate else take(talk, typed)
        if answered is not None:
            return answered
    raise Runaway(f"{talk.frame.flow}.{talk.frame.step}")


def _here(talk: Talk) -> Result | None:
    """What the place where the conversation stands asks for; None: it moved on."""
    running = talk.session.frames
    frame = running[-1]
    if len(running) > MAX_FRAMES:
        raise Runaway(f"{frame.flow} is run too deep")
    if frame.gate:
        return gates.show(talk)
    flow = talk.release.flows[frame.flow]
    step = flow.steps[frame.step]
    if step.only_if is not None and not step.only_if.holds(talk.names()):
        if isinstance(step, ASKING):  # the others have no answer that could be missing
            taking.skip(talk, step)
        else:
            frame.step = flow.order[step.name] or ""
        return None
    if flow.purpose == answering.SURVEY and _is_to_be_taken(talk, step):
        return answering.begin(talk, flow.name)
    result = showing.show(talk, step)
    if talk.trace is not None:
        talk.trace.shown(talk, frame, step.name)
    return result


def _is_to_be_taken(talk: Talk, step: AnyStep) -> bool:
    """Whether this is a question of a survey that the call does not have yet. One of nobody known is nobody else's."""
    saves = isinstance(step, Ask | Menu) and step.saves is not None
    has = talk.session.answering == talk.frame.flow or talk.lifted
    return saves and not has and bool(talk.person.client)


def _settle(talk: Talk, result: Result) -> Result:
    """Nothing secret outlives the turn."""
    if isinstance(result, Do):
        talk.asked += 1
        if talk.asked > MAX_ACTIONS:
            raise Runaway(f"{talk.frame.flow}.{talk.frame.step} asks again and again")
    else:
        talk.secrets.clear()
        talk.path.clear()
        if talk.session.invited is not None:
            inviting.settle(talk)
        if talk.session.answering:
            answering.settle(talk)
        for frame, gate in talk.lifted:
            frame.gate = frame.gate or gate
        talk.lifted.clear()
        for frame in talk.session.frames:
            if frame.known and Secret in map(type, frame.known.values()):
                frame.known = {name: value for name, value in frame.known.items() if type(value) is not Secret}
    return result


def _mark_unanswered(talk: Talk) -> None:
    if talk.session.frames and talk.frame.step and not talk.frame.gate:
        talk.frame.known.setdefault(talk.frame.step, Absent.TIMED_OUT)
