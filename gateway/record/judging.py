"""What a row of an import comes to, before anything is written: new, changed, unchanged, or refused and why."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from flows.ports import BookedAccount
from gateway.record.clients import Client
from gateway.record.columns import Fact, NewAccount, Wanted
from gateway.record.known import Known
from gateway.record.officers import Officer
from gateway.record.sheets import Fault


class Accounts(Protocol):
    """Where accounts are opened: our own books, or nothing at all."""

    def refusal(self, account: NewAccount, standing: BookedAccount | None) -> Awaitable[list[Fault]]:
        """Why it cannot be opened, or what a standing account of this number has otherwise; nothing is written."""

    def open(self, account: NewAccount) -> Awaitable[None]:
        """Opens it in the transaction that this task is in. Raises flows.ports.Refused."""


@dataclass(slots=True)
class Plan:
    """What is to be written for a row. ``client`` is as it will be; its id is "" while it is new."""

    wanted: Wanted
    client: Client
    is_new: bool = False
    person: dict[str, Any] = field(default_factory=dict)
    phones: list[str] = field(default_factory=list)
    account: NewAccount | None = None
    facts: list[Fact] = field(default_factory=list)
    officer: Officer | None = None

    @property
    def changes(self) -> list[str]:
        """What differs from the record, by the names of the columns."""
        names = ["client"] if self.is_new else sorted(self.person)
        names += ["phone"] * bool(self.phones) + ["account"] * bool(self.account)
        names += ["officer"] * bool(self.officer)
        return names + [fact.field for fact in self.facts]


@dataclass(slots=True)
class _InFile:
    """A client as earlier rows of this file have them."""

    row: int
    client: Client
    given: dict[str, Any]
    phones: set[str]


class Judge:
    """Judges the rows of one file in their order, remembering what earlier rows said."""

    def __init__(self, accounts: Accounts | None) -> None:
        self._accounts = accounts
        self._clients: dict[str, _InFile] = {}
        self._refs: dict[str, int] = {}
        self._people: dict[tuple[str, str], tuple[int, Client]] = {}  # (name, phone) of the new ones

    async def judge(self, wanted: Wanted, known: Known) -> Plan | list[Fault]:
        """``known`` is brought up to date with what an accepted row brings."""
        before = self._clients.get(wanted.number)
        standing = known.clients.get(wanted.number) or (before.client if before else None)
        faults = wanted.faults + (self._against_file(wanted, before) if before else [])
        if standing is None:
            faults += self._as_new(wanted, known)
        if wanted.officer and wanted.officer.ref in known.no_officers:
            faults.append(Fault("officer", "this reference is taken by somebody or something that is no officer"))
        account, account_faults = await self._account(wanted, known, standing)
        if faults + account_faults:
            return faults + account_faults
        plan = _plan(wanted, standing, known, before.phones if before else set())
        plan.account = account
        if wanted.officer and known.officers.get(plan.client.id) != wanted.officer.ref:
            plan.officer = wanted.officer
        self._remember(plan, before, known)
        return plan

    def _against_file(self, wanted: Wanted, before: _InFile) -> list[Fault]:
        """A second row of a client brings a second account, phone or field, and otherwise says the same or nothing."""
        faults = [
            Fault(name, f"row {before.row} says otherwise of this client")
            for name, value in wanted.person.items()
            if name in before.given and before.given[name] != value
        ]
        brings = wanted.account or set(wanted.phones) - before.phones or wanted.facts
        if not brings and not faults:
            faults.append(Fault("client_number", f"this client stands in row {before.row} already"))
        return faults

    def _as_new(self, wanted: Wanted, known: Known) -> list[Fault]:
        if wanted.number and "name" not in wanted.person and not any(f.column == "name" for f in wanted.faults):
            return [Fault("name", "it is empty: a new client needs a name")]
        for phone in wanted.phones:
            row, other = self._people.get((_folded(wanted.person.get("name", "")), phone), (0, None))
            same = [other] if other else [each for each in known.users[phone] if _is_like(each, wanted)]
            if any(_is_same(each, wanted) for each in same):
                where = f"in row {row}" if row else "on the record"
                reason = f"a client of this name and phone is {where} with another client number: the same one twice? "
                return [Fault("client_number", reason + "Two people are told apart by birth_date or known_as")]
        return []

    async def _account(
        self, wanted: Wanted, known: Known, standing: Client | None
    ) -> tuple[NewAccount | None, list[Fault]]:
        """The account to be opened: None if it stands already, as the row has it."""
        if wanted.account is None or self._accounts is None:
            return None, []
        account = replace(wanted.account, client=standing.id if standing else "")
        row = self._refs.setdefault(account.ref, wanted.row)
        if row != wanted.row:
            return None, [Fault("account", f"this account stands in row {row} already")]
        booked = known.accounts.get(account.ref)
        if booked and booked.client != account.client:
            return None, [Fault("account", "another client has an account of this number")]
        faults = await self._accounts.refusal(account, booked)
        return (None if booked else account), faults

    def _remember(self, plan: Plan, before: _InFile | None, known: Known) -> None:
        wanted = plan.wanted
        given = (before.given if before else {}) | wanted.person
        phones = (before.phones if before else set()) | set(wanted.phones)
        row = before.row if before else wanted.row
        self._clients[wanted.number] = _InFile(row, plan.client, given, phones)
        known.clients[wanted.number] = plan.client
        for phone in wanted.phones if plan.is_new else ():
            self._people[_folded(plan.client.name), phone] = (wanted.row, plan.client)

    def written(self, plan: Plan, id_: str, known: Known) -> None:
        """The row is in the record now, with this id of its client."""
        made = replace(plan.client, id=id_)
        self._clients[plan.wanted.number].client = known.clients[plan.wanted.number] = made
        known.phones[id_].update(plan.wanted.phones)
        if plan.officer:
            known.officers[id_] = plan.officer.ref
        known.facts.update({(id_, fact.field): fact.value for fact in plan.facts})

    def failed(self, plan: Plan, known: Known) -> None:
        """The row could not be written after all: later rows must not lean on it."""
        if plan.is_new:
            self._clients.pop(plan.wanted.number, None)
            known.clients.pop(plan.wanted.number, None)


def _plan(wanted: Wanted, standing: Client | None, known: Known, brought: set[str]) -> Plan:
    if standing is None:
        person = {"stage": "active", "short_name": wanted.person["name"].split()[0][:40]} | wanted.person
        return Plan(wanted, Client(**person), True, person, wanted.phones, facts=wanted.facts)
    changed = {name: value for name, value in wanted.person.items() if getattr(standing, name) != value}
    facts = [fact for fact in wanted.facts if known.facts.get((standing.id, fact.field), ...) != fact.value]
    phones = [phone for phone in wanted.phones if phone not in known.phones[standing.id] | brought]
    return Plan(wanted, replace(standing, **changed), False, changed, phones, facts=facts)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _is_like(client: Client, wanted: Wanted) -> bool:
    return _folded(client.name) == _folded(wanted.person.get("name", ""))


def _is_same(client: Client, wanted: Wanted) -> bool:
    """Nothing tells the two apart, where both say something."""
    told = ("birth_date", "nickname")
    return not any(
        getattr(client, name) and wanted.person.get(name) and getattr(client, name) != wanted.person[name]
        for name in told
    )
