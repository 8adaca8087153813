"""Copies of releases: what goes out comes in again as the same release, and nothing else comes in."""

from __future__ import annotations

import io
import json
import stat
import struct
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.model import Institution, Keys
from gateway.cli import njia
from gateway.copying import form, laying
from gateway.copying.form import FORM, MANIFEST, Manifest
from gateway.copying.laying import InTheWay, plan, write
from gateway.copying.packing import CannotBeCopied, lying_beside, pack
from gateway.copying.reading import NotACopy, read, unpack
from gateway.home import Home
from gateway.institution import institution as of_settings
from gateway.publishing import Sources, decode, gather
from gateway.settings import load

JAMII = Institution(name="Jamii Microfinance", short_name="Jamii", languages=("en", "sw"))
PLAY = "conversations/balance/own.txt"


def manifest(sources: Sources) -> Manifest:
    return Manifest(
        form=FORM, njia="0.1.0", release=sources.hash, number=3, at="2026-03-01T00:00:00+00:00", who="jane",
        why="the new fee", institution={}, files={},
    )  # fmt: skip


def packed(files: dict[str, str] | None = None, beside: dict[str, str] | None = None) -> bytes:
    sources = Sources(decode(gather(Home(), JAMII).encode()).institution, files or {"flows/a.yaml": "flow: a\n"})
    return pack(manifest(sources), sources, beside or {})


# -- there and back ---------------------------------------------------------------------------------------------------

NAMES = st.from_regex(r"[A-Za-z0-9ñé][A-Za-z0-9 _.+ñ-]{0,20}[a-z]", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=80) | st.sampled_from(
    ["", "\r\n", "a\r\nb\n", "\ufeffflow: a", "\ufeff\ufeff", "\x00", "tab\there", "flow: é 日本\n"]
)
PLACES = st.one_of(
    *(NAMES.map(lambda name, folder=folder: f"{folder}/{name}.yaml") for folder in ("flows", "fields", "products")),
    st.tuples(st.sampled_from(["en", "sw", "fr"]), NAMES).map(lambda two: f"messages/{two[0]}/{two[1]}.yaml"),
    st.just("kinds.yaml"),
    st.sampled_from(["flows/balance.yaml", "messages/sw/balance.yaml", "products/akiba.yaml"]),  # shipped ones
)
FILES = st.dictionaries(PLACES, TEXTS, max_size=6).filter(
    lambda made: len({path.casefold() for path in made}) == len(made)
)
INSTITUTIONS = st.builds(
    Institution,
    name=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=20).filter(str.strip),
    short_name=st.sampled_from(["Jamii", 'The "J"', "J\\", "é"]),
    languages=st.sampled_from([("en",), ("en", "sw"), ("sw", "en", "fr")]),
    keys=st.sampled_from([Keys("0", "00", "98"), Keys("9", "99", "88")]),
    quiet_days=st.integers(1, 3650),
    notice_url=st.sampled_from(["", "jamii.example/notice"]),
)


def lay(home: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_bytes(text.encode())


@settings(deadline=None, max_examples=25)
@given(FILES, FILES, INSTITUTIONS)
def test_what_is_exported_and_imported_is_the_same_release(
    files: dict[str, str], plays: dict[str, str], institution: Institution
) -> None:
    """Out of a home with anything in it, through the file, into an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder, "here"), Path(folder, "there")
        here.mkdir()
        beside = {f"conversations/balance/{n}.txt": text for n, text in enumerate(plays.values())}
        lay(here, {**files, **beside})
        sources = gather(Home(here), institution)
        data = pack(manifest(sources), sources, lying_beside(here))
        assert data == pack(manifest(sources), decode(sources.encode()), lying_beside(here)), "byte for byte"
        copy = unpack(data, "copy.zip")
        assert copy.sources.hash == sources.hash
        write(plan(copy, there, None))
        assert gather(Home(there), of_settings(load(there, environment={}))).hash == sources.hash
        assert lying_beside(there) == lying_beside(here)
        again = plan(copy, there, of_settings(load(there, environment={})))
        assert not again.changes and not again.settings and not again.others


def test_a_copy_is_a_plain_zip_that_anybody_can_look_into() -> None:
    with zipfile.ZipFile(io.BytesIO(packed(beside={PLAY: "> dial\n"}))) as archive:
        assert archive.namelist() == [MANIFEST, PLAY, "flows/a.yaml"]
        assert {(one.date_time, one.external_attr >> 16) for one in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), stat.S_IFREG | 0o644)
        }
        told = json.loads(archive.read(MANIFEST))
    assert (told["form"], told["njia"], told["number"], told["who"], told["why"]) == (
        1, "0.1.0", 3, "jane", "the new fee",
    )  # fmt: skip
    assert told["institution"]["name"] == "Jamii Microfinance"


def test_what_does_not_fit_into_a_copy_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotBeCopied, match="Rename it"):
        packed({"flows/a:b.yaml": "flow: a\n"})
    monkeypatch.setattr("gateway.copying.packing.MOST_FILES", 2)
    with pytest.raises(CannotBeCopied, match="is larger"):
        packed({"flows/a.yaml": "", "flows/b.yaml": ""})


# -- what is no copy --------------------------------------------------------------------------------------------------


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return made.getvalue()


def with_(*entries: tuple[str | zipfile.ZipInfo, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    """A good copy, and more."""
    with zipfile.ZipFile(io.BytesIO(packed())) as archive:
        good = [(name, archive.read(name)) for name in archive.namelist()]
    return zipped(*good, *entries, how=how)


def told(**changes: Any) -> bytes:
    """A good copy whose ``release.json`` says something else; ``None`` takes a word away."""
    with zipfile.ZipFile(io.BytesIO(packed())) as archive:
        about = json.loads(archive.read(MANIFEST)) | changes
        others = [(name, archive.read(name)) for name in archive.namelist() if name != MANIFEST]
    return zipped((MANIFEST, json.dumps({k: v for k, v in about.items() if v is not None}).encode()), *others)


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.create_system, made.external_attr = 3, mode << 16
    return made


def renamed(one: bytes, other: bytes) -> bytes:
    """Bytes that no zip program writes: a name in the zip is another one of the same length."""
    assert len(one) == len(other)
    return with_((one.decode(), b"x")).replace(one, other)


def locked() -> bytes:
    """The mark of a password on the last file."""
    data = bytearray(with_(("flows/b.yaml", b"x")))
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def bomb() -> bytes:
    return with_(("flows/b.yaml", b"\0" * 90_000_000), how=zipfile.ZIP_DEFLATED)


def lying() -> bytes:
    """It says that it unpacks to ten bytes, and unpacks to more than a file may have."""
    data = bytearray(with_(("flows/b.yaml", b"\0" * 5_000_000), how=zipfile.ZIP_DEFLATED))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(data)


ODD = (
    "/etc/passwd",
    "../njia.toml",
    "flows/../../x.yaml",
    "flows/./a.yaml",
    "flows//a.yaml",
    "C:/x.yaml",
    "flows/C:x.yaml",
)
ODD += (
    "flows/.hidden.yaml",
    "flows/_off.yaml",
    "flows/a.txt",
    "flows/a.yaml/b.yaml",
    "njia.toml",
    "README.md",
    "x/a.yaml",
)
ODD += (
    "messages/a.yaml",
    "messages/../a.yaml",
    "conversations/a/b/c.txt",
    "flows/\u202ea.yaml",
    "flows/" + "a" * 300 + ".yaml",
)
ODD += (
    "data/secret",
    "people.yml",
    "__MACOSX/a.yaml",
    ".DS_Store",
    "flows/a.yaml ",
    "flows/a\n.yaml",
    "../",
    "x/",
    "flows/../",
)

BAD: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "nothing": (lambda: b"", "copy.zip", "This is no zip file"),
    "a picture": (lambda: b"\x89PNG\r\n" * 99, "copy.zip", "This is no zip file"),
    "half of it": (lambda: packed()[: len(packed()) // 2], "copy.zip", "or it is damaged"),
    "another zip": (lambda: zipped(("flows/a.yaml", b"x")), "copy.zip", "it has no release.json"),
    "an empty zip": (zipped, "copy.zip", "it has no release.json"),
    "a flipped bit": (lambda: packed().replace(b"flow: a", b"flow: b", 1), "flows/a.yaml", "It is damaged."),
    "a backslash": (lambda: renamed(b"flows/zz.yaml", b"flows\\zz.yaml"), "flows\\zz.yaml", "A home has no such file"),
    "a NUL": (lambda: renamed(b"flows/zz.yaml", b"flows/z\0.yaml"), "flows/z\ufffd.yaml", "A home has no such file"),
    "a link": (lambda: with_((entry("flows/b.yaml", stat.S_IFLNK | 0o777), b"/etc/passwd")), "flows/b.yaml", "a link"),
    "a pipe": (lambda: with_((entry("flows/b.yaml", stat.S_IFIFO), b"")), "flows/b.yaml", "no plain file"),
    "a password": (locked, "flows/b.yaml", "locked with a password"),
    "another packer": (lambda: with_(how=zipfile.ZIP_BZIP2), "flows/a.yaml", "not every computer knows"),
    "a large file": (lambda: with_(("flows/b.yaml", b"a" * 1_100_000)), "flows/b.yaml", "larger than 1024 KiB"),
    "a bomb": (bomb, "copy.zip", "larger than 16 MiB"),
    "a bomb that lies": (lying, "flows/b.yaml", "It is damaged."),
    "many files": (lambda: with_(*((f"flows/{n}.yaml", b"") for n in range(4001))), "copy.zip", "more than 4000 files"),
    "twice": (lambda: with_(("flows/a.yaml", b"x")), "flows/a.yaml", "there twice"),
    "nearly twice": (lambda: with_(("flows/A.yaml", b"x")), "flows/A.yaml", "called nearly the same"),
    "one name written in two ways": (
        lambda: with_(("flows/é.yaml", b"x"), ("flows/e\u0301.yaml", b"x")), "flows/é.yaml", "nearly the same",
    ),
    "Latin-1": (lambda: with_(("flows/b.yaml", "flow: b\nsay: né".encode("latin-1"))), "flows/b.yaml", "not UTF-8"),
    "UTF-16": (lambda: with_(("flows/b.yaml", "flow: b".encode("utf-16"))), "flows/b.yaml", "not UTF-8"),
    "one more file": (lambda: with_(("flows/b.yaml", b"flow: b")), "flows/b.yaml", "It came after the export."),
    "one file less": (lambda: told(files={"flows/a.yaml": "", "flows/b.yaml": ""}), "flows/b.yaml", "It is missing."),
    "a file that was changed": (lambda: told(files={"flows/a.yaml": "00"}), "flows/a.yaml", "changed after the export"),
    "a newer form": (lambda: told(form=2, njia="9.1\x1b[2J"), "copy.zip", "Njia 9.1\ufffd[2J wrote it, in form 2"),
    "a newer form that looks otherwise": (lambda: told(form=3, files=None, release=7), "copy.zip", "in form 3"),
    "no form": (lambda: told(form=None), MANIFEST, "does not say what a copy says"),
    "form 0": (lambda: told(form=0), MANIFEST, "no form 0"),
    "another hash": (lambda: told(release="ab" * 16), MANIFEST, "It says release abababababab, and what is here is"),
    "no settings": (lambda: told(institution={}), MANIFEST, "does not say what a copy says"),
    "wrong settings": (lambda: told(institution={"keys": 3}), MANIFEST, "does not say what a copy says"),
    "a list": (lambda: zipped((MANIFEST, b"[]")), MANIFEST, "does not say what a copy says"),
    "no JSON": (lambda: zipped((MANIFEST, b"{form: 1}")), MANIFEST, "does not say what a copy says"),
    "deep JSON": (lambda: zipped((MANIFEST, b'{"a":' + b"[" * 200_000)), MANIFEST, "does not say what a copy says"),
    **{f"the name {name!r}": (partial(with_, (entry(name), b"x")), "", "A home has no such file") for name in ODD},
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_copy_is_refused_in_words(kind: str, tmp_path: Path) -> None:
    make, place, said = BAD[kind]
    file = tmp_path / "copy.zip"
    file.write_bytes(make())
    with pytest.raises(NotACopy) as refused:
        read(file)
    first = next((fault for fault in refused.value.faults if fault.file == place), refused.value.faults[0])
    assert said in first.message and first.code.startswith("copy.") and first.fix
    assert not place or first.file == place
    assert all(fault.file.isprintable() and fault.message.isprintable() for fault in refused.value.faults)


def test_the_line_of_a_wrong_encoding_is_told() -> None:
    with pytest.raises(NotACopy) as refused:
        unpack(with_(("flows/b.yaml", b"one\ntwo\nthr\xe9e\n")), "copy.zip")
    assert [fault.line for fault in refused.value.faults] == [3]


def test_a_copy_that_somebody_unpacked_and_packed_again_is_one(tmp_path: Path) -> None:
    """With folders written down, and pressed."""
    with zipfile.ZipFile(io.BytesIO(packed(beside={PLAY: "> dial\n"}))) as archive:
        archive.extractall(tmp_path)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(tmp_path.rglob("*")):
            archive.write(path, path.relative_to(tmp_path))
    assert set(unpack(made.getvalue(), "copy.zip").files) == {"flows/a.yaml", PLAY}


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "copy.zip").open("wb") as file:
        file.truncate(10**10)
    with pytest.raises(NotACopy, match="larger than 16 MiB"):
        read(tmp_path / "copy.zip")


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_whatever_happens_to_a_copy_it_is_taken_as_it_was_or_refused(data: st.DataObject) -> None:
    good = packed({"flows/a.yaml": "flow: a\n", "messages/sw/a.yaml": "a: b\n"})
    bad = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(bad)) | st.just(len(bad)))
    try:
        found = unpack(bytes(bad[:cut]), "copy.zip")
    except NotACopy:
        return
    assert found.files == unpack(good, "copy.zip").files


# -- into a home ------------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """With a flow of its own, one in other words, and one as in the copy."""
    place = tmp_path / "home"
    lay(place, {"flows/a.yaml": "flow: other\n", "flows/mine.yaml": "flow: mine\n", "flows/b.yaml": "flow: b\n"})
    return place


COPY = {
    "flows/a.yaml": "flow: a\n",
    "flows/b.yaml": "flow: b\n",
    "flows/c.yaml": "flow: c\n",
    "messages/sw/c.yaml": "x: y\n",
}


def there(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_plan_tells_what_is_new_changed_and_left(home: Path) -> None:
    made = plan(unpack(packed(COPY), "copy.zip"), home, JAMII)
    assert [one.path for one in made.new] == ["flows/c.yaml", "messages/sw/c.yaml"]
    assert [(one.path, one.before, one.after) for one in made.changed] == [
        ("flows/a.yaml", "flow: other\n", "flow: a\n")
    ]
    assert made.same == ["flows/b.yaml"]
    assert "flows/mine.yaml" in made.others and "flows/balance.yaml" in made.others, "of the home, and shipped"
    assert made.settings == []


def test_settings_that_differ_are_told_and_left(home: Path) -> None:
    other = Institution(name="Jamii Microfinance", short_name="J", languages=("sw",), tariff=((0, 15),))
    assert plan(unpack(packed(COPY), "copy.zip"), home, other).settings == ["languages", "short_name", "tariff"]


def test_what_is_shipped_in_the_same_words_is_left_out(home: Path) -> None:
    shipped = gather(Home(), JAMII).files
    lay(home, {"flows/balance.yaml": "flow: balance\n"})
    made = plan(unpack(packed(dict(shipped)), "copy.zip"), home, JAMII)
    assert [one.path for one in made.changed] == ["flows/balance.yaml"], "where the home has another one it is written"
    assert made.new == [] and len(made.shipped) == len(shipped) - 1


def test_writing_changes_what_was_planned_and_nothing_else(home: Path) -> None:
    write(plan(unpack(packed(COPY), "copy.zip"), home, JAMII))
    wanted = {**COPY, "flows/mine.yaml": "flow: mine\n"}
    assert there(home) == {path: text.encode() for path, text in wanted.items()}


@pytest.mark.parametrize("fails_at", range(3))
def test_when_a_file_cannot_be_moved_all_is_as_it_was(
    home: Path, fails_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, moved, replace = there(home), iter(range(99)), Path.replace

    def fail(self: Path, target: Path) -> Path:
        if ".import-" in str(self) and not self.name.endswith(".before") and next(moved) == fails_at:
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write(plan(unpack(packed(COPY), "copy.zip"), home, JAMII))
    assert there(home) == before


def test_when_nothing_can_be_written_a_new_home_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(laying, "_write", fail)
    with pytest.raises(OSError, match="No space left"):
        write(plan(unpack(packed(COPY), "copy.zip"), tmp_path / "new", None))
    assert not (tmp_path / "new").exists()


def test_a_link_in_the_home_becomes_a_file(home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.yaml").write_text("flow: elsewhere\n")
    (home / "flows" / "a.yaml").unlink()
    (home / "flows" / "a.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    write(plan(unpack(packed(COPY), "copy.zip"), home, JAMII))
    assert (tmp_path / "elsewhere.yaml").read_text() == "flow: elsewhere\n"
    assert not (home / "flows" / "a.yaml").is_symlink() and (home / "flows" / "a.yaml").read_text() == "flow: a\n"


def in_the_way(home: Path) -> Iterator[str]:
    (home / "messages").write_text("a file\n")
    yield "messages is no folder"
    (home / "messages").unlink()
    (home / "flows" / "c.yaml").mkdir()
    yield "c.yaml is no file"
    (home / "flows" / "c.yaml").rmdir()
    (home / "flows" / "c.yaml").symlink_to(home / "nowhere")
    yield "c.yaml is no file"


def test_what_lies_in_the_way_is_told(home: Path) -> None:
    for said in in_the_way(home):
        with pytest.raises(InTheWay, match=said):
            plan(unpack(packed(COPY), "copy.zip"), home, JAMII)


def test_the_first_settings_of_a_new_home_can_be_read() -> None:
    odd = Institution(name='A "B" \\ C', short_name="é\u007f", keys=Keys("9", "99", "88"), tariff=((0, 5),))
    made = tomllib.loads(laying._settings(json.loads(json.dumps(asdict(odd)))))
    said = made["institution"]
    assert (said["name"], said["short_name"], said["keys"]["home"]) == ('A "B" \\ C', "é\u007f", "99")
    assert "tariff" not in said and "channels" in made


# -- the commands -----------------------------------------------------------------------------------------------------


def run(*words: str, exits: int = 0, **environment: str) -> Result:
    done = CliRunner().invoke(njia, [*words], env=environment, catch_exceptions=False)
    assert done.exit_code == exits, done.output
    return done


@pytest.fixture
def published(tmp_path: Path, sqlite_url: str, valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose second release is published."""
    home = tmp_path / "jamii"
    stores = {"NJIA_DATABASE__URL": sqlite_url, "NJIA_REDIS__URL": valkey_url}
    for name, value in {"NJIA_HOME": str(home), **stores}.items():  # what --home writes there is to be taken back
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    run("init", str(home))
    run("--home", str(home), "db", "upgrade", "--yes")
    publish = ("--home", str(home), "flows", "publish", "--why", "A test", "--accept-warnings")
    run(*publish)
    text = next(file.text for file in Home().files("flows") if file.name == "balance")
    lay(home, {"flows/balance.yaml": text.replace('as: "Balance"', 'as: "My balance"'), PLAY: "> dial\n"})
    (home / PLAY).unlink()  # it is no conversation that could be played
    assert "Published release 2" in run(*publish).output
    lay(home, {PLAY: "> dial\n"})
    return home


def test_a_release_goes_to_another_home_and_is_the_same_there(published: Path, tmp_path: Path) -> None:
    told = json.loads(run("--home", str(published), "flows", "export", "--json").output)
    assert (told["number"], told["at_home"]) == (2, True)
    first = (tmp_path / told["file"]).read_bytes()
    assert run("--home", str(published), "flows", "export").output.startswith(told["file"]), "the same file: no harm"
    assert (tmp_path / told["file"]).read_bytes() == first
    done = run("flows", "import", told["file"], "--into", "new")
    assert "  new: flows/balance.yaml\n" in done.output and f"  new: {PLAY}\n" in done.output
    assert "Written. The home is that release now." in done.output
    assert (tmp_path / "new" / PLAY).read_text() == "> dial\n"
    again = json.loads(run("flows", "import", told["file"], "--into", "new", "--json").output)
    assert again["after"]["release"] == told["release"] and not (again["new"] or again["changed"])


def test_an_old_release_comes_out_of_the_record(published: Path) -> None:
    done = run("--home", str(published), "flows", "export", "1", "--to", "old.zip")
    assert "release 1" in done.output and "Conversations are not in it" in done.output
    shown = run("--home", str(published), "flows", "import", "old.zip", exits=1).output
    assert '-starts: {menu: main, as: "My balance"' in shown and "add --yes" in shown
    assert "My balance" in (published / "flows" / "balance.yaml").read_text(), "nothing is overwritten unasked"
    assert "add --yes" in run("--home", str(published), "flows", "import", "old.zip", "--dry-run").output
    assert "is that release now" in run("--home", str(published), "flows", "import", "old.zip", "--yes").output
    assert "My balance" not in (published / "flows" / "balance.yaml").read_text()
    assert (published / PLAY).read_text() == "> dial\n"


def test_what_cannot_be_exported_or_imported_is_told(published: Path, tmp_path: Path) -> None:
    home = ("--home", str(published))
    assert "There is no release 9" in run(*home, "flows", "export", "9", exits=1).output
    assert "There is no folder" in run(*home, "flows", "export", "--to", "nowhere/x.zip", exits=2).output
    (tmp_path / "x.zip").write_bytes(b"no zip")
    assert "is there already" in run(*home, "flows", "export", "--to", "x.zip", exits=2).output
    assert (tmp_path / "x.zip").read_bytes() == b"no zip"
    refused = run(*home, "flows", "import", "x.zip", exits=1).output
    assert refused.startswith("x.zip: This is no zip file") and refused.endswith("Nothing was written.\n")
    (told,) = json.loads(run(*home, "flows", "import", "x.zip", "--json", exits=1).output)
    assert told["code"] == "copy.no_zip"
    run(*home, "flows", "export", "--to", "x.zip", "--yes")
    assert read(tmp_path / "x.zip").manifest.number == 2
    assert not list(tmp_path.glob(".x*")), "nothing is left beside"


def test_a_copy_says_no_more_than_is_known() -> None:
    assert set(Manifest.__struct_fields__) == {
        "form", "njia", "release", "number", "at", "who", "why", "institution", "files",
    }, "a new word needs a new form, if an older program cannot do without it"  # fmt: skip
    assert form.FORM == 1
