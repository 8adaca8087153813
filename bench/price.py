"""The price of a turn in what can be counted, the same on every machine: calls of functions, not time.

python -m bench.price            what each kind of turn calls, and what calls most
python -m bench.price --json     the same for a program
python -m bench.price --write    makes that the budget that tests/test_price.py holds turns to

A gateway process as in production takes one request after the other from this process. ``ours`` counts the calls of our
own functions and those they make of C; ``all`` counts the libraries too.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import yaml

from bench.ground import ground, scratch
from bench.houses import House, Plan, answers, house
from bench.phones import FORM, WITHOUT_TEXT, Call, Step
from bench.processes import Program, started
from bench.talks import CHOOSE, DIAL, LOCKED, TOLD, UNLOCKED, WHICH
from gateway.web.listening import listen

BUDGET = Path(__file__).resolve().parents[1] / "tests" / "price.yaml"
AGAIN, REFUSED = Step(None, "CON "), Step(None, "END Sorry", 400)
# One call of each kind, and what its requests count as; "" is on the way to the next one.
SESSIONS: tuple[tuple[tuple[str, Step], ...], ...] = (
    (("dial", DIAL), ("choose", CHOOSE), ("replay", AGAIN), ("", WHICH), ("balance", TOLD)),
    (("", DIAL), ("", LOCKED), ("secret", UNLOCKED)),
    (("rejected", REFUSED),),
)
KINDS = ("dial", "choose", "secret", "balance", "replay", "rejected")
WARM, TIMES = 8, 15  # rounds of all sessions: not counted, and counted
HEAD = """\
# What each kind of turn may call: tests/test_price.py. Written by `python -m bench.price --write`, on purpose only.
# ours: calls of our own functions, and theirs of C; all: the libraries too. room: per cent above that. kept: pieces of
# memory that a round of calls may leave behind.
"""


class Counted(msgspec.Struct):
    """Calls in one turn: the least of many, as now and then something else is done beside. ``top``: what it calls
    most."""

    ours: int
    all: int
    top: list[tuple[str, int]] = []


class Price(msgspec.Struct):
    """By kind of turn, and the pieces of memory that one round of calls left behind."""

    turns: dict[str, Counted]
    kept: float


def price() -> Price:
    """Counts every kind of turn. Raises Stuck where there is no PostgreSQL, and AssertionError for a wrong reply."""
    with ground() as base, house(base, Plan(savers=2, borrowers=2, gateways=0)) as one, _counting(one) as counting:
        wire = http.client.HTTPConnection("127.0.0.1", one.port)
        for _ in range(WARM):
            list(_round(one, wire, counting))
        before = _taken(counting)["blocks"]
        rounds = [list(_round(one, wire, counting)) for _ in range(TIMES)]
        kept = (_taken(counting)["blocks"] - before) / TIMES
        wire.close()
    found = {kind: [taken for each in rounds for name, taken in each if name == kind] for kind in KINDS}
    return Price({kind: _counted(taken) for kind, taken in found.items()}, round(kept, 1))


def _counted(taken: Sequence[dict[str, Any]]) -> Counted:
    least = min(taken, key=lambda one: (one["ours"], one["all"]))
    return Counted(least["ours"], min(one["all"] for one in taken), least["top"])


@contextmanager
def _counting(one: House) -> Iterator[subprocess.Popen[str]]:
    with scratch() as folder, listen("127.0.0.1", 0, 1)[0] as sock:
        one.port, log = sock.getsockname()[1], folder / "log"
        words = (str(sock.fileno()),)
        program = Program("bench.counting", words, one.variables, (sock.fileno(),), log, talks=True)
        with started(program) as counting:
            answers(f"http://127.0.0.1:{one.port}/readyz", log)
            yield counting


def _round(one: House, wire: http.client.HTTPConnection, counting: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for session in SESSIONS:
        call = Call(one.savers[0])
        for name, step in session:
            _taken(counting)
            _ask(one, wire, call, step)
            yield name, _taken(counting)


def _ask(one: House, wire: http.client.HTTPConnection, call: Call, step: Step) -> None:
    body = call.form(WITHOUT_TEXT if step is REFUSED else FORM, step.typed)
    wire.request("POST", one.path, body, {"Content-Type": "application/x-www-form-urlencoded"})
    response = wire.getresponse()
    said = response.read().decode()
    assert (response.status, step.expects.replace("{last}", call.last) in said) == (step.status, True), said


def _taken(counting: Any) -> dict[str, Any]:
    counting.stdin.write("\n")
    counting.stdin.flush()
    taken: dict[str, Any] = json.loads(counting.stdout.readline())
    return taken


def budget(path: Path = BUDGET) -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load(path.read_text())
    return made


def over(found: Price, allowed: dict[str, Any]) -> list[str]:
    """What costs more than the budget allows, as sentences: by how much, what was called, what to do."""
    told = []
    for kind, limits in allowed["turns"].items():
        for name, room in allowed["room"].items():
            counted, most = getattr(found.turns[kind], name), limits[name]
            if counted > most * (1 + room / 100):
                told.append(
                    f"{kind} calls {counted} functions ({name}), the budget is {most}: {counted / most - 1:+.1%}."
                )
                told += [f"    {count:5} × {called}" for called, count in found.turns[kind].top[:15]]
    if found.kept > allowed["kept"]:
        told.append(f"A round of calls leaves {found.kept} pieces of memory behind, and {allowed['kept']} are allowed.")
    if told:
        told.append("If a turn is to cost that much: python -m bench.price --write, and say why in the commit.")
    return told


def write(found: Price, path: Path = BUDGET) -> None:
    """Makes ``found`` the budget; the room stays as it is."""
    was = budget(path) if path.exists() else {"room": {"ours": 3, "all": 8}, "kept": 20.0}
    turns = {kind: {"ours": one.ours, "all": one.all} for kind, one in found.turns.items()}
    python = ".".join(map(str, sys.version_info[:2]))
    made = {"python": python, "room": was["room"], "kept": was["kept"], "turns": turns}
    path.write_text(HEAD + yaml.safe_dump(made, sort_keys=False))


def main(words: list[str]) -> int:
    found = price()
    if "--json" in words:
        print(msgspec.json.encode(found).decode())
        return 0
    for kind, one in found.turns.items():
        print(f"{kind}: {one.ours} of ours, {one.all} in all")
        for called, count in one.top[:15]:
            print(f"    {count:5} × {called}")
    print(f"left behind by a round of calls: {found.kept} pieces of memory")
    if "--write" in words:
        write(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
