"""The flows that run, one on top of another: entering them, leaving them, going back, and the keys of effects."""

from __future__ import annotations

from flows.answers import many_figures
from flows.model import Ask, Choose, Flow, Menu
from flows.session import Frame
from flows.talk import Talk
from flows.values import Absent

NAME, PIN, NUMBER = "name", "pin", "number"  # the gates before a flow
MISSES = 3  # wrong answers in a row before a person is offered
MASKED = "(digits)"


def needed(talk: Talk, flow: Flow) -> str:
    """The hop that this person must pass before ``flow``: who, the PIN, after long silence the number; "": none."""
    person = talk.session.person
    if flow.who not in ("client", "client with PIN") or not person.clients:
        return ""
    if not person.client:
        return NAME
    if flow.who == "client":
        return ""
    return PIN if "pin" not in talk.session.proofs else NUMBER if talk.quiet else ""


def may_use(talk: Talk, flow: Flow) -> bool:
    """Whether this person may use a flow: what a menu shows, and what a shortcut opens."""
    return is_for(flow, bool(talk.session.person.clients))


def is_for(flow: Flow, known: bool) -> bool:
    """Whether a flow is for a number that is known, or for one that is not."""
    if flow.who == "unknown number":
        return not known
    return flow.who == "anyone" or (known and flow.who != "staff")


def enter(talk: Talk, name: str, called: bool = False) -> bool:
    """Puts ``name`` on top of the flows that run; False (and said so) if it is not for this person."""
    flow = talk.release.flows[name]
    if not may_use(talk, flow):
        talk.parts.append(talk.system("not_for_you"))
        return False
    talk.session.frames.append(Frame(name, next(iter(flow.steps)), gate=needed(talk, flow), called=called))
    return True


def home(talk: Talk) -> None:
    """Back to the main menu; what was not finished is dropped."""
    frames = talk.session.frames
    del frames[1:]
    if frames[0].flow != talk.release.institution.main_flow:
        frames.clear()
        enter(talk, talk.release.institution.main_flow)
    elif frames[0].trail:
        _reopen(talk, frames[0].trail[0])
        frames[0].trail.clear()


def go_back(talk: Talk) -> None:
    """One screen back: within this flow, else to the one that it was started from. A gate is not gone round."""
    frames = talk.session.frames
    while (frames[-1].gate or not frames[-1].trail) and len(frames) > 1:
        if not frames.pop().called:
            return  # started from a menu or a wrong answer, which shows itself again
    if frames[-1].trail and not frames[-1].gate:
        _reopen(talk, frames[-1].trail.pop())


def can_go_back(talk: Talk) -> bool:
    """Whether a screen lies behind this one."""
    first, *others = talk.session.frames
    if first.trail:
        return True
    for frame in others:  # noqa: SIM110 - asked in most turns, and a generator costs four times as much
        if frame.trail or not frame.called:
            return True
    return False


def _reopen(talk: Talk, name: str) -> None:
    """Back at a step whose answer is forgotten, and whose list is read anew."""
    frame, step = talk.frame, talk.flow.steps[name]
    frame.step, frame.misses, frame.typing = name, 0, False
    frame.lists.clear()
    frame.known.pop(name, None)
    if isinstance(step, Menu | Ask) and step.saves:
        frame.known[name] = Absent.NOT_REACHED  # an answer was kept: if this one is skipped now, that is kept too
    if isinstance(step, Choose):
        frame.known.pop(step.item, None)


def third_miss(talk: Talk) -> bool:
    """Counts a miss; the third in a row opens the way to a person, from where one can come back."""
    frame, help_flow = talk.frame, talk.release.institution.help_flow
    frame.misses += 1
    running = {f.flow for f in talk.session.frames}
    if frame.misses < MISSES or help_flow not in talk.release.flows or help_flow in running:
        return False
    frame.misses = 0
    return enter(talk, help_flow)


def mint(talk: Talk, step: str) -> str:
    """The key of the next effect. It follows from what the turn before committed, so a repeat mints the same."""
    return f"{talk.session.conversation}.{talk.session.effects}.{talk.frame.flow}.{step}"


def settle_effect(talk: Talk) -> None:
    """An effect has answered: the next one gets another key, and there is no way back behind it."""
    talk.session.effects += 1
    for frame in reversed(talk.session.frames):
        frame.trail.clear()
        if not frame.called:
            return


def waiting(talk: Talk) -> Frame | None:
    """The flow whose effect has not answered yet."""
    return next((frame for frame in talk.session.frames if frame.doing), None)


def leave_until_waiting(talk: Talk) -> None:
    """Leaves the flows that were opened on top of the one whose effect has not answered."""
    while waiting(talk) and not talk.frame.doing:
        talk.session.frames.pop()


def shut(talk: Talk) -> None:
    """The call is over, and what its PIN had opened is shut: each flow asks for it again before it goes on."""
    for frame in talk.session.frames:
        if PIN in talk.session.proofs and talk.release.flows[frame.flow].who == "client with PIN":
            frame.gate = PIN
    talk.session.proofs.clear()


def hidden(typed: str) -> str:
    """What a transcript may keep of an answer that was not understood: four or more figures may be a PIN."""
    return MASKED if many_figures(typed) else typed[:80]
