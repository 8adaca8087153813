"""``njia export``: what is in the files, what is masked, what a spreadsheet could run, and who asked for it."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
import json
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from gateway.cli import njia
from gateway.exporting import exports, files, reading
from gateway.exporting.columns import ROLES
from gateway.exporting.reading import Asked
from gateway.ids import new_id
from gateway.record import clients, contacts, outbox, tables
from gateway.record.clients import Person, Told
from gateway.record.database import Database
from gateway.record.desk.cases import NOTE

AT = dt.datetime(2026, 3, 1, 20, 30, tzinfo=dt.UTC)  # the evening before 2 March begins in Nairobi
PHONE, NAME = "+254700000001", "Wanjiku Kamau"
EVIL = ['=HYPERLINK("http://evil.example","Due")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "＝1"]
WHY = ("--show", "--role", "admin", "--why", "looking into complaint C-12")


async def filled(db: Database) -> str:
    """One client with a payment, a call, an SMS and answers. Returns the client's id."""
    async with db.write() as conn:
        client = await clients.create(conn, Person("10001", NAME), Told(AT, "test"))
        await contacts.add(conn, client, PHONE, Told(AT, "test"))
        talk = new_id()
        spoken = {"channel": "ussd", "kind": "ussd", "flow": "repay", "started_at": AT, "last_at": AT, "turn": 1}
        await conn.execute(
            sa.insert(tables.conversation).values(id=talk, address=PHONE, client=client, language="sw", **spoken)
        )
        said = {"conversation": talk, "turn": 1, "event": "said", "flow": "repay", "step": "amount", "at": AT}
        await conn.execute(sa.insert(tables.message).values(direction="in", text=EVIL[0], matched="", **said))
        await conn.execute(sa.insert(tables.message).values(direction="out", text=f"Asante {NAME}", **said))
        await conn.execute(sa.insert(tables.payment).values(payment(client)))
        heard = {"client": client, "address": PHONE, "channel": "ussd", "conversation": talk, "at": AT, "flow": "s"}
        for n, (field, kind, value, unit) in enumerate(ANSWERS):
            await conn.execute(
                sa.insert(tables.observation).values(
                    id=new_id(), field=field, kind=kind, value=value, unit=unit, turn=n, step="q", **heard
                )
            )
        await outbox.put(conn, ref="sms-1", to=PHONE, text="Asante " * 30, now=AT, client=client)
    await outbox.uncertain(db, "sms-1", "no answer")
    return client


ANSWERS: list[tuple[str, str, Any, str]] = [
    ("loan.ease", "rating", 4, ""),
    ("client.children", "number", 3, ""),
    ("loan.wish", "money", 150050, "KES"),
    ("loan.uses", "choices", ["shop", "school"], ""),
    ("loan.why", "text", EVIL[0], ""),
    ("nobody.knows", "text", EVIL[2], ""),
    ("nobody.errs", "text", "#N/A", ""),
]
FIELDS = """
loan.ease: {type: rating, label: "How easy"}
loan.wish: {type: money, label: "Wish"}
loan.uses: {type: choices, label: "Uses", options: [shop, school]}
loan.why: {type: text, label: "Why"}
"""


def payment(client: str) -> dict[str, Any]:
    return {
        "id": "a" * 32,
        "key": "k",
        "client": client,
        "account": "L-1001",
        "amount_minor": 150050,
        "fee_minor": 0,
        "currency": "KES",
        "provider": "mpesa",
        "wallet": PHONE,
        "state": "posted",
        "created_at": AT,
        "moved_at": AT,
        "receipt": "SGH7AB12CD",
        "taken_minor": 150050,
        "taken_currency": "KES",
        "names": {},
        "history": [["created", AT.isoformat(), "x"], ["posted", AT.isoformat(), f"by {NAME}"]],
    }


def run(*words: str) -> Result:
    return CliRunner().invoke(njia, words, prog_name="njia")


@pytest.fixture
def home(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose record has one client."""
    monkeypatch.chdir(tmp_path)
    for name in ("NJIA_HOME", "NJIA_DATA"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("NJIA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NJIA_DATABASE__URL", database_url)
    (tmp_path / "home" / "fields").mkdir(parents=True)
    (tmp_path / "home" / "fields" / "loan.yaml").write_text(FIELDS)
    (tmp_path / "home" / "njia.toml").write_text('[institution]\ntimezone = "Africa/Nairobi"\n')
    (tmp_path / "ids").write_text(asyncio.run(_filled(database_url)))
    return tmp_path


async def _filled(url: str) -> str:
    db = Database(url)
    try:
        return await filled(db)
    finally:
        await db.close()


def read(said: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(said)))


def test_payments(home: Path) -> None:
    result = run("export", "payments", "--csv")
    assert result.exit_code == 0, result.output
    (row,) = read(result.output)
    assert {name: row[name] for name in ("payment", "client", "amount", "fee", "taken", "currency", "state")} == {
        "payment": "a" * 32,
        "client": (home / "ids").read_text(),
        "amount": "1500.50",
        "fee": "0.00",
        "taken": "1500.50",
        "currency": "KES",
        "state": "posted",
    }
    assert (row["client_name"], row["client_number"], row["account"]) == ("•••", "•••", "•••")
    assert row["wallet"] == "'+2547•••••001"
    assert row["history"] == f"created {AT.isoformat()}; posted {AT.isoformat()}"


def test_messages_are_calls_and_then_sms(home: Path) -> None:
    rows = read(run("export", "messages").output)
    assert [(row["what"], row["text"]) for row in rows] == [("typed", "•••"), ("screen", "•••"), ("sms", "•••")]
    assert [row["language"] for row in rows] == ["sw", "sw", ""]
    assert {name: rows[2][name] for name in ("state", "reason", "parts", "kind")} == {
        "state": "uncertain",
        "reason": "no answer",
        "parts": "2",
        "kind": "sms",
    }
    assert [row["what"] for row in read(run("export", "messages", "--state", "uncertain").output)] == ["sms"]


def test_answers_are_masked_by_their_field_and_kind(home: Path) -> None:
    rows = read(run("export", "answers").output)
    assert {row["field"]: row["value"] for row in rows} == {
        "loan.ease": "4",
        "client.children": "•••",
        "loan.wish": "1500.50",
        "loan.uses": "shop; school",
        "loan.why": "•••",
        "nobody.knows": "•••",
        "nobody.errs": "•••",
    }
    assert [row["label"] for row in rows if row["field"] == "loan.ease"] == ["How easy"]


SEEN = {
    "admin": {"client_name": NAME, "phone": f"'{PHONE}", "why": f"'{EVIL[0]}", "children": "3"},
    "agent": {"client_name": NAME, "phone": f"'{PHONE}", "why": f"'{EVIL[0]}", "children": "•••"},
    "analyst": {"client_name": "•••", "phone": "'+2547•••••001", "why": f"'{EVIL[0]}", "children": "•••"},
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_shown_its_own(home: Path, role: str) -> None:
    rows = read(run("export", "answers", "--show", "--role", role, "--why", "the yearly report").output)
    values = {row["field"]: row["value"] for row in rows}
    shown = {"client_name": rows[0]["client_name"], "phone": rows[0]["phone"]}
    assert shown | {"why": values["loan.why"], "children": values["client.children"]} == SEEN[role]


def test_nothing_private_is_in_a_masked_file(home: Path) -> None:
    for what in exports.NAMES:
        for form in ("--csv", "--json"):
            said = run("export", what, form).output
            assert said
            assert not [word for word in (NAME, PHONE, "10001", "L-1001", "HYPERLINK", "Asante") if word in said], what


@pytest.mark.parametrize("what", exports.NAMES)
def test_the_audit_has_who_what_and_why(home: Path, database_url: str, what: str) -> None:
    run("export", what)
    run("export", what, *WHY)
    masked, shown = asyncio.run(_audit(database_url))
    assert (masked.what, masked.why, masked.details["role"]) == (f"export {what}", "", "")
    assert masked.who.startswith("terminal ")
    assert (shown.what, shown.why, shown.details["role"]) == (f"export {what}", "looking into complaint C-12", "admin")


async def _audit(url: str) -> list[Any]:
    db = Database(url)
    try:
        async with db.read() as conn:
            return list(await conn.execute(sa.select(tables.audit).order_by(tables.audit.c.id)))
    finally:
        await db.close()


WRONG = [
    (["--show"], "--show needs --role"),
    (["--show", "--role", "admin"], "--show needs --role"),
    (["--show", "--role", "admin", "--why", "  because "], "--why with a reason"),
    (["--show", "--role", "boss", "--why", "because I say so"], "no role boss. There are: admin, agent, analyst"),
    (["missing/file.csv"], "There is no folder missing"),
    (["there.csv"], "there already"),
    (["--since", "yesterday"], "does not match"),
]


@pytest.mark.parametrize(("words", "says"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_is_asked_wrongly(home: Path, words: list[str], says: str) -> None:
    (home / "there.csv").write_text("precious")
    result = run("export", "payments", *words)
    assert result.exit_code == 2
    assert says in " ".join(result.output.split())
    assert (home / "there.csv").read_text() == "precious"


def test_answers_have_no_state(home: Path) -> None:
    assert run("export", "answers", "--state", "open").exit_code == 2


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_a_file_is_its_owner_s(home: Path, form: str) -> None:
    result = run("export", "payments", f"out.{form}")
    assert result.output == f"out.{form}: 1 row, masked.\n"
    assert (home / f"out.{form}").stat().st_mode & 0o077 == 0
    assert [path.name for path in home.iterdir() if path.name.startswith(".export")] == []
    assert run("export", "payments", f"out.{form}").exit_code == 2
    assert run("export", "payments", f"out.{form}", "--yes").exit_code == 0


def test_a_workbook_has_the_rows_and_the_dictionary(home: Path) -> None:
    assert run("export", "answers", "--xlsx", "out.xlsx", *WHY).exit_code == 0
    book = openpyxl.load_workbook(home / "out.xlsx")
    rows, columns = (list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets)
    assert [row[0] for row in columns[1:]] == list(rows[0])
    assert all(about for *_, about in columns)
    assert [
        cell.coordinate for sheet in book.worksheets for line in sheet for cell in line if cell.data_type in "fe"
    ] == []
    values = {row[rows[0].index("field")]: row[rows[0].index("value")] for row in rows[1:]}
    assert (values["loan.ease"], values["loan.wish"], values["loan.why"]) == (4, 1500.5, f"'{EVIL[0]}")


def test_a_workbook_to_standard_output(home: Path) -> None:
    result = run("export", "payments", "--xlsx")
    assert openpyxl.load_workbook(io.BytesIO(result.stdout_bytes)).sheetnames == ["payments", "columns"]


def test_json(home: Path) -> None:
    (row,) = json.loads(run("export", "payments", "--json").output)
    assert (row["amount"], row["wallet"]) == ("1500.50", "+2547•••••001")
    assert json.loads(run("export", "payments", "--json", "--state", "failed").output) == []


@pytest.mark.parametrize("what", exports.NAMES)
def test_every_column_is_explained(home: Path, what: str) -> None:
    columns = json.loads(run("export", what, "--columns", "--json").output)
    assert [one["name"] for one in columns] == next(csv.reader(io.StringIO(run("export", what).output)))
    assert all(one["about"].endswith(".") for one in columns)
    plain = run("export", what, "--columns").output
    assert all(one["about"] in plain for one in columns)


DAYS = [
    ("2026-03-01", "2026-03-01", 1),
    ("2026-03-02", "", 0),
    ("", "2026-02-28", 0),
    ("2026-03-01", "", 1),
    ("", "", 1),
]


@pytest.mark.parametrize(("since", "until", "count"), DAYS)
def test_days_are_the_institution_s(home: Path, since: str, until: str, count: int) -> None:
    """20:30 in UTC is 23:30 in Nairobi: still the first of March."""
    words = [*(["--since", since] if since else []), *(["--until", until] if until else [])]
    assert len(read(run("export", "payments", *words).output)) == count


@pytest.mark.parametrize("evil", EVIL)
def test_no_cell_begins_like_a_formula(evil: str) -> None:
    assert files.safe(evil) == f"'{evil}"
    assert files.safe(-5) == -5
    assert files.safe("5 = five") == "5 = five"


def test_signs_that_no_file_holds_are_left_out() -> None:
    assert files.safe("a\x00b\x1b[2J\ud800c") == "ab[2Jc"
    assert len(files.safe("x" * 40_000)) == 32_767


async def rows_of(db: Database, what: str, asked: Asked | None = None) -> list[list[Any]]:
    return [row async for row in reading.lines(db, exports.export(what, {}), asked or Asked())]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
async def test_pages_lose_and_repeat_nothing(database: Database, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", size)
    await filled(database)
    async with database.write() as conn:
        for n in range(7):
            talk, at = f"{n % 3}" * 32, AT + dt.timedelta(seconds=n)
            row = {"conversation": talk, "turn": n, "event": "said", "text": "x", "at": at}
            await conn.execute(sa.insert(tables.message).values(direction="in", **row))
            await conn.execute(sa.insert(tables.message).values(direction="out", **row))
    found = await rows_of(database, "messages", Asked("admin"))
    assert len(found) == len({json.dumps(row, default=str) for row in found}) == 17
    for what, count in (("payments", 1), ("answers", len(ANSWERS))):
        assert len(await rows_of(database, what)) == count


async def test_an_agent_does_not_get_what_is_hidden_from_staff(database: Database) -> None:
    await filled(database)
    async with database.write() as conn:
        loan = tables.observation.c.field == "loan.why"
        await conn.execute(sa.update(tables.observation).where(loan).values(hidden_from="officer"))
    counts = {role: len(await rows_of(database, "answers", Asked(role))) for role in ("", *ROLES)}
    every = len(ANSWERS)
    assert counts == {"": every, "admin": every, "agent": every - 1, "analyst": every}


async def test_what_staff_noted_on_a_case_is_no_answer(database: Database) -> None:
    await filled(database)
    async with database.write() as conn:
        loan = tables.observation.c.field == "loan.why"
        await conn.execute(sa.update(tables.observation).where(loan).values(field=NOTE, who="agent@jamii.example"))
    assert len(await rows_of(database, "answers", Asked("admin"))) == len(ANSWERS) - 1


async def test_the_record_is_never_held(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many messages there are, they take the memory of a page."""
    monkeypatch.setattr(reading, "PAGE", 100)
    row = {"event": "said", "text": "x" * 2000, "at": AT, "direction": "in", "conversation": "c" * 32}
    many: Iterable[dict[str, Any]] = [row | {"turn": turn, "text": f"{turn} {'x' * 2000}"} for turn in range(4000)]
    async with database.write() as conn:
        await conn.execute(sa.insert(tables.message), list(many))
    tracemalloc.start()
    try:
        count = len([None async for _ in reading.lines(database, exports.export("messages", {}), Asked())])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 4000
    assert peak < 3_000_000  # all of them are 8 MB
