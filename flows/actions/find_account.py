"""Which of the client's own accounts is meant, for one who cannot show a PIN: by its number, or because it is the only
one. Nothing else of it is told, and other people's accounts are never found.
"""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import Account, World
from flows.sources.my_payable import is_payable
from flows.values import Kind

ACTION = Action(
    effect=False,
    exits=("found", "several", "not found", "none", "unavailable"),
    authority=("client",),
    inputs={"number": Input(Kind.SECRET, required=False)},  # who mistakes the question may type a PIN
    outputs={"account": Kind.RECORD, "ref": Kind.TEXT},
    gives={"several": (), "not found": (), "none": ()},
)


async def run(world: World, call: Call) -> Outcome:
    own = [account for account in await world.bank.accounts(call.caller.client) if is_payable(account)]
    typed = call.inputs["number"]
    meant = own if typed is None else [account for account in own if _is(account, typed.reveal())]
    if len(meant) == 1:
        ref = meant[0].ref
        return Outcome("found", {"account": {"id": ref, "ref": ref}, "ref": ref})
    if not own:
        return Outcome("none")
    return Outcome("several" if typed is None else "not found")


def _is(account: Account, typed: str) -> bool:
    """As people type it: without the dash, in small letters, or the figures alone."""
    ref, said = _plain(account.ref), _plain(typed)
    return bool(said) and said in (ref, "".join(c for c in ref if c.isdecimal()))


def _plain(ref: str) -> str:
    return "".join(c for c in ref.casefold() if c.isalnum())
