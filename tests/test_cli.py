"""``njia``: what every command answers, and with which exit code; and that help is at once there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import COMMANDS, njia
from gateway.cli.common import told
from gateway.embedded.programs import command, environment
from gateway.settings import load

HEAVY = ("sqlalchemy", "aiohttp", "phonenumbers", "asyncio", "redis", "alembic", "yaml", "babel", "jinja2")
PHONE = "+254700000001"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No njia.toml here, and what a command puts into the environment is taken out again."""
    monkeypatch.chdir(tmp_path)
    for name in ("NJIA_HOME", "NJIA_DATA"):
        monkeypatch.setenv(name, "")


def run(*words: str) -> Result:
    return CliRunner().invoke(njia, words, prog_name="njia")


def program(*words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("gateway", *words), env=environment(extra), capture_output=True, text=True, check=False
    )


def test_help_imports_nothing_heavy() -> None:
    loaded = "import sys; from gateway.cli import main\ntry: main(['--help'])\nexcept SystemExit: print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", loaded], env=environment(), capture_output=True, text=True, check=True)
    words = set(out.stdout.split())
    assert "click" in words
    assert not words & set(HEAVY)


def test_help_takes_little_processor_time() -> None:
    """The bound is far above what it takes, so that only a real slowdown fails; the CPU of a child is measured."""
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert program("--help").returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime) < 0.9


def test_help_lists_every_command_and_how_to_use_it() -> None:
    said = run("--help").output
    for name in COMMANDS:
        assert f"  {name} " in said
    assert "Exit codes: 0 good, 1 found problems, 2" in said


@pytest.mark.parametrize(
    "words", ["demo", "init", "serve", "worker", "phone", "doctor", "flows check", "clients import"]
)
def test_every_command_has_help_with_an_example(words: str) -> None:
    result = run(*words.split(), "--help")
    assert result.exit_code == 0
    assert "\n    njia " in result.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("dmeo", "There is no command dmeo. Did you mean demo?"),
        ("flows", "Commands"),
        ("demo --prot 1", "No such option"),
        ("serve --port 70000", "70000 is not in the range"),
        ("config show nosuch", "There is no setting that begins with nosuch."),
        ("--home nowhere config show", "does not exist"),
        ("clients import", "Name the FILE, or write --template"),
    ],
)
def test_wrong_usage_is_exit_2(words: str, says: str) -> None:
    result = run(*words.split())
    assert result.exit_code == 2
    assert says in result.output


def test_faults_of_the_settings_are_exit_1_and_all_told(tmp_path: Path) -> None:
    (tmp_path / "njia.toml").write_text("[web]\nprot = 1\n[redis]\nappendfsync = 'no'")
    result = program("--home", str(tmp_path), "config", "show")
    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        "njia.toml, [redis] appendfsync: must be one of everysec, always.",
        "njia.toml, [web] prot: there is no such setting. Did you mean port?",
    ]


def test_config_show_tells_values_sources_and_no_secret(tmp_path: Path) -> None:
    (tmp_path / "njia.toml").write_text('[channels.sms]\nadapter = "sms/console"\napi_key = "do-not-show"')
    result = program("config", "show", "--home", str(tmp_path), "--json", NJIA_WEB__PORT="99")
    rows = {row["key"]: row for row in json.loads(result.stdout)}
    assert rows["web.port"] | {"help": ""} == {"key": "web.port", "value": 99, "source": "NJIA_WEB__PORT", "help": ""}
    assert rows["channels.sms.api_key"]["value"] == "(set)"
    assert "do-not-show" not in result.stdout + result.stderr
    plain = program("config", "show", "channels", "--home", str(tmp_path))
    assert "(set)" in plain.stdout and "do-not-show" not in plain.stdout


def test_every_commented_default_of_init_is_a_setting(tmp_path: Path) -> None:
    """With the # taken away, the defaults still are what is in force."""
    run("init", str(tmp_path / "mine"), "--languages", "en", "--name", "Sample Microfinance")
    file = tmp_path / "mine" / "njia.toml"
    text = re.sub(r"^# (?=[a-z_]+ = |\[)", "", file.read_text(), flags=re.MULTILINE)
    file.write_text("\n".join(line for line in text.splitlines() if "…" not in line))
    loaded, default = load(tmp_path / "mine", environment={}), load(tmp_path, environment={})
    assert (loaded.web, loaded.log, loaded.institution) == (default.web, default.log, default.institution)


def test_an_unforeseen_error_tells_its_place_and_not_its_values() -> None:
    try:
        int("2468 secret")
    except ValueError as error:
        said = told(error)
    assert "2468" not in said and "secret" not in said
    assert "ValueError" in said and "test_cli.py" in said


def test_the_database_is_upgraded_once(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    dry = json.loads(program("db", "upgrade", "--dry-run", "--json", "--data", data).stdout)
    assert dry["done"] is False and dry["steps"]
    done = json.loads(program("db", "upgrade", "--yes", "--json", "--data", data).stdout)
    assert done == {"done": True, "steps": dry["steps"]}
    again = program("db", "upgrade", "--yes", "--data", data)
    assert (again.returncode, again.stdout) == (0, "The database is up to date.\n")


def test_the_doctor_says_what_is_missing_and_what_to_do(tmp_path: Path) -> None:
    began = time.monotonic()
    result = program("doctor", "--json", "--data", str(tmp_path / "data"))
    assert time.monotonic() - began < 60
    assert result.returncode == 1, result.stderr
    found = {one["name"]: one for one in json.loads(result.stdout)}
    assert found["redis"]["state"] == found["durability"]["state"] == found["secrets"]["state"] == "ok"
    assert "hours without the database" in found["room"]["says"]
    assert (found["database"]["state"], found["database"]["fix"]) == ("problem", "Run: njia db upgrade")
    assert (found["worker"]["state"], found["worker"]["fix"]) == ("problem", "Start it: njia serve, or njia worker")
    assert found["channels"]["state"] == "problem"


def test_the_doctor_does_not_hide_a_provider_or_store_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "njia.toml").write_text(
        '[channels.sms]\nadapter = "sms/nosuch"\n[bank]\nadapter = "banks/local"\nbase_url = "http://127.0.0.1:9"\n'
        '[payments.one]\nadapter = "payments/nosuch"\n[payments.two]\nadapter = "payments/simulated"'
    )
    gone = {"NJIA_REDIS__URL": "unix:///nowhere.sock", "NJIA_DATABASE__URL": "postgresql://u:hush@127.0.0.1:9/x"}
    result = program("doctor", "--json", "--home", str(tmp_path), **gone)
    found = {one["name"]: one for one in json.loads(result.stdout)}
    for name in ("redis", "database", "bank", "channel sms", "payments one", "payments two"):
        assert found[name]["state"] == "problem" and found[name]["fix"], found[name]
    assert "127.0.0.1, port 9 does not answer" in found["bank"]["says"]
    assert "it is for demonstrations only" in found["payments two"]["says"]
    assert "hush" not in result.stdout + result.stderr
