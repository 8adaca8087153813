"""What nobody should send: a clear answer, a line in the log without personal data, and nothing is lost.

Plays the tables of ``tests/bad_requests``. What is typed wrongly in conversations is in ``test_wrong_answers``.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
import sqlalchemy as sa
import yaml
from houses import Served, served, settings_of
from wire import FORM, Answer, Phone

from gateway import logs
from gateway.playing.desk import drain
from gateway.record import tables

HERE = Path(__file__).parent / "bad_requests"
REQUESTS, TYPED = (yaml.safe_load((HERE / f"{name}.yaml").read_text()) for name in ("http", "typed"))
AKINYI = "+254700000001"
WHO = "sessionId=ATUid_1&serviceCode=*384*7%23&phoneNumber=%2B254700000001"
SETTINGS = "CON Settings\n1 Language\n2 PIN\n3 Messages\n4 About us\n0 Back"
LANGUAGES = "CON Jamii\n1 English\n2 Kiswahili\n0 Back"
PRIVATE = ("254700000001", "700000001", "4729", "Wanjiku")
REPEATED = re.compile(r"\{([^{}]{1,8})\*(\d+)\}")


def filled(text: str, token: str = "") -> str:
    text = text.replace("{WHO}", WHO).replace("{TOKEN}", token)
    return REPEATED.sub(lambda found: found[1] * int(found[2]), text)


def cases(table: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(row, id=row["it"]) for row in table]


@pytest.fixture
async def gateway(sqlite_people: Path, valkey_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    path = tmp_path / "people.db"
    path.write_bytes(sqlite_people.read_bytes())
    async with served(settings_of(f"sqlite+aiosqlite:///{path}", valkey_url, tmp_path)) as made:
        yield made


class Log:
    """The lines that the product would write, at every level."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.caplog, self.form = caplog, logs.Plain()
        caplog.set_level(logging.DEBUG, "njia")

    def lines(self) -> list[str]:
        return [self.form.format(record) for record in self.caplog.records]

    def check(self, token: str, logged: bool = True) -> None:
        """At least one line, and nothing of what was sent in any."""
        lines = self.lines()
        assert not logged or [line for line in lines if "njia." in line or "aiohttp.server" in line]
        assert not [line for line in lines if any(word in line for word in (*PRIVATE, token))]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Log:
    return Log(caplog)


async def send(gateway: Served, row: dict[str, Any]) -> Answer:
    token = gateway.wire.path.rsplit("/", 1)[1]
    body = filled(row["body"], token).encode(row.get("encoding", "utf-8"))
    if row.get("packed") == "gzip":
        body = gzip.compress(body)
    headers = {"Content-Type": row.get("type", FORM), "Content-Length": str(len(body)), **row.get("headers", {})}
    if row.get("packed"):
        headers["Content-Encoding"] = row["packed"]
    if row.get("chunked"):
        body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:40_000], body[40_000:])) + b"0\r\n\r\n"
        headers["Transfer-Encoding"] = "chunked"
    if "Transfer-Encoding" in headers:
        del headers["Content-Length"]
    path = filled(row.get("path", gateway.wire.path), token)
    lines = [f"{row.get('method', 'POST')} {path} HTTP/1.1", *(f"{key}: {filled(headers[key])}" for key in headers), ""]
    return await gateway.wire.raw("\r\n".join(lines).encode(), body)


async def turns(gateway: Served) -> list[str | None]:
    """What the record has of all that was heard."""
    await drain(gateway.house)
    query = sa.select(tables.message.c.text).where(tables.message.c.direction == "out").order_by(tables.message.c.turn)
    async with gateway.house.stores.db.read() as conn:
        return list(await conn.scalars(query))


@pytest.mark.parametrize("row", cases(REQUESTS))
async def test_a_request_that_is_none(gateway: Served, log: Log, row: dict[str, Any]) -> None:
    phone = Phone(gateway.wire, AKINYI)
    await phone.dial("ATUid_1")
    assert await phone.type("8") == SETTINGS
    log.caplog.clear()
    answer = await send(gateway, row)
    assert answer.status == row["status"]
    assert row["status"] == 200 or answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == row["text"] if "text" in row else answer.text.strip()
    assert answer.status != 405 or answer.headers["allow"] == "POST"
    log.check(gateway.wire.path.rsplit("/", 1)[1], row.get("logged", True))
    assert await phone.type("1") == LANGUAGES, "the call that was open goes on"
    assert len(await turns(gateway)) == 3


@pytest.mark.parametrize("row", cases(TYPED))
async def test_a_text_that_is_strange(gateway: Served, log: Log, row: dict[str, Any]) -> None:
    phone = Phone(gateway.wire, AKINYI)
    await phone.dial("ATUid_1")
    assert await phone.type("8") == SETTINGS
    log.caplog.clear()
    assert await phone.type(filled(row["typed"])) == SETTINGS.replace("CON ", "CON Press one of these numbers.\n")
    assert await phone.again() == SETTINGS.replace("CON ", "CON Press one of these numbers.\n")
    log.check(gateway.wire.path.rsplit("/", 1)[1])
    assert await phone.type("1") == LANGUAGES, "the call that was open goes on"
    assert len(await turns(gateway)) == 4


async def test_a_line_that_breaks_in_the_middle_of_a_request(gateway: Served, log: Log) -> None:
    phone = Phone(gateway.wire, AKINYI)
    await phone.dial("ATUid_1")
    host, port = gateway.wire.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"POST {gateway.wire.path} HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n{WHO}&text=4729".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await phone.type("8") == SETTINGS
    assert not [line for line in log.lines() if any(word in line for word in PRIVATE)]
    assert len(await turns(gateway)) == 2


async def test_two_requests_at_once_of_which_one_is_bad(gateway: Served) -> None:
    """What is refused does not hold up what is not."""
    phones = [Phone(gateway.wire, f"+25470000000{n}", f"ATUid_{n}") for n in (1, 3, 8)]
    bad = [gateway.wire.post(f"{WHO}&text={quote_plus('8*4729' * 2000)}".encode()) for _ in range(3)]
    answers = await asyncio.gather(*(phone.dial(phone.session, "8") for phone in phones), *bad)
    assert answers[:3] == [SETTINGS] * 3
    assert [answer.status for answer in answers[3:]] == [413] * 3  # type: ignore[union-attr]
