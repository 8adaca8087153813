"""The embedded Valkey: shared by all who are attached, there as long as one of them lives, gone soon after.

Every test runs real processes and kills real ones. Nothing is waited for by the clock, only by condition.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import redis

from gateway.embedded.attachment import Attachment, attach
from gateway.embedded.places import EmbeddedError, places
from gateway.embedded.programs import command, environment
from gateway.embedded.valkey import Limits

HOLDER = """
import sys
from pathlib import Path
from gateway.embedded.attachment import attach
attachment = attach(Path(sys.argv[1]))
print(attachment.pids["keeper"], attachment.pids["valkey"], flush=True)
sys.stdin.read()
"""


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def holder(data: Path) -> subprocess.Popen[str]:
    """Another process that is attached until its standard input closes, or it is killed."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data)],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def client(attachment: Attachment) -> redis.Redis:
    return redis.Redis.from_url(attachment.url)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder; when the test is over, nothing runs on it any more."""
    yield tmp_path / "data"
    until(lambda: not places(tmp_path / "data").runtime.exists())


@pytest.fixture
def attached(data: Path) -> Iterator[Attachment]:
    attachment = attach(data)
    yield attachment
    attachment.close()


def test_it_is_a_durable_valkey_with_no_door_to_the_network(attached: Attachment) -> None:
    with client(attached) as valkey:
        assert valkey.ping()
        wanted = {"port": "0", "appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
        assert {name: valkey.config_get(name)[name] for name in wanted} == wanted
        assert valkey.config_get("maxmemory")["maxmemory"] == str(512 * 1024 * 1024)
    runtime = Path(attached.url.removeprefix("unix://")).parent
    assert runtime.stat().st_mode & 0o777 == 0o700
    assert psutil.Process(attached.pids["valkey"]).net_connections("tcp") == []


def test_limits_are_taken_over(data: Path) -> None:
    attachment = attach(data, Limits("always", 64))
    with client(attachment) as valkey:
        assert valkey.config_get("appendfsync")["appendfsync"] == "always"
        assert valkey.config_get("maxmemory")["maxmemory"] == str(64 * 1024 * 1024)
    attachment.close()


def test_the_socket_has_a_short_path_however_long_the_data_folder_has(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-rather-long-name-of-a-folder"] * 5)
    assert len(str(places(deep).control)) < 100
    attachment = attach(deep)
    with client(attachment) as valkey:
        assert valkey.set("a", 1)
    attachment.close()
    until(lambda: not places(deep).runtime.exists())


def test_two_names_of_one_folder_are_one_valkey(data: Path, tmp_path: Path, attached: Attachment) -> None:
    (tmp_path / "link").symlink_to(data)
    assert places(tmp_path / "link") == places(data)


def test_many_at_once_share_one_keeper(data: Path) -> None:
    holders = [holder(data) for _ in range(4)]
    said = {process.stdout.readline() for process in holders}
    assert len(said) == 1 and said != {""}
    for process in holders:
        process.communicate()


def test_it_ends_when_the_last_has_gone_and_keeps_what_it_had(data: Path) -> None:
    first, second = attach(data), holder(data)
    with client(first) as valkey:
        valkey.set("kept", "yes")
    keeper, server = map(int, second.stdout.readline().split())
    first.close()
    assert not gone(server)
    second.kill()
    second.wait()
    ended = time.monotonic()
    until(lambda: gone(keeper) and gone(server))
    assert time.monotonic() - ended < 4
    again = attach(data)
    with client(again) as valkey:
        assert valkey.get("kept") == b"yes"
    again.close()


def test_a_killed_valkey_comes_back_with_what_it_had(data: Path) -> None:
    changed = threading.Event()
    attachment = attach(data, Limits("always"), changed=changed.set)
    with client(attachment) as valkey:
        valkey.set("kept", "yes")
        before = attachment.pids["valkey"]
        os.kill(before, signal.SIGKILL)
        assert changed.wait(20)
        until(lambda: attachment.pids["valkey"] != before)
        assert valkey.get("kept") == b"yes"
    attachment.close()


def test_a_killed_keeper_leaves_no_orphan_and_is_replaced(data: Path) -> None:
    changed = threading.Event()
    attachment = attach(data, Limits("always"), changed=changed.set)
    with client(attachment) as valkey:
        valkey.set("kept", "yes")
    before = dict(attachment.pids)
    os.kill(before["keeper"], signal.SIGKILL)
    assert changed.wait(20)
    until(lambda: gone(before["valkey"]))
    assert attachment.pids["keeper"] != before["keeper"]
    with client(attachment) as valkey:
        assert valkey.get("kept") == b"yes"
    attachment.close()


def test_the_kill_of_all_at_once_leaves_nothing(data: Path) -> None:
    process = holder(data)
    keeper, server = map(int, process.stdout.readline().split())
    for pid in (keeper, process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    if sys.platform == "linux":
        until(lambda: gone(server))
    attach(data).close()  # and whoever comes next sets up and tidies again


def test_a_keeper_that_nobody_comes_to_goes_away(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = subprocess.Popen(command("gateway.embedded.keeper", str(data), "everysec", "64"), env=environment())
    assert keeper.wait(20) == 0
    assert not places(data).runtime.exists()


def test_a_second_keeper_leaves_at_once(data: Path, attached: Attachment) -> None:
    second = subprocess.Popen(command("gateway.embedded.keeper", str(data), "everysec", "64"), env=environment())
    assert second.wait(20) == 0
    with client(attached) as valkey:
        assert valkey.ping()


def test_files_that_valkey_cannot_read_are_told(data: Path) -> None:
    folder = data / "redis" / "appendonlydir"
    folder.mkdir(parents=True)
    (folder / "appendonly.aof.manifest").write_text("this is no manifest\n")
    with pytest.raises(EmbeddedError, match=r"does not start\. See .*valkey\.log"):
        attach(data)


def test_a_folder_held_by_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.embedded.places.ROOT", tmp_path)
    (tmp_path / f"njia-{os.getuid()}").mkdir(mode=0o777)
    (tmp_path / f"njia-{os.getuid()}").chmod(0o777)
    with pytest.raises(EmbeddedError, match="open to others"):
        attach(tmp_path / "data")
