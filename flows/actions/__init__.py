"""Actions: what a ``do`` step may name. One file each, found by folder; the file is the action's name.

A file holds ``ACTION`` (what it needs and how it can end) and ``async def run(world, call) -> Outcome``. Whoever runs
an action by the catalogue gives it inputs of the declared types, and gets ``unavailable`` when a port is.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from flows.events import Outcome
from flows.inputs import Input, clean
from flows.ports import Caller, Unavailable, Uncertain, World
from flows.values import Kind, Value

Authority = Literal["none", "client", "pin", "code", "wallet", "staff"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What an action declares.

    ``effect``: it changes something, and gets a key that its store makes unique; else it is a read, which the
    deadline cancels. ``exits``: the closed set of ways it can end now; ``laters``: what can be known afterwards.
    ``authority``: any one of these must have been shown in this call. ``outputs``: names and types it makes known,
    as ``<step>.<name>``. ``collects``: it moves money, and is given what the ``confirm`` before it bound, under the key
    minted there; its outputs are known as ``open`` too. ``again``: what an exit is called when the answer comes in a
    later call than the one that asked. ``refusals``: why the world would not do it, whatever flow asks. ``gives``: for
    an exit that does not make all of the outputs known, those that it does.
    """

    effect: bool
    exits: tuple[str, ...]
    laters: tuple[str, ...] = ()
    laters_of_split: tuple[str, ...] = ()  # further ones, where the money is split over several people
    authority: tuple[Authority, ...] = ("none",)
    inputs: dict[str, Input] = field(default_factory=dict)
    outputs: dict[str, Kind] = field(default_factory=dict)
    proves: Authority = "none"  # the authority that the exit `right` or `set` shows
    builtin: bool = False  # run by the engine itself; a flow does not name it
    collects: bool = False
    again: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)  # further exits, which end the call, and the engine's words
    gives: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def known_after(self, exit_: str) -> tuple[str, ...]:
        """The outputs that are always there after this exit; after ``unavailable`` there are none."""
        return () if exit_ == "unavailable" else self.gives.get(exit_, tuple(self.outputs))


@dataclass(frozen=True, slots=True)
class Call:
    """One run of an action: for whom, under which key, with which inputs."""

    caller: Caller
    key: str
    inputs: dict[str, Value]


Runner = Callable[[World, Call], Awaitable[Outcome]]


@cache
def catalogue() -> dict[str, tuple[Action, Runner]]:
    """Every action by its name in the flow language: ``open_case.py`` is ``open case``."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        action = importlib.import_module(f"{__name__}.{module.name}")
        name = module.name.replace("_", " ")
        found[name] = (action.ACTION, _guarded(name, action.ACTION, action.run))
    return found


def _guarded(name: str, action: Action, run: Runner) -> Runner:
    async def guarded(world: World, call: Call) -> Outcome:
        try:
            return await run(world, replace(call, inputs=clean(name, action.inputs, call.inputs)))
        except Uncertain:
            raise  # for an effect that is not the exit "unavailable", which says that nothing was done
        except Unavailable:
            return Outcome("unavailable")

    return guarded


__all__ = ["Action", "Authority", "Call", "Input", "Runner", "catalogue"]
