"""What the columns of an import mean, and one row of it read with all its faults at once.

An empty cell says nothing: what the record has stays. A name with a dot is a field of the data dictionary.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flows.faults import suggest
from flows.life import STAGES
from flows.phones import BadPhone, e164, usual
from gateway.record import officers
from gateway.record.field_cells import day, read_field
from gateway.record.sheets import BadFile, Cell, Fault, Row, Sheet

if TYPE_CHECKING:  # the loader is no part of reading a cell
    from flows.loading.fields import Field

# column -> what stands in it, and an example
PERSON = {
    "client_number": ("the client's number at the institution; the same number is the same client", "C-1001"),
    "name": ("the full name", "Akinyi Otieno"),
    "phone": ("the telephone number; several with ; between them; the same number for two clients is a shared phone",
              "0712 345 678"),
    "language": ("a code that the institution speaks", "sw"),
    "stage": (f"one of {', '.join(STAGES)}; active if it is empty", "active"),
    "birth_date": ("year-month-day", "1985-04-23"),
}  # fmt: skip
ACCOUNT = {
    "account": ("the account's number; a second account of a client stands in a second row", "L-1001"),
    "product": ("the name of a product file", "biashara"),
    "nickname": ("what the client calls the account", "Biashara"),
    "opened": ("year-month-day", "2026-01-15"),
}
MORE = {
    "short_name": ("how the client is greeted; the first name if it is empty", "Akinyi"),
    "known_as": ("what the client is called on a phone that several share", "Mama Joy"),
    "officer": ("the loan officer's reference, and the name where it is new", "E-0001 Peter Maina"),
}
WIDTHS = {"client_number": 32, "name": 200, "short_name": 40, "known_as": 40, "account": 40, "nickname": 60}
STORED = {"client_number": "number", "known_as": "nickname"}  # column -> client.*
OLDEST = dt.date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Rules:
    """What an import is read by. ``terms``: the columns of an account's terms with their meaning and an example."""

    country: str
    languages: tuple[str, ...]
    currency: str
    today: dt.date
    fields: Mapping[str, Field] = field(default_factory=dict)
    terms: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    accounts: bool = True  # False: they are kept elsewhere, by the institution's bank

    def columns(self) -> dict[str, tuple[str, str]]:
        """Every column with its meaning and an example, in the order of the template."""
        account = ACCOUNT | dict(self.terms) if self.accounts else {}
        declared = {name: (each.label, "") for name, each in self.fields.items()}
        spoken = {"language": (PERSON["language"][0], self.languages[0])}
        return PERSON | spoken | account | MORE | declared


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account as a row brings it. ``terms`` are cells as they stand; ``client`` is an id, "" in a dry run."""

    ref: str
    product: str
    nickname: str
    opened: dt.date
    terms: Mapping[str, str]
    client: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of the data dictionary, in the form that observations have."""

    field: str
    kind: str
    value: Any
    unit: str = ""


@dataclass(slots=True)
class Wanted:
    """What one row asks for. ``person`` has only what the row says."""

    row: int
    number: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    phones: list[str] = field(default_factory=list)
    account: NewAccount | None = None
    facts: list[Fact] = field(default_factory=list)
    officer: officers.Officer | None = None
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check_heading(sheet: Sheet, rules: Rules) -> None:
    """Raises BadFile with everything that is wrong with the first row."""
    known, reasons = rules.columns(), []
    for name in dict.fromkeys(sheet.heading):
        if name and name not in known:
            reasons.append(f"There is no column “{name}”. {suggest(name, known)}")
        if name and sheet.heading.count(name) > 1:
            reasons.append(f"The column “{name}” is there twice.")
    if "client_number" not in sheet.heading:
        reasons.append("The column “client_number” is missing: it says which client a row is about.")
    if reasons:
        raise BadFile(*reasons, "njia clients import --template prints all columns.")


def read(row: Row, rules: Rules) -> Wanted:
    """The row by the meaning of its columns; ``faults`` says all that is wrong with it."""
    wanted = Wanted(row.number, faults=list(row.faults))
    for name in ("client_number", "name", "short_name", "known_as", "stage", "language", "birth_date"):
        if (value := _take(row, name, rules, wanted)) is not None:
            wanted.person[STORED.get(name, name)] = value
    wanted.number = wanted.person.get("number", "")
    if not wanted.number and not any(fault.column == "client_number" for fault in wanted.faults):
        wanted.faults.append(Fault("client_number", "it is empty: it says which client this row is about"))
    _phones(row, rules, wanted)
    wanted.account = _account(row, rules, wanted)
    wanted.officer = _take(row, "officer", rules, wanted)
    for name in sorted(row.cells.keys() & rules.fields.keys()):
        try:
            wanted.facts.append(
                Fact(name, *read_field(rules.fields[name], row.cells[name], rules.currency, rules.country))
            )
        except ValueError as error:
            wanted.faults.append(Fault(name, str(error)))
    return wanted


def _take(row: Row, name: str, rules: Rules, wanted: Wanted) -> Any:
    """The cell, read; None when it is empty or wrong (then the fault is noted)."""
    if name not in row.cells:
        return None
    try:
        return _READERS.get(name, _text)(name, row.cells[name], rules)
    except ValueError as error:
        wanted.faults.append(Fault(name, str(error)))
        return None


def _text(name: str, cell: Cell, _rules: Rules) -> str:
    text = re.sub(r"\s+", " ", cell.isoformat() if isinstance(cell, dt.date) else cell)
    if len(text) > WIDTHS.get(name, 40):
        raise ValueError(f"it is longer than {WIDTHS.get(name, 40)} characters")
    return text


def _number(name: str, cell: Cell, rules: Rules) -> str:
    """Numbers that name something: 1001.0 is what a spreadsheet made of 1001."""
    if isinstance(cell, dt.date):
        raise ValueError("the spreadsheet has made a date of it: format the column as text and write it again")
    if re.fullmatch(r"\d(?:[.,]\d+)?[eE]\+?\d+", cell):
        raise ValueError("the spreadsheet has rounded it: format the column as text and write it again")
    return _text(name, re.sub(r"^(\d+)\.0+$", r"\1", cell), rules)


def _stage(_name: str, cell: Cell, _rules: Rules) -> str:
    stage = re.sub(r"[\s\-]+", "_", str(cell).casefold())
    if stage not in STAGES:
        raise ValueError(f"this is no stage: write one of {', '.join(STAGES)}")
    return stage


def _language(_name: str, cell: Cell, rules: Rules) -> str:
    code = str(cell).casefold()
    if code not in rules.languages:
        raise ValueError(f"the institution does not speak it: write one of {', '.join(rules.languages)}")
    return code


def _birth(_name: str, cell: Cell, rules: Rules) -> dt.date:
    born = day(cell)
    if not OLDEST <= born <= rules.today:
        raise ValueError("nobody alive was born on that day")
    return born


_READERS: dict[str, Callable[[str, Cell, Rules], Any]] = {
    "client_number": _number,
    "account": _number,
    "stage": _stage,
    "language": _language,
    "birth_date": _birth,
    "officer": lambda _, cell, __: officers.read(str(cell)),
    "opened": lambda _, cell, __: day(cell),
}


def _phones(row: Row, rules: Rules, wanted: Wanted) -> None:
    for typed in _several(row.cells.get("phone", "")):
        try:
            phone = e164(typed, rules.country)
        except BadPhone as error:
            wanted.faults.append(Fault("phone", error.reason))
            continue
        if phone not in wanted.phones:
            wanted.phones.append(phone)
        if not usual(phone):
            wanted.notes.append("the phone number is in a range that is not known to be in use: look at it again")


def _several(cell: Cell) -> Iterable[str]:
    return [part for part in re.split(r";(?!\s*ext)|,|\n", str(cell)) if part.strip()]


def _account(row: Row, rules: Rules, wanted: Wanted) -> NewAccount | None:
    given = [name for name in (*ACCOUNT, *rules.terms) if name in row.cells]
    if not given:
        return None
    before = len(wanted.faults)
    values = {name: _take(row, name, rules, wanted) for name in ACCOUNT}
    missing = {"account": "number", "product": "product", "opened": "day of opening"}
    for name, what in missing.items():
        if name not in row.cells:
            wanted.faults.append(Fault(name, f"it is empty: an account needs its {what}"))
    if len(wanted.faults) > before:
        return None
    terms = {name: str(row.cells[name]) for name in rules.terms if name in row.cells}
    return NewAccount(values["account"], values["product"], values["nickname"] or "", values["opened"], terms)
