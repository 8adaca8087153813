"""``njia flows check``: what somebody reads, and what a tool does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import njia

HERE = Path(__file__).parent
UNREACHABLE = """\
  line 9, step forgotten: error
    No way leads to this step, so nobody will ever see it.
    Lead to it with "go to: forgotten", or take it away.

1 error, 0 warnings.
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("NJIA_HOME", "NJIA_DATA"):
        monkeypatch.setenv(name, "")


def check(*words: object, colours: bool = False) -> Result:
    return CliRunner().invoke(njia, ["flows", "check", *map(str, words)], prog_name="njia", color=colours)


def broken(name: str, tmp_path: Path) -> Path:
    """A file with what is expected of it taken out."""
    lines = (HERE / "broken" / name).read_text().splitlines(keepends=True)
    path = tmp_path / Path(name).name
    path.write_text("".join(line for line in lines if not line.startswith("# expect")))
    return path


def test_what_is_shipped_has_no_finding() -> None:
    found = check()
    assert (found.output, found.exit_code) == ("0 errors, 0 warnings.\n", 0)


def test_a_fault_is_told_with_its_place_and_what_to_do(tmp_path: Path) -> None:
    path = broken("structure/unreachable.yaml", tmp_path)
    found = check(path)
    assert (found.output, found.exit_code) == (f"{path}\n{UNREACHABLE}", 1)
    assert f"{path}\x1b[0m" in check(path, colours=True).output
    assert "\x1b[31merror\x1b[0m" in check(path, colours=True).output


def test_a_tool_reads_the_same(tmp_path: Path) -> None:
    path = broken("structure/unreachable.yaml", tmp_path)
    found = check(path, "--json")
    assert found.exit_code == 1
    assert json.loads(found.output) == [
        {
            "level": "error",
            "code": "structure.unreachable",
            "file": str(path),
            "line": 9,
            "flow": "unreachable",
            "step": "forgotten",
            "language": None,
            "channel": None,
            "message": "No way leads to this step, so nobody will ever see it.",
            "fix": 'Lead to it with "go to: forgotten", or take it away.',
        }
    ]


def test_an_error_that_a_file_makes_elsewhere_is_told_too(tmp_path: Path) -> None:
    found = check(broken("structure/menu_circle.yaml", tmp_path))
    assert found.exit_code == 1
    assert found.output.startswith(
        "flows/settings.yaml\n  line 8, step top: error\n    This menu comes round to itself"
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"flow: x\nwords: en\nsteps:\n  a: {end: \"caf\xe9\"}\n", "There are characters here that are not UTF-8."),
        (b"\0" * 3_000_000, "This file is larger than 1024 KiB.\n    Split it into several files."),
        (b"x" * 200_000, "This file has 200,000 characters; 100,000 is the most."),
    ],
)  # fmt: skip
def test_a_file_that_is_none(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    found = check(path)
    assert found.exit_code == 1
    assert said in found.output
    assert "Traceback" not in found.output
