"""Finds a secret wherever it is, in every dress: as it was typed, turned round, encoded, hashed without a key."""

from __future__ import annotations

import base64
import hashlib
import re
import sqlite3
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import redis

LONG = 12  # figures: so many never stand anywhere by chance
# Fewer may, in the figures of a time or of an id: they count only where no figure, letter or point is beside them.
ALONE = rb"(?<![0-9A-Za-z.])%s(?![0-9A-Za-z])"
HASHES = ("md5", "sha1", "sha256", "sha512", "blake2b", "blake2s")


class Search:
    """For all of ``secrets`` (name -> figures) in anything; what is found is told by name, never by its figures."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._exact = [(name, dress, data) for name, text in secrets.items() for dress, data in _dressed(text)]
        self._alone = [
            (name, dress, re.compile(ALONE % data))
            for name, text in secrets.items()
            if len(text) < LONG
            for dress, data in (("as typed", text.encode()), ("turned round", text[::-1].encode()))
        ]

    def found(self, data: bytes, where: str) -> list[str]:
        exact = [f"{name}, {dress}, in {where}" for name, dress, form in self._exact if form in data]
        return exact + [f"{name}, {dress}, in {where}" for name, dress, form in self._alone if form.search(data)]

    def below(self, folder: Path) -> list[str]:
        """In every file below ``folder``, and in their names."""
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        names = "\n".join(map(str, folder.rglob("*"))).encode()
        found = self.found(names, "the name of a file")
        for path in files:
            found += self.found(path.read_bytes(), str(path.relative_to(folder)))
        return found


def _dressed(text: str) -> Iterator[tuple[str, bytes]]:
    plain = text.encode()
    if len(text) >= LONG:
        yield "as typed", plain
        yield "turned round", plain[::-1]
        number = int(text)
        yield "as a number", struct.pack(">Q", number)[2:]
        yield "as a number, turned round", struct.pack("<Q", number)[:6]
    yield "in UTF-16", text.encode("utf-16-le")
    yield "in hex", plain.hex().encode()
    yield from (("in base64", form) for form in _base64(plain))
    for typed in (plain, b"2*" + plain):
        for name in HASHES:
            digest = hashlib.new(name, typed).digest()
            yield f"as {name}", digest
            yield f"as {name} in hex", digest.hex().encode()
            yield f"as {name} in base64", base64.b64encode(digest).rstrip(b"=")


def _base64(plain: bytes) -> Iterable[bytes]:
    """Wherever it begins in what was encoded: only what does not hang on its neighbours."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + plain)
        end = (before + len(plain)) // 3 * 4
        yield encoded[-(-before * 4 // 3) : end]


def in_redis(url: str, search: Search) -> list[str]:
    """In every key and every value, and in what a queue has packed."""
    read: dict[bytes, Callable[[redis.Redis, bytes], Any]] = {
        b"string": lambda store, key: store.get(key),
        b"stream": lambda store, key: store.xrange(key),
        b"zset": lambda store, key: store.zrange(key, 0, -1, withscores=True),
        b"hash": lambda store, key: store.hgetall(key),
        b"list": lambda store, key: store.lrange(key, 0, -1),
        b"set": lambda store, key: store.smembers(key),
    }
    found: list[str] = []
    with redis.Redis.from_url(url) as store:
        held = list(store.scan_iter(count=1000))
        for key in held:
            for value in _leaves([key, read[store.type(key)](store, key)]):
                found += search.found(value, f"Redis, {key.decode(errors='replace')}")
        assert [key for key in held if b"who" in key], "nothing was searched"
        found += search.found(repr(store.slowlog_get(1000)).encode(), "the slow log of Redis")
    return found


def _leaves(value: Any) -> Iterator[bytes]:
    if isinstance(value, bytes):
        yield value
        with suppress(zlib.error):
            yield zlib.decompress(value)
    elif isinstance(value, dict):
        yield from _leaves([*value.items()])
    elif isinstance(value, list | tuple | set):
        for one in value:
            yield from _leaves(one)


def in_sqlite(path: Path, search: Search) -> list[str]:
    """In every statement that a dump has, and in every value by itself."""
    with closing(sqlite3.connect(path)) as conn:
        found = search.found("\n".join(conn.iterdump()).encode("utf-8", "surrogatepass"), "a dump of the database")
        for (name,) in conn.execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in conn.execute(f'select * from "{name}"'):
                values = (value if isinstance(value, bytes) else str(value).encode() for value in row)
                found += search.found(b"\n".join(values), f"the table {name}")
    return found
