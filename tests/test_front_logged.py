"""The line in the log for each hop that the front answers itself."""

from __future__ import annotations

import asyncio
import json
import logging
import re

import pytest
from fronts import Gate, connected, front, request

from gateway.logs import configure
from gateway.settings.sections import LogSection
from gateway.web import hops


async def asked_once(monkeypatch: pytest.MonkeyPatch) -> str:
    gate = Gate()
    monkeypatch.setattr(hops, "turn", gate.turn)
    async with front(gate) as port, connected(port) as line:
        return (await line.ask(request("4729"))).headers["x-request-id"]


async def test_a_hop_is_one_line_as_the_formatter_writes_it(
    monkeypatch: pytest.MonkeyPatch, restored: None, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(LogSection(form="plain"))
    ident = await asked_once(monkeypatch)
    (line,) = capsys.readouterr().err.splitlines()
    when = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"
    says = r"POST /channels/\{name\}/\{token\} 200 \d+\.\d ms"
    assert re.fullmatch(rf"{when} info njia\.access \[{ident}\]: {says}", line)
    configure(LogSection(form="json"))
    ident = await asked_once(monkeypatch)
    told = json.loads(capsys.readouterr().err)
    assert list(told) == ["at", "level", "from", "says", "request"]
    assert re.fullmatch(when, told["at"]) and re.fullmatch(says, told["says"])
    assert (told["level"], told["from"], told["request"]) == ("info", "njia.access", ident)


async def test_what_is_logged_on_the_way_has_the_number_of_the_request(
    monkeypatch: pytest.MonkeyPatch, restored: None, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(LogSection(form="json"))
    gate = Gate(fails=KeyError("4729"))
    monkeypatch.setattr(hops, "turn", gate.turn)
    async with front(gate) as port, connected(port) as line:
        idents = [(await line.ask(request("1"))).headers["x-request-id"] for _ in range(2)]
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [one["from"] for one in told] == ["njia.channels", "njia.access"] * 2
    assert [one["request"] for one in told] == [idents[0], idents[0], idents[1], idents[1]]
    assert "4729" not in json.dumps(told)


async def test_a_level_that_hides_it_and_somebody_else_who_listens(
    monkeypatch: pytest.MonkeyPatch,
    restored: None,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    configure(LogSection(level="warning"))
    await asked_once(monkeypatch)
    assert capsys.readouterr().err == ""
    configure(LogSection())
    logging.getLogger().addHandler(caplog.handler)
    await asked_once(monkeypatch)
    assert len(capsys.readouterr().err.splitlines()) == 1
    (told,) = [record for record in caplog.records if record.name == "njia.access"]
    assert told.getMessage().startswith("POST /channels/{name}/{token} 200 ")


async def test_lines_come_in_the_order_of_what_they_tell(restored: None, capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSection())
    (handler,), loop = logging.getLogger().handlers, asyncio.get_running_loop()
    handler.gather("a", "first", 0.25, loop)  # type: ignore[attr-defined]
    logging.getLogger("njia.turn").warning("second")
    handler.gather("b", "third", 60.0, loop)  # type: ignore[attr-defined]
    handler.flush()
    lines = capsys.readouterr().err.splitlines()
    assert [line.rpartition(": ")[2] for line in lines] == ["first", "second", "third"]
    assert lines[0].startswith("1970-01-01T00:00:00.250+00:00 info njia.access [a]: ")
    assert lines[2].startswith("1970-01-01T00:01:00.000+00:00 ")
