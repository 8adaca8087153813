"""``people.yaml``: sample people for demonstrations and conversations. Days are counted back from whatever today is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from flows.faults import Fault
from flows.loading import take
from flows.loading.nodes import Node, Table
from flows.loading.reading import read_table
from flows.loading.report import Report
from flows.loading.source import SourceFile
from flows.products.phrases import Unclear, amount

# Names are those of the demonstration's list of clients, which other tools read.
TAGS = ("two-accounts", "one-account", "savings", "group-leader", "unenrolled", "shared-phone", "swahili")
ROLES = ("agent", "admin")  # of the staff
MOVES = {"paid": "repaid", "saved": "deposited", "took out": "withdrawn"}
_MOVE = re.compile(r"(paid|saved|took out) (\S+), (\d{1,4}) days? ago")
_AGO = re.compile(r"(\d{1,4}) days? ago")
_COUNT = re.compile(r"(\d{1,3}) instalments?")
_RELATION = re.compile(r"(.+?)(?: of)? (\S+)")
NEEDED, OF_PERSON = (
    ("name", "number", "phone", "language", "about"),
    ("nickname", "pin", "stage", "tags", "relations", "accounts"),
)
NEEDED_OF_ACCOUNT, OF_ACCOUNT = ("product", "nickname", "opened"), ("amount", "paid", "moves")


@dataclass(frozen=True, slots=True)
class Move:
    """Money moved so many days ago; ``kind`` as in a posting."""

    kind: str
    minor: int
    days_ago: int


@dataclass(frozen=True, slots=True)
class SampleAccount:
    """``paid``: so many instalments (or planned savings, or the least shares) in full, each on its day; ``moves`` come
    on top."""

    ref: str
    product: str
    nickname: str
    days_ago: int
    amount: int
    paid: int
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Party:
    ref: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleStaff:
    """Somebody who can log in to a demonstration. ``ref``: the party that they are."""

    email: str
    name: str
    role: str
    password: str = field(repr=False)
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePerson:
    """``short_name`` is what a conversation file calls them. No ``pin``: not enrolled yet."""

    short_name: str
    name: str
    number: str
    phone: str
    language: str
    about: str
    nickname: str = ""
    pin: str = ""
    stage: str = "active"
    tags: tuple[str, ...] = ()
    relations: tuple[tuple[str, str], ...] = ()  # role, and a party's reference or another's client number
    accounts: tuple[SampleAccount, ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    people: tuple[SamplePerson, ...] = ()
    parties: tuple[Party, ...] = ()
    staff: tuple[SampleStaff, ...] = ()

    def called(self, short_name: str) -> SamplePerson | None:
        return next((person for person in self.people if person.short_name == short_name), None)


def load_people(source: SourceFile, currency: str) -> tuple[People, list[Fault]]:
    """The people of the file and everything that is wrong with it. Amounts are in major units of ``currency``."""
    report = Report(source.path)
    table = read_table(source, report)
    if table is None:
        return People(), report.faults
    take.check_keys(table, ("people",), ("parties", "staff"), "the people file", report)
    people = [_person(name, node, currency, report) for name, node in _under(table, "people", report)]
    parties = [_party(ref, node, report) for ref, node in _under(table, "parties", report)]
    staff = [_staff(email, node, report) for email, node in _under(table, "staff", report)]
    return People(tuple(people), tuple(parties), tuple(staff)), sorted(report.faults)


def _under(table: Table, key: str, report: Report) -> Iterator[tuple[str, Table]]:
    below = take.table(table.items.get(key), key, report)
    for name, node in below.items.items() if below else ():
        if (found := take.table(node, name, report)) is not None:
            yield name, found


def _word(table: Table, key: str, report: Report, default: str = "") -> str:
    return take.word(table.items.get(key), key, report) or default


def _party(ref: str, table: Table, report: Report) -> Party:
    take.check_keys(table, ("kind", "name"), (), "a party", report)
    return Party(ref, _word(table, "kind", report), _word(table, "name", report))


def _staff(email: str, table: Table, report: Report) -> SampleStaff:
    take.check_keys(table, ("name", "role", "password"), ("ref",), "one of the staff", report)
    role = _word(table, "role", report)
    if role and role not in ROLES:
        report.error(table.at("role"), "staff.role", f'"{role}" is not a role.', f"Use one of: {', '.join(ROLES)}.")
    words = {name: _word(table, name, report) for name in ("name", "password", "ref")}
    return SampleStaff(email=email, role=role, **words)


def _person(short_name: str, table: Table, currency: str, report: Report) -> SamplePerson:
    take.check_keys(table, NEEDED, OF_PERSON, "a person", report)
    return SamplePerson(
        short_name=short_name,
        **{key: _word(table, key, report) for key in NEEDED},
        nickname=_word(table, "nickname", report),
        pin=_word(table, "pin", report),
        stage=_word(table, "stage", report, "active"),
        tags=tuple(_tags(table.items.get("tags"), report)),
        relations=tuple(_relations(table.items.get("relations"), report)),
        accounts=tuple(_account(ref, node, currency, report) for ref, node in _under(table, "accounts", report)),
    )


def _tags(node: Node | None, report: Report) -> Iterator[str]:
    for tag, line in take.rows(node, "tags", report):
        if tag not in TAGS:
            report.error(line, "person.tag", f'"{tag}" is not a tag.', f"Use some of these: {', '.join(TAGS)}.")
        yield tag


def _relations(node: Node | None, report: Report) -> Iterator[tuple[str, str]]:
    for text, line in take.rows(node, "relations", report):
        found = _RELATION.fullmatch(text)
        if found:
            yield found[1], found[2]
        else:
            report.error(line, "person.relation", f'"{text}" is not a relation.', 'Write "member of G-0001".')


def _account(ref: str, table: Table, currency: str, report: Report) -> SampleAccount:
    take.check_keys(table, NEEDED_OF_ACCOUNT, OF_ACCOUNT, "an account", report)
    opened = _read(_AGO, table, "opened", "121 days ago", report)
    paid = _read(_COUNT, table, "paid", "17 instalments", report)
    return SampleAccount(
        ref,
        _word(table, "product", report),
        _word(table, "nickname", report),
        opened,
        _amount(_word(table, "amount", report, "0"), currency, table.at("amount"), report),
        paid,
        tuple(_moves(table.items.get("moves"), currency, report)),
    )


def _read(form: re.Pattern[str], table: Table, key: str, example: str, report: Report) -> int:
    text = _word(table, key, report)
    found = form.fullmatch(text)
    if text and not found:
        report.error(table.at(key), f"account.{key}", f'"{text}" cannot be read.', f'Write it as "{example}".')
    return int(found[1]) if found else 0


def _moves(node: Node | None, currency: str, report: Report) -> Iterator[Move]:
    for text, line in take.rows(node, "moves", report):
        found = _MOVE.fullmatch(text)
        if found:
            yield Move(MOVES[found[1]], _amount(found[2], currency, line, report), int(found[3]))
        else:
            report.error(line, "account.move", f'"{text}" cannot be read.', 'Write it as "paid 500, 5 days ago".')


def _amount(text: str, currency: str, line: int, report: Report) -> int:
    try:
        return amount(text, currency)
    except Unclear as unclear:
        report.error(line, "account.amount", unclear.message, unclear.fix)
        return 0
