"""``python -m worker`` as processes: what is due leaves, a killed one comes back, none outlives its parent."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
from aiohttp import web
from redis.asyncio import Redis

from gateway.embedded.parents import VARIABLE
from gateway.record import outbox, tables
from gateway.record.database import Database
from gateway.store.leases import alive

ROOT = Path(__file__).resolve().parents[1]
PHONE = "+254700000001"
HOME = '[channels.sms]\nadapter = "sms/console"\nservice_codes = ["20384"]\n'
ROLES = ("scribe", "schedule", "jobs")
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where the database does not matter


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


@pytest.fixture
def given(tmp_path: Path, valkey_url: str, database_url: str) -> dict[str, str]:
    (tmp_path / "njia.toml").write_text(HOME)
    urls = {"NJIA_REDIS__URL": valkey_url, "NJIA_JOBS__URL": f"{valkey_url}?db=3", "NJIA_DATABASE__URL": database_url}
    return {**os.environ, **urls, "NJIA_HOME": str(tmp_path), "NJIA_DATA": str(tmp_path / "data")}


@contextmanager
def worker(given: dict[str, str], *words: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    running = subprocess.Popen([sys.executable, "-m", "worker", *words], cwd=ROOT, env=given, **options)
    try:
        yield running
    finally:
        family = [running, *psutil.Process(running.pid).children()] if running.poll() is None else [running]
        for one in family:
            one.kill()
        running.wait()


async def until(true: Callable[[], Awaitable[Any]], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)


async def pids(redis: Redis) -> dict[str, int]:
    """The processes that are alive, by their roles."""
    found = {role: await alive(redis, role) for role in ROLES}
    return {role: json.loads(next(iter(words.values())))["pid"] for role, words in found.items() if words}


def all_there(redis: Redis) -> Callable[[], Awaitable[bool]]:
    async def asked() -> bool:
        return len(await pids(redis)) == 3

    return asked


def sent(db: Database, ref: str) -> Callable[[], Awaitable[bool]]:
    async def asked() -> bool:
        async with db.read() as conn:
            return await conn.scalar(sa.select(tables.outbox.c.state).where(tables.outbox.c.ref == ref)) == "sent"

    return asked


def gone(*numbers: int) -> Callable[[], Awaitable[bool]]:
    async def asked() -> bool:
        return not any(psutil.pid_exists(n) and psutil.Process(n).status() != "zombie" for n in numbers)

    return asked


async def tell(db: Database, ref: str) -> None:
    async with db.write() as conn:
        await outbox.put(conn, ref=ref, to=PHONE, text="Asante", now=dt.datetime.now(dt.UTC))


async def test_what_must_be_told_leaves_and_a_killed_process_comes_back(
    redis: Redis, database: Database, given: dict[str, str]
) -> None:
    with worker(given) as running:
        await until(all_there(redis))
        began = time.monotonic()
        await tell(database, "one")
        await until(sent(database, "one"))
        assert time.monotonic() - began < 5

        before = await pids(redis)
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        await tell(database, "two")
        await until(sent(database, "two"))
        assert time.monotonic() - began < 15

        children = psutil.Process(running.pid).children()
        assert len(children) == 3
        running.terminate()
        assert running.wait(10) == 0
        assert await gone(*(child.pid for child in children))()
    assert [sms["ref"] for sms in await outbox.inbox(database, PHONE)] == ["two", "one"]


VENDOR = """
[channels.sms]
adapter = "sms/africastalking"
username = "njia"
api_key = {{ env = "AT_API_KEY" }}
base_url = "{url}"
"""


@ON_ONE
async def test_a_message_leaves_over_http_and_nothing_is_left_open(
    redis: Redis, database: Database, given: dict[str, str], tmp_path: Path
) -> None:
    heard: list[tuple[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        heard.append((request.headers["apiKey"], str((await request.post())["message"])))
        recipient = {"statusCode": 101, "cost": "KES 0.8000", "messageId": f"ATXid_{len(heard)}"}
        return web.json_response({"SMSMessageData": {"Recipients": [recipient]}}, status=201)

    app = web.Application()
    app.router.add_post("/version1/messaging", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    (tmp_path / "njia.toml").write_text(VENDOR.format(url=url))
    try:
        with (
            (tmp_path / "log").open("wb") as log,
            worker({**given, "AT_API_KEY": "key-of-a-test"}, stderr=log) as running,
        ):
            for ref in ("one", "two"):
                await tell(database, ref)
                await until(sent(database, ref))
            running.terminate()
            assert running.wait(10) == 0
    finally:
        await runner.cleanup()
    assert heard == [("key-of-a-test", "Asante")] * 2
    told = (tmp_path / "log").read_text()
    assert not [word for word in ("Unclosed", "key-of-a-test", PHONE, "Asante", "Traceback") if word in told], told


@ON_ONE
async def test_no_process_outlives_a_killed_worker(redis: Redis, given: dict[str, str]) -> None:
    with worker(given) as running:
        await until(all_there(redis))
        children = (await pids(redis)).values()
        running.kill()
        running.wait()
        await until(gone(*children), seconds=6)


@ON_ONE
@pytest.mark.parametrize("role", ROLES)
async def test_a_role_alone_ends_when_told_to(redis: Redis, given: dict[str, str], role: str) -> None:
    async def there() -> bool:
        return bool(await alive(redis, role))

    with worker(given, role) as running:
        await until(there)
        running.terminate()
        assert running.wait(5) == 0
    assert await alive(redis, role) == {}


@ON_ONE
async def test_the_worker_ends_with_its_own_parent(redis: Redis, given: dict[str, str]) -> None:
    life, hold = os.pipe()
    with worker({**given, VARIABLE: str(life)}, pass_fds=(life,)) as running:
        await until(all_there(redis))
        children = (await pids(redis)).values()
        os.close(hold)
        assert running.wait(10) == 0
        await until(gone(*children), seconds=6)
    os.close(life)


@pytest.mark.parametrize("words", [["scribes"], ["scribe", "jobs"]])
def test_wrong_usage(words: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "worker", *words], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"python -m worker [scribe|schedule|jobs]" in done.stderr
