"""What clients type to do harm, from the phone to the desk and into the files that staff open: words and no more."""

from __future__ import annotations

import asyncio
import csv
import html
import io
import re
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from desks import ADMIN, desk
from houses import SECRET
from wire import Phone

from gateway.cli import njia
from gateway.playing.desk import drain
from gateway.record import tables

AKINYI = "+254700000001"
HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    '=HYPERLINK("http://evil.example","Due")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    '"><a href="javascript:alert(1)">pay</a>',
    "{{7*7}} {amount} ${x} %s",
    "'; drop table client; --",
    "\u202egnp.exe \u001b[2J",
    'a,b"c\nd;e\tf',
]


async def typed(people_url: str, valkey_url: str, folder: Path, words: str) -> str:
    """Types it where a survey asks for words; the source of the client's page on the desk."""
    async with desk(people_url, valkey_url, folder) as visitor:
        phone = Phone(visitor.served.wire, AKINYI)
        await phone.dial("S1", "7")
        await phone.type("9")
        await phone.type("1")
        assert (await phone.type(words)).startswith("END Thank you.")
        await drain(visitor.served.house)
        async with visitor.served.house.stores.db.read() as conn:
            who = await conn.scalar(sa.select(tables.contact.c.client).where(tables.contact.c.address == AKINYI))
        await visitor.log_in(*ADMIN)
        await visitor.get(f"/desk/clients/{who}")
        page = await visitor.send("/desk/show", reason="a complaint about an answer")
        return page.html


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, people_url: str, valkey_url: str) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"NJIA_DATABASE__URL": people_url, "NJIA_REDIS__URL": valkey_url, "NJIA_SECURITY__SECRET": SECRET}
    for name, value in {**given, "NJIA_DATA": str(tmp_path), "NJIA_HOME": "", "NJIA_DEMO__ENABLED": "true"}.items():
        monkeypatch.setenv(name, value)


def export(*words: str) -> Result:
    why = ("--show", "--role", "admin", "--why", "looking into complaint C-12")
    return CliRunner().invoke(njia, ("export", "answers", *words, *why), prog_name="njia")


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("people_url", ["sqlite"], indirect=True)  # what the database is does not matter here
@pytest.mark.parametrize("words", HOSTILE)
def test_it_is_words_everywhere(people_url: str, valkey_url: str, tmp_path: Path, words: str) -> None:
    page = asyncio.run(typed(people_url, valkey_url, tmp_path, words))
    _judge([line.strip() for line in re.sub(r"<[^>]*>", "\n", page).split("\n")], words, page=True)
    assert "<script>alert" not in page and "<img src=x" not in page and 'href="javascript' not in page
    made = export("--csv")
    assert made.exit_code == 0, made.output
    cells = [cell for row in csv.reader(io.StringIO(made.output)) for cell in row]
    _judge(cells, words)
    assert export("--xlsx", "answers.xlsx").exit_code == 0
    sheets = openpyxl.load_workbook(tmp_path / "answers.xlsx")
    found = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" for cell in found)
    _judge([cell.value for cell in found if isinstance(cell.value, str)], words)


def _judge(texts: list[str], words: str, page: bool = False) -> None:
    """It stands there as it was typed, and nothing can be run or steered with it."""
    kept = _plain(words)[:12]
    mine = [text for text in texts if kept in _plain(html.unescape(text))]
    assert mine, kept
    for text in mine:
        assert page or not text.startswith(("=", "+", "-", "@", "\t", "\r")), text
        assert not set(text) & set("\x00\x1b\u202e"), text


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isalnum())
