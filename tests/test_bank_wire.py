"""Plays the wire tables of tests/banks/wire: of each bank reached over HTTP, what it is asked and what it says.

A bank found in its folder without a table fails; our own ledger is reached over nothing. The failures below come free
with every table. What a bank must do beyond its bytes is in test_bank_contract.py.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer
from msgspec import structs

from adapters import discover
from adapters.bank import Given
from flows.ports import Posting, Refused, Unavailable
from flows.products.memory import MemoryBooks
from flows.values import Money
from gateway.clock import SetClock


class Loader(yaml.SafeLoader):
    """``on`` is a word; only true and false are not."""

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, form) for tag, form in found if first not in "yYnNoO" or not tag.endswith(":bool")]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


FILES = sorted(Path(__file__).parent.glob("banks/wire/*.yaml"))
TABLES = {table["bank"]: table for table in (yaml.load(path.read_text(), Loader) for path in FILES)}
ROWS = [pytest.param(name, row, id=f"{name}: {row['it']}") for name, table in TABLES.items() for row in table["calls"]]
FAILURES = {
    "it fails": web.Response(status=500, text="stack trace"),
    "it says something else": web.Response(text="<html>"),
    "it says too little": web.json_response({}),
}
NOW = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)


def opened(name: str, url: str) -> Any:
    options = {**TABLES[name]["options"], "base_url": url}
    return discover.bank(
        name, Given(options=options, currency="KES", clock=SetClock(NOW), books=MemoryBooks(), products={})
    )


async def called(bank: Any, row: dict[str, Any]) -> Any:
    """``do: {accounts: CLIENT}``, ``{statement: [ACCOUNT, LIMIT]}`` or ``{post: {key: …, amount: 50000 KES, …}}``."""
    ((method, given),) = row["do"].items()
    if method != "post":
        return await getattr(bank, method)(*(given if isinstance(given, list) else [given]))
    minor, currency = given["amount"].split()
    return await bank.post(Posting(**{**given, "amount": Money(int(minor), currency)}))


def plain(value: Any) -> Any:
    """As YAML has it: an amount is ``50000 KES``, in minor units."""
    if isinstance(value, Money):
        return f"{value.minor} {value.currency}"
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in asdict(value)}
    if isinstance(value, msgspec.Struct):
        return {name: plain(each) for name, each in structs.asdict(value).items()}
    return value


async def served(name: str, row: dict[str, Any], answer: web.Response) -> tuple[Any, list[Any]]:
    """What came of the call, an exception included, and what the bank was asked."""
    asked: list[Any] = []

    async def hear(request: web.Request) -> web.Response:
        asked.append((f"{request.method} {request.path_qs}", await request.json() if request.can_read_body else None))
        return answer

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", hear)
    async with TestServer(app) as server:
        try:
            return await called(opened(name, str(server.make_url(""))), row), asked
        except (Refused, Unavailable) as error:
            return error, asked


def test_every_bank_that_is_reached_over_http_has_a_table() -> None:
    assert set(discover.names("banks")) - {"banks/local"} == set(TABLES)


@pytest.mark.parametrize(("name", "row"), ROWS)
async def test_call(name: str, row: dict[str, Any]) -> None:
    answer = web.json_response(row["answers"].get("json"), status=row["answers"].get("status", 200))
    came, asked = await served(name, row, answer)
    assert asked == [(row["asks"], row.get("sends"))]
    if "refuses" in row:
        assert isinstance(came, Refused) and came.reason == row["refuses"]
        return
    told, wanted = plain(came), row["gives"]
    if isinstance(wanted, list):  # of each line, what the table names
        told = [{key: each[key] for key in line} for each, line in zip(told, wanted, strict=True)]
    assert told == wanted


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(("name", "row"), ROWS)
async def test_a_bank_that_fails_is_unavailable_and_leaks_nothing(name: str, row: dict[str, Any], failure: str) -> None:
    kept = FAILURES[failure]
    came, _ = await served(name, row, web.Response(status=kept.status, body=kept.body, content_type=kept.content_type))
    assert isinstance(came, Unavailable)
    assert not [word for word in TABLES[name]["private"] if word in repr(came)]


@pytest.mark.parametrize("name", TABLES)
async def test_a_bank_that_is_not_there_is_unavailable(name: str) -> None:
    for row in TABLES[name]["calls"]:
        with pytest.raises(Unavailable):
            await called(opened(name, "http://127.0.0.1:9"), row)
