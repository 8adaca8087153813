"""What was secret is found nowhere: not in files, stores, logs, answers, what is printed or what ``ps`` tells.

The whole product runs as its users run it, at the log level debug; then every byte that it left is searched.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
import redis
from drill.product import Product, until
from searching import Search, in_redis, in_sqlite
from spilling import AKINYI, CANARY, SORRY, Spill, figures, home_of
from wire import Wire

from gateway.embedded.places import places
from gateway.embedded.programs import command, environment
from gateway.store.keys import own_key


@contextmanager
def product(home: Path, data: Path, errors: Path) -> Iterator[Product]:
    line = command("gateway", "demo", "--home", str(home), "--port", "0", "--data", str(data), "--json")
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            line,
            env=environment({"NJIA_LOG__LEVEL": "debug"}),
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        assert process.stdout
        yield Product(data, json.loads(process.stdout.readline()), process)
    finally:
        process.kill()
        process.wait()
        until(lambda: not places(data).runtime.exists(), what="the end of everything")


def run(home: Path, data: Path, *words: str, typed: str = "") -> str:
    """What a command prints, to both."""
    line = command("gateway", "--home", str(home), "--data", str(data), *words)
    done = subprocess.run(line, env=environment(), cwd=home, input=typed, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def in_processes(data: Path, search: Search) -> list[str]:
    """In what ``ps`` and ``/proc`` tell of every process of the product."""
    pids = json.loads((data / "processes.json").read_text()).values()
    told = [json.dumps([one.cmdline(), one.environ(), one.name()]) for one in map(psutil.Process, pids)]
    return [hit for words in told for hit in search.found(words.encode(), "a command line or an environment")]


async def test_nothing_that_was_secret_is_left_anywhere(tmp_path: Path) -> None:
    home, data, errors = home_of(tmp_path / "home", pin := figures(12)), tmp_path / "data", tmp_path / "errors"
    with product(home, data, errors) as running:
        spill = Spill(Wire(running.url(), running.facts["channels"]["ussd"]["path"]), pin)

        async def issue(phone: str) -> str:
            printed = await asyncio.to_thread(run, home, data, "clients", "activate", phone, "--json")
            return str(json.loads(printed)["code"])

        await spill.everything(issue)
        said = await asyncio.to_thread(by_other_phones, running, home, spill)
        await fails(running, spill)
        await asyncio.to_thread(until, lambda: running.waiting()["journal"] == 0)
        search = Search(spill.secrets)
        assert not in_redis(places(data).url, search)
        assert not in_processes(data, search)
        assert not search.below(data)
        running.process.send_signal(signal.SIGTERM)
        said += running.process.communicate(timeout=30)[0] + errors.read_text()
    assert not search.below(data)
    assert not in_sqlite(data / "njia.db", search)
    assert not search.found(said.encode(), "what was printed")
    assert not spill.in_answers()
    assert files_with(CANARY, data) >= {"njia.db", "redis"}, "what may be kept is found, in the record and in the AOF"
    assert "error njia.channels" in (data / "njia.log").read_text(), "what went wrong is in the log that was searched"


def by_other_phones(running: Product, home: Path, spill: Spill) -> str:
    """The terminal's phone and the browser's; what they print themselves is searched too."""
    dial = ("phone", "--dial", "*384*7#", "--as", AKINYI, "--channel", "ussd")
    printed = run(home, running.data, *dial, typed=f"2\n{spill.new('in the terminal')}\n{spill.pin}\n")
    assert "1 Biashara" in printed
    page = {"phone": AKINYI, "typed": f"*384*7*2*{spill.new('in the browser')}#", "do": "send"}
    body = urllib.parse.urlencode(page).encode()
    with urllib.request.urlopen(running.url("/phone"), body, timeout=10) as answer:
        assert answer.headers["Cache-Control"] == "no-store"  # the page holds what was typed, as a provider does
    return printed


async def fails(running: Product, spill: Spill) -> None:
    """The session store killed, something that cannot be read, a table that is gone: each with a PIN on its way."""
    assert await spill.right("F0"), "no miss is counted up to here"
    os.kill(running.pids()["valkey"], signal.SIGKILL)
    assert (await spill.while_it_fails("F1", "when Valkey was killed"))[:4] in ("CON ", "END ")
    await asyncio.to_thread(until, running.ready)
    with redis.Redis.from_url(places(running.data).url) as store:
        kept = store.get(own_key(AKINYI))
        store.set(own_key(AKINYI), b"nonsense")
        assert SORRY in await spill.while_it_fails("F2", "with what cannot be read in the session store")
        store.set(own_key(AKINYI), kept)
    database = running.data / "njia.db"
    rename(database, "guessing", "away")
    answer = await spill.while_it_fails("F3", "with a table that is gone")
    rename(database, "away", "guessing")
    assert answer.startswith("END ")
    assert await spill.right("F4"), "all is well again"


def rename(database: Path, table: str, name: str) -> None:
    with closing(sqlite3.connect(database, timeout=30)) as conn:
        conn.execute(f"alter table {table} rename to {name}")


def files_with(text: str, folder: Path) -> set[str]:
    """The files, or the first folders of their paths."""
    files = (path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes())
    return {path.relative_to(folder).parts[0] for path in files}


@pytest.mark.parametrize("many", [6, 12])
def test_the_search_finds_every_dress(many: int) -> None:
    text = figures(many)
    search, plain = Search({"it": text}), text.encode()
    for data in (
        b"text=2*" + plain + b"*1",
        b'"' + plain[::-1] + b'"',
        plain.hex().encode(),
        plain.hex().upper().encode(),
        text.encode("utf-16-le"),
        *(base64.b64encode(b"x" * before + plain + b"y" * after) for before in range(4) for after in range(4)),
        hashlib.sha256(plain).digest(),
        hashlib.md5(plain).hexdigest().encode(),
        hashlib.sha1(b"2*" + plain).hexdigest().encode(),
    ):
        assert search.found(b"before " + data + b" after", "here"), data
    assert not search.found(b"2026-11-23T06:57:23.131+00:00 nothing here", "here")
