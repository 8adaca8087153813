"""What the hot path needs of the session store: one command, one answer. Who asks it how is in ``nodes.py``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

import hiredis


class StoreDown(Exception):
    """The session store does not answer."""


class Refused(StoreDown):
    """It answered with an error. ``code`` is the first word of it: the rest may repeat what was sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Sizes(dict[int, bytes]):
    """Sizes as the protocol writes them, each written once."""

    def __init__(self, sign: bytes) -> None:
        super().__init__()
        self._sign = sign

    def __missing__(self, size: int) -> bytes:
        made = self[size] = b"%b%d\r\n" % (self._sign, size)
        return made


_COUNTS, _LENGTHS = _Sizes(b"*"), _Sizes(b"$")


class Begun:
    """The first words of a command that is sent again and again with other ends, all bytes: packed once."""

    def __init__(self, *words: bytes | str | int) -> None:
        self.words = words
        self._packed = pack(words).partition(b"\r\n")[2]

    def packed(self, ends: Sequence[Any]) -> bytes:
        """All of the command, as it goes over the wire."""
        said = [_COUNTS[len(self.words) + len(ends)], self._packed]
        for word in ends:
            said += (_LENGTHS[len(word)], word, b"\r\n")
        return b"".join(said)


Word = bytes | str | int | Begun
pack = cast("Callable[[tuple[Word, ...]], bytes]", hiredis.pack_command)  # its own types allow a tuple of one


class Store(Protocol):
    """The session store, for commands whose keys all lie in one shard."""

    async def ask(self, shard: int, *command: Word) -> Any:
        """The answer. Raises Refused; StoreDown when there was none in time: the command may have been done or not."""

    async def close(self) -> None: ...


class Script:
    """A Lua script, sent by its hash; in full where a server does not know it (yet, or any more)."""

    def __init__(self, source: str) -> None:
        self._source = source.encode()
        self.sha = hashlib.sha1(self._source, usedforsecurity=False).hexdigest().encode()

    async def run(self, store: Store, shard: int, count: int, *words: Word) -> Any:
        """``words``: first the keys, as many as ``count``, then the arguments. Raises as ``Store.ask`` does."""
        try:
            return await store.ask(shard, b"EVALSHA", self.sha, count, *words)
        except Refused as refused:
            return await self.again(refused, store, shard, count, *words)

    async def again(self, refused: Refused, store: Store, shard: int, *words: Word) -> Any:
        """What ``run`` does once the hash was ``refused``: where nothing is known of the script, it goes in full."""
        if refused.code != "NOSCRIPT":
            raise refused
        return await store.ask(shard, b"EVAL", self._source, *words)
