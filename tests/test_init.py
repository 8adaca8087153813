"""``njia init``: in every country a home that passes its own check and its own conversations, or nothing at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from editing import tree

from flows.schema import SCHEMAS
from gateway.cli import njia
from gateway.home import Home
from gateway.settings import load
from gateway.starting import places
from gateway.starting.laying import CannotWrite, lay
from gateway.starting.places import place


def run(*words: str, **options: Any) -> Result:
    return CliRunner().invoke(njia, words, prog_name="njia", **options)


def made(folder: Path, *words: str) -> Path:
    result = run("init", str(folder), *words)
    assert result.exit_code == 0, result.output
    return folder


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


HOMES = {
    "kenya": ("--country KE --currency KES --languages en,sw --phone 0700000100", []),
    "uganda": ("--country UG --currency UGX --languages en --service-code *284*33#", []),
    "senegal": ("--country SN --currency XOF --languages fr --phone 338210000", ["French"]),
    "tanzania": ("--country TZ --currency TZS --languages sw", []),
    "ethiopia": ("--country ET --currency ETB --languages am", ["Amharic"]),
    "rwanda": ("--country RW --languages rw,en,fr", ["Kinyarwanda", "French"]),
    "haiti": ("--country HT --currency USD --languages ht", ["Haitian Creole"]),
    "acholi": ("--country UG --languages ach,sw --timezone Africa/Kampala", ["Acoli"]),
}


@pytest.mark.parametrize("name", HOMES)
def test_it_passes_its_own_check_and_its_own_conversations(name: str, tmp_path: Path) -> None:
    words, without = HOMES[name]
    told = run("init", str(tmp_path / name), *words.split())
    assert told.exit_code == 0
    for language in without:
        assert (
            f"No words in {language} are shipped. Until they are written, clients read English instead." in told.output
        )
    assert told.output.count("No words in") == len(without)
    checked = run("--home", str(tmp_path / name), "flows", "check", "--json")
    faults = json.loads(checked.output)
    assert checked.exit_code == 0
    codes = {one["code"] for one in faults}
    codes -= {"meaning.not_set"}  # the phone, the wallet: they may come later
    assert codes <= {"words.missing_file", "words.no_system", "fit.screens", "fit.parts", "fit.letter", "fit.session"}
    assert bool(codes) == bool(without)
    played = run("--home", str(tmp_path / name), "flows", "test")
    assert "played: all as written." in played.output, played.output
    count = len(list((tmp_path / name / "conversations").rglob("*.txt")))
    assert played.output.startswith(f"{count} conversations")


@pytest.mark.parametrize("country", sorted(places.countries()))
def test_every_country_has_what_a_home_needs(country: str) -> None:
    here = place(country)
    assert here.currency and here.languages and here.timezones
    assert len(set(places.phones(country, 3))) == 3


@pytest.mark.parametrize("country", ["KE", "SN", "CD", "IN"])
def test_every_file_reads_as_its_editor_expects(country: str, tmp_path: Path) -> None:
    import fastjsonschema

    home = made(tmp_path / "home", "--country", country)
    for name, (_, pattern) in SCHEMAS.items():
        check = fastjsonschema.compile(json.loads((home / f".schemas/{name}.schema.json").read_text()))
        found = list(home.glob(pattern))
        assert found or name == "words"
        for path in found:
            check(tree(path.read_text()))
    assert Home(home).strangers() == []
    assert load(home, environment={}).institution.country == country


def test_the_editor_is_told_which_schema_is_for_which_file(tmp_path: Path) -> None:
    home = made(tmp_path / "home")
    told = json.loads((home / ".vscode/settings.json").read_text())["yaml.schemas"]
    assert {(home / schema).resolve() for schema in told} == set((home / ".schemas").resolve().iterdir())
    assert [name for names in told.values() for name in names] == [f"/{pattern}" for _, pattern in SCHEMAS.values()]
    newer = home / ".schemas/flow.schema.json"
    newer.write_text("{}")
    assert "written: " in run("--home", str(home), "flows", "schema", "--write").output
    assert newer.read_text() == run("flows", "schema", "flow").output


def test_what_is_usual_in_the_country_is_taken(tmp_path: Path) -> None:
    made(tmp_path / "my_first-home", "--country", "Tanzania")
    with (tmp_path / "my_first-home/njia.toml").open("rb") as file:
        told = tomllib.load(file)["institution"]
    assert told == {
        "name": "My First Home",
        "short_name": "",
        "country": "TZ",
        "currency": "TZS",
        "languages": ["en", "sw"],
        "timezone": "Africa/Dar_es_Salaam",
        "phone": "",
        "wallet": "",
        "paybill": "",
        "notice_url": "",
    }


def test_names_are_written_as_they_are(tmp_path: Path) -> None:
    name = 'Épargne "Jamaa" \\ $name {x} #1'
    home = made(tmp_path / "home", "--name", name)
    assert load(home, environment={}).institution.name == name
    assert run("--home", str(home), "flows", "check").exit_code == 0
    assert name in (home / "README.md").read_text()


def test_every_line_of_the_settings_has_a_word_of_help(tmp_path: Path) -> None:
    lines = (made(tmp_path / "home") / "njia.toml").read_text().splitlines()
    for n, line in enumerate(lines):
        if " = " in line and not line.startswith("# Secrets"):
            assert lines[n - 1].startswith("# "), line


def test_json_tells_the_files_and_the_languages_without_words(tmp_path: Path) -> None:
    told = json.loads(run("init", str(tmp_path / "home"), "--languages", "sw,fr", "--json").output)
    assert set(told["files"]) == files(tmp_path / "home")
    assert told["home"] == str(tmp_path / "home")
    assert told["without_words"] == [{"language": "fr", "name": "French", "shown": "English"}]
    assert told["next"][0] == "njia flows check"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--country Kenia", '"Kenia" is no country that we know. Did you mean KE (Kenya)?'),
        ("--country XX", '"XX" is no country that we know. Write its code, such as KE for Kenya.'),
        ("--currency shillings", '"shillings" is no currency that we know.'),
        ("--languages french!", '"french!" is no language that we know. Did you mean fr (French)?'),
        ("--languages ,", "Name at least one language, such as en."),
        ("--timezone Africa/Nairoby", '"Africa/Nairoby" is no time zone. Did you mean "Africa/Nairobi"?'),
        ("--service-code 384", '"384" cannot be dialled. Write it as clients do, such as *384*7#.'),
        ("--phone call-us", '"call-us" is no phone number there.'),
        ("--name=", "A name has 1 to 60 letters"),
    ],
)
def test_a_word_that_cannot_be_right_is_told_and_nothing_is_written(words: str, says: str, tmp_path: Path) -> None:
    told = run("init", str(tmp_path / "home"), *words.split())
    assert told.exit_code == 2
    assert says in " ".join(told.output.split())
    assert not (tmp_path / "home").exists()


def test_in_a_terminal_it_asks_and_asks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.init.at_a_terminal", lambda: True)
    answers = ["Baobab Finance", "Senegall", "Senegal", "", "fr, Wolof", "", "384", "*384*20#", "", "", "", ""]
    told = run("init", str(tmp_path / "baobab"), input="\n".join(answers) + "\n")
    assert told.exit_code == 0, told.output
    assert "Did you mean SN (Senegal)?" in told.output
    assert "Currency [XOF]:" in told.output and "Time zone [Africa/Dakar]:" in told.output
    settings = load(tmp_path / "baobab", environment={})
    assert (settings.institution.currency, settings.institution.languages) == ("XOF", ("fr", "wo"))
    assert settings.channels["ussd"].service_codes == ("*384*20#",)


# -- all of it or nothing ---------------------------------------------------------------------------------------------


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    told = run("init", str(tmp_path))
    assert told.exit_code == 1
    assert told.output.strip() == f"{tmp_path} is not empty: it has notes.txt. Nothing was written. Name a new folder."
    assert files(tmp_path) == {"notes.txt"}
    assert run("init", str(tmp_path / "notes.txt")).exit_code == 2


def test_a_folder_that_is_empty_or_a_new_repository_is_taken(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    home = made(tmp_path)
    assert {"njia.toml", ".gitignore", "flows/visit.yaml"} <= files(home)
    assert run("init", str(home)).exit_code == 1


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []
    write = Path.write_text

    def full(self: Path, *args: Any, **options: Any) -> int:
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(self)
        return write(self, *args, **options)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(CannotWrite, match=r"cannot be written \(No space left on device\)\. Nothing of it was kept"):
        lay(tmp_path / "a/b/home", {f"{n}/{n}": "x" for n in range(5)})
    assert list(tmp_path.iterdir()) == []
    written.clear()
    (tmp_path / "empty").mkdir()
    with pytest.raises(CannotWrite):
        lay(tmp_path / "empty", {f"{n}/{n}": "x" for n in range(5)})
    assert list((tmp_path / "empty").iterdir()) == []


def test_what_was_moved_already_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def once(self: Path, target: Path) -> Path:
        if target.name == "c":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", once)
    with pytest.raises(CannotWrite):
        lay(tmp_path, {"a/a": "x", "b": "x", "c": "x"})
    assert list(tmp_path.iterdir()) == []


# -- it runs ----------------------------------------------------------------------------------------------------------


def started(home: Path, command: str) -> dict[str, Any]:
    """What it says when everything answers, and what the doctor finds while it runs."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NJIA_")}
    program = [sys.executable, "-m", "gateway", "--home", str(home)]
    running = subprocess.Popen(
        [*program, command, "--port", "0", "--json"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert running.stdout
        decoder, text = json.JSONDecoder(), ""
        while line := running.stdout.readline().decode():
            text += line
            try:
                facts: dict[str, Any] = decoder.decode(text)
                break
            except json.JSONDecodeError:
                continue
        doctor = subprocess.run([*program, "doctor", "--json"], env=environment, capture_output=True, check=False)
        return {**facts, "doctor": json.loads(doctor.stdout)}
    finally:
        running.terminate()
        assert running.wait(60) == 0


@pytest.mark.parametrize(("name", "command"), [("senegal", "demo"), ("ethiopia", "serve")])
def test_it_starts_and_the_doctor_says_what_to_do_next(name: str, command: str, tmp_path: Path) -> None:
    home = made(tmp_path / name, *HOMES[name][0].split())
    told = started(home, command)
    assert told["url"]
    if command == "demo":
        assert [one["name"] for one in told["clients"]] == ["Amina Yusuf", "Grace Mensah", "Joseph Banda"]
    found = told["doctor"]
    assert [one for one in found if one["state"] == "problem"] == []
    fixes = {one["fix"] for one in found if one["state"] == "warning"}
    language = "fr" if name == "senegal" else "am"
    assert f"Begin them: njia flows words {language} --to {language}.xlsx" in fixes
    assert ("Set [institution] phone." in fixes) == (name == "ethiopia")


def test_the_example_has_all_its_words_in_each_of_its_languages() -> None:
    from gateway.starting.files import example_words

    words = example_words()
    assert all(list(one) == list(words["en"]) for one in words.values())
