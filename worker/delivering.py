"""Sends what is due in the outbox through its channel, and writes down what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping

from adapters.channel import Outgoing, Push, Sent
from adapters.errors import Misconfigured, OptedOut, Refused, SendError, Throttled, Uncertain
from flows.ports import Unavailable
from gateway.clock import Clock
from gateway.record import outbox
from gateway.record.database import Database
from gateway.record.stopping import stopped
from gateway.reporting import Reports

log = logging.getLogger("njia.outbox")

SECONDS = 8.0  # for one message; well below outbox.LEASE, or two would send it
WAITS = (0.2, 0.5, 1.0, 2.0, 0.0)


class Delivery:
    """``channels`` by name; ``default`` is the one for rows that name none (the institution's first for SMS);
    ``reports`` has those that came before it was written down that their message was sent."""

    def __init__(
        self, db: Database, clock: Clock, channels: Mapping[str, Push], default: str, reports: Reports | None = None
    ) -> None:
        self._db, self._clock, self._channels, self._default, self._reports = db, clock, channels, default, reports

    async def deliver(self, refs: Iterable[str]) -> None:
        """Sends those of ``refs`` that are due and nobody else has. What was sent is written at once, one by one."""
        claimed = await outbox.claim(self._db, refs, self._clock.now())
        results = await asyncio.gather(*(self._one(row) for row in claimed), return_exceptions=True)
        for error in results:
            if isinstance(error, BaseException):
                raise error

    async def _one(self, row: outbox.Claimed) -> None:
        if row.tries > outbox.TRIES:  # every try so far was killed or crashed
            await outbox.failed(self._db, row.ref, "it was tried too often")
            return
        try:
            async with asyncio.timeout(SECONDS):
                sent = await self._channel(row).send(Outgoing(row.ref, row.to, row.text))
        except TimeoutError:
            await self._failed(row, Uncertain("no answer in time"))
        except SendError as error:
            await self._failed(row, error)
        else:
            await self._sent(row, sent)

    async def _sent(self, row: outbox.Claimed, sent: Sent) -> None:
        """It is out: should the record be down now, wait for it, or the message would go out again."""
        for wait in WAITS:
            try:
                await outbox.sent(self._db, row.ref, self._clock.now(), sent.provider_ref, sent.cost)
                break
            except Unavailable:
                await asyncio.sleep(wait)
        else:
            log.error("message %s was sent, which could not be written down: it may be sent again", row.ref)
            return
        if self._reports and sent.provider_ref:
            await self._reports.catch_up(sent.provider_ref)

    def _channel(self, row: outbox.Claimed) -> Push:
        channel = self._channels.get(row.channel or self._default)
        if channel is None:
            raise Misconfigured("there is no channel that could send it")
        return channel

    async def _failed(self, row: outbox.Claimed, error: SendError) -> None:
        log.warning("message %s, try %d: %s", row.ref, row.tries, type(error).__doc__)
        match error:
            case Uncertain():
                await outbox.uncertain(self._db, row.ref, str(error))
            case Refused():
                if isinstance(error, OptedOut):
                    await stopped(self._db, self._clock, row.ref)
                await outbox.failed(self._db, row.ref, str(error))
            case Throttled(seconds=seconds):
                await outbox.retry(self._db, row, self._clock.now(), str(error), seconds)
            case _:
                await outbox.retry(self._db, row, self._clock.now(), str(error))
