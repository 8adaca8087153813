"""What is done about surveys that start by themselves, again and again: events become invitations, due ones are sent,
quiet ones reminded of once, old ones closed, and the contact cards say which are open.

All of it may be stopped anywhere and done twice: each step is one transaction that looks at the state it moves.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.invitations import Plan, is_in_share, next_hour, plan
from flows.release import Release
from flows.words.book import MissingWords
from flows.words.printing import Unprintable
from gateway.build import House
from gateway.clock import Clock
from gateway.record import invitations
from gateway.record.consents import agrees
from gateway.record.database import Database
from gateway.record.invitations import Due, Wanted
from gateway.record.tables import address, client, contact
from gateway.staging import Stage

log = logging.getLogger("njia.surveys")

MANY = 200  # rows of one kind that one round looks at


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a client is written to, and in which language."""

    address: str
    language: str


@dataclass(frozen=True, slots=True)
class Inviting:
    """One round is ``sweep``. Raises Unavailable, StoreDown."""

    db: Database
    clock: Clock
    release: Callable[[], Release]
    refresh: Callable[[str], Awaitable[None]]  # the contact card of an address
    code: str  # what is dialled
    staged: Callable[[], Stage | None] = lambda: None

    async def sweep(self) -> None:
        now = self.clock.now()
        await invitations.close_old(self.db, now)
        for release, theirs in await self._offered():
            for flow in release.flows.values():
                if (found := plan(flow)) is not None:
                    await self._schedule(found, release, now, theirs)
                    await self._invite(found, release, now, theirs)
                    await self._remind(found, release, now, theirs)
        await self._show()

    async def _offered(self) -> list[tuple[Release, Wanted | None]]:
        """What clients begin on, and who: a survey is made by the release that its client would open it in."""
        current, staged = self.release(), self.staged()
        if staged is None:
            return [(current, None)]
        theirs = sa.select(contact.c.client).where(contact.c.address.in_(staged.numbers), contact.c.until.is_(None))
        async with self.db.read() as conn:
            staff = set(await conn.scalars(theirs))

        def is_in(who: str) -> bool:
            return who in staff or staged.takes("", who)

        return [(current, lambda who: not is_in(who)), (staged.release, is_in)]

    async def _schedule(self, of: Plan, release: Release, now: dt.datetime, theirs: Wanted | None) -> None:
        for one in await invitations.unseen(self.db, of, now - of.heard_for, MANY, theirs):
            due_at = next_hour(of, one.at + of.after, self.clock.zone)
            why = "" if is_in_share(of, one.number) else "share"
            async with self.db.write() as conn:
                await invitations.schedule(conn, of, release.hash, one, due_at, why)

    async def _invite(self, of: Plan, release: Release, now: dt.datetime, theirs: Wanted | None) -> None:
        for one in await invitations.due(self.db, of.flow, now, MANY, theirs):
            with suppress(sa.exc.IntegrityError):  # another process invited this client in the same moment
                async with self.db.write() as conn:
                    await self._invite_one(conn, of, one, release, now)

    async def _invite_one(self, conn: AsyncConnection, of: Plan, one: Due, release: Release, now: dt.datetime) -> None:
        hour = next_hour(of, now, self.clock.zone)
        if hour > now:
            await invitations.put_off(conn, one, hour)
            return
        to = await self._reached(conn, one.client, release)
        why = await self._why_not(conn, of, one, to, now)
        text = self._text(of, release, to, now) if to is not None and not why else ""
        if to is None or not text:
            await invitations.leave_out(conn, one, why or "no words")
        else:
            await invitations.invite(conn, one, of, to.address, text, now)

    async def _why_not(self, conn: AsyncConnection, of: Plan, one: Due, to: Reached | None, now: dt.datetime) -> str:
        """Why this client is left out; "" for who is not."""
        if to is None:
            return "no phone"
        if not await agrees(self.db, one.client, to.address, of.purpose):
            return "no consent"
        return "asked lately" if await invitations.lately(conn, one.client, now - of.apart) else ""

    async def _remind(self, of: Plan, release: Release, now: dt.datetime, theirs: Wanted | None) -> None:
        if not of.reminders or next_hour(of, now, self.clock.zone) > now:
            return
        for one in await invitations.to_remind(self.db, of, now, MANY, theirs):
            async with self.db.write() as conn:
                to = await self._reached(conn, one.client, release)
                says = to is not None and to.address == one.address
                says = says and await agrees(self.db, one.client, one.address, of.purpose)
                text = self._text(of, release, to, now) if says and to else ""
                await invitations.remind(conn, one, of, text, now)

    async def _reached(self, conn: AsyncConnection, who: str, release: Release) -> Reached | None:
        """The newest phone that is this client's alone: on a shared one the words would be read by others."""
        other = contact.alias("other")
        shared = sa.exists().where(
            other.c.address == contact.c.address, other.c.client != contact.c.client, other.c.until.is_(None)
        )
        query = (
            sa.select(contact.c.address, address.c.language, client.c.language.label("own"))
            .join(client, client.c.id == contact.c.client)
            .outerjoin(address, address.c.address == contact.c.address)
            .where(contact.c.client == who, contact.c.kind == "phone", contact.c.until.is_(None), ~shared)
            .order_by(contact.c.since.desc(), contact.c.id.desc())
        )
        found = (await conn.execute(query.limit(1))).one_or_none()
        if found is None:
            return None
        return Reached(found.address, found.language or found.own or release.institution.languages[0])

    def _text(self, of: Plan, release: Release, to: Reached, now: dt.datetime) -> str:
        names = {**release.names, "code": self.code}
        stop = release.words.render(to.language, "", "how_to_stop", names)
        day = now.astimezone(self.clock.zone).date()
        try:
            return release.words.render(to.language, of.flow, "starts.invite", {**names, "how_to_stop": stop}, day)
        except (MissingWords, Unprintable) as error:  # the check refuses such words; nothing else is to stop for them
            log.error("the invitation of %s cannot be said: %s", of.flow, error)
            return ""

    async def _show(self) -> None:
        """Contact cards that do not say what is open."""
        for id_, of, is_open in await invitations.off_card(self.db, MANY):
            for number in await invitations.phones(self.db, of):
                await self.refresh(number)
            await invitations.carded(self.db, id_, is_open)


def inviting(house: House) -> Inviting:
    """The house's own."""
    codes = [code for one in house.stores.settings.channels.values() for code in one.service_codes]
    code = codes[0] if codes else ""
    releases, stores = house.releases, house.stores
    return Inviting(
        stores.db, stores.clock, lambda: releases.current, house.cards.refresh, code, lambda: releases.staged
    )
