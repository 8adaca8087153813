"""The reserved keys: back, home and more. They mean the same on every screen, unless the key is a lawful answer."""

from __future__ import annotations

from flows import asking, frames, gates
from flows.events import Choice, Say
from flows.model import Ask, Confirm
from flows.talk import Talk
from flows.values import Kind


def turn_page(talk: Talk, typed: str) -> Say | None:
    """Another page of what is on the screen, if ``typed`` asks for one."""
    keys, session = talk.release.institution.keys, talk.session
    if typed == keys.more and session.page + 1 < len(session.pages):
        page = session.page + 1
    elif typed == keys.back and session.page > 0:
        page = session.page - 1
    else:
        return None
    talk.heard.append(typed)
    talk.matched = f"page {page + 1}"
    return Say((), page=page)


def moved(talk: Talk, typed: str) -> bool:
    """Whether ``typed`` was back or home here, and the conversation has moved there."""
    keys = talk.release.institution.keys
    if typed not in (keys.back, keys.home) or _lawful(talk, typed) or talk.session.doing:
        return False  # an effect that has not answered is not left behind
    if typed == keys.back and _hides_back(talk):
        return False
    talk.heard.append(typed)
    talk.matched = "home" if typed == keys.home else "back"
    (frames.home if typed == keys.home else frames.go_back)(talk)
    return True


def _lawful(talk: Talk, typed: str) -> bool:
    """Whether it is an answer here; a secret may have any figures."""
    gate, step = talk.frame.gate, talk.flow.steps.get(talk.frame.step)
    if gate:
        return gate == frames.PIN and gates.is_figures(typed)
    return isinstance(step, Ask) and asking.lawful(talk, step, typed)


def _hides_back(talk: Talk) -> bool:
    """Whether the screen has no back key, though there is a screen behind it: PINs and other secrets, and what is
    confirmed. A key that is not shown does nothing."""
    gate, step = talk.frame.gate, talk.flow.steps.get(talk.frame.step)
    if gate:
        return gate != frames.NAME
    return isinstance(step, Confirm) or (isinstance(step, Ask) and step.answer.kind is Kind.SECRET)


def ask_redial(talk: Talk) -> Say:
    """1 Continue, 2 Start again."""
    talk.parts.append(talk.system("redial"))
    return talk.say(Choice("1", talk.system("redial_continue")), Choice("2", talk.system("redial_restart")), back=False)
