"""Plays the wire tables of tests/payments/wire: of each wallet reached over HTTP, what it is asked and what it says.

A provider found in its folder without a table fails; the simulated wallet is reached over nothing. The failures below
come free with every table. What a provider must do beyond its bytes is in test_payment_providers.py.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer
from msgspec import structs

from adapters import discover
from adapters.channel import Rejected, Request
from adapters.payment import Asking, Given, Line, Unanswered
from flows.paying.facts import NoAnswer
from flows.values import Money

FILES = sorted(Path(__file__).parent.glob("payments/wire/*.yaml"))
TABLES = {table["wallet"]: table for table in (yaml.safe_load(path.read_text()) for path in FILES)}
FAILURES = {
    "it fails": (500, b"stack trace"),
    "it is being repaired": (503, b"<html>"),
    "it says something else": (200, b"<html>"),
    "it says too little": (200, b"{}"),
    "it says no, not in its own words": (404, b"<html>nginx</html>"),
    "it does not know us": (401, b"{}"),
}
NONSENSE = {
    "nothing": b"",
    "a page": b"<html>",
    "no object": b"[1]",
    "bytes": b"\xff\x00",
    "deep": b'{"x":' + b"[" * 30_000,
}
NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)


def rows(part: str) -> list[Any]:
    return [
        pytest.param(name, row, id=f"{name}: {row['it']}")
        for name, table in TABLES.items()
        for row in table.get(part, ())
    ]


def opened(name: str, url: str) -> Any:
    options = {**TABLES[name]["options"], "base_url": url}
    given = Given(
        name="acme", options=options, currency="KES", now=lambda: NOW, callback_url="https://our.example/payments/x"
    )
    return discover.payment(name, given)


async def called(provider: Any, row: dict[str, Any]) -> Any:
    """``do: {ask: REF}``, ``{statement: [SINCE, UNTIL]}`` or ``{request: {ref: …, amount: 51000 KES, …}}``."""
    ((method, given),) = row["do"].items()
    if method == "statement":
        return await provider.statement(*given)
    if method == "ask":
        return await provider.ask(given)
    minor, currency = given["amount"].split()
    return await provider.request(Asking(**{**given, "amount": Money(int(minor), currency)}))


def plain(value: Any) -> Any:
    """As YAML has it: a fact is its name and what it says, an amount is ``51000 KES``, in minor units."""
    if isinstance(value, Money):
        return f"{value.minor} {value.currency}"
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, msgspec.Struct):
        said = {name: plain(each) for name, each in structs.asdict(value).items() if each not in ("", None)}
        return said if isinstance(value, Line) else {type(value).__name__: said}
    return value


async def served(name: str, row: dict[str, Any], status: int, said: bytes) -> tuple[Any, list[Any]]:
    """What came of the call, an exception included, and what the wallet was asked."""
    asked: list[Any] = []

    async def hear(request: web.Request) -> web.Response:
        asked.append((f"{request.method} {request.path_qs}", await request.json() if request.can_read_body else None))
        return web.Response(status=status, body=said)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", hear)
    async with TestServer(app) as server:
        try:
            return await called(opened(name, str(server.make_url(""))), row), asked
        except Unanswered as error:
            return error, asked


def test_every_wallet_that_is_reached_over_http_has_a_table() -> None:
    assert set(discover.names("payments")) - {"payments/simulated"} == set(TABLES)


@pytest.mark.parametrize(("name", "row"), rows("calls"))
async def test_call(name: str, row: dict[str, Any]) -> None:
    answer = row["answers"]
    came, asked = await served(name, row, answer.get("status", 200), json.dumps(answer.get("json")).encode())
    assert asked == [(row["asks"], row.get("sends"))]
    assert plain(came) == row["gives"]


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(("name", "row"), rows("calls"))
async def test_a_wallet_that_fails_has_said_nothing(name: str, row: dict[str, Any], failure: str) -> None:
    """Neither that there is no payment, nor that there is one."""
    came, _ = await served(name, row, *FAILURES[failure])
    assert isinstance(came, NoAnswer if "request" in row["do"] else Unanswered)
    assert not [word for word in TABLES[name]["private"] if word in repr(came)]


@pytest.mark.parametrize(("name", "row"), rows("calls"))
async def test_a_wallet_that_is_not_there_has_said_nothing(name: str, row: dict[str, Any]) -> None:
    provider = opened(name, "http://127.0.0.1:9")
    if "request" in row["do"]:
        assert await called(provider, row) == NoAnswer()
        return
    with pytest.raises(Unanswered):
        await called(provider, row)


def heard(name: str, row: dict[str, Any]) -> Any:
    """What is made of a callback: its ``json`` and ``headers``, as they came."""
    body = json.dumps(row["json"], separators=(",", ":")).encode() if "json" in row else row["body"].encode()
    return opened(name, "http://127.0.0.1:9").callback(
        Request(row.get("method", "POST"), "/payments/acme", row.get("headers", {}), row.get("query", ""), body)
    )


@pytest.mark.parametrize(("name", "row"), rows("callbacks"))
def test_callback(name: str, row: dict[str, Any]) -> None:
    if "refuses" not in row:
        assert plain(heard(name, row)) == row["gives"]
        return
    with pytest.raises(Rejected) as rejected:
        heard(name, row)
    assert rejected.value.status == row["refuses"]
    assert not [word for word in TABLES[name]["private"] if word in rejected.value.reason]


@pytest.mark.parametrize("nonsense", NONSENSE)
@pytest.mark.parametrize("name", TABLES)
def test_nonsense_is_rejected(name: str, nonsense: str) -> None:
    for signed in (row for row in TABLES[name]["callbacks"] if "gives" in row):
        for headers in ({}, signed.get("headers", {})):
            with pytest.raises(Rejected):
                opened(name, "http://127.0.0.1:9").callback(
                    Request("POST", "/payments/x", headers, "", NONSENSE[nonsense])
                )
