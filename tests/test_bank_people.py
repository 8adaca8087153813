"""The sample people: every figure is the same on whatever day they are put into the record, and only once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.banks.local import Bank
from flows.loading.fields import load_fields
from flows.loading.kinds import load_kinds
from flows.loading.source import SourceFile
from flows.people import People, load_people
from flows.ports import Account, Posting, Unavailable
from flows.products.features import Product
from flows.products.memory import MemoryBooks
from flows.products.reading import load_products
from flows.values import Secret
from gateway.clock import SetClock
from gateway.record.books import SqlBooks
from gateway.record.cards import build
from gateway.record.clients import find_by_phone
from gateway.record.contacts import relations
from gateway.record.database import Database
from gateway.record.hashing import Hasher
from gateway.record.pin_rows import pin_of, use_of_pin
from gateway.record.seeding import Seeder, pin_keeper, plan
from gateway.record.tables import metadata
from gateway.record.weak_pins import Holder, weak

DEFINITIONS = Path(__file__).parent.parent / "flows" / "definitions"
TODAYS = [dt.date(2026, 3, 1), dt.date(2027, 12, 31), dt.date(2028, 2, 29), dt.date(2029, 4, 30), dt.date(2026, 11, 23)]

# name: of each account the reference, balance, due, in how many days, overdue, payoff, saved
FIGURES = {
    "Akinyi": [("L-1001", 12300, 1500, 5, 0, 12300, None), ("S-1001", 3400, 200, 5, None, None, 3400)],
    "Wanjiru": [("L-1002", 21010.20, 5250, None, 0, 20400, None)],
    "Otieno": [("S-1003", 3700, None, None, None, None, 3700)],
    "Halima": [("R-1004", 5280, 930, 2, 0, 5280, 200)],
    "Mutiso": [("L-1005", 25900, 1100, 4, 0, 25900, None)],
    "Nafula": [("S-1006", 1200, 200, 4, None, None, 1200)],
    "Barasa": [("L-1007", 14400, 600, 4, 0, 14400, None)],
    "Chebet": [("L-1008", 29352, 3452, -19, 3452, 29352, None)],
    "Zawadi": [("L-1009", 0, 0, None, 0, 0, None)],
    "Kamau": [("S-1010", 0, None, None, None, None, 0)],
    "Atieno": [("H-1011", 1670, 50, 4, None, None, None)],
    "Moraa": [("L-1012", 25900, 1100, 4, 0, 25900, None), ("S-1012", 0, None, None, None, None, 0)],
    "Njeri": [("S-1013", 1200, 200, 4, None, None, 1200), ("S-2013", 900, None, None, None, None, 900)],
}


def people() -> People:
    found, faults = load_people(SourceFile("people.yaml", (DEFINITIONS / "people.yaml").read_text()), "KES")
    assert faults == []
    return found


def products() -> dict[str, Product]:
    files = sorted((DEFINITIONS / "products").glob("*.yaml"))
    found, faults = load_products([SourceFile(f"products/{f.name}", f.read_text()) for f in files], "KES")
    assert faults == []
    return found


def clock(today: dt.date) -> SetClock:
    return SetClock(dt.datetime.combine(today, dt.time(9), dt.UTC))


@pytest.mark.parametrize("today", TODAYS, ids=str)
async def test_figures_are_the_same_on_every_day(today: dt.date) -> None:
    bank = Bank(MemoryBooks(), products(), clock(today))
    for person in people().people:
        for planned in plan(person, person.number, products(), "KES", today):
            opened = await bank.open(planned.opening)
            for posting in planned.postings(opened):
                await bank.post(posting)
        told = [_figures(account, today) for account in await bank.accounts(person.number)]
        expected = FIGURES[person.short_name]
        # The farm loan is monthly: how many days a month has is all that differs.
        assert [
            t if e[3] is not None else (*t[:3], None, *t[4:]) for t, e in zip(told, expected, strict=True)
        ] == expected


def _figures(account: Account, today: dt.date) -> tuple[str | int | float | None, ...]:
    def shillings(name: str) -> float | None:
        value = getattr(account, name)
        return value.minor / 100 if value is not None else None

    days = (account.due_on - today).days if account.due_on else None
    amounts = [shillings(name) for name in ("overdue", "payoff", "saved")]
    return (account.ref, shillings("balance"), shillings("due"), days, *amounts)


def test_tags_and_secrets_of_the_sample_people() -> None:
    found = people().people
    tags = {tag for person in found for tag in person.tags}
    assert tags == {"two-accounts", "one-account", "savings", "group-leader", "unenrolled", "shared-phone", "swahili"}
    assert (found[0].short_name, found[0].phone, found[0].tags) == ("Akinyi", "+254700000001", ("two-accounts",))
    assert {p.short_name for p in found if "unenrolled" in p.tags} == {p.short_name for p in found if not p.pin}
    assert {len(p.accounts) for p in found if "two-accounts" in p.tags} == {2}
    assert {len(p.accounts) for p in found if "one-account" in p.tags} == {1}
    assert {p.language for p in found if "swahili" in p.tags} == {"sw"}
    shared = [p for p in found if "shared-phone" in p.tags]
    assert len({p.phone for p in shared}) == 1
    assert len({p.nickname for p in shared}) == len({p.pin for p in shared}) == len(shared) == 2
    assert len({p.phone for p in found}) == len({p.number for p in found}) - 1
    assert not [p.short_name for p in found if p.pin and weak(p.pin, Holder(numbers=(p.phone, p.number)))]


def test_kinds_and_fields_are_in_order_and_people_use_declared_ones() -> None:
    kinds, faults = load_kinds(SourceFile("kinds.yaml", (DEFINITIONS / "kinds.yaml").read_text()))
    files = [SourceFile(f"fields/{f.name}", f.read_text()) for f in sorted((DEFINITIONS / "fields").glob("*.yaml"))]
    fields, wrong = load_fields(files, "KES")
    assert (faults, wrong) == ([], [])
    assert {"loan.ease", "loan.comment", "register.name", "client.name", "contact.language"} <= set(fields)
    found = people()
    assert {party.kind for party in found.parties} <= set(kinds.parties)
    places = {party.ref: party.kind for party in found.parties} | {person.number: "client" for person in found.people}
    for person in found.people:
        for role, other in person.relations:
            assert places[other] in kinds.roles[role].of


@pytest.fixture
def hasher() -> Hasher:
    return Hasher(b"0123456789abcdef")


async def test_seeding_twice_changes_nothing(database: Database, hasher: Hasher) -> None:
    first, later = clock(dt.date(2026, 3, 1)), clock(dt.date(2026, 3, 9))
    ids = await _seed(database, hasher, first)
    before = await _everything(database)
    assert await _seed(database, hasher, later) == ids
    assert await _everything(database) == before


async def test_what_seeding_puts_into_the_record(database: Database, hasher: Hasher) -> None:
    now = clock(dt.date(2026, 3, 1))
    ids = await _seed(database, hasher, now)
    card = await build(database, "+254700000001")
    assert (card["language"], card["notice"], card["seen"]) == ("en", "7", "2026-03-01")
    assert [(c["number"], c["has_pin"]) for c in card["clients"]] == [("10001", True)]
    unenrolled = await build(database, "+254700000005")
    assert (unenrolled["notice"], [c["has_pin"] for c in unenrolled["clients"]]) == ("", [False])
    async with database.read() as conn:
        assert [c.nickname for c in await find_by_phone(conn, "+254700000006")] == ["Mama", "Baba"]
        leads = {(r.role, r.other_kind, r.other) for r in await relations(conn, ids["10004"])}
        hashed = await pin_of(conn, ids["10001"])
        married = [r for r in await relations(conn, ids["10007"]) if r.role == "spouse"]
    assert leads == {("leader", "group", "G-0001"), ("officer", "staff", "E-0001")}
    assert [(r.other_kind, r.other) for r in married] == [("client", ids["10006"])]
    assert hashed
    assert await hasher.fits(hashed, Secret("4729"), use_of_pin(ids["10001"]))
    assert not await hasher.fits(hashed, Secret("4728"), use_of_pin(ids["10001"]))


async def test_a_seeding_that_broke_off_is_completed(database: Database, hasher: Hasher) -> None:
    now = clock(dt.date(2026, 3, 1))
    with pytest.raises(Unavailable):
        await _seed(database, hasher, now, posts=20)
    assert len((await _everything(database))["posting"]) < 30
    ids = await _seed(database, hasher, clock(dt.date(2026, 3, 5)))
    accounts = await Bank(SqlBooks(database, now), products(), now).accounts(ids["10001"])
    assert [_figures(account, now.today()) for account in accounts] == FIGURES["Akinyi"]


class GoesDown(Bank):
    """After so many ``posts``."""

    posts = 10**6

    async def post(self, posting: Posting) -> str:
        self.posts -= 1
        if self.posts < 0:
            raise Unavailable
        return await super().post(posting)


async def _seed(database: Database, hasher: Hasher, now: SetClock, posts: int = 10**6) -> dict[str, str]:
    bank = GoesDown(SqlBooks(database, now), products(), now)
    bank.posts = posts
    keep = pin_keeper(database, hasher, now)
    return await Seeder(database, bank, products(), now, "KES", "7", keep).seed(people())


async def _everything(database: Database) -> dict[str, list[str]]:
    async with database.read() as conn:
        return {
            name: sorted(str(tuple(row)) for row in await conn.execute(sa.select(table)))
            for name, table in metadata.tables.items()
        }


BROKEN = {
    "tags: [rich]": '"rich" is not a tag.',
    "relations: [friend]": '"friend" is not a relation.',
    "accounts: {A: {product: p, nickname: N, opened: last week}}": '"last week" cannot be read.',
    "accounts: {A: {product: p, nickname: N, opened: 3 days ago, amount: many}}": "'many' is not an amount",
    "accounts: {A: {product: p, nickname: N, opened: 3 days ago, moves: ['got 5']}}": '"got 5" cannot be read.',
}


@pytest.mark.parametrize("line", BROKEN)
def test_a_broken_people_file(line: str) -> None:
    start = "people:\n  A: {name: A B, number: 1, phone: +254700000001, language: en, about: x, "
    _, faults = load_people(SourceFile("people.yaml", f"{start}{line}}}\n"), "KES")
    assert [(fault.file, fault.line, BROKEN[line] in fault.message) for fault in faults] == [("people.yaml", 2, True)]


def test_staff_with_a_role_that_there_is_not() -> None:
    text = "people: {}\nstaff:\n  a@b.example: {name: A B, role: boss, password: long-enough-for-all}\n"
    _, faults = load_people(SourceFile("people.yaml", text), "KES")
    assert [(fault.line, fault.message) for fault in faults] == [(3, '"boss" is not a role.')]
