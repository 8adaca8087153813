"""Whatever fails with a secret in its hands tells nothing of it; nor is any left in PostgreSQL and its log."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from houses import Served, served, settings_of
from searching import Search, in_redis
from spilling import CANARY, SORRY, Spill, figures, home_of

from flows import actions
from flows.values import Secret
from gateway import logs
from gateway.playing.desk import drain
from gateway.preparing import prepare
from gateway.record import activation, tables
from gateway.record.database import Database

BROKEN: dict[str, Callable[[str], BaseException]] = {
    "in an exception": lambda pin: Leaky(f"the PIN {pin} failed"),
    "in a group": lambda pin: ExceptionGroup(f"the PIN {pin}", [Leaky(pin)]),
    "in an error of the database": lambda pin: sa.exc.DBAPIError(f"select '{pin}'", {"pin": pin}, Leaky(pin)),
    "in a key": KeyError,
    "in an error of the system": lambda pin: OSError(5, f"no file {pin}", pin),
}


class Leaky(Exception):
    """Carries what it should not."""


async def test_nothing_is_left_on_postgresql_nor_told_by_exceptions(
    tmp_path: Path,
    postgres: Any,
    valkey_url: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)  # of every library too, which the product never logs
    logs.watch_loop(asyncio.get_running_loop())
    home, data = home_of(tmp_path / "home", pin := figures(12)), tmp_path / "data"
    with postgres.fresh("njia_template") as url:
        settings = settings_of(url, valkey_url, data, NJIA_HOME=str(home))
        await prepare(settings)
        async with served(settings) as gateway:
            spill = Spill(gateway.wire, pin)
            await spill.everything(lambda phone: issue(gateway, phone))
            await fails_telling(spill, monkeypatch)
            await fails_late(gateway, spill, monkeypatch)
            await drain(gateway.house)
            search = Search(spill.secrets)
            assert not in_redis(valkey_url, search)
            assert not search.below(Path(valkey_url.removeprefix("unix://")).parent)  # its append-only files
            assert not await in_tables(gateway.house.stores.db, search)
        assert not search.below(data)
    assert not spill.in_answers()
    assert not in_log(caplog, search)
    assert not search.found("".join(capfd.readouterr()).encode(), "what was printed")
    server_log = Path(url.split("host=")[1]) / "log"
    assert server_log.stat().st_size and not search.found(server_log.read_bytes(), "the log of PostgreSQL")


async def issue(gateway: Served, phone: str) -> str:
    house = gateway.house
    db, clock = house.stores.db, house.stores.clock
    async with db.read() as conn:
        client = await activation.client_to_activate(conn, phone)
    return await activation.issue(db, house.hasher, clock, client, "a test", house.cards.refresh)


async def fails_telling(spill: Spill, patch: pytest.MonkeyPatch) -> None:
    """The check of a PIN fails, and its exception says which PIN it was."""
    action, run = actions.catalogue()["check pin"]
    for number, (where, fail) in enumerate(BROKEN.items()):

        async def broken(_world: Any, call: actions.Call, fail: Callable[[str], BaseException] = fail) -> Any:
            pin = call.inputs["pin"].reveal()
            try:
                raise ValueError(f"{pin} is wrong")
            except ValueError as error:
                raise fail(pin) from error

        patch.setitem(actions.catalogue(), "check pin", (action, broken))
        assert SORRY in await spill.while_it_fails(f"X{number}", where)
    patch.setitem(actions.catalogue(), "check pin", (action, run))
    assert await spill.right("X9"), "all is well again"


async def fails_late(gateway: Served, spill: Spill, patch: pytest.MonkeyPatch) -> None:
    """It fails after the deadline, when nobody waits for it any more."""
    action, run = actions.catalogue()["check pin"]
    told = asyncio.Event()

    async def broken(_world: Any, call: actions.Call) -> Any:
        await told.wait()
        raise Leaky(f"the PIN {call.inputs['pin'].reveal()} failed")

    patch.setitem(actions.catalogue(), "check pin", (action, broken))
    patch.setattr("gateway.deadline.Deadline.left", lambda *_: 0.05)
    assert "END We are working on it" in await spill.while_it_fails("L1", "after the deadline")
    patch.undo()
    late = set(gateway.house.gate.finishing)
    assert late
    told.set()
    await asyncio.wait(late)
    patch.setitem(actions.catalogue(), "check pin", (action, run))


async def in_tables(db: Database, search: Search) -> list[str]:
    found: list[str] = []
    async with db.read() as conn:
        for name, table in tables.metadata.tables.items():
            for row in await conn.execute(sa.select(table)):
                told = [value.replace(microsecond=0) if isinstance(value, dt.datetime) else value for value in row]
                found += search.found(repr(told).encode(), f"the table {name}")  # six figures may be a time by chance
        kept = sa.select(tables.client.c.id).where(tables.client.c.name == CANARY)
        assert await conn.scalar(kept), "what may be kept is there"
    return found


def in_log(caplog: pytest.LogCaptureFixture, search: Search) -> list[str]:
    """In every line as the product writes it, in both forms, and in every message as it was given."""
    lines = [form.format(record) for record in caplog.records for form in (logs.Plain(), logs.Json())]
    lines += [record.getMessage() for record in caplog.records]
    assert sum("turn failed" in line for line in lines) >= len(BROKEN), "what went wrong was logged"
    return search.found("\n".join(lines).encode(), "the log")


def test_a_secret_tells_nothing_of_itself() -> None:
    secret = Secret(figures := "739205184462")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", str([secret]), str({"pin": secret})]
    assert not Search({"it": figures}).found("\n".join(shown).encode(), "its forms")
