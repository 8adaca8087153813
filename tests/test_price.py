"""The price of a turn in calls, which do not depend on the machine, stays within the budget of price.yaml."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bench.price import KINDS, Counted, Price, budget, over, write
from gateway.embedded.programs import command, environment

ALLOWED = {
    "room": {"ours": 5, "all": 10},
    "kept": 20.0,
    "turns": {"dial": {"ours": 100, "all": 200}, "replay": {"ours": 10, "all": 20}},
}


def priced(dial: tuple[int, int] = (100, 200), replay: tuple[int, int] = (10, 20), kept: float = 0.0) -> Price:
    top = [("flows/engine.py hear", 7)]
    return Price({"dial": Counted(*dial, top), "replay": Counted(*replay, top)}, kept)


def test_no_turn_costs_more_than_its_budget(tmp_path: Path) -> None:
    allowed = budget()
    here = ".".join(map(str, sys.version_info[:2]))
    if here != allowed["python"]:
        pytest.skip(f"the budget was counted with Python {allowed['python']}; {here} counts some calls otherwise")
    line = command("bench.price", "--json")
    ran = subprocess.run(line, env=environment(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    told = over(msgspec.json.decode(ran.stdout, type=Price), allowed)
    assert not told, "\n".join(told)


def test_the_budget_is_for_every_kind_of_turn() -> None:
    allowed = budget()
    assert tuple(allowed["turns"]) == KINDS
    assert 0 < allowed["room"]["ours"] <= 5 and 0 < allowed["room"]["all"] <= 10


@pytest.mark.parametrize(
    ("found", "told"),
    [
        pytest.param(priced(), [], id="as it was"),
        pytest.param(priced(dial=(105, 220)), [], id="within its room"),
        pytest.param(priced(dial=(50, 90), kept=20.0), [], id="less"),
        pytest.param(
            priced(dial=(106, 200)), ["dial calls 106 functions (ours), the budget is 100: +6.0%."], id="more"
        ),
        pytest.param(
            priced(replay=(10, 30)), ["replay calls 30 functions (all), the budget is 20: +50.0%."], id="libraries"
        ),
        pytest.param(
            priced(kept=20.5),
            ["A round of calls leaves 20.5 pieces of memory behind, and 20.0 are allowed."],
            id="kept",
        ),
    ],
)
def test_what_costs_more_is_told_with_what_was_called_and_what_to_do(found: Price, told: list[str]) -> None:
    lines = over(found, ALLOWED)
    assert [line for line in lines if "calls" in line or "leaves" in line] == told
    assert [line for line in lines if "bench.price --write" in line] == lines[-1:]
    assert ("        7 × flows/engine.py hear" in lines) is ("functions" in "".join(told))


def test_a_budget_that_is_written_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "price.yaml"
    write(priced(), path)
    assert over(priced(), budget(path)) == []
    text = path.read_text()
    path.write_text(text.replace("ours: 3", "ours: 4"))
    write(priced(dial=(90, 180)), path)
    assert budget(path)["turns"]["dial"] == {"ours": 90, "all": 180} and budget(path)["room"]["ours"] == 4
