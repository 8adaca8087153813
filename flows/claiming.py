"""What surveys that start by themselves need of the world. Used through ``flows.ports``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import msgspec

if TYPE_CHECKING:
    from flows.ports import Caller


class Begun(msgspec.Struct, frozen=True):
    """A survey that a call has claimed: where an earlier call left it, and what was answered until then."""

    step: str = ""  # "": at its beginning
    answers: list[list[Any]] = []  # [step, kind, value, unit, absent]


class Invitations(Protocol):
    async def begin(self, key: str, caller: Caller, invitation: str, anew: bool) -> Begun | None:
        """Claims an open invitation for this call; None when another call has it or it is over.

        ``anew``: what was answered in earlier calls is not taken up.
        """

    async def take(self, key: str, caller: Caller, flow: str) -> bool:
        """Whether this call has the survey from now on; False when another phone of the client answers it."""
