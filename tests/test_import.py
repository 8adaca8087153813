"""Clients from spreadsheets: the cases of imports/cases.yaml, a dry run beside the run, twice, on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
import yaml

from adapters.banks.local import Bank
from flows.loading.fields import Field
from flows.loading.source import SourceFile
from flows.products.reading import load_products
from flows.values import Kind, Money
from gateway.clock import SetClock
from gateway.record import clients, contacts, importing, tables
from gateway.record.account_rows import TERMS, LocalAccounts
from gateway.record.books import SqlBooks
from gateway.record.columns import Rules
from gateway.record.database import Database, insert_new
from gateway.record.importing import Importer, Report
from gateway.record.sheets import BadFile

DATA = Path(__file__).with_name("imports")
CASES = yaml.safe_load((DATA / "cases.yaml").read_text("utf-8"))
CLOCK = SetClock(dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC))
FIELDS = [
    Field("home.rooms", Kind.NUMBER, "Rooms", unit="rooms"),
    Field("home.roof", Kind.CHOICE, "Roof", options=("iron", "grass")),
    Field("loan.ease", Kind.RATING, "Ease", min=1, max=5),
    Field("income.month", Kind.MONEY, "Income"),
]
RULES = Rules("KE", ("en", "sw"), "KES", CLOCK.today(), {field.name: field for field in FIELDS}, TERMS)


class World:
    """An importer on a database, and the addresses whose cards were refreshed."""

    def __init__(self, db: Database, folder: Path) -> None:
        files = sorted((DATA / "products").glob("*.yaml"))
        products, faults = load_products([SourceFile(f"products/{f.name}", f.read_text("utf-8")) for f in files], "KES")
        assert faults == []
        self.db = db
        self.refreshed: list[str] = []
        self.bank = Bank(SqlBooks(db, CLOCK), products, CLOCK)
        accounts = LocalAccounts(self.bank, products, "KES", CLOCK)
        self.importer = Importer(db, CLOCK, RULES, accounts, self.refresh, "jane")
        self.folder = folder

    async def refresh(self, address: str) -> None:
        self.refreshed.append(address)

    async def run(self, text: str | bytes, dry_run: bool = False, name: str = "clients.csv") -> Report:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return await self.importer.run(path, dry_run=dry_run)

    async def rows(self) -> dict[str, list[Any]]:
        async with self.db.read() as conn:
            return {
                name: list((await conn.execute(sa.select(table))).all())
                for name, table in tables.metadata.tables.items()
                if name != "audit"
            }


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path)


def _check(report: Report, lines: Iterable[list[Any]]) -> None:
    assert [(line.row, line.outcome) for line in report.lines] == [(row, outcome) for row, outcome, *_ in lines]
    for line, (_, _, *faults) in zip(report.lines, lines, strict=True):
        found = [[fault.column, fault.reason] for fault in line.faults]
        assert [column for column, _ in found] == [column for column, _ in faults], found
        assert all(part in reason for (_, reason), (_, part) in zip(found, faults, strict=True)), found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
async def test_the_cases(world: World, case: dict[str, Any]) -> None:
    if "bad" in case:
        with pytest.raises(BadFile) as caught:
            await world.run(case["file"])
        assert all(part in str(caught.value) for part in case["bad"]), caught.value.reasons
        assert not any((await world.rows()).values())
        return
    _check(await world.run(case["file"], dry_run=True), case["lines"])
    assert not any((await world.rows()).values())
    _check(await world.run(case["file"]), case["lines"])
    before = await world.rows()
    again = await world.run(case["file"])
    _check(again, [line for line in case["lines"] if line[1] == "refused"])
    assert await world.rows() == before


async def test_what_is_written(world: World) -> None:
    report = await world.run(CASES[0]["file"])
    assert report.as_json()["rows"] == {"new": 2, "changed": 0, "unchanged": 0, "refused": 0}
    assert sorted(world.refreshed) == ["+254712345678", "+254722345678"]
    async with world.db.read() as conn:
        (akinyi,) = await clients.find_by_phone(conn, "+254712345678")
        (baraka,) = await clients.find_by_phone(conn, "+254722345678")
        (contact,) = await contacts.of(conn, akinyi.id)
        (note,) = (await conn.execute(sa.select(tables.audit))).all()
    born = dt.date(1985, 4, 23)
    assert akinyi == clients.Client("C-1", "Akinyi Otieno", "Akinyi", "", "sw", born, "active", akinyi.id)
    assert (baraka.stage, baraka.short_name) == ("active", "Baraka")
    assert contact.source == "clients.csv row 2"
    assert (note.who, note.details) == ("jane", {"file": "clients.csv", "new": 2})
    (loan,) = await world.bank.accounts(akinyi.id)
    assert (loan.ref, loan.nickname, loan.payoff) == ("L-1", "Biashara", Money(1_488_000, "KES"))
    (saved,) = await world.bank.accounts(baraka.id)
    assert (saved.ref, saved.nickname, saved.balance) == ("S-1", "savings", Money(0, "KES"))


async def test_what_was_paid_before(world: World) -> None:
    heading = "client_number,name,account,product,opened,amount,paid,paid_on,instalments\n"
    rows = 'C-1,Akinyi,L-1,loan,2026-01-15,1200,200,2026-02-15,6\nC-1,,S-1,savings,2026-01-15,,"3,450.50",,\n'
    for _ in range(2):
        report = await world.run(heading + rows)
        async with world.db.read() as conn:
            akinyi = await clients.find_by_number(conn, "C-1")
        assert akinyi is not None
        loan, saved = await world.bank.accounts(akinyi.id)
        assert (loan.payoff, loan.last_paid_on) == (Money(114_400, "KES"), dt.date(2026, 2, 15))
        assert saved.balance == Money(345_050, "KES")
    assert report.counts["unchanged"] == 2


async def test_facts_are_observations_with_their_source(world: World) -> None:
    text = 'client_number,name,home.rooms,income.month\nC-1,Akinyi,{rooms},"12,500.50"\n'
    await world.run(text.format(rooms=3))
    report = await world.run(text.format(rooms=4))
    assert report.lines[0].changes == ["home.rooms"]
    assert (await world.run(text.format(rooms=4))).lines == []
    facts = (await world.rows())["observation"]
    kept = sorted((each.field, each.value, each.kind, each.unit, each.flow, each.step, each.who) for each in facts)
    assert kept == [
        ("home.rooms", 3, "number", "rooms", "clients.csv", "row 2", "import"),
        ("home.rooms", 4, "number", "rooms", "clients.csv", "row 2", "import"),
        ("income.month", 1_250_050, "money", "KES", "clients.csv", "row 2", "import"),
    ]


async def test_a_change_is_written_and_an_empty_cell_changes_nothing(world: World) -> None:
    await world.run("client_number,name,phone,language,stage\nC-1,Akinyi,0712345678,sw,applicant\n")
    report = await world.run("client_number,name,phone,language,stage\nC-1,Akinyi Otieno,0722345678,,active\n")
    assert [(line.outcome, line.changes) for line in report.lines] == [("changed", ["name", "stage", "phone"])]
    async with world.db.read() as conn:
        akinyi = await clients.find_by_number(conn, "C-1")
        assert akinyi is not None
        assert (akinyi.name, akinyi.language) == ("Akinyi Otieno", "sw")
        assert [name for name, _ in await clients.stages(conn, akinyi.id)] == ["applicant", "active"]
        assert {each.address for each in await contacts.of(conn, akinyi.id)} == {"+254712345678", "+254722345678"}


async def test_a_number_that_is_added_is_told_to_the_others(world: World) -> None:
    importer = replace(world.importer, tell=lambda language, key, _: f"{language} {key}")
    path = world.folder / "clients.csv"
    for phones in ("0712345678", "0712345678; 0722345678", "0722345678"):
        path.write_text(f"client_number,name,phone,language\nC-1,Akinyi,{phones},sw\n")
        await importer.run(path, dry_run=False)
        async with world.db.write() as conn:
            akinyi = await clients.find_by_number(conn, "C-1")
            assert akinyi is not None
            await insert_new(conn, tables.pin, {"client": akinyi.id, "hash": "x"})
    rows = await world.rows()
    assert [(each.to, each.text) for each in rows["outbox"]] == [("+254712345678", "sw told_number_added")]
    assert [each.cooling_until for each in rows["pin"]] == [CLOCK.now() + dt.timedelta(days=1)]


async def test_a_standing_account_is_not_changed(world: World) -> None:
    text = "client_number,name,account,product,opened,amount\nC-1,Akinyi,L-1,loan,{opened},{amount}\n"
    await world.run(text.format(opened="2026-01-15", amount=500))
    report = await world.run(text.format(opened="2026-01-16", amount=600))
    assert [fault.column for fault in report.lines[0].faults] == ["opened", "amount"]
    other = await world.run("client_number,name,account,product,opened,amount\nC-2,B,L-1,loan,2026-01-15,500\n")
    assert "another client" in other.lines[0].faults[0].reason


async def test_a_row_that_fails_half_way_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(_posting: object) -> str:
        raise sa.exc.IntegrityError("", {}, ValueError())

    text = "client_number,name,phone,account,product,opened,amount,paid\nC-1,A,0712345678,L-1,loan,2026-01-15,500,5\n"
    with monkeypatch.context() as patched:
        patched.setattr(world.bank, "post", refuse)
        report = await world.run(text + "C-2,B,0712345678,,,,,\n")
    assert [(line.row, line.outcome) for line in report.lines] == [(2, "refused"), (3, "new")]
    rows = await world.rows()
    assert [len(rows[name]) for name in ("client", "contact", "account", "ledger")] == [1, 1, 0, 0]
    assert (await world.run(text)).counts["new"] == 1


async def test_without_accounts_of_our_own_their_columns_are_not_known(world: World) -> None:
    importer = Importer(world.db, CLOCK, RULES, None, world.refresh)
    path = world.folder / "clients.csv"
    path.write_text("client_number,name,account\nC-1,A,L-1\n")
    with pytest.raises(BadFile, match="no column “account”"):
        await importer.run(path, dry_run=True)


NAMES = "client_number,name\nC-1,Zoé\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (NAMES.encode("cp1252"), "line 2 has a letter in another encoding"),
        (NAMES.encode("utf-16"), "UTF-16"),
        (NAMES.encode("utf-16-le"), "UTF-16"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old format"),
        (b"PK\x03\x04 not a workbook", "no workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0", "UTF-"),
    ],
)
async def test_what_cannot_be_read_says_what_to_do(world: World, content: bytes, says: str) -> None:
    with pytest.raises(BadFile, match=says) as caught:
        await world.run(content)
    assert "Save it" in str(caught.value)


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("clients", 0)
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


async def test_a_workbook(world: World) -> None:
    heading = ["Client number", "name", "phone", "birth_date", "account", "product", "opened", "amount"]
    day = dt.datetime(2026, 1, 15)
    rows: list[list[Any]] = [
        heading,
        [1001, "Akinyi", 254712345678.0, dt.date(1985, 4, 23), "L-1", "loan", day, 12000],
        [],
        [1002.0, "Baraka", "0722345678", "1985-04-23", "L-2", "loan", "2026-01-15", 99.5],
        [1003, "=A2", None, None, None, None, None, None],
        [1004, "#REF!", None, 31160, None, None, None, None],
    ]
    report = await world.importer.run(workbook(world.folder / "c.xlsx", rows), dry_run=False)
    lines = [
        [2, "new"],
        [4, "new"],
        [5, "refused", ["name", "formula"]],
        [6, "refused", ["name", "error"], ["birth_date", "date"]],
    ]
    _check(report, lines)
    async with world.db.read() as conn:
        akinyi = await clients.find_by_number(conn, "1001")
        assert akinyi is not None
        assert akinyi.birth_date == dt.date(1985, 4, 23)
        assert (await clients.find_by_phone(conn, "+254712345678"))[0] == akinyi
        assert await clients.find_by_number(conn, "1002")


def test_the_template_is_a_file_that_can_be_imported() -> None:
    text = importing.template(RULES)
    heading, example, *rest = text.splitlines()
    assert heading.startswith(
        "client_number,name,phone,language,stage,birth_date,account,product,nickname,opened,amount"
    )
    assert heading.endswith("short_name,known_as,officer")  # any declared field may be added
    assert example.startswith("C-1001,Akinyi Otieno")
    assert rest == []


async def test_many_rows(sqlite_template: Path, tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'many.db'}")
    (tmp_path / "many.db").write_bytes(sqlite_template.read_bytes())
    world = World(db, tmp_path)
    text = "client_number,name,phone\n" + "".join(f"C-{n},Client {n},07{n:08}\n" for n in range(10_000_000, 10_001_000))
    assert (await world.run(text, dry_run=True)).counts == {"new": 1000}
    assert (await world.run(text)).counts == {"new": 1000}
    assert (await world.run(text)).counts == {"unchanged": 1000}
    await db.close()


async def test_no_reason_repeats_what_stands_in_a_row(world: World) -> None:
    text = "client_number,name,phone,birth_date\n"
    text += 'C-1,Akinyi Otieno,"0712345678, 07x","23 April 1985"\nC-2,Wanjiru,2547****5678,\n'
    report = await world.run(text, dry_run=True)
    for private in ("Akinyi", "0712345678", "07x", "April", "5678"):
        assert private not in str(report.as_json())


# -- officers ---------------------------------------------------------------------------------------------------------

OFFICERS = "client_number,name,officer\nC-1,Akinyi Otieno,{}\n"


async def _officers(world: World) -> tuple[list[tuple[str, bool]], dict[str, str]]:
    """Of the client: each officer, and whether they are it now; and what the parties are called."""
    its = tables.relationship.c
    async with world.db.read() as conn:
        served = await conn.execute(sa.select(its.other, its.until.is_(None)).where(its.role == "officer"))
        named = await conn.execute(sa.select(tables.party.c.ref, tables.party.c.name))
        return sorted((ref, bool(now)) for ref, now in served), {ref: name for ref, name in named}  # noqa: C416


async def test_another_officer_takes_over_and_may_come_back(world: World) -> None:
    outcomes = []
    for cell in ("E-1", "E-1 Peter Maina", "E-2 Mercy Wanjala", "", "E-1"):
        outcomes.append(dict((await world.run(OFFICERS.format(cell))).counts))
    assert outcomes == [{"new": 1}, {"unchanged": 1}, {"changed": 1}, {"unchanged": 1}, {"changed": 1}]
    assert await _officers(world) == ([("E-1", True), ("E-2", False)], {"E-1": "E-1", "E-2": "Mercy Wanjala"})


async def test_a_name_that_comes_with_another_client_is_kept(world: World) -> None:
    await world.run(OFFICERS.format("E-1") + "C-2,Baraka Mwangi,E-1 Peter Maina\n")
    assert await _officers(world) == ([("E-1", True), ("E-1", True)], {"E-1": "Peter Maina"})


async def test_a_reference_that_is_somebody_else(world: World) -> None:
    async with world.db.write() as conn:
        await insert_new(conn, tables.party, {"id": "g", "kind": "group", "ref": "G-1", "name": "Umoja"})
    (line,) = (await world.run(OFFICERS.format("G-1"), dry_run=True)).lines
    assert (line.outcome, [fault.column for fault in line.faults]) == ("refused", ["officer"])
