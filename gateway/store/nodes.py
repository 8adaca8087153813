"""The session store by its URL: over connections of our own, or by redis-py where the URL asks for more than they do.

In a cluster a shard is where the last redirect pointed to. What is redirected was not done, so it is sent again.
"""

from __future__ import annotations

from typing import Any

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import UnixDomainSocketConnection, parse_url
from redis.exceptions import NoScriptError, RedisError

from gateway.store.asking import Begun, Refused, Store, StoreDown, Word, pack
from gateway.store.links import Link, Server, code_of

REDIRECTS = 5  # that are followed for one command
_OURS = frozenset({"host", "port", "path", "db", "username", "password"})


def opened(url: str, redis: Redis, seconds: float) -> Store:
    """The store at ``url``; nothing connects before it is asked. ``redis`` serves what is not ours: TLS, options."""
    given: dict[str, Any] = {**parse_url(url)}
    kind = given.pop("connection_class", None)
    plain = kind is UnixDomainSocketConnection if given.get("path") else kind is None
    return Nodes(Server(**given), seconds) if plain and _OURS.issuperset(given) else ByRedisPy(redis)


class Nodes:
    """One server, or those of a cluster as they come to be known."""

    def __init__(self, server: Server, seconds: float) -> None:
        self._seconds = seconds
        self._seed = Link(server, seconds)
        self._links = {(server.host, server.port): self._seed}
        self._moved: dict[int, Link] = {}  # shards that are not at the seed

    async def ask(self, shard: int, *command: Word) -> Any:
        """The answer. Raises Refused, StoreDown."""
        first, *ends = command
        packed = first.packed(ends) if isinstance(first, Begun) else pack(command)
        link = self._moved.get(shard, self._seed)
        wire = link.wire
        try:
            reply = await (link.ask(packed) if wire is None else wire.send(packed))
        except StoreDown:
            self._avoid(link)
            raise
        if isinstance(reply, hiredis.ReplyError):
            return await self._redirected(shard, packed, link, reply)
        return reply

    async def close(self) -> None:
        for link in self._links.values():
            await link.close()

    async def _redirected(self, shard: int, packed: bytes, link: Link, reply: Any) -> Any:
        """What comes of an error: the answer from where it points to. Raises Refused, StoreDown."""
        for _ in range(REDIRECTS):
            if not isinstance(reply, hiredis.ReplyError):
                return reply
            match str(reply).split(" "):
                case ["MOVED", _, where]:
                    link = self._moved[shard] = self._at(where, link)
                    reply = await link.ask(packed)
                case ["ASK", _, where]:
                    reply = await self._at(where, link).ask_as_guest(packed)
                case ["READONLY", *_]:  # it lost its office: whoever holds it is behind the same name, perhaps
                    link.drop("READONLY")
                    break
                case _:
                    break
        raise Refused(code_of(reply))

    def _at(self, where: str, link: Link) -> Link:
        """The link to ``host:port``; without a host, that of the server which said so."""
        host, _, port = where.rpartition(":")
        server = link.server.at(host, int(port))
        return self._links.setdefault((server.host, server.port), Link(server, self._seconds))

    def _avoid(self, lost: Link) -> None:
        """Its shards may be elsewhere by now: any other server of a cluster knows."""
        self._moved = {shard: link for shard, link in self._moved.items() if link is not lost}
        if self._seed is lost:
            self._seed = next((link for link in self._links.values() if link is not lost), lost)


class ByRedisPy:
    """The same through redis-py, which costs several times as much CPU."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis

    async def ask(self, shard: int, *command: Word) -> Any:
        """The answer. Raises Refused, StoreDown."""
        try:
            first, *ends = command
            words = first.words if isinstance(first, Begun) else (first,)
            return await self._redis.execute_command(*words, *ends)
        except NoScriptError as error:
            raise Refused("NOSCRIPT") from error
        except (TimeoutError, RedisError, OSError) as error:
            raise StoreDown(type(error).__name__) from error

    async def close(self) -> None:
        """redis-py is closed by whoever opened it."""
