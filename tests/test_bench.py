"""``make bench`` works, in its smallest form: every line is measured, and every reply is checked on the way."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path

from bench.lines import LINES
from gateway.embedded.programs import command, environment

SMALLEST = ("--rounds", "1", "--seconds", "0.2", "--phones", "4", "--clients", "8")


def test_a_tiny_round_measures_every_line(tmp_path: Path) -> None:
    out = tmp_path / "results" / "tiny.json"
    line = command("bench", *SMALLEST, "--json", str(out))
    ran = subprocess.run(line, env=environment(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    names = [one.name for one in LINES]
    rows = [row for row in ran.stdout.splitlines() if row.startswith(tuple(f"{name} " for name in names))]
    assert [next(name for name in names if row.startswith(f"{name} ")) for row in rows] == names
    told = json.loads(out.read_text())
    assert list(told["ratios"]) == list(told["rounds"][0]) == names
    for figures in told["rounds"][0].values():
        assert figures["requests"] >= 4 and math.isfinite(figures["rate"]) and figures["p50_ms"] <= figures["p99_ms"]
    turn = told["rounds"][0]["turn"]
    assert turn["cpu"] > told["rounds"][0]["L0"]["cpu"] and turn["beside"]["scribe"] > 0
