"""What is hidden from somebody, and whose clients they see: conditions of queries.

Whoever is linked to a party of the record works with clients, and sees their own: those to whom that party is related
(an officer, an agent, a branch), until the relation has an end. Nothing that is hidden from anybody reaches them. An
agent without a link is the support desk: all clients, and the cases that are hidden from those who work with clients,
but nothing else that is hidden. An administrator sees more, but whatever is hidden from officers is hidden from whoever
is, or ever was, the officer of the client whom it is of: what somebody complains of never goes to the person complained
of, administrator or not.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import sqlalchemy as sa

from gateway.record.database import Database
from gateway.record.desk.staff import FIELD, Staff
from gateway.record.tables import relationship

Rule = Callable[[sa.ColumnElement[str], sa.ColumnElement[str], Staff], sa.ColumnElement[bool]]
NO_PARTY = ("client", "account")  # kinds of the other that are no party


def own(client: sa.ColumnElement[str], staff: Staff) -> sa.ColumnElement[bool]:
    """Whether that client is one whom ``staff`` may see at all."""
    if not staff.only_own:
        return sa.true()
    its = relationship.c
    theirs = (its.other == staff.ref, its.other_kind.not_in(NO_PARTY), its.until.is_(None))
    return client.in_(sa.select(its.client).where(*theirs))


async def serves(db: Database, client: str, staff: Staff) -> bool:
    """``own`` of one client. Raises Unavailable."""
    if not staff.only_own:
        return True
    async with db.read() as conn:
        return bool(await conn.scalar(sa.select(own(sa.literal(client), staff))))


def workable(hidden_from: sa.ColumnElement[str], client: sa.ColumnElement[str], staff: Staff) -> sa.ColumnElement[bool]:
    """Whether a case that is hidden from those, and is of that client, may be shown to ``staff``: somebody must work
    on it, so the support desk reads what those who work with clients do not."""
    if staff.role != "agent" or staff.only_own:
        return visible(hidden_from, client, staff)
    return _plain(hidden_from).in_(
        [",".join(words) for size in range(len(FIELD) + 1) for words in permutations(FIELD, size)]
    )


def _plain(hidden_from: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    return sa.func.replace(sa.func.lower(hidden_from), " ", "")


def visible(hidden_from: sa.ColumnElement[str], client: sa.ColumnElement[str], staff: Staff) -> sa.ColumnElement[bool]:
    """Whether what that client said, hidden from those, may be shown to ``staff``."""
    if staff.role != "admin":
        return sa.and_(hidden_from == "", own(client, staff))
    listed = sa.literal(",") + _plain(hidden_from) + sa.literal(",")

    def named(word: str) -> sa.ColumnElement[bool]:
        return listed.contains(f",{word.lower()},", autoescape=True)

    by_name = [named(word) for word in (staff.email, staff.role, staff.ref) if word]
    serves = sa.select(relationship.c.id).where(
        relationship.c.client == client, relationship.c.role == "officer", relationship.c.other == staff.ref
    )
    theirs = [sa.and_(named("officer"), serves.exists())] if staff.ref else []
    return sa.or_(hidden_from == "", sa.not_(sa.or_(*by_name, *theirs)))
