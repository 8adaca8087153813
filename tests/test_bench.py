"""``make bench`` works, in its smallest form: every part is measured, and every reply is checked on the way."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench import homes
from bench.everything import GROWTH, PARTS
from bench.lines import LINES
from bench.pages import fill
from bench.table import Table, filled, text
from gateway.embedded.programs import command, environment
from gateway.home import Home
from gateway.institution import institution
from gateway.publishing import compiled, gather
from gateway.settings import load

SMALLEST = ("--rounds", "1", "--seconds", "0.2", "--phones", "4", "--clients", "8", "--most", "16", "--quick")
ALONE = {
    "profile",
    "flow",
    "release",
    "languages",
}  # a tool that is not everywhere; what is tested below without servers


@pytest.fixture(scope="module")
def smallest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the smallest run of all parts finds."""
    folder = tmp_path_factory.mktemp("bench")
    out, page = folder / "results" / "tiny.json", folder / "page.md"
    page.write_text("<!-- bench: table -->\n<!-- end -->\n")
    only = ",".join(part for part in PARTS if part not in ALONE)
    line = command("bench", *SMALLEST, "--only", only, "--json", str(out), "--markdown", str(page))
    ran = subprocess.run(line, env=environment(), cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return {**json.loads(out.read_text()), "told": ran.stdout, "page": page.read_text()}


def test_every_line_of_the_table_is_measured(smallest: dict[str, Any]) -> None:
    names, found = [one.name for one in LINES], smallest["table"]
    rows = [
        row for row in smallest["told"].split("\n\n")[0].splitlines() if row.startswith(tuple(f"{n} " for n in names))
    ]
    assert [next(name for name in names if row.startswith(f"{name} ")) for row in rows] == names
    assert list(found["ratios"]) == list(found["rounds"]) == names
    for (figures,) in found["rounds"].values():
        assert figures["requests"] >= 4 and math.isfinite(figures["rate"]) and figures["p50_ms"] <= figures["p99_ms"]
    turn = found["rounds"]["turn"][0]
    assert turn["cpu"] > found["rounds"]["L0"][0]["cpu"] and turn["beside"]["scribe"] > 0


def test_every_part_has_its_tables_and_its_figures(smallest: dict[str, Any]) -> None:
    parts = [part for part in PARTS if part not in ALONE]
    assert [part for part in parts if not smallest[part]] == []
    tables = {table["name"]: table for table in smallest["tables"]}
    assert {*parts, "machine", "million turns", "gigabyte", "core"} - {"capacity"} == set(tables)
    for table in tables.values():
        assert table["rows"] and {len(row) for row in table["rows"]} == {len(table["head"])}
    assert "| turn |" in smallest["page"]


def test_all_phones_call_and_hear_what_is_theirs(smallest: dict[str, Any]) -> None:
    """A wrong reply ends a run: who called was a client among copies, on one of two processes, with a slow bank."""
    counted = {name: list(figures["rounds"].values()) for name, figures in smallest.items() if name in GROWTH}
    assert sorted(counted) == ["history", "record"]
    assert all(one[0]["requests"] >= 8 for series in counted.values() for one in series)
    assert smallest["slow"]["rounds"][0]["worst_ms"] < 5000
    assert len(smallest["starts"]["seconds"]) == 6


@pytest.mark.parametrize(
    ("make", "count"), [(homes.steps, 60), (homes.flows, 12), (homes.languages, 10), (homes.walk, 0)]
)
def test_a_home_that_grew_can_be_published(make: Any, count: int, tmp_path: Path) -> None:
    home, plain = make(tmp_path, count), homes.copied(tmp_path / "first")
    for path in (home, plain):  # a list that the product has: the other one is known to processes of a measurement
        file = path / "flows" / "shown.yaml"
        file.write_text(file.read_text().replace("bench.balance", "my.accounts"))
    house = institution(load(environment={"NJIA_HOME": str(home)}))
    release, first = (compiled(gather(Home(path), house)) for path in (home, plain))
    grown = {
        homes.steps: len(release.flows["shown"].steps) == count,
        homes.flows: len(release.flows) == len(first.flows) + count - 1,
        homes.languages: len(release.institution.languages) == count,
        homes.walk: set(release.flows) - set(first.flows) == {"walk"},
    }
    assert grown[make]


def test_a_table_fills_the_place_that_names_it(tmp_path: Path) -> None:
    table = Table(
        "cold starts", "Cold starts", ("", "s", ""), [("one", "1.5", "PASS"), ("eleven", "11.25", "")], "In\nseconds."
    )
    page = "a\n<!-- bench: cold starts -->\nbefore\n<!-- end -->\nb\n<!-- bench: other -->\nbefore\n<!-- end -->\n"
    new = "|  | s |  |\n| --- | --: | --- |\n| one | 1.5 | PASS |\n| eleven | 11.25 |  |\n\nIn seconds.\n"
    assert filled(page, {table.name: table}) == page.replace("before", new.rstrip("\n"), 1)
    assert filled(filled(page, {table.name: table}), {table.name: table}) == filled(page, {table.name: table})
    assert text(table) == "Cold starts\n            s\none       1.5  PASS\neleven  11.25\nIn\nseconds."
    (tmp_path / "page.md").write_text(page)
    fill({"tables": []}, [tmp_path / "page.md"])
    assert (tmp_path / "page.md").read_text() == page
