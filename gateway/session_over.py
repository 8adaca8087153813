"""Whether a client's session is over: only then may a wallet be asked, whose own prompt cannot appear over an open one.

What counts is the conversation that is there *now* under the address: somebody who dials again at once is in a session
again, and the wallet waits for the end of that one too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.gate import Line
from gateway.recording import GRACE
from gateway.store.sessions import Sessions
from gateway.store.state import State

MOMENT = 3.0  # seconds after a final screen: where no notice has come by then, the session counts as closed
IDLE = 180.0  # seconds; of a channel that njia.toml no longer has


def is_over(state: State | None, now: float, idle: float = IDLE) -> bool:
    """Whether nothing is open any more. ``now`` in seconds since 1970; ``idle``: the channel's own time-out."""
    if state is None:
        return True
    silence = now - state.heard_at
    if state.closed:
        return state.noticed or silence >= MOMENT
    return silence >= idle + GRACE


def is_open(state: State | None, now: float, idle: float = IDLE) -> bool:
    """Whether the phone itself is in a session: a final screen ends that at once, with or without a notice."""
    return state is not None and not state.closed and now - state.heard_at < idle


async def all_over(sessions: Sessions, line: Line | None, service: str, phones: Iterable[str], now: float) -> bool:
    """Whether none of ``phones`` has a session on this service any more. Raises StoreDown.

    A channel that waits for ever (SMS) keeps no phone busy.
    """
    kind, idle = (line.kind, line.profile.idle_seconds) if line else ("ussd", IDLE)
    if not idle:
        return True
    for phone in dict.fromkeys(phones):
        if not is_over((await sessions.load(kind, service, phone)).state, now, idle):
            return False
    return True


async def in_session(
    sessions: Sessions, lines: Mapping[str, Line], services: Mapping[str, Iterable[str]], phone: str, now: float
) -> bool:
    """Whether a phone is in a session on any line. ``services``: by line, what can be dialled. Raises StoreDown."""
    for name, line in lines.items():
        for service in services.get(name, ()):
            state = (await sessions.load(line.kind, service, phone)).state
            if line.profile.idle_seconds and is_open(state, now, line.profile.idle_seconds):
                return True
    return False
