"""Actions under a deadline: a read is cancelled when time is up; an effect goes on under its key, and is not denied."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from flows import actions, sources
from flows.events import Do, Outcome
from flows.ports import Caller, Refused, Unavailable, Uncertain
from flows.talk import Talk, client_of
from gateway.deadline import Deadline, Limit
from gateway.gate import Gate, Line, Visit
from gateway.looking import be_sure


async def act(visit: Visit, talk: Talk, do: Do) -> Outcome:
    """Runs the action or reads the list that the engine asked for. Raises Overtaken, StoreDown: then nothing ran."""
    gate, deadline, caller = visit.gate, visit.deadline, caller_of(visit.line, talk)
    if do.action in sources.catalogue():
        return await _read(_listing(gate, talk, do, caller), deadline)
    action, run = actions.catalogue()[do.action]
    call = actions.Call(caller, do.key, do.inputs)
    if not action.effect:
        return await _read(run(gate.world, call), deadline)
    await be_sure(visit)
    return await _effect(gate, run(gate.world, call), deadline)


def caller_of(line: Line, talk: Talk) -> Caller:
    """Who an action runs for."""
    person = talk.person
    return Caller(
        address=person.address,
        channel=line.name,
        client=person.client,
        language=person.language,
        conversation=talk.session.conversation,
        number=client_of(person).get("number", ""),
        notice=person.notice,
        hidden_from=",".join(hidden_from(talk)),
    )


def hidden_from(talk: Talk) -> list[str]:
    """The staff that the flows of this moment are hidden from."""
    running = [talk.release.flows[frame.flow] for frame in talk.session.frames]
    return sorted({who for flow in running for who in flow.hidden_from})


async def _listing(gate: Gate, talk: Talk, do: Do, caller: Caller) -> Outcome:
    _, read = sources.catalogue()[do.action]
    return Outcome("found", {"items": await read(gate.world, caller, talk.release.institution)})


async def _read(work: Awaitable[Outcome], deadline: Deadline) -> Outcome:
    try:
        with Limit(deadline.left(False)):
            return await work
    except (TimeoutError, Unavailable, Refused):  # one that does not know the account any more that it has just told of
        return Outcome("unavailable")


async def _effect(gate: Gate, work: Awaitable[Outcome], deadline: Deadline) -> Outcome:
    task = asyncio.ensure_future(work)
    gate.finishing.add(task)
    task.add_done_callback(gate.finishing.discard)
    done, _ = await asyncio.wait({task}, timeout=deadline.left(True))
    if not done:
        return Outcome("unknown")
    try:
        return task.result()
    except Uncertain:
        return Outcome("unknown")
    except Unavailable:
        return Outcome("unavailable")
