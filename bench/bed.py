"""What lines are measured on: a house with its scribe, the peers that it is measured against, and the phones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bench import houses, parts, processes
from bench.calling import Callers, callers
from bench.ground import Ground
from bench.houses import House, Plan
from bench.people import Sim
from bench.processes import Program, started
from bench.talks import TURN, job
from gateway.web.listening import listen

PEERS = ("L0", "L1", "L2")
OURS = "njia"


@dataclass(slots=True)
class Bed:
    """``ports`` and ``pids`` of the servers by name."""

    house: House
    callers: Callers
    ports: dict[str, int] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)

    def tidy(self) -> None:
        """Forgets what the peers keep for ever."""
        self.house.store.delete("peer:transcript")


def laid(ground: Ground, clients: int, phones: int) -> Bed:
    """A bed with so many savers and some borrowers, warm, until the end of the run."""
    bed = ground.once(("bed", clients, phones), lambda: _bed(ground, clients, min(clients, 2 * phones)))
    bed.callers.ask(job(bed.house, TURN, 0.0, phones))  # every client calls once: all is connected and compiled
    bed.callers.go()
    return bed


@contextmanager
def _bed(ground: Ground, clients: int, few: int) -> Iterator[Bed]:
    with ExitStack() as stack:
        house = stack.enter_context(houses.house(ground, Plan(savers=clients, borrowers=few, scribe=True)))
        bed = Bed(house, stack.enter_context(callers()), {OURS: house.port}, {OURS: house.gateways[0]})
        name = stack.enter_context(ground.database())
        _shown(ground, name, house.savers)
        _peers(bed, stack, house.variables["NJIA_REDIS__URL"], ground.dsn(name))
        processes.apart(bed.pids.values(), [*house.beside.values(), *bed.callers.pids])
        yield bed


def _shown(ground: Ground, name: str, sims: list[Sim]) -> None:
    """The record of the peers: a table with one figure for each phone."""
    minor = [shows.rpartition(" ")[2].replace(",", "") + "00" for _, shows in sims]
    rows = ", ".join(f"('{phone}', {amount})" for (phone, _), amount in zip(sims, minor, strict=True))
    table = "CREATE TABLE shown (phone text PRIMARY KEY, minor bigint NOT NULL)"
    parts.sql(ground.dsn(name), table, f"INSERT INTO shown VALUES {rows}", "ANALYZE")


def _peers(bed: Bed, stack: ExitStack, valkey: str, dsn: str) -> None:
    for line in PEERS:
        with listen("127.0.0.1", 0, 1)[0] as sock:
            words = (line, str(sock.fileno()), valkey, dsn)
            bed.ports[line] = sock.getsockname()[1]
            process = stack.enter_context(started(Program("bench.peers", words, fds=(sock.fileno(),))))
        bed.pids[line] = process.pid
