"""Settings: where each value comes from, what is refused and in which words, and that no secret is ever shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from gateway.institution import institution
from gateway.settings import Settings, SettingsError, load
from gateway.settings.showing import as_json

CASES = yaml.safe_load((Path(__file__).parent / "settings" / "refused.yaml").read_text())
LONG = "s3cr3t-of-many-characters-and-more-so"


def settings(tmp_path: Path, toml: str = "", **environment: str) -> Settings:
    (tmp_path / "njia.toml").write_text(toml)
    return load(tmp_path, environment=environment)


@pytest.mark.parametrize("case", CASES, ids=[case["it"] for case in CASES])
def test_refuses(case: dict, tmp_path: Path) -> None:
    (tmp_path / "njia.toml").write_text(case.get("toml", ""))
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, environment=case.get("environment", {}), flags=case.get("flags", {}))
    assert refused.value.faults == case["says"]


def test_every_setting_has_a_default_and_help() -> None:
    rows = load(environment={}).rows
    assert len(rows) > 25
    for row in rows:
        assert row.help.endswith("."), row.key
        assert row.source == "default"


def test_the_flag_beats_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    (tmp_path / "njia.toml").write_text("[web]\nport = 1\nhost = 'a'\nworkers = 2")
    environment = {"NJIA_WEB__PORT": "2", "NJIA_WEB__HOST": "b"}
    loaded = load(tmp_path, environment=environment, flags={"web.port": "3"})
    assert (loaded.web.port, loaded.web.host, loaded.web.workers) == (3, "b", 2)
    sources = {row.key: row.source for row in loaded.rows}
    assert sources["web.port"] == "--port"
    assert sources["web.host"] == "NJIA_WEB__HOST"
    assert sources["web.workers"] == "njia.toml"
    assert sources["redis.appendfsync"] == "default"


def test_the_environment_can_say_everything(tmp_path: Path) -> None:
    loaded = settings(
        tmp_path,
        NJIA_INSTITUTION__KEYS__BACK="7",
        NJIA_INSTITUTION__LANGUAGES="en, sw",
        NJIA_DEMO__ENABLED="true",
        NJIA_CHANNELS__USSD__ADAPTER="ussd/africastalking",
        NJIA_CHANNELS__USSD__SERVICE_CODES='["*384*7#", "*384*8#"]',
        NJIA_CHANNELS__USSD__USERNAME="jamii",
    )
    assert loaded.institution.keys.back == "7"
    assert loaded.institution.languages == ("en", "sw")
    assert loaded.demo.enabled is True
    assert loaded.channels["ussd"].service_codes == ("*384*7#", "*384*8#")
    assert loaded.channels["ussd"].options["username"] == "jamii"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:9"),
        ("0.0.0.0", "http://127.0.0.1:9"),
        ("::", "http://[::1]:9"),
        ("njia", "http://njia:9"),
    ],
)
def test_a_program_of_this_host_reaches_the_gateway(tmp_path: Path, host: str, url: str) -> None:
    assert settings(tmp_path, f"[web]\nhost = '{host}'\nport = 9").own_url() == url


def test_names_that_kubernetes_sets_are_left_alone(tmp_path: Path) -> None:
    settings(tmp_path, NJIA_PORT="tcp://10.0.0.1:80", NJIA_SERVICE_HOST="10.0.0.1", NJIA_WEB_PORT="tcp://10.0.0.2:80")


def test_a_channel_takes_the_country_of_the_institution(tmp_path: Path) -> None:
    channels = '[channels.a]\nadapter = "ussd/x"\n[channels.b]\nadapter = "ussd/x"\ncountry = "RW"'
    loaded = settings(tmp_path, f'[institution]\ncountry = "UG"\n{channels}')
    assert (loaded.channels["a"].country, loaded.channels["b"].country) == ("UG", "RW")


def test_secrets_are_read_late_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text(LONG + "\n")
    loaded = settings(
        tmp_path,
        f'[channels.sms]\nadapter = "sms/x"\napi_key = {{ file = "key" }}\nother = {{ env = "OTHER" }}\n'
        f'password = "{LONG}"\n'
        f'[database]\nurl = "postgresql://njia:{LONG}@db/njia"\n[security]\nsecret = {{ env = "OTHER" }}',
    )
    monkeypatch.setenv("OTHER", LONG + "2")
    options = loaded.channels["sms"].options
    assert (options["api_key"], options["other"], options["password"]) == (LONG, LONG + "2", LONG)
    assert loaded.security.secret and loaded.security.secret.reveal() == LONG + "2"
    assert loaded.database_url() == f"postgresql+asyncpg://njia:{LONG}@db/njia"
    seen = json.dumps([as_json(row) for row in loaded.rows]) + repr(loaded) + repr(options) + str(loaded.rows)
    assert LONG not in seen
    assert {row["key"]: row["value"] for row in map(as_json, loaded.rows)}["channels.sms.api_key"] == "(set)"


def test_a_missing_secret_is_told_by_name_when_it_is_needed(tmp_path: Path) -> None:
    loaded = settings(
        tmp_path, '[bank]\npassword = { env = "NO_SUCH" }\n[payments.m]\nadapter="payments/x"\nkey={ file = "none" }'
    )
    with pytest.raises(SettingsError, match=r"bank.*password: the environment variable NO_SUCH is not set"):
        loaded.bank.options["password"]
    with pytest.raises(SettingsError, match=r"key: the file .*none cannot be read"):
        loaded.payments["m"].options["key"]


def test_an_address_is_shown_without_what_opens_it(tmp_path: Path) -> None:
    loaded = settings(
        tmp_path, f'[channels.sms]\nadapter = "sms/x"\nbase_url = "https://me:{LONG}@api.example/v1?k={LONG}"'
    )
    shown = {row["key"]: row["value"] for row in map(as_json, loaded.rows)}
    assert shown["channels.sms.base_url"] == "https://api.example/v1"


def test_the_folder_is_found_as_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(environment={}).home is None
    assert load(environment={}).data == tmp_path / ".njia"
    (tmp_path / "njia.toml").write_text("")
    assert load(environment={}).home == tmp_path
    assert load(environment={}).data == tmp_path / "data"
    assert load(environment={"NJIA_DATA": "/var/lib/njia"}).data == Path("/var/lib/njia")
    assert load(data=Path("here"), environment={"NJIA_DATA": "/var/lib/njia"}).data == tmp_path / "here"
    with pytest.raises(SettingsError, match="There is no folder nowhere"):
        load(environment={"NJIA_HOME": "nowhere"})


def test_a_demonstration_is_of_the_sample_institution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    loaded = load(environment={}, flags={"demo.enabled": "true"})
    assert loaded.channels["ussd"].service_codes == ("*384*7#",)
    assert institution(loaded).short_name == "Jamii"


def test_the_institution_of_the_engine_follows_the_settings(tmp_path: Path) -> None:
    loaded = settings(
        tmp_path, '[institution]\nname = "Umoja Savings"\nquiet_days = 90\nkeys = { back = "9", home = "99" }'
    )
    known = institution(loaded)
    assert (known.name, known.short_name, known.quiet_days) == ("Umoja Savings", "Umoja", 90)
    assert (known.keys.back, known.keys.home, known.keys.more) == ("9", "99", "98")
