"""What lies in deploy/ fits the product: its commands are commands, its settings settings, it copies what is built."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from gateway.cli import njia
from gateway.settings import load

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
UNIT = (DEPLOY / "njia.service").read_text()
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def accepted(words: list[str]) -> bool:
    return CliRunner().invoke(njia, [*words, "--help"], prog_name="njia").exit_code == 0


def test_the_unit_starts_the_gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NJIA_HOME", "NJIA_DATA"):
        monkeypatch.setenv(name, "")  # what the command puts there is taken out again
    (start,) = re.findall(r"^ExecStart=(.*)$", UNIT, re.M)
    program, *words = shlex.split(start)
    assert Path(program).name == "njia"
    assert words[-1] == "serve"
    assert accepted([str(tmp_path) if word == "/etc/njia" else word for word in words])


def test_the_container_starts_the_gateway() -> None:
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", DOCKERFILE, re.M)
    (words,) = re.findall(r"^CMD (.*)$", DOCKERFILE, re.M)
    assert json.loads(entry) == ["njia"]
    assert accepted(json.loads(words))


def test_the_container_copies_all_that_the_wheel_is_made_of() -> None:
    built = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text())
    wheel = built["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = {word for line in re.findall(r"^COPY (?!--)(.*) \S+$", DOCKERFILE, re.M) for word in line.split()}
    needed = {
        *wheel["packages"],
        *wheel["force-include"],
        built["project"]["readme"],
        *built["project"]["license-files"],
    }
    assert copied == needed | {"pyproject.toml"}


def test_what_is_set_in_containers_are_settings(tmp_path: Path) -> None:
    (line,) = re.findall(r"^ENV (.*)$", DOCKERFILE, re.M)
    image = dict(word.split("=", 1) for word in shlex.split(line))
    loaded = load(tmp_path, tmp_path, environment={**image, **COMPOSE["services"]["njia"]["environment"]})
    assert loaded.database.url is not None
    assert loaded.redis.url is not None
    assert loaded.redis.url.reveal() == "redis://valkey:6379"
    assert loaded.web.host == "0.0.0.0"


def test_the_valkey_beside_it_forgets_nothing() -> None:
    words = COMPOSE["services"]["valkey"]["command"]
    given = dict(zip(words[1::2], words[2::2], strict=True))
    assert (given["--appendonly"], given["--maxmemory-policy"]) == ("yes", "noeviction")
