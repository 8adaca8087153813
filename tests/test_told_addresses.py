"""What the program tells of itself: the addresses for providers, and what to type to try the demonstration."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import demo, njia
from gateway.embedded.programs import environment
from gateway.secrets import channel_token, load_keys
from gateway.settings import OF_A_DEMO, load

HOME = """
[channels.ussd]
adapter = "ussd/africastalking"
service_codes = ["*384*7#"]
[channels.sms]
adapter = "sms/console"
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("NJIA_HOME", "NJIA_DATA"):
        monkeypatch.setenv(name, "")  # what a command puts there is taken out again
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "njia.toml").write_text(HOME)
    return tmp_path / "home"


def run(*words: str) -> Result:
    return CliRunner().invoke(njia, words, prog_name="njia")


def test_the_address_for_a_provider_is_the_one_that_is_served(home: Path) -> None:
    path = run("--home", str(home), "channels", "ussd").output.strip()
    assert path == f"/channels/ussd/{channel_token(load_keys(home / 'data'), 'ussd')}"
    listed = json.loads(run("--home", str(home), "channels", "--json").output)
    assert listed == {"ussd": {"path": path, "adapter": "ussd/africastalking"}}, "nobody calls the console"
    assert run("--home", str(home), "channels").output.split() == ["ussd", "ussd/africastalking", path]


def test_a_channel_that_is_not_there_is_wrong_usage(home: Path) -> None:
    result = run("--home", str(home), "channels", "voice")
    assert result.exit_code == 2
    assert "There is no channel voice. There are: ussd." in result.output


def test_commands_on_the_data_of_a_demonstration_are_about_its_institution(home: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    assert load(data=data, environment={}).institution.name == "Sample Microfinance"
    (data / OF_A_DEMO).touch()
    loaded = load(data=data, environment={})
    assert (loaded.institution.name, loaded.demo.enabled) == ("Jamii Microfinance", True)
    assert "ussd" in loaded.channels
    assert not load(home, data, environment={}).demo.enabled, "a home has settings of its own"


FACTS = {
    "url": "http://127.0.0.1:8384",
    "service_code": "*384*7#",
    "channels": {"ussd": {"path": "/channels/ussd/abc", "adapter": "ussd/africastalking"}},
    "clients": [{"name": "A", "phone": "+254700000001", "pin": "4729", "language": "en", "about": "a loan"}],
    "payments": {},
    "staff": [],
}


def told(capsys: pytest.CaptureFixture[str]) -> str:
    demo._announce(0, FACTS, {"gateway": 1})
    return capsys.readouterr().out


def test_the_demonstration_tells_what_can_be_typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("NJIA_DATA", str(tmp_path / "a folder"))
    said = told(capsys)
    assert "http://127.0.0.1:8384/channels/ussd/abc  (ussd *384*7#)" in said
    (line,) = [line for line in said.splitlines() if "in the terminal" in line]
    words = shlex.split(line.split("terminal", 1)[1])
    assert words[words.index("phone") :] == [
        "phone", "--dial", "*384*7#", "--as", "+254700000001", "--data", str(tmp_path / "a folder"),
    ]  # fmt: skip
    help_ = subprocess.run(
        [*words[: words.index("phone")], "--help"], env=environment(), capture_output=True, check=True
    )
    assert b"njia demo" in help_.stdout


@pytest.mark.parametrize(("called", "on_path", "shown"), [("njia", True, "njia"), (".venv/bin/njia", False, None)])
def test_a_program_that_is_not_on_the_path_is_named_in_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, called: str, on_path: bool, shown: str | None
) -> None:
    program = tmp_path / called
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent) if on_path else "/nowhere")
    monkeypatch.setattr("sys.argv", [str(program), "demo"])
    assert demo._program() == (shown or str(program))
