"""``njia phone`` in a terminal, against the fake gateway: what is printed, when it ends, and the end notice."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from fake_gateway import CODE, MENU, Gateway

RUN = "from gateway.cli.phone import phone; phone()"


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    gateway = Gateway()
    async with TestServer(gateway.app()) as server:
        gateway.at(str(server.make_url("/")))
        (tmp_path / "running.json").write_text(json.dumps(gateway.running))
        yield gateway


async def phone(data: Path, typed: str, *more: str, dial: str = CODE) -> tuple[int, str, str]:
    options = ["--dial", dial, "--as", "+254700000001", "--data", str(data), *more]
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-c", RUN, *options]
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    out, error = await process.communicate(typed.encode())
    return process.returncode or 0, out.decode(), error.decode()


async def test_a_whole_call(gateway: Gateway, tmp_path: Path) -> None:
    code, out, _ = await phone(tmp_path, "1\n2468\nnever sent\n", "--channel", "ussd")
    assert code == 0
    assert out.startswith(f"CON {MENU}\nCON Enter your PIN")
    assert "\nEND Biashara loan: you owe KES 12,500.00." in out
    assert [hop.text for hop in gateway.hops] == ["", "1", "1*2468"]
    assert [notice.status for notice in gateway.notices] == ["completed"]


async def test_end_of_input_hangs_up(gateway: Gateway, tmp_path: Path) -> None:
    code, out, _ = await phone(tmp_path, "", dial="*384*7*1#")
    assert (code, out) == (0, "CON Enter your PIN\n0. Back\n")
    assert [hop.text for hop in gateway.hops] == ["1"]
    assert [notice.status for notice in gateway.notices] == ["left"]


async def test_an_answer_that_the_network_would_not_show(gateway: Gateway, tmp_path: Path) -> None:
    code, out, error = await phone(tmp_path, "7" * 5000 + "\n")
    assert code == 1
    assert "END Sorry, this did not work. Please dial again." in out
    assert "The network would show an error here: status 413." in error
    assert [notice.status for notice in gateway.notices] == ["failed"]


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--channel", "usd"], 2, "no channel of this name can be dialled; there are: ussd"),
        (["--dial", "*999#"], 2, "*999# is not served here; there is: *384*7#"),
        (["--as", "0700000001"], 2, "write it with its country code, such as +254700000001"),
        (["--url", "http://127.0.0.1:1"], 1, "Nothing is running here that can be dialled. Start it with: make demo"),
        (["--data", "nowhere"], 1, "Nothing is running here that can be dialled. Start it with: make demo"),
    ],
)
async def test_what_is_said_when_it_cannot_dial(
    gateway: Gateway, tmp_path: Path, options: list[str], code: int, message: str
) -> None:
    ended, out, error = await phone(tmp_path, "", *options)
    assert (ended, out) == (code, "")
    assert message in " ".join(error.split())
    assert "Traceback" not in error


async def test_a_call_is_saved_as_a_test(gateway: Gateway, tmp_path: Path) -> None:
    file = tmp_path / "conversations" / "balance" / "mine.txt"
    code, _, error = await phone(tmp_path, "1\n4729\n", "--save", str(file))
    said = file.read_text(encoding="utf-8")
    assert code == 0
    assert "\nAkinyi, ussd, en\n> *384*7#\nKopo Microfinance\n1. Balance\n" in said
    assert "\n> 1\nEnter your PIN\n0. Back\n> (PIN)\n" in said
    assert f"Next: njia flows test {file} --update" in error


@pytest.mark.parametrize(
    ("name", "number", "message"),
    [
        ("there.txt", "+254700000001", "there.txt is there already; choose another name"),
        ("new.txt", "+254711111111", "a test begins with one of the sample people: Akinyi +2547"),
    ],
)
async def test_what_cannot_be_saved_is_not_begun(
    gateway: Gateway, tmp_path: Path, name: str, number: str, message: str
) -> None:
    (tmp_path / "there.txt").write_text("mine")
    ended, out, error = await phone(tmp_path, "", "--save", str(tmp_path / name), "--as", number)
    assert (ended, out) == (2, "")
    assert message in " ".join(error.split())
    assert (tmp_path / "there.txt").read_text() == "mine" and not (tmp_path / "new.txt").exists()
    assert gateway.hops == []
