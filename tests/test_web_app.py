"""The web application around the pages: health, metrics, and clear answers to whatever is sent."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.metrics import Metrics
from gateway.web.app import LIMIT, application
from gateway.web.caller import Proxies
from gateway.web.listening import listen

Client = TestClient[web.Request, web.Application]


class House:
    def __init__(self) -> None:
        self.metrics = Metrics()
        self.reasons: list[str] = []

    async def troubles(self) -> list[str]:
        return self.reasons

    async def measure(self) -> None:
        self.metrics.waiting(7, 3)


def pages(app: web.Application) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(text=f"{len(await request.read())}")

    async def fail(_: web.Request) -> web.Response:
        raise ValueError("the PIN 4729 of +254700000001")

    async def away(_: web.Request) -> web.Response:
        raise web.HTTPFound("/healthz")

    async def own(_: web.Request) -> web.Response:
        raise web.HTTPBadRequest(text="In its own words.\n")

    app.router.add_post("/channels/{name}/{token}", echo)
    app.router.add_get("/fail", fail)
    app.router.add_get("/away", away)
    app.router.add_get("/own", own)


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with TestClient(TestServer(application(house, [pages]))) as made:
        yield made


async def test_alive_and_ready_with_reasons(client: Client, house: House) -> None:
    assert (await client.get("/healthz")).status == 200
    assert await (await client.get("/readyz")).json() == {"ready": True, "reasons": []}
    house.reasons = ["The session store does not answer."]
    response = await client.get("/readyz")
    assert response.status == 503
    assert await response.json() == {"ready": False, "reasons": house.reasons}
    assert (await client.get("/healthz")).status == 200


async def test_metrics_tell_what_was_counted(client: Client, house: House) -> None:
    house.metrics.took("ussd", 0.02)
    house.metrics.replayed("ussd")
    shown = await (await client.get("/metrics")).text()
    assert 'njia_turn_seconds_bucket{channel="ussd",le="0.025"} 1.0' in shown
    assert 'njia_turns_replayed_total{channel="ussd"} 1.0' in shown
    assert "njia_journal_backlog 7.0" in shown and "njia_outbox_waiting 3.0" in shown


async def test_turns_are_poured_out_after_a_while_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.metrics.POUR", 0.01)
    metrics = Metrics()

    def shown(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(f"njia_turn_seconds_{name}", {"channel": "ussd", **labels})

    for seconds in (0.005, 0.0051, 5.0, 6.0):
        metrics.took("ussd", seconds)
    assert not shown("count")
    async with asyncio.timeout(20):
        while not shown("count"):
            await asyncio.sleep(0)
    metrics.took("ussd", 0.25)
    assert shown("count") == 4.0
    metrics.pour()
    metrics.pour()
    assert (shown("count"), shown("sum")) == (5.0, pytest.approx(11.2601))
    found = {bound: shown("bucket", le=bound) for bound in ("0.005", "0.01", "0.1", "0.25", "2.0", "5.0", "+Inf")}
    assert found == {"0.005": 1, "0.01": 2, "0.1": 2, "0.25": 3, "2.0": 3, "5.0": 4, "+Inf": 5}


def test_turns_are_counted_where_there_is_no_loop_too() -> None:
    metrics = Metrics()
    metrics.took("ussd", 0.25)
    assert metrics.registry.get_sample_value("njia_turn_seconds_count", {"channel": "ussd"}) == 1


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("GET", "/nowhere?pin=4729", 404, "There is nothing at this address.\n"),
        ("DELETE", "/channels/ussd/abc", 405, "This address does not take DELETE.\n"),
        ("GET", "/own", 400, "In its own words.\n"),
    ],
)
async def test_refusals_in_clear_text(client: Client, method: str, path: str, status: int, says: str) -> None:
    response = await client.request(method, path)
    assert (response.status, await response.text(), response.content_type) == (status, says, "text/plain")


async def test_the_methods_that_are_taken_are_named(client: Client) -> None:
    assert (await client.get("/channels/ussd/abc")).headers["Allow"] == "POST"


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_large_is_refused(client: Client, chunked: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LIMIT // 1024 + 1):
            yield b"x" * 1024

    response = await client.post("/channels/ussd/abc", data=pieces() if chunked else b"x" * (LIMIT + 1))
    assert (response.status, await response.text()) == (413, "A request may have at most 64 KiB.\n")
    response = await client.post("/channels/ussd/abc", data=b"x" * LIMIT)
    assert await response.text() == str(LIMIT)


async def test_a_redirect_stays_one(client: Client) -> None:
    response = await client.get("/away", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (302, "/healthz")


async def test_an_error_is_told_by_its_number_and_logged_without_its_values(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "njia"):
        response = await client.get("/fail")
    assert response.status == 500
    assert response.headers["X-Request-Id"] in await response.text()
    assert "4729" not in await response.text()


async def test_the_log_names_the_route_and_neither_token_nor_query(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "njia.access"):
        await client.post("/channels/ussd/token-that-opens?phone=%2B254700000001", data=b"text=4729")
        await client.get("/nowhere/254700000001")
    lines = [record.getMessage() for record in caplog.records if record.name == "njia.access"]
    assert lines[0].startswith("POST /channels/{name}/{token} 200 ")
    assert lines[1].startswith("GET (nothing there) 404 ")


@pytest.mark.parametrize(
    ("remote", "forwarded", "found"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.2", "6.6.6.6, 198.51.100.1, 10.0.0.3", "198.51.100.1"),
        ("10.0.0.2", "nonsense", "nonsense"),
        ("10.0.0.2", "", "10.0.0.2"),
    ],
)
def test_only_our_own_proxies_are_believed(remote: str, forwarded: str, found: str) -> None:
    assert Proxies(("10.0.0.0/8",)).caller(remote, forwarded) == found


def test_an_address_lies_within_its_network_only() -> None:
    proxies = Proxies(("203.0.113.0/24",))
    assert proxies.ours("203.0.113.7")
    assert not proxies.ours("203.0.114.7")
    assert not proxies.ours("nonsense")


def test_processes_share_a_port_and_strangers_are_told_of() -> None:
    shared = listen("127.0.0.1", 0, 3)
    with contextlib.ExitStack() as stack:
        for one in shared:
            stack.enter_context(one)
        assert len({one.getsockname() for one in shared}) == 1
        with pytest.raises(OSError, match="in use"):
            listen("127.0.0.1", shared[0].getsockname()[1], 1)
