"""Sending over HTTP: what a provider's answers come to, row by row, and every way that a connection can end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from adapters import discover, errors
from adapters import web as calling
from adapters.channel import BadSettings, ChannelSettings, Outgoing, Sent
from adapters.sms import africastalking

TABLE = yaml.safe_load((Path(__file__).parent / "channels" / "sms_africastalking.yaml").read_text())
MESSAGE = Outgoing("r1", "+254700000001", "Asante")
GOOD = next(row["says"] for row in TABLE["sendings"] if "gives" in row)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def provider(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def channel(url: str, **more: Any) -> AsyncIterator[Any]:
    options = TABLE["settings"]["options"] | {"base_url": url} | more
    made = discover.channel(ChannelSettings("sms", "sms/africastalking", "KE", options=options))
    try:
        yield made
    finally:
        await made.close()  # type: ignore[union-attr]


def saying(status: int, body: str, **more: Any) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        headers = {"Content-Type": more.get("type", "application/json"), **more.get("headers", {})}
        return web.Response(status=status, body=body.encode(), headers=headers)

    return answer


def said(row: dict[str, Any]) -> dict[str, Any]:
    """The answer of a row; of a code alone, the answer that carries it."""
    if "says" not in row:
        recipient = f'{{"statusCode": {row["code"]}, "number": "{MESSAGE.to}", "cost": "0", "messageId": "None"}}'
        return {"status": 201, "body": f'{{"SMSMessageData": {{"Message": "", "Recipients": [{recipient}]}}}}'}
    body = re.sub(r"\{([^{}\"]*)\*(\d+)\}", lambda found: found[1] * int(found[2]), row["says"]["body"])
    return row["says"] | {"body": body}


@pytest.mark.parametrize("row", [pytest.param(row, id=row["it"]) for row in TABLE["sendings"]])
async def test_what_an_answer_comes_to(row: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with provider(saying(**said(row))) as url, channel(url) as sms:
        if "gives" in row:
            assert await sms.send(MESSAGE) == Sent(**row["gives"])
            return
        with pytest.raises(errors.SendError) as failed:
            await sms.send(MESSAGE)
    assert type(failed.value).__name__ == row["raises"]
    told = f"{failed.value} {caplog.text}"
    assert not [word for word in (*TABLE["private"], MESSAGE.text) if word in told]


def test_every_code_of_the_provider_has_a_row() -> None:
    refused = {code for code, (_, error) in africastalking.CODES.items() if error}
    assert {row["code"] for row in TABLE["sendings"] if "code" in row} - {777} == refused


async def test_what_goes_over_the_wire() -> None:
    heard: list[tuple[str, str, dict[str, str], Any]] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append((request.method, request.path, dict(request.headers), dict(await request.post())))
        return web.Response(status=201, body=GOOD["body"].encode())

    async with provider(hear) as url, channel(f"{url}/") as sms:
        await sms.send(MESSAGE)
        await sms.send(MESSAGE)
    (method, path, headers, form), again = heard
    assert (method, path, form) == ("POST", "/version1/messaging", TABLE["posts"])
    assert headers["apiKey"] == "key-of-a-test"
    assert headers["Accept"] == "application/json"
    assert headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert again[3] == form


async def test_without_a_sender_the_provider_chooses_one() -> None:
    heard: list[Any] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append(await request.post())
        return web.Response(status=201, body=GOOD["body"].encode())

    async with provider(hear) as url, channel(url, sender_id="") as sms:
        await sms.send(MESSAGE)
    assert "from" not in heard[0]


async def test_throttled_knows_for_how_long() -> None:
    async with provider(saying(429, "", headers={"Retry-After": "30"})) as url, channel(url) as sms:
        with pytest.raises(errors.Throttled) as throttled:
            await sms.send(MESSAGE)
    assert throttled.value.seconds == 30


async def test_nobody_there_is_tried_again() -> None:
    async with provider(saying(201, "")) as url:
        pass
    async with channel(url) as sms:
        with pytest.raises(errors.Retry) as failed:
            await sms.send(MESSAGE)
    assert type(failed.value) is errors.Retry


@asynccontextmanager
async def ending(begun: bytes, closes: bool) -> AsyncIterator[str]:
    """Somebody who takes the request, and begins an answer at most."""
    held: list[asyncio.StreamWriter] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(begun)
        if closes:
            writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in held:
            writer.close()


CUT = b'HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"SMSMessageData"'


@pytest.mark.parametrize(
    ("begun", "closes"),
    [(b"", False), (b"", True), (CUT, False), (CUT, True), (b"220 smtp.example ESMTP\r\n", True)],
    ids=["silence", "a close", "half an answer", "half an answer and a close", "no HTTP at all"],
)
async def test_an_answer_that_never_came_whole_is_uncertain(begun: bytes, closes: bool) -> None:
    async with ending(begun, closes) as url, channel(url) as sms:
        sms._web = calling.Web(seconds=0.3)
        with pytest.raises(errors.Uncertain):
            await sms.send(MESSAGE)


async def test_connections_are_kept_and_closed() -> None:
    calls: set[Any] = set()

    async def hear(request: web.Request) -> web.Response:
        calls.add(request.transport)
        return web.Response(status=201, body=GOOD["body"].encode())

    async with provider(hear) as url, channel(url) as sms:
        await sms.close()  # before the first message there is nothing to close
        await sms.send(MESSAGE)
        await sms.send(MESSAGE)
        assert len(calls) == 1
        session = sms._web._session
        await sms.close()
        assert session.closed


def test_the_sandbox_has_its_own_host() -> None:
    options = {"username": "sandbox", "api_key": "k"}
    made: Any = discover.channel(ChannelSettings("sms", "sms/africastalking", "KE", options=options))
    assert made.url == "https://api.sandbox.africastalking.com/version1/messaging"
    assert "key-of" not in repr(made)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"api_key": "k"}, "username is missing"),
        ({"username": "njia"}, r'api_key is missing: write api_key = \{ env = "AT_API_KEY" \}'),
        ({"username": "njia", "api_key": "k", "apikey": "k"}, 'no key "apikey". Did you mean "api_key"'),
        ({"username": "njia", "api_key": "k", "sender": "JAMII"}, 'no key "sender". Did you mean "sender_id"'),
        ({"username": "njia", "api_key": "k", "base_url": "africastalking.com"}, "base_url is no address"),
        ({"username": "njia", "api_key": "k", "base_url": "https://"}, "base_url is no address"),
        ({"username": "njia", "api_key": "k", "sender_id": "A name that is too long"}, "sender_id: write up to 11"),
    ],
)
def test_settings_that_cannot_work(options: dict[str, str], message: str) -> None:
    with pytest.raises(BadSettings, match=message):
        discover.channel(ChannelSettings("sms", "sms/africastalking", "KE", options=options))
