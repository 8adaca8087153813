"""Staff may log in to the desk, and clients are found by the words of their names."""

import re

import sqlalchemy as sa
from alembic import op
from anyascii import anyascii
from sqlalchemy.dialects import postgresql

revision = "v0008"
down_revision = "v0007"

BATCH = 2_000  # clients
WITHIN = re.compile(r"['’ʼ‘`´.]")


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("ref", sa.String(length=40), server_default="", nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )
    op.create_table(
        "staff_session",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("staff", sa.String(length=32), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("search", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_staff_session_staff")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_staff_session")),
    )
    op.create_index(op.f("ix_staff_session_staff"), "staff_session", ["staff"])
    op.create_index(op.f("ix_staff_session_begun_at"), "staff_session", ["begun_at"])
    word = sa.String(length=60).with_variant(postgresql.VARCHAR(length=60, collation="C"), "postgresql")
    op.create_table(
        "client_word",
        sa.Column("word", word, nullable=False),
        sa.Column("client", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["client.id"], name=op.f("fk_client_word_client")),
        sa.PrimaryKeyConstraint("word", "client", name=op.f("pk_client_word")),
    )
    op.create_index(op.f("ix_client_word_client"), "client_word", ["client"])
    _fill()


def _fill() -> None:
    """The words of the clients who are there."""
    conn, last = op.get_bind(), ""
    client = sa.table("client", *(sa.column(name) for name in ("id", "number", "name", "nickname")))
    words = sa.table("client_word", sa.column("word"), sa.column("client"))
    page = sa.select(client).order_by(client.c.id).limit(BATCH)
    while found := conn.execute(page.where(client.c.id > last)).all():
        last = found[-1].id
        made = [
            {"word": word, "client": row.id}
            for row in found
            for word in _words(f"{row.name} {row.nickname}", row.number)
        ]
        conn.execute(sa.insert(words), made)


def _words(names: str, number: str) -> list[str]:
    one = _folded(number)
    return sorted({*_folded(names), *one, "".join(one)[:60]} - {""})


def _folded(text: str) -> list[str]:
    plain = WITHIN.sub("", anyascii(WITHIN.sub("", text))).casefold()
    return [word[:60] for word in re.findall(r"[a-z0-9]+", plain)]
