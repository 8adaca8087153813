"""What only a demonstration has: the phone in the browser, its SMS inbox, a clock that can be moved, and a wallet that
does what it is told."""

from __future__ import annotations

import datetime as dt
import re

import msgspec
from aiohttp import web

from flows.people import load_people
from flows.phones import BadPhone, e164
from flows.sources.institution_languages import own_name
from gateway.build import House
from gateway.home import Home
from gateway.ids import new_id
from gateway.playing.transcripts import NOBODY
from gateway.record import clients, events, outbox
from gateway.secrets import channel_path
from gateway.store.keys import CLOCK
from gateway.web import handsets, phone, wallet
from gateway.web.bodies import posted

HOUSE: web.AppKey[House] = web.AppKey("house", House)
FURTHEST = 10 * 366 * 86400  # seconds that the clock may be moved in all


def routes(app: web.Application, house: House) -> None:
    """Mounts ``/phone``, ``/phone/inbox``, ``/demo/clock``, ``/demo/event`` and what steers the simulated wallet."""
    app[HOUSE] = house
    app.router.add_post("/demo/clock", advance)
    app.router.add_post("/demo/event", happen)
    wallet.routes(app, house.payments, house.stores.settings.institution.country)
    phone.routes(app, simulator(house))


def simulator(house: House) -> phone.Simulator:
    """The phone page's view of the house."""
    institution = house.releases.current.institution

    async def inbox(number: str) -> list[phone.Sms]:
        zone, rows = house.stores.clock.zone, await outbox.inbox(house.stores.db, number)
        return [phone.Sms(r["text"], _moment(r["at"], zone), institution.short_name) for r in rows]

    return phone.Simulator(
        institution.name,
        lambda: lines(house),
        lambda: people(house),
        inbox,
        {code: own_name(code) for code in institution.languages},
        institution.keys.more,
        institution.keys.back,
    )


def _moment(text: str, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(zone)


def lines(house: House) -> list[handsets.Line]:
    """The channels that can be dialled, at this process's own address."""
    settings = house.stores.settings
    channels = {
        name: {
            "adapter": channel.adapter,
            "path": channel_path(house.keys, name),
            "service_codes": list(channel.service_codes),
        }
        for name, channel in settings.channels.items()
    }
    return handsets.lines({"url": settings.own_url(), "service_code": "", "channels": channels})


def people(house: House) -> list[phone.Person]:
    """The sample people, and a number that nobody is known by."""
    settings = house.stores.settings
    source = Home(settings.home).file("people.yaml")
    found, _ = load_people(source, settings.institution.currency) if source else (None, [])
    known = [
        phone.Person(p.name, p.phone, p.language, p.pin or None, p.about, p) for p in (found.people if found else ())
    ]
    return [*known, phone.Person("Somebody new", NOBODY.phone, "", None, "a number that nobody is known by", NOBODY)]


class Advance(msgspec.Struct):
    """What ``/demo/clock`` takes: seconds."""

    advance: float


class Event(msgspec.Struct):
    """What ``/demo/event`` takes."""

    phone: str
    event: str


async def happen(request: web.Request) -> web.Response:
    """``{"phone", "event"}``: something happened in a client's life, and the flows that wait for it may invite."""
    said = await posted(request, Event, 'Send {"phone": "+254700000001", "event": "loan disbursed"} as JSON.\n')
    if not re.fullmatch(r"[a-z][a-z ]{0,59}", said.event):
        raise web.HTTPBadRequest(text='An event is a few small words, such as "loan disbursed".\n')
    stores = request.app[HOUSE].stores
    try:
        number = e164(said.phone, stores.settings.institution.country)
    except BadPhone:
        raise web.HTTPBadRequest(text="This is no telephone number.\n") from None
    async with stores.db.write() as conn:
        known = await clients.find_by_phone(conn, number)
        if len(known) != 1:
            raise web.HTTPNotFound(text="Not exactly one client is known by this number.\n")
        await events.put(conn, known[0].id, said.event, f"demo:{new_id()}", stores.clock.now())
    return web.json_response({"client": known[0].number, "event": said.event})


async def advance(request: web.Request) -> web.Response:
    """``{"advance": seconds}``: the clock of all processes goes forward."""
    house = request.app[HOUSE]
    seconds = (await posted(request, Advance, 'Send {"advance": seconds} as JSON.\n')).advance
    clock = house.stores.clock
    await house.stores.follow_clock()
    if not 0 <= seconds <= FURTHEST - clock.offset:
        raise web.HTTPBadRequest(text="The clock goes forward only, and ten years at most.\n")
    clock.offset += seconds
    await house.stores.redis.set(CLOCK, repr(clock.offset))
    return web.json_response({"now": clock.now().isoformat()})
