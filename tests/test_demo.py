"""``njia demo`` as an outsider sees it: one line of JSON, processes that can be killed, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from gateway.embedded.places import places
from gateway.embedded.programs import command, environment

NAMES = {"supervisor", "gateway", "scribe", "schedule", "jobs", "keeper", "valkey"}
TAGS = {"two-accounts", "one-account", "savings", "group-leader", "unenrolled", "shared-phone", "swahili"}


def until(condition: Callable[[], object], seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@contextmanager
def demo(data: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    line = command("gateway", "demo", "--port", "0", "--data", str(data), "--json", "--no-history", *words)
    process = subprocess.Popen(line, env=environment(), cwd=data.parent, stdout=subprocess.PIPE, text=True)
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        until(lambda: not places(data).runtime.exists())


def ready(facts: dict[str, Any]) -> bool:
    try:
        with urllib.request.urlopen(f"{facts['url']}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def recorded(data: Path) -> dict[str, int]:
    return json.loads((data / "processes.json").read_text())


def test_it_says_what_there_is_and_ends_with_all_that_it_started(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with demo(data) as (process, facts):
        assert set(facts) == {"url", "service_code", "processes", "channels", "payments", "clients", "staff"}
        assert set(facts["processes"]) == NAMES and recorded(data) == facts["processes"]
        assert {tag for client in facts["clients"] for tag in client["tags"]} == TAGS
        assert {client["pin"] for client in facts["clients"] if "unenrolled" in client["tags"]} == {None}
        assert facts["service_code"] == "*384*7#" and ready(facts)
        assert [(one["role"], set(one)) for one in facts["staff"]] == [
            (role, {"email", "password", "role"}) for role in ("agent", "agent", "admin")
        ]
        second = subprocess.run(
            command("gateway", "demo", "--data", str(data)),
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 1 and "runs on" in second.stderr
        process.terminate()
        assert process.wait(30) == 0
        assert process.stdout.read() == ""
        until(lambda: all(gone(pid) for pid in facts["processes"].values()))
    kept = {path.name for path in data.iterdir()}
    assert {"njia.db", "secret", "redis"} <= kept and not {"processes.json", "running.json"} & kept
    with demo(data) as (_, again):
        assert {key: again[key] for key in ("channels", "clients")} == {
            key: facts[key] for key in ("channels", "clients")
        }


def test_killed_processes_come_back_and_a_killed_parent_leaves_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with demo(data) as (process, facts):
        for name in ("valkey", "keeper", "scribe", "gateway"):
            before = recorded(data)[name]
            os.kill(before, signal.SIGKILL)
            until(lambda name=name, before=before: recorded(data).get(name, before) != before)
        until(lambda: ready(facts))
        last = recorded(data)
        process.kill()
        process.wait()
        began = time.monotonic()
        until(lambda: all(gone(pid) for pid in last.values()))
        assert time.monotonic() - began < 15
