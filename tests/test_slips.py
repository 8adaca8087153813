"""An author who knows no programs: each slip gives one finding, in its place, and following it helps."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from checking import laid_over
from mending import mended

from flows.faults import Fault
from flows.loading import Field, SourceFile, load_fields, load_flows
from flows.model import Institution
from gateway import publishing
from gateway.home import Home

TABLE = yaml.safe_load((Path(__file__).parent / "slips.yaml").read_text(encoding="utf-8"))
JAMII = Institution(name="Jamii MFI", short_name="Jamii", languages=("en", "sw"))
BROKEN = Path(__file__).parent / "broken/meaning"
# The advice is one of two things to do, or has more steps than one can follow without a thought.
THOUGHT = {"not_paid", "not_known_by_condition"}


@cache
def fields() -> dict[str, Field]:
    return load_fields(Home().files("fields"), "KES")[0]


def told(text: str) -> list[Fault]:
    return load_flows([SourceFile("flows/visit.yaml", text)], JAMII, fields())[1]


@pytest.mark.parametrize("row", TABLE["slips"], ids=lambda row: row["is"].strip()[:50])
def test_one_slip_is_one_finding_and_following_it_helps(row: dict[str, Any]) -> None:
    assert told(TABLE["flow"]) == []
    text = TABLE["flow"].replace(row["was"], row["is"], 1)
    (fault,) = told(text)
    assert (fault.code, fault.line) == (row["code"], row["line"])
    after = mended(text, fault)
    if not row.get("by hand"):
        assert after is not None, fault
        assert told(after) == [], f"{fault} -> {after}"


def test_most_can_be_mended_by_who_does_not_understand_them() -> None:
    assert sum(not row.get("by hand") for row in TABLE["slips"]) > 80


def test_windows_lines_and_marks_are_no_slips() -> None:
    text = TABLE["flow"].replace("\n", "\r\n")
    for data in (text.encode(), b"\xef\xbb\xbf" + text.encode()):
        assert load_flows([SourceFile.from_bytes("flows/visit.yaml", data)], JAMII, fields())[1] == []
    saved = SourceFile.from_bytes("flows/visit.yaml", text.encode("utf-16"))
    assert [fault.code for fault in load_flows([saved], JAMII, fields())[1]] == ["file.encoding"]


def advised() -> list[Path]:
    files = [path for path in sorted(BROKEN.glob("*.yaml")) if path.stem not in THOUGHT]
    return [path for path in files if "# as: " not in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", advised(), ids=lambda path: path.stem)
def test_advice_about_what_is_not_known_helps(path: Path) -> None:
    """For each kind of step: a condition on an end would lead into the step below it, on a question past its answer."""
    text = path.read_text(encoding="utf-8")
    house = next((yaml.safe_load(line[9:]) for line in text.split("\n") if line.startswith("# house: ")), None)
    file = f"flows/{path.name}"

    def found(text: str) -> list[Fault]:
        faults = publishing.check(laid_over(SourceFile(file, text), house=house))[1]
        return [fault for fault in faults if fault.file == file]

    (fault,) = found(text)
    after = mended(text, fault)
    if after is not None:
        assert found(after) == []
