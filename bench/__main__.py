"""``python -m bench``: what a turn costs, beside servers that do less. Does its own set-up, but for the dev group.

python -m bench                            five rounds of four seconds a line, about four minutes
python -m bench --rounds 2 --seconds 1     a look
python -m bench --json bench/results/here.json
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import Any

from bench import processes, report
from bench.bed import OURS, Bed, Stuck, laid
from bench.measuring import Plan, Round, help_seconds, python_seconds, rounds


def main() -> int:
    asked = _arguments()
    logging.disable(logging.WARNING)  # of the gateway's own parts, which are prepared in this process
    about: dict[str, Any] = {"machine": report.machine(), "plan": {**vars(asked), "json": None}}
    try:
        done = _measured(asked, about)
    except Stuck as stuck:
        _note(str(stuck))
        return 1
    note = report.NOTE.format(rounds=len(done)) + report.late(done)
    print(_headed(about), report.table(done), "", note, _told(about), sep="\n")
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(report.as_json(done, about), indent=1) + "\n")
    return 0


def _measured(asked: argparse.Namespace, about: dict[str, Any]) -> list[Round]:
    _note("starting Valkey, PostgreSQL, the peers and the gateway …")
    with laid(asked.clients, min(asked.clients, 2 * asked.phones)) as bed:
        done = list(rounds(bed, Plan(asked.rounds, asked.seconds, asked.phones), _note))
        about |= {"starts": _starts(bed), "memory_mib": round(processes.memory(bed.pids[OURS]))}
    return done


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="What a turn costs, beside servers that do less."
    )
    parser.add_argument("--rounds", type=_whole, default=5, help="interleaved rounds of all lines")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each line in a round")
    parser.add_argument("--phones", type=_whole, default=16, help="that call at the same time")
    parser.add_argument("--clients", type=_whole, default=256, help="in the record; each phone plays some of them")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write all figures")
    return parser.parse_args()


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _starts(bed: Bed) -> dict[str, float]:
    return {"help": help_seconds(), "python": python_seconds(), "gateway": bed.started}


def _headed(about: dict[str, Any]) -> str:
    machine, plan = about["machine"], about["plan"]
    libraries = ", ".join(f"{name} {machine[name]}" for name in report.LIBRARIES)
    return (
        f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}, load {machine['load']}\n"
        f"{libraries}\n{plan['rounds']} rounds of {plan['seconds']} s, {plan['phones']} phones, "
        f"{plan['clients']} clients\n"
    )


def _told(about: dict[str, Any]) -> str:
    starts = about["starts"]
    return (
        f"Cold start: njia --help {starts['help']:.2f} s (Python alone {starts['python']:.2f} s), "
        f"a gateway process {starts['gateway']:.2f} s. Memory of the gateway: {about['memory_mib']} MiB."
    )


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
