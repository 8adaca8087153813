"""Who may use a flow: which client is at the other end of a shared phone, and the PIN, asked once a call."""

from __future__ import annotations

from flows import frames
from flows.events import Do, Outcome, Result
from flows.frames import NAME, NUMBER, PIN
from flows.talk import Talk, client_of
from flows.values import Secret


def show(talk: Talk) -> Result | None:
    """Asks for the name or the PIN, or lets the person through."""
    frame, flow = talk.frame, talk.flow
    if talk.lifted:
        return talk.say(back=False)  # nobody is here to be asked
    if frame.gate in (NAME, NUMBER):
        talk.parts.append(talk.system("which_client" if frame.gate == NAME else "number_ask"))
        return talk.say(back=frame.gate == NAME and frames.can_go_back(talk))
    if client_of(talk.person).get("has_pin") and talk.asks_secrets:
        talk.parts.append(talk.system("pin_ask"))
        return talk.say(back=False)
    frame.gate = ""
    if flow.without_pin:
        frame.step = flow.without_pin
        return None
    return talk.end("not enrolled", talk.system("how_to_enrol" if talk.asks_secrets else "pin_not_here"))


def answer(talk: Talk, typed: str) -> Result | None:
    """What was typed at a gate. A PIN leaves this function only as a Secret."""
    frame = talk.frame
    if frame.gate == NAME:
        talk.heard.append("(name)")
        return Do("identify", {"typed": typed}, "")
    figures = Secret(typed.replace(" ", ""))
    if frame.gate == NUMBER:
        talk.heard.append("(number)")
        return Do("prove number", {"typed": figures}, frames.mint(talk, f"?{NUMBER}"))
    talk.heard.append("(PIN)")
    if not is_figures(figures.reveal()):
        return _again(talk, "help_pin")
    return Do("check pin", {"pin": figures}, frames.mint(talk, f"?{PIN}"))  # no step can be called so


def sent(talk: Talk) -> Result | None:
    """Neither a name nor a number is sent as a file: the same hop again, and no guess of a PIN is counted."""
    talk.heard.append("(sent)")
    talk.matched = "?"
    return _again(talk, {PIN: "help_pin", NAME: "help_name"}.get(talk.frame.gate, "help_number"))


def is_figures(typed: str) -> bool:
    """Whether this may be a PIN at all."""
    return typed.isdecimal() and 4 <= len(typed) <= 12


def resume(talk: Talk, outcome: Outcome) -> Result | None:
    """The outcome of what a gate asked; None: it is passed, or asked again."""
    frame, gate = talk.frame, talk.frame.gate
    if gate == NAME:
        return _identified(talk, outcome)
    if outcome.exit != "unavailable":
        talk.session.effects += 1  # each guess has a key of its own
    talk.matched = outcome.exit
    if outcome.exit == "right":
        talk.session.proofs.append(gate)
        frame.misses = 0
        frame.gate = frames.needed(talk, talk.flow)
        return None
    if outcome.exit == "wrong":
        return _again(talk, f"{gate}_wrong")
    frame.gate = ""
    if outcome.exit == "locked":
        return talk.end("locked", talk.system(_locked(gate, outcome), outcome.values))
    return talk.end("unavailable", talk.system("how_to_enrol" if outcome.exit == "no pin" else "unavailable"))


def _locked(gate: str, outcome: Outcome) -> str:
    """Which sentence tells of the lock: waiting ends it, or only the office does."""
    if gate == NUMBER:
        return "number_locked"
    return "pin_locked_minutes" if outcome.values.get("minutes") else "pin_locked_reset"


def _identified(talk: Talk, outcome: Outcome) -> Result | None:
    talk.matched = outcome.exit
    if outcome.exit == "found":
        talk.person.clients = [outcome.values["client"]]
        talk.person.client = outcome.values["client"]["id"]
        talk.forget_names()
        talk.frame.misses = 0
        talk.frame.gate = frames.needed(talk, talk.flow)
        return None
    if outcome.exit == "unavailable":
        return talk.end("unavailable", talk.system("unavailable"))
    return _again(talk, "which_client_again")


def _again(talk: Talk, key: str) -> Result | None:
    """The same hop with a word of help; at the third miss, a person."""
    talk.path.clear()
    if not frames.third_miss(talk):
        talk.parts.append(talk.system(key))
    return None
