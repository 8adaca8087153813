"""The supervisor: what dies is started again, what it owns never outlives it. Real processes, really killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from gateway.embedded.programs import environment

# A child that lives until it is told to end, or its parent is gone; it has forked one process of its own.
CHILD = """
import os, signal, sys, threading, time
from gateway.embedded.parents import watch_parent
if sys.argv[1] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    open(sys.argv[2], "w").write(str(os.getpid()))
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.pause()
watch_parent()
while True:
    signal.pause()
"""
PARENT = """
import json, sys
from pathlib import Path
from gateway.embedded.supervisor import Child, Supervisor
folder = Path(sys.argv[1])
def child(name, kind):
    return Child(name, (sys.executable, "-c", open(folder / "child.py").read(), kind, str(folder / (name + ".forked"))))
supervisor = Supervisor([child("one", "good"), child("two", sys.argv[2])], folder / "processes.json")
supervisor.run(lambda: (folder / "two.forked").exists(), lambda: print(json.dumps(supervisor.pids()), flush=True))
"""


def written(file: Path) -> bool:
    return file.exists() and bool(file.read_text())


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def start(folder: Path, kind: str) -> subprocess.Popen[str]:
    (folder / "child.py").write_text(CHILD)
    return subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder), kind], env=environment(), stdout=subprocess.PIPE, text=True
    )


def recorded(folder: Path) -> dict[str, int]:
    return json.loads((folder / "processes.json").read_text())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, int], Path]]:
    process = start(tmp_path, "good")
    pids = json.loads(process.stdout.readline())
    yield process, pids, tmp_path
    process.kill()
    process.wait()
    until(lambda: all(gone(pid) for pid in pids.values()))
    end_what_was_forked(tmp_path)


def end_what_was_forked(folder: Path) -> None:
    """It listens to nobody, so that a test can tell who ended it: those that nobody did end are ended here."""
    for file in folder.glob("*.forked"):
        if written(file) and not gone(forked := int(file.read_text())):
            os.kill(forked, signal.SIGKILL)


def test_it_announces_what_runs_and_writes_it_down(house: tuple) -> None:
    process, pids, folder = house
    until(lambda: all(written(folder / f"{name}.forked") for name in ("one", "two")))
    assert set(pids) == {"supervisor", "one", "two"}
    assert pids["supervisor"] == process.pid
    assert recorded(folder) == pids


def test_a_killed_child_is_started_again(house: tuple) -> None:
    _, pids, folder = house
    until(lambda: written(folder / "one.forked"))
    forked = int((folder / "one.forked").read_text())
    os.kill(pids["one"], signal.SIGKILL)
    until(lambda: recorded(folder).get("one", pids["one"]) != pids["one"])
    assert recorded(folder)["two"] == pids["two"]
    until(lambda: gone(forked))
    until(lambda: (folder / "one.forked").read_text() not in ("", str(forked)))


def test_told_to_end_it_ends_everything(house: tuple) -> None:
    process, pids, folder = house
    until(lambda: all(written(folder / f"{name}.forked") for name in ("one", "two")))
    process.terminate()
    assert process.wait(30) == 0
    assert all(gone(pid) for pid in pids.values())
    until(lambda: all(gone(int((folder / f"{name}.forked").read_text())) for name in ("one", "two")))
    assert not (folder / "processes.json").exists()


@pytest.mark.parametrize("kind", ["good", "deaf"])
def test_killed_it_leaves_nothing(tmp_path: Path, kind: str) -> None:
    process = start(tmp_path, kind)
    pids = json.loads(process.stdout.readline())
    until(lambda: all(written(tmp_path / f"{name}.forked") for name in ("one", "two")))
    process.kill()
    process.wait()
    until(lambda: gone(pids["one"]) and gone(pids["two"]))
    if kind == "deaf":  # one that does not listen is ended with all that it has forked
        until(lambda: gone(int((tmp_path / "two.forked").read_text())))
    end_what_was_forked(tmp_path)


def test_a_child_that_never_lives_is_told(tmp_path: Path) -> None:
    parent = """
import sys
from pathlib import Path
from gateway.embedded.supervisor import Child, DidNotStart, Supervisor
try:
    Supervisor([Child("one", (sys.executable, "-c", "1/0"))], Path(sys.argv[1])).run(lambda: False, lambda: None)
except DidNotStart as error:
    print(error)
"""
    run = subprocess.run(
        [sys.executable, "-c", parent, str(tmp_path / "processes.json")],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run.stdout == "one does not start.\n"
    assert "ZeroDivisionError" in run.stderr


ONCE = """
import sys
from pathlib import Path
from gateway.embedded.supervisor import Child, Supervisor
folder, code = Path(sys.argv[1]), sys.argv[2]
work = f"open({str(folder / 'work')!r}, 'a').write('x'); raise SystemExit({code})"
children = [
    Child("one", (sys.executable, "-c", open(folder / "child.py").read(), "good", str(folder / "one.forked"))),
    Child("job", (sys.executable, "-c", work), once=True),
]
supervisor = Supervisor(children, folder / "processes.json")
supervisor.run(lambda: (folder / "one.forked").exists(), lambda: print((folder / "work").exists(), flush=True))
"""


@pytest.mark.parametrize(("code", "work"), [("0", "x"), ("1", "xxxxx")])
def test_what_is_to_be_done_once_begins_last_and_is_tried_so_often_at_most(
    tmp_path: Path, code: str, work: str
) -> None:
    (tmp_path / "child.py").write_text(CHILD)
    line = [sys.executable, "-c", ONCE, str(tmp_path), code]
    process = subprocess.Popen(line, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "False\n", "it begins when everything answers"
        until(lambda: (tmp_path / "work").exists() and (tmp_path / "work").read_text() == work)
        until(lambda: set(recorded(tmp_path)) == {"supervisor", "one"})
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0 and (tmp_path / "work").read_text() == work
    finally:
        process.kill()
        process.wait()
        end_what_was_forked(tmp_path)
