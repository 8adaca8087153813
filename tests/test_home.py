"""The institution's folder over what is shipped, and the one secret beside the data."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from gateway.home import Home, UnreadableHome, definitions, templates
from gateway.secrets import channel_token, load_keys
from gateway.settings import SettingsError
from gateway.settings.hidden import Hidden


def test_what_is_shipped_is_found() -> None:
    assert (templates() / "messages").is_dir()
    assert (definitions() / "flows").is_dir()


def test_a_file_takes_the_place_of_the_one_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    for root, name, text in [
        (shipped, "a", "ours"),
        (shipped, "b", "ours"),
        (own, "b", "theirs"),
        (own, "c", "theirs"),
    ]:
        (root / "flows").mkdir(parents=True, exist_ok=True)
        (root / "flows" / f"{name}.yaml").write_text(text)
    monkeypatch.setattr("gateway.home.definitions", lambda: shipped)
    files = {file.path: file.text for file in Home(own).files("flows")}
    assert files == {"flows/a.yaml": "ours", "flows/b.yaml": "theirs", "flows/c.yaml": "theirs"}
    assert [file.text for file in Home().files("flows")] == ["ours", "ours"]


def test_words_conversations_and_lone_files_overlay_too(tmp_path: Path) -> None:
    (tmp_path / "messages" / "rw").mkdir(parents=True)
    (tmp_path / "messages" / "rw" / "balance.yaml").write_text("x: y")
    (tmp_path / "conversations" / "mine").mkdir(parents=True)
    (tmp_path / "conversations" / "mine" / "one.txt").write_text("dial")
    (tmp_path / "kinds.yaml").write_text("parties: {}")
    home = Home(tmp_path)
    assert "rw" in home.folders("messages")
    assert [file.path for file in home.files("messages/rw")] == ["messages/rw/balance.yaml"]
    assert "mine" in home.folders("conversations")
    assert [file.path for file in home.files("conversations/mine")] == ["conversations/mine/one.txt"]
    kinds = home.file("kinds.yaml")
    assert kinds is not None and kinds.text == "parties: {}"


def test_what_will_never_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "flow").mkdir()
    (tmp_path / "flows").mkdir()
    for name in ("flows/a.yml", "flows/.hidden.yaml", "flows/b.yaml", "njia.toml", "kinds.yaml"):
        (tmp_path / name).write_text("")
    assert Home(tmp_path).strangers() == [
        "flow is not read. A home holds: flows, fields, products, messages, conversations, kinds.yaml, people.yaml.",
        "flows/a.yml is not read, as its name does not end in .yaml.",
    ]


def test_a_file_too_large_to_be_a_flow_is_refused(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "big.yaml").write_bytes(b"a" * (1024 * 1024 + 1))
    with pytest.raises(UnreadableHome, match="larger than 1024 KiB"):
        Home(tmp_path).files("flows")


def _first_start(data: str, keys: multiprocessing.Queue) -> None:
    keys.put(load_keys(Path(data)))


def test_many_processes_at_their_first_start_share_one_secret(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    keys = context.Queue()
    starts = [context.Process(target=_first_start, args=(str(tmp_path / "data"), keys)) for _ in range(4)]
    for process in starts:
        process.start()
    found = {keys.get(timeout=60) for _ in starts}
    for process in starts:
        process.join()
    assert len(found) == 1
    assert (tmp_path / "data" / "secret").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["secret"]


def test_each_purpose_has_its_own_key_and_each_channel_its_own_token(tmp_path: Path) -> None:
    keys = load_keys(tmp_path)
    assert len({*keys}) == 3
    assert keys == load_keys(tmp_path)
    assert channel_token(keys, "ussd") == channel_token(keys, "ussd") != channel_token(keys, "sms")
    assert len(channel_token(keys, "ussd")) == 26
    assert load_keys(tmp_path / "elsewhere") != keys


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_keys(tmp_path)
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(SettingsError, match=r"can be read by others\. Close it with: chmod 600"):
        load_keys(tmp_path)


def test_a_damaged_secret_is_refused_and_not_replaced(tmp_path: Path) -> None:
    load_keys(tmp_path)
    (tmp_path / "secret").write_text("oops")
    with pytest.raises(SettingsError, match="is damaged"):
        load_keys(tmp_path)
    assert (tmp_path / "secret").read_text() == "oops"


def test_a_chosen_secret_stands_instead_of_the_file(tmp_path: Path) -> None:
    keys = load_keys(tmp_path, Hidden("[security] secret", "text", "x" * 32))
    assert keys == load_keys(tmp_path / "other", Hidden("[security] secret", "text", "x" * 32))
    assert not (tmp_path / "secret").exists()
    with pytest.raises(SettingsError, match="needs 32 characters or more"):
        load_keys(tmp_path, Hidden("[security] secret", "text", "short"))
