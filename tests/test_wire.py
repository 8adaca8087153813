"""Whole conversations by raw HTTP, as the provider sends them; then the journal is written and the record is read.

Plays the tables of ``tests/wire_calls``, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from houses import Served, served, settings_of
from wire import Answer, Wire

from gateway.playing.desk import drain
from gateway.record import tables
from gateway.record.database import Database
from gateway.record.showing import show
from gateway.store.streams import Streams

HERE = Path(__file__).parent / "wire_calls"
SCREENS: dict[str, str] = yaml.safe_load((HERE / "screens.yaml").read_text())
TABLES = {name: yaml.safe_load((HERE / f"{name}.yaml").read_text()) for name in ("record", "place")}
OF_PHONES = {"address": "address", "contact": "address", "client": "id"}  # tables that have rows before anybody dials
BEGINNING = {
    "conversation": ("started_at", "id"), "case": ("opened_at",), "message": ("at", "turn", "direction"),
    "effect": ("at", "key"), "observation": ("turn",), "guessing": ("subject",),
}  # fmt: skip


def rows(name: str) -> list[Any]:
    return [pytest.param(TABLES[name]["calls"], test, id=test["it"]) for test in TABLES[name]["tests"]]


@pytest.fixture
async def gateway(people_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    async with served(settings_of(people_url, valkey_url, tmp_path)) as made:
        yield made


async def post(wire: Wire, calls: dict[str, str], hop: str) -> Answer:
    """``A1/events&status=…``: the fields of call A1 and what follows, to the address below the channel's."""
    name, _, rest = hop.partition("&")
    call, _, below = name.partition("/")
    return await wire.post(f"{calls[call]}&{rest}".encode(), f"/{below}" if below else "")


def unlike(wanted: Any, found: Any, at: str) -> Iterator[str]:
    """Where ``found`` is not what is wanted. Of a row the columns that are named count."""
    if isinstance(wanted, dict):
        for key, value in wanted.items():
            yield from unlike(value, found[key], f"{at}.{key}") if key in found else [f"{at} has no {key}"]
    elif isinstance(wanted, list):
        if len(wanted) != len(found):
            yield f"{at} has {len(found)}, not {len(wanted)}: {found}"
        for number, (one, other) in enumerate(zip(wanted, found, strict=False)):
            yield from unlike(one, other, f"{at}[{number}]")
    elif not (like(wanted, found) if isinstance(wanted, str) else wanted == found):
        yield f"{at} is {found!r}, not {wanted!r}"


def like(wanted: str, found: Any) -> bool:
    """``…`` stands for anything, the name of a screen for its words, with CON or END before them or without."""
    texts = (wanted, SCREENS.get(wanted, wanted), SCREENS.get(wanted, wanted)[4:])
    patterns = (".+".join(map(re.escape, text.split("…"))) for text in texts)
    return any(re.fullmatch(pattern, str(found)) for pattern in patterns)


async def play(gateway: Served, calls: dict[str, str], hops: list[dict[str, str]]) -> list[str]:
    """What was told, each once."""
    told: dict[str, bytes] = {}
    for hop in hops:
        ((sent, wanted),) = hop.items()
        answer = await post(gateway.wire, calls, sent)
        assert answer.status == 200 and like(wanted, answer.text), f"{sent}: {answer.text}"
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        if wanted not in ("over", "OK"):
            assert told.setdefault(sent, answer.body) == answer.body, "a copy is answered with the same bytes"
    await drain(gateway.house)
    return [body.decode()[4:] for body in told.values()]


@pytest.mark.parametrize(("calls", "test"), rows("record"))
async def test_what_is_in_the_record(gateway: Served, calls: dict[str, str], test: dict[str, Any]) -> None:
    await play(gateway, calls, test["hops"])
    for name, wanted in test["rows"].items():
        assert not list(unlike(wanted, await kept(gateway.house.stores.db, name, test["phone"]), name))
    shown = await show(gateway.house.stores.db, gateway.house.bank, test["phone"])  # type: ignore[arg-type]
    assert not list(unlike(test.get("shows", {}), shown, "show"))


@pytest.mark.parametrize(("calls", "test"), rows("place"))
async def test_where_a_request_stands(gateway: Served, calls: dict[str, str], test: dict[str, Any]) -> None:
    told = await play(gateway, calls, test["hops"])
    db = gateway.house.stores.db
    assert [row["turn"] for row in await kept(db, "conversation")] == test["turns"]
    messages = await kept(db, "message")
    turns: dict[str, list[int]] = {}
    for row in messages:
        turns.setdefault(row["conversation"], [])
        turns[row["conversation"]] += [] if row["turn"] in turns[row["conversation"]] else [row["turn"]]
    assert all(found == list(range(1, len(found) + 1)) for found in turns.values()), (
        "a turn is missing, or is there twice"
    )
    assert set(told) == {row["text"] for row in messages if row["direction"] == "out"}, "what was told is what is kept"
    assert (await Streams(gateway.house.stores.redis).backlog()).entries == 0


async def kept(db: Database, name: str, phone: str = "") -> list[dict[str, Any]]:
    """The rows of a table, in the order in which they came; of some tables, those of this phone."""
    table = tables.metadata.tables[name]
    query = sa.select(table).order_by(*(table.c[column] for column in BEGINNING.get(name, ())))
    if name in OF_PHONES and phone:
        mine = sa.select(tables.contact.c.client).where(tables.contact.c.address == phone)
        query = query.where(table.c.id.in_(mine) if name == "client" else table.c.address == phone)
    async with db.read() as conn:
        return [dict(row._mapping) for row in await conn.execute(query)]
