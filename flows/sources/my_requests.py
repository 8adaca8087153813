"""What the client waits for from staff, and what was closed lately."""

from __future__ import annotations

from flows.model import Institution
from flows.ports import Caller, World
from flows.sources import Source
from flows.values import Kind, Value, Word

SOURCE = Source(
    item="request",
    fields={
        "id": Kind.TEXT,
        "number": Kind.TEXT,
        "kind": Kind.TEXT,  # in words
        "state": Kind.CHOICE,  # late: the promised day has passed
        "opened": Kind.DATE,
        "promised": Kind.DATE,
        "closed": Kind.DATE,
    },
    authority=("pin",),
    choices={"state": ("waiting", "late", "closed")},
    only_if={"closed": "state is closed"},
)


async def read(world: World, caller: Caller, institution: Institution) -> list[dict[str, Value]]:
    today = world.today()
    return [
        {
            "id": case.number,
            "number": case.number,
            "kind": Word(f"case_{case.kind}"),
            "state": "closed" if case.state == "closed" else "late" if case.promised < today else "waiting",
            "opened": case.opened,
            "promised": case.promised,
            "closed": case.closed,
        }
        for case in await world.cases.of(caller)
    ]
