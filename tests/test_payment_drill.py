"""The payment drill: people pay, the wallet misbehaves, everything is killed again and again, and no shilling is lost.

Payments over a provider's real protocol, with ``kill -9`` of whatever there is at random moments. Afterwards what the
wallet took is laid beside the record, the ledger and the texts, and what each phone was told beside what was so then.

    NJIA_DRILL_SEED=… make test ARGS="-k payment_drill"                       the same people, wallet and kills again
    NJIA_DRILL_PAYMENTS=2000 NJIA_DRILL_KILLS=200 make test ARGS="-k payment_drill -s"      the long one
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import random
import shutil
import subprocess
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import aiohttp
import pytest
import redis
from drill import money
from drill.kills import KINDS, Killer
from drill.money import Books, Judge
from drill.network import Network
from drill.payers import Call, Calling, Payer, behaviour, people
from drill.product import Product, database_url, running, until
from drill.record import unsent
from test_kill_drill import said_of_errors

from gateway.embedded.places import places
from gateway.embedded.programs import command, environment
from gateway.settings import SAMPLE
from gateway.store.keys import CLOCK

PAYMENTS = int(os.environ.get("NJIA_DRILL_PAYMENTS") or 60)  # at least
KILLS = int(os.environ.get("NJIA_DRILL_KILLS") or 24)
SHARES = {"jobs": 8, "gateway": 6, "schedule": 5, "valkey": 3, "scribe": 1, "keeper": 1}  # of the kills
LEAST = dict.fromkeys(KINDS, 8 if KILLS >= 200 else 1)
LANES = 8
ROUND = 240  # calls between two settlings
STEPS = (30, 60, 120, 600, 3600, 48 * 3600, 25 * 3600)  # seconds by which the clock is moved, one after another
SETTLING = 0.25  # of the work is what is done between the calls, as the killer counts
FOLLOWED = 1.0  # seconds in which every process has seen that the clock was moved: they look twice in that time
SETTINGS = {
    "NJIA_REDIS__APPENDFSYNC": "always",
    "NJIA_WEB__WORKERS": "2",
    "NJIA_LOG__LEVEL": "warning",
    "NJIA_PAYMENTS__SIMULATED__TARIFF": "up to 100: 0, up to 500: 7, above: 15.50",
}


@pytest.mark.timeout(14_400)
def test_money_that_a_wallet_took_is_posted_and_told_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    seed = int(os.environ.get("NJIA_DRILL_SEED") or random.SystemRandom().randrange(10**6))
    with capfd.disabled():
        print(f"\npayment drill: NJIA_DRILL_SEED={seed}", flush=True)
    data, began = tmp_path / "data", time.monotonic()
    payers, written = people(max(24, min(300, PAYMENTS // 5)))
    with running(data, NJIA_HOME=str(home(tmp_path, written)), **SETTINGS) as product:
        drill = Drill(product, payers, random.Random(seed))
        asyncio.run(drill.play())
        books = asyncio.run(money.read(database_url(data), product))
        judge = Judge(books, drill.calls, drill.jumps)
        odd = [*drill.odd(), *judge.all(), *said_of_errors(product), *reconciled(product, books)]
    with capfd.disabled():
        print(summary(drill, judge, time.monotonic() - began), flush=True)
    assert not odd, "\n".join([f"{len(odd)} things should not be:", *odd[:40]])
    drill.check_that_it_was_one(books)


def home(folder: Path, people: str) -> Path:
    made = folder / "home"
    made.mkdir()
    shutil.copy(SAMPLE, made / "njia.toml")
    (made / "people.yaml").write_text(people)
    return made


@dataclass
class Drill:
    """The payers, the network and the killer, and what came of them."""

    product: Product
    payers: list[Payer]
    chance: random.Random
    network: Network = field(init=False)
    killer: Killer = field(init=False)
    calls: list[Call] = field(default_factory=list)
    made: int = 0  # calls in which somebody was told that the wallet asks
    jumps: list[float] = field(default_factory=list)  # when the clock was moved
    settled: float = 0.0  # of the work, what is done between the calls
    ahead: float = 0.0  # seconds that the product's clock is ahead of ours

    def __post_init__(self) -> None:
        self.killer = Killer(self.product.data, plan(KILLS), random.Random(self.chance.random()))

    def now(self) -> float:
        return time.time() + self.ahead

    async def play(self) -> None:
        channel = self.product.facts["channels"]["ussd"]
        kept, new = aiohttp.TCPConnector(), aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(connector=kept) as often, aiohttp.ClientSession(connector=new) as once:
            url, code = self.product.url(channel["path"]), channel["service_codes"][0]
            self.network = Network(url, code, [often, once], random.Random(self.chance.random()))
            killing = asyncio.ensure_future(self.killer.run(self._progress))
            try:
                while self.made < PAYMENTS or not self.killer.over:
                    await self._round(once)
                    if killing.done():
                        killing.result()
                await killing
                await self._wake_the_silent(once)
                await asyncio.to_thread(self.settle)
            finally:
                killing.cancel()
                with suppress(asyncio.CancelledError):
                    await killing

    def _progress(self) -> float:
        return (self.made + self.settled) / (PAYMENTS * (1 + SETTLING))

    async def _round(self, http: aiohttp.ClientSession) -> None:
        """Many calls, each phone in one at a time; then time passes until what can be known is known."""
        waiting = [self.chance.choice(self.payers) for _ in range(min(ROUND, 2 * PAYMENTS))]
        lanes = [[payer for payer in waiting if self.payers.index(payer) % LANES == n] for n in range(LANES)]
        await asyncio.gather(*(self._lane(lane, random.Random(self.chance.random()), http) for lane in lanes))
        await asyncio.to_thread(self._pass, STEPS[:5])

    async def _lane(self, lane: list[Payer], chance: random.Random, http: aiohttp.ClientSession) -> None:
        for payer in lane:
            await self._behave(payer, behaviour(chance), http)
            calling = Calling(payer, "last" if chance.random() < 0.2 else "pay", self.network, chance, self.now)
            made = await calling.pursue()
            self.calls += made
            self.made += sum(call.prompted for call in made)

    async def _behave(self, payer: Payer, how: str, http: aiohttp.ClientSession) -> None:
        """Until the wallet was told: the gateway may be gone just now."""
        payer.behaviour = how
        while True:
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                body, limit = {"phone": payer.phone, "behaviour": how}, aiohttp.ClientTimeout(total=5)
                url = self.product.url("/payments/simulated/behave")
                async with http.post(url, json=body, timeout=limit) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.05)

    async def _wake_the_silent(self, http: aiohttp.ClientSession) -> None:
        """Half of those that the wallet says nothing of are decided in the end; the others wait for a person."""
        for payer in self.payers[::2]:
            if payer.behaviour == "silent":
                await self._behave(payer, "succeed", http)

    def settle(self) -> None:
        """Until all is back, and every payment is closed or with a person."""
        self._pass(STEPS)
        nothing = {"journal": 0, "aside": 0, "timers": 0}
        until(lambda: self.product.waiting() == nothing, what="an empty journal")

    def _pass(self, steps: tuple[int, ...]) -> None:
        url = database_url(self.product.data)
        share = SETTLING * (self.made - self.settled / SETTLING) / len(steps)
        for seconds in steps:
            until(self.product.ready, what="the return of all processes")
            self._advance(seconds)
            self.settled += share
            until(lambda: not self._due(url), what="payments to be looked at")
        until(lambda: asyncio.run(unsent(url)) == 0, what="an empty outbox")

    def _due(self, url: str) -> int:
        return asyncio.run(money.due(url, dt.datetime.fromtimestamp(self.now() - 0.5, dt.UTC)))

    def _advance(self, seconds: float) -> None:
        """Once: an answer that is lost is no reason to move the clock twice."""
        self.jumps.append(self.now())
        wanted = self.ahead + seconds
        until(lambda: self._moved_to(wanted), what="a moved clock")
        self.ahead = wanted
        time.sleep(FOLLOWED)

    def _moved_to(self, wanted: float) -> bool:
        with suppress(OSError, redis.RedisError):
            with redis.Redis.from_url(places(self.product.data).url) as valkey:
                ahead = float(valkey.get(CLOCK) or 0)
            if ahead < wanted:
                self.product.advance(round(wanted - ahead))
                return False  # look whether it was moved
            return True
        return False

    def odd(self) -> list[str]:
        return [*self.network.odd, *(line for payer in self.payers for line in payer.odd)]

    def check_that_it_was_one(self, books: Books) -> None:
        """A drill in which nothing happens would find nothing."""
        states = Counter(row.payment.state for row in books.payments)
        assert len(books.payments) >= PAYMENTS
        assert self.killer.done.total() >= KILLS
        assert all(self.killer.done[kind] >= least for kind, least in LEAST.items())
        assert states["posted"] > PAYMENTS / 3
        assert states["failed"] > 0


def plan(kills: int) -> dict[str, int]:
    return {kind: max(LEAST[kind], round(kills * share / sum(SHARES.values()))) for kind, share in SHARES.items()}


def reconciled(product: Product, books: Books) -> list[str]:
    """What ``njia pay`` has to say: the books agree, and what is left is on the list of a person."""
    found = _said(product, "reconcile", "--days", "92")
    odd = [f"reconcile: {finding}" for finding in found["findings"]]
    odd += [f"reconcile: {name} did not answer" for name in found["silent"]]
    listed = {one["id"] for one in _said(product, "list", "--needs-person")["payments"]}
    left = {row.payment.id for row in books.payments if row.payment.state == "exception"}
    return [*odd, *(f"{ref}: is on nobody's list, or for nothing" for ref in sorted(listed ^ left))]


def _said(product: Product, *words: str) -> dict[str, list[dict[str, str]]]:
    line = command("gateway", "--data", str(product.data), "--json", "pay", *words)
    done = subprocess.run(line, env=environment(), capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout, done.stderr
    found: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return found


def summary(drill: Drill, judge: Judge, seconds: float) -> str:
    states = Counter(row.payment.state for row in judge.books.payments)
    kills = ", ".join(f"{kind} {times}" for kind, times in sorted(drill.killer.done.items()))
    counts = drill.network.counts
    taken = sum(line["amount_minor"] for lines in judge.books.taken.values() for line in lines)
    return (
        f"payment drill: {len(judge.books.payments)} payments in {len(drill.calls)} calls of {len(drill.payers)} people"
        f" in {seconds:.0f} s; {drill.killer.done.total()} kills ({kills});"
        f" {', '.join(f'{count} {state}' for state, count in sorted(states.items()))};"
        f" the wallet took {taken / 100:,.2f} in {len(judge.books.taken)} payments; texts:"
        f" {', '.join(f'{count} {told}' for told, count in sorted(judge.told.items()) if told)};"
        f" a payment left {median(judge.left):.1f} s after the end of its session, the slowest {max(judge.left):.1f} s;"
        f" {counts.retries} requests sent again, {counts.replays} replayed, {counts.apologies} apologies."
    )
