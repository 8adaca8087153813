"""``python -m bench``: what a turn costs, beside servers that do less. Does its own set-up, but for the dev group.

python -m bench                            everything, about twelve minutes on two cores with nothing else to do
python -m bench --quick                    a look at everything
python -m bench --only table --rounds 2 --seconds 1
python -m bench --json bench/results/here.json --markdown docs/performance.md docs/capacity.md
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import Any

import msgspec

from bench import pages, report
from bench.calling import Stuck
from bench.everything import GROWTH, PARTS, USUAL
from bench.ground import Ground, ground
from bench.measuring import Effort
from bench.table import Found, text

QUICK = Effort(rounds=2, seconds=1.0, most=10_000, quick=True)


def main() -> int:
    asked = _arguments()
    logging.disable(logging.WARNING)  # of the gateway's own parts, which are prepared in this process
    made_on = report.machine()
    effort = _effort(asked)
    try:
        with ground() as base:
            found = {name: _part(name, base, effort) for name in _names(asked.only)}
    except Stuck as stuck:
        _note(str(stuck))
        return 1
    _keep(asked, made_on, effort, found)
    return 0


def _part(name: str, base: Ground, effort: Effort) -> Found:
    _note(f"{name} …")
    found = PARTS[name](base, effort, _note)
    for table in found.tables:
        print(text(table), end="\n\n", flush=True)
    return found


def _keep(asked: argparse.Namespace, made_on: dict[str, Any], effort: Effort, found: dict[str, Found]) -> None:
    """Prints what the figures were made on, and writes what is to be written."""
    machine = report.table(made_on)
    print(text(machine))
    result = {
        "machine": made_on,
        "effort": msgspec.to_builtins(effort),
        **{name: one.figures for name, one in found.items()},
        "tables": msgspec.to_builtins([machine, *(table for one in found.values() for table in one.tables)]),
    }
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(result, indent=1) + "\n")
    pages.fill(result, asked.markdown)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="What a turn costs, beside servers that do less."
    )
    usual = Effort()
    names = ", ".join(USUAL)
    parser.add_argument("--only", metavar="PART", help=f"some parts, with commas: {names}; growth: five of them")
    parser.add_argument("--profile", dest="only", action="store_const", const="profile", help="where the CPU goes")
    parser.add_argument("--quick", action="store_true", help="a look: few rounds, a small record, ends of a series")
    parser.add_argument("--rounds", type=_whole, help=f"interleaved rounds [default: {usual.rounds}]")
    parser.add_argument("--seconds", type=float, help=f"of each line in a round [default: {usual.seconds}]")
    parser.add_argument("--phones", type=_whole, help=f"that call at the same time [default: {usual.phones}]")
    parser.add_argument("--clients", type=_whole, help=f"that call in all [default: {usual.clients}]")
    parser.add_argument("--most", type=_whole, help=f"clients in the largest record [default: {usual.most}]")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write all figures")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", nargs="*", default=[], help="pages to put tables into")
    return parser.parse_args()


def _effort(asked: argparse.Namespace) -> Effort:
    given = {name: getattr(asked, name, None) for name in ("rounds", "seconds", "phones", "clients", "most")}
    return msgspec.structs.replace(QUICK if asked.quick else Effort(), **{k: v for k, v in given.items() if v})


def _names(only: str | None) -> list[str]:
    wanted = (only or ",".join(USUAL)).replace("growth", ",".join(GROWTH)).split(",")
    for name in wanted:
        if name not in PARTS:
            raise SystemExit(f"There is no part {name}. There are: {', '.join(PARTS)}, growth.")
    return wanted


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
