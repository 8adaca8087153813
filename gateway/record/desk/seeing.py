"""What is hidden from somebody: ``Staff.sees`` as a condition of queries, and what only the record can tell.

Whatever is hidden from officers is hidden from whoever is, or ever was, the officer of the client whom it is of: what
somebody complains of never goes to the person complained of, administrator or not.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.record.desk.staff import Staff
from gateway.record.tables import relationship


def visible(hidden_from: sa.ColumnElement[str], client: sa.ColumnElement[str], staff: Staff) -> sa.ColumnElement[bool]:
    """Whether a row that is hidden from those, and is of that client, may be shown to ``staff``."""
    if staff.role != "admin":
        return hidden_from == ""
    listed = sa.literal(",") + sa.func.replace(sa.func.lower(hidden_from), " ", "") + sa.literal(",")

    def named(word: str) -> sa.ColumnElement[bool]:
        return listed.contains(f",{word.lower()},", autoescape=True)

    by_name = [named(word) for word in (staff.email, staff.role, staff.ref) if word]
    serves = sa.select(relationship.c.id).where(
        relationship.c.client == client, relationship.c.role == "officer", relationship.c.other == staff.ref
    )
    theirs = [sa.and_(named("officer"), serves.exists())] if staff.ref else []
    return sa.or_(hidden_from == "", sa.not_(sa.or_(*by_name, *theirs)))
