"""A record with a great many clients, each a copy of the first one with a number, a phone and an amount of its own.

It is copied by the database itself, table by table, without its indexes, which are made anew afterwards: a million
clients with their contacts, accounts and legs take a minute or two.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from bench import parts
from bench.people import Sim, savers

# What is different in the copy: by table and column, as SQL over the first client's row `t` and the number `n`.
PHONE, CLIENT, ACCOUNT = "'+2547' || lpad(n::text, 8, '0')", "'copy' || n", "'S-C' || n"
COPIES = {
    "client": {"id": CLIENT, "number": "'C' || n"},
    "contact": {"id": CLIENT, "client": CLIENT, "address": PHONE},
    "address": {"address": PHONE},
    "pin": {"client": CLIENT},
    "account": {"ref": ACCOUNT, "client": CLIENT},
    "ledger": {
        "key": CLIENT,
        "book": f"replace(t.book, 'S-20000', {ACCOUNT})",
        "account": f"replace(t.account, 'S-20000', {ACCOUNT})",
        "minor": "sign(t.minor) * (150000 + 700 * n)",
    },
    "posting": {"key": CLIENT},
}
ADDED = '"{table}" ({columns}) SELECT {values} FROM "{table}" t, generate_series(1, {last}) n'


@dataclass(frozen=True, slots=True)
class Many:
    """So many ``clients``, of whom ``calling`` will call: a random sample, the same whenever it is drawn."""

    clients: int
    calling: int

    def fill(self, dsn: str) -> list[Sim]:
        """Puts them into a record that holds the first of ``savers``; those who will call."""
        for table in COPIES:
            _copy(dsn, table, self.clients - 1)
        parts.sql(dsn, "ANALYZE", "CHECKPOINT")
        chosen = random.Random(self.clients).sample(range(self.clients), min(self.calling, self.clients))
        known = savers(max(chosen) + 1)
        return [known[n] for n in chosen]


def _copy(dsn: str, table: str, last: int) -> None:
    columns = [name for (name,) in parts.rows(dsn, f"SELECT attname FROM pg_attribute WHERE {_of(table)}")]
    indexes = parts.rows(dsn, f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename = '{table}'")
    plain = [(name, made) for name, made in indexes if "UNIQUE" not in made]
    named = {name: f'"{name}"' for name in columns}
    values = ", ".join(COPIES[table].get(name, f"t.{quoted}") for name, quoted in named.items())
    added = ADDED.format(table=table, columns=", ".join(named.values()), values=values, last=last)
    parts.sql(
        dsn,
        "SET synchronous_commit = off",
        "SET session_replication_role = replica",  # every copy's references are right: they need not be looked up
        *(f'DROP INDEX "{name}"' for name, _ in plain),
        f"INSERT INTO {added}",
        *(made for _, made in plain),
    )


def _of(table: str) -> str:
    return f"attrelid = '\"{table}\"'::regclass AND attnum > 0 AND NOT attisdropped"
