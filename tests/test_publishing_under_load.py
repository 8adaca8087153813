"""Thousands are in the middle of a call while another release is published, and the gateway is killed: nobody notices.

The product as it is run (``njia serve``, its own Valkey, its worker); the phones speak the provider's protocol, and
repeat a request whose connection broke. What an old call shows is compared byte for byte with a call before anything
was published.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

import pytest
import sqlalchemy as sa
from drill.product import Product, alive, until
from fronts import Answer, Caller

from gateway.embedded.places import places
from gateway.embedded.programs import command, environment
from gateway.record import tables
from gateway.record.database import Database

CALLS = {"One": 2000, "Two": 1000}  # open when another release is published, by what they began on
NEW = 200  # begin after that
LINES = 12  # connections of the provider
PAUSE = 0.05  # seconds before a request whose connection broke is repeated
CODE = "*384*7#"
SETTINGS = """\
[institution]
name = "Tumaini"
languages = ["en"]
phone = "+254700000100"

[channels.ussd]
adapter = "ussd/africastalking"
service_codes = ["*384*7#"]
"""
MAIN = 'flow: main\nwords: en\nsteps:\n  top: {menu: "Tumaini", lists: main}\n'
FIELDS = """\
poll.how: {type: choice, options: [good, bad, so], label: "How it was"}
poll.many: {type: number, min: 1, max: 9, label: "How many"}
"""
OLD = """\
flow: poll
words: en
starts: {menu: main, as: "Tell us", shortcut: 40}
steps:
  how: {menu: "One. How was it?", options: {good: "Good", bad: "Bad"}, saves: poll.how}
  many: {ask: "One. How many of you?", answer: {type: number, min: 1, max: 9}, saves: poll.many}
  bye: {end: "One. Thank you, {many} of you."}
"""
# Other words, another order, a step more; the step on which half of the old calls stand is gone, and so is its name.
LATER = """\
flow: poll
words: en
starts: {menu: main, as: "Tell us", shortcut: 40}
steps:
  count: {ask: "Two. How many of you came?", answer: {type: number, min: 1, max: 9}, saves: poll.many}
  how: {menu: "Two. And?", options: {so: "So so", bad: "Bad", good: "Good"}, saves: poll.how}
  more: {menu: "Two. Again?", options: {certainly: "Certainly", never: "Never"}}
  bye: {end: "Two. Until then."}
"""
TYPED = {"One": ("40", "40*1", "40*1*5"), "Two": ("40", "40*5", "40*5*1", "40*5*1*1")}


@dataclass
class Provider:
    """``path``: of the channel. Requests go over ``LINES`` connections at once."""

    url: str
    path: str
    broken: int = 0

    async def all(self, work: Sequence[Callable[[Line], Awaitable[None]]]) -> None:
        left = iter(work)

        async def one() -> None:
            line = Line(self)
            for job in left:
                await job(line)
            line.close()

        await asyncio.gather(*(one() for _ in range(LINES)))


@dataclass
class Line:
    """One connection, made again when it breaks: then the request is repeated, the very same."""

    provider: Provider
    caller: Caller | None = None

    async def ask(self, phone: str, text: str) -> bytes:
        body = f"sessionId=ATUid_{phone}&serviceCode={quote_plus(CODE)}&phoneNumber=%2B{phone}&text={quote_plus(text)}"
        head = f"POST {self.provider.path} HTTP/1.1\r\nHost: here\r\nContent-Length: {len(body)}\r\n"
        sent = f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}".encode()
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                answer: Answer = await (await self._connected()).ask(sent)
                assert answer.status == 200, answer
                return answer.body
            self.provider.broken += 1
            self.close()
            await asyncio.sleep(PAUSE)

    async def _connected(self) -> Caller:
        if self.caller is None:
            where = urlsplit(self.provider.url)
            self.caller = Caller(*await asyncio.open_connection(where.hostname, where.port))
        return self.caller

    def close(self) -> None:
        if self.caller:
            self.caller.writer.close()
        self.caller = None


@dataclass
class Call:
    """One phone. ``after``: how far it is before something is published."""

    phone: str
    typed: tuple[str, ...]
    after: int = 0
    heard: list[bytes] = field(default_factory=list)

    async def begin(self, line: Line) -> None:
        for text in self.typed[: self.after]:
            self.heard.append(await line.ask(self.phone, text))

    async def end(self, line: Line) -> None:
        for text in self.typed[len(self.heard) :]:
            self.heard.append(await line.ask(self.phone, text))


@dataclass
class Bench:
    """The product on a home, and what its clients heard when nothing happened. ``names``: the releases' hashes."""

    product: Product
    home: Path
    provider: Provider
    heard: dict[str, list[bytes]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    calls: dict[str, list[Call]] = field(default_factory=dict)
    phones: int = 0

    def njia(self, *words: str) -> Any:
        line = command("gateway", "--home", str(self.home), "--data", str(self.product.data), *words, "--json")
        run = subprocess.run(line, env=environment(), capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
        return json.loads(run.stdout)

    def calls_of(self, words: str, count: int) -> list[Call]:
        """From phones that never called before."""
        self.phones += count
        return [Call(f"2547{n:08}", TYPED[words]) for n in range(self.phones - count, self.phones)]

    async def call_once(self, words: str) -> None:
        """What a client hears who is not disturbed."""
        (call,) = self.calls_of(words, 1)
        await self.provider.all([call.end])
        assert all(screen[4:].startswith(words.encode()) for screen in call.heard), call.heard
        assert call.heard[-1].startswith(b"END ")
        self.heard[words], self.calls[words] = call.heard, [call]

    async def change(self, old: str, new: str, publish: Callable[[], Any]) -> None:
        """``publish`` while calls of ``old`` are open; the gateway is killed when half of them have gone on."""
        mine = self.calls_of(old, CALLS[old])
        for n, call in enumerate(mine):
            call.after = 1 + n % 2
        await self.provider.all([call.begin for call in mine])
        done = await asyncio.to_thread(publish)
        self.check_inside(done["inside"], old, mine)
        self.names[new] = done["release"]
        await self.seen(new)
        if new not in self.heard:
            await self.call_once(new)
        fresh = self.calls_of(new, NEW)
        half = len(mine) // 2
        everybody = [call.end for pair in zip(mine, fresh, strict=False) for call in pair]
        everybody += [call.end for call in mine[NEW:half]] + [self.kill] + [call.end for call in mine[half:]]
        await self.provider.all(everybody)
        late = self.calls_of(new, NEW)
        await self.provider.all([call.end for call in late])
        self.compare(old, mine)
        self.compare(new, [*fresh, *late])

    async def seen(self, words: str) -> None:
        """Until the gateway has taken it up: it looks twice a second."""
        for call in self.calls_of(words, 5_000):
            call.after = 1
            await self.provider.all([call.begin])
            if call.heard[0][4:].startswith(words.encode()):
                await self.provider.all([call.end])
                return
        raise AssertionError(f"no call ever began with {words}")

    async def kill(self, line: Line) -> None:
        """As when the machine takes it away; whoever keeps it starts it again."""
        before = self.product.pids()["gateway"]
        os.kill(before, signal.SIGKILL)
        await asyncio.to_thread(until, lambda: not alive(before), what="the end of the gateway")

    def check_inside(self, there: list[dict[str, Any]], words: str, calls: list[Call]) -> None:
        """Whoever published was told where they stand."""
        mine = [one["open"] for one in there if (one["release"], one["flow"]) == (self.names[words], "poll")]
        assert mine == [len(calls) // 2, len(calls) // 2]

    def compare(self, words: str, calls: list[Call]) -> None:
        wrong = [call for call in calls if call.heard != self.heard[words]]
        assert not wrong, f"{len(wrong)} of {len(calls)}, the first heard {wrong[0].heard}"
        self.calls[words] += calls


@contextmanager
def serving(home: Path, data: Path) -> Iterator[Product]:
    line = command("gateway", "serve", "--port", "0", "--home", str(home), "--data", str(data), "--json")
    quiet = environment({"NJIA_LOG__LEVEL": "warning"})
    process = subprocess.Popen(line, env=quiet, cwd=home, stdout=subprocess.DEVNULL, text=True)
    try:
        until((data / "running.json").exists, what="the start")
        until(lambda: "channels" in json.loads((data / "running.json").read_text() or "{}"), what="the start")
        yield Product(data, json.loads((data / "running.json").read_text()), process)
    finally:
        process.kill()
        process.wait()
        until(lambda: not places(data).runtime.exists(), what="the end of everything")


def write(home: Path, flow: str) -> None:
    for name, text in {"flows/poll": flow, "flows/main": MAIN, "fields/poll": FIELDS}.items():
        (home / f"{name}.yaml").parent.mkdir(parents=True, exist_ok=True)
        (home / f"{name}.yaml").write_text(text)
    (home / "njia.toml").write_text(SETTINGS)


@pytest.mark.timeout(600)  # half a minute on a machine that does nothing else
def test_publishing_and_rolling_back_disturb_nobody(tmp_path: Path) -> None:
    home, data = tmp_path / "home", tmp_path / "data"
    write(home, OLD)
    with serving(home, data) as product:
        bench = Bench(product, home, Provider(product.url(), product.facts["channels"]["ussd"]["path"]))
        asyncio.run(drill(bench))
        assert bench.provider.broken > 0  # else nobody was calling when the gateway was killed
        until(lambda: not product.waiting()["journal"], what="the journal being written")
        asyncio.run(compare_record(data, bench))
        history = [(one["number"], one["by"] == "start-up", one["why"]) for one in bench.njia("flows", "releases")]
        assert history == [(1, False, "it was better"), (2, False, "a new order"), (1, True, "")]


async def drill(bench: Bench) -> None:
    await bench.call_once("One")
    bench.names["One"] = bench.njia("flows", "releases")[0]["release"]
    write(bench.home, LATER)
    asked = ("--yes", "--why")
    await bench.change("One", "Two", lambda: bench.njia("flows", "publish", *asked, "a new order"))
    await bench.change("Two", "One", lambda: bench.njia("flows", "rollback", *asked, "it was better"))


async def compare_record(data: Path, bench: Bench) -> None:
    """Everything that is kept of a call says the release that it was on."""
    db = Database(f"sqlite+aiosqlite:///{data / 'njia.db'}")
    try:
        for words, calls in bench.calls.items():
            phones = {f"+{call.phone}" for call in calls}
            turns, answers = len(TYPED[words]), 2
            told = await _releases(db, phones, sa.select(tables.conversation.c.address, tables.conversation.c.release))
            assert told == {bench.names[words]: len(calls)}
            there = tables.message.join(tables.conversation, tables.message.c.conversation == tables.conversation.c.id)
            query = sa.select(tables.conversation.c.address, tables.message.c.release).select_from(there)
            told = await _releases(db, phones, query.where(tables.message.c.direction == "out"))
            assert told == {bench.names[words]: turns * len(calls)}
            told = await _releases(db, phones, sa.select(tables.observation.c.address, tables.observation.c.release))
            assert told == {bench.names[words]: answers * len(calls)}
    finally:
        await db.close()


async def _releases(db: Database, phones: set[str], query: sa.Select[Any]) -> Counter[str]:
    async with db.read() as conn:
        return Counter(release for address, release in await conn.execute(query) if address in phones)
