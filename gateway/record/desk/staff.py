"""Who may use the desk: one row for each of the staff, with a role and a password that only they know."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.values import Secret
from gateway.ids import new_id
from gateway.record.database import insert_new
from gateway.record.hashing import Hasher
from gateway.record.tables import staff, staff_session

ROLES = ("agent", "admin")  # each may do what those before it may
LONGEST = 80  # characters of an e-mail address, as ``audit.who`` has room for
FIELD = ("officer", "branch")  # what those who work with clients are called where something is hidden from them
FEWEST = 12  # characters of a password
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_EMAIL = re.compile(r"[^\s@,\"<>]+@[^\s@,\"<>]+\.[^\s@,\"<>]+")


class BadStaff(ValueError):
    """The e-mail address, name or password cannot be used; the text says why, in plain words."""


@dataclass(frozen=True, slots=True)
class Staff:
    """``email`` is what other rows call them by (``audit.who``, ``case.owner``): at most 80 characters, in lower case.
    ``ref`` is who they are in ``kinds.yaml``'s sense (a party such as E-0001), if anybody; an agent who is nobody is
    the support desk."""

    id: str
    email: str
    name: str
    role: str
    ref: str = ""
    disabled: bool = False

    def may(self, role: str) -> bool:
        """Whether pages of ``role`` are open to them."""
        return ROLES.index(self.role) >= ROLES.index(role)

    @property
    def only_own(self) -> bool:
        """Whether they work with clients themselves, and see none but their own."""
        return self.role == "agent" and bool(self.ref)

    def sees(self, hidden_from: str) -> bool:
        """Whether what a client said, kept from these roles or persons (commas between them), may be shown to them.

        What may be about the staff is for administrators only, and never for the very person it names.
        """
        names = {name.strip() for name in hidden_from.split(",")} - {""}
        return not names or (self.role == "admin" and not names & {self.role, self.ref, self.email})

    def works_on(self, hidden_from: str) -> bool:
        """Whether a case that is kept from these may be shown to them, or what all clients together say: the support
        desk reads what those who work with clients do not."""
        names = {name.strip() for name in hidden_from.split(",")} - {""}
        return self.sees(hidden_from) or (self.role == "agent" and not self.only_own and names <= set(FIELD))


def email_of(typed: str) -> str:
    """As it is kept and compared. What is no address is no error here: nobody has it."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


def password_of(typed: str) -> Secret:
    """As it is hashed: the same whatever keyboard it was typed on."""
    return Secret(unicodedata.normalize("NFKC", typed))


def minted() -> str:
    """A new password, easy to read out and to type: five groups of four, 99 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(5))


def check_password(typed: str, email: str) -> None:
    """Raises BadStaff for one that is too easily guessed."""
    if len(typed) < FEWEST:
        raise BadStaff(f"A password needs {FEWEST} characters or more: a few words do well.")
    name = email.partition("@")[0]
    if len(set(typed)) < 5 or (len(name) > 3 and name in typed.lower()):
        raise BadStaff("This password is too easy to guess. Take a few words that have nothing to do with you.")


async def add(conn: AsyncConnection, who: Staff, hashed: str, at: dt.datetime) -> None:
    """Raises BadStaff for an address that is none or taken. ``who.id`` must be new: the hash was made for it."""
    if not _EMAIL.fullmatch(who.email) or len(who.email) > LONGEST:
        raise BadStaff(f"An e-mail address looks like name@institution.org, with at most {LONGEST} characters.")
    if not who.name.strip() or len(who.name) > LONGEST:
        raise BadStaff(f"Give the name of the person, with at most {LONGEST} characters.")
    names = ("id", "email", "name", "role", "ref")
    row = {name: getattr(who, name) for name in names} | {"hash": hashed, "created_at": at}
    if not await insert_new(conn, staff, row):
        raise BadStaff(f"{who.email} has a log-in already.")


async def everybody(conn: AsyncConnection) -> list[Staff]:
    """By e-mail address; those who were disabled too."""
    return [staff_from(row) for row in await conn.execute(sa.select(staff).order_by(staff.c.email))]


async def find(conn: AsyncConnection, email: str) -> tuple[Staff, str] | None:
    """Whoever has this address, with the hash of their password."""
    row = (await conn.execute(sa.select(staff).where(staff.c.email == email))).one_or_none()
    return (staff_from(row), row.hash) if row else None


async def disable(conn: AsyncConnection, who: Staff, at: dt.datetime | None) -> None:
    """They are logged out at once and cannot log in; with ``at`` None they can again, if they have a password: a link
    from before is worth nothing (``link`` stays, and tells that none was chosen)."""
    await conn.execute(sa.update(staff).where(staff.c.id == who.id).values(disabled_at=at, link_until=None))
    await log_out(conn, who)


async def change_password(conn: AsyncConnection, who: Staff, hashed: str) -> None:
    """Whoever was logged in by the old one is no longer."""
    await conn.execute(sa.update(staff).where(staff.c.id == who.id).values(hash=hashed, link="", link_until=None))
    await log_out(conn, who)


async def log_out(conn: AsyncConnection, who: Staff) -> None:
    """Everywhere."""
    await conn.execute(sa.delete(staff_session).where(staff_session.c.staff == who.id))


async def hashed(hasher: Hasher, id_: str, typed: str) -> str:
    """The hash to keep of what was typed."""
    return await hasher.hash(password_of(typed), use_of(id_))


def use_of(id_: str) -> str:
    """What a password's hash is bound to: copied to another's row it opens nothing."""
    return f"staff {id_}"


def new_staff(email: str, name: str, role: str, ref: str = "") -> Staff:
    return Staff(new_id(), email_of(email), name.strip(), role, ref)


def staff_from(row: sa.Row[Any]) -> Staff:
    """From the columns of ``staff``."""
    return Staff(row.id, row.email, row.name, row.role, row.ref, row.disabled_at is not None)
