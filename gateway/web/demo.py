"""What only a demonstration has: the phone in the browser, its SMS inbox, and a clock that can be moved."""

from __future__ import annotations

import datetime as dt

import msgspec
from aiohttp import web

from flows.people import load_people
from flows.sources.institution_languages import own_name
from gateway.build import House
from gateway.home import Home
from gateway.record import outbox
from gateway.secrets import channel_path
from gateway.store.keys import CLOCK
from gateway.web import handsets, phone

HOUSE: web.AppKey[House] = web.AppKey("house", House)
FURTHEST = 10 * 366 * 86400  # seconds that the clock may be moved in all


def routes(app: web.Application, house: House) -> None:
    """Mounts ``/phone``, ``/phone/inbox`` and ``/demo/clock``."""
    app[HOUSE] = house
    app.router.add_post("/demo/clock", advance)
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
    web_ = settings.web
    channels = {
        name: {
            "adapter": channel.adapter,
            "path": channel_path(house.keys, name),
            "service_codes": list(channel.service_codes),
        }
        for name, channel in settings.channels.items()
    }
    host = "127.0.0.1" if web_.host in ("", "0.0.0.0", "::") else web_.host  # noqa: S104
    return handsets.lines({"url": f"http://{host}:{web_.port}", "service_code": "", "channels": channels})


def people(house: House) -> list[phone.Person]:
    """The sample people, and a number that nobody is known by."""
    settings = house.stores.settings
    source = Home(settings.home).file("people.yaml")
    found, _ = load_people(source, settings.institution.currency) if source else (None, [])
    known = [phone.Person(p.name, p.phone, p.language, p.pin or None, p.about) for p in (found.people if found else ())]
    return [*known, phone.Person("Somebody new", "+254700000999", "", None, "a number that nobody is known by")]


class Advance(msgspec.Struct):
    """What ``/demo/clock`` takes: seconds."""

    advance: float


async def advance(request: web.Request) -> web.Response:
    """``{"advance": seconds}``: the clock of all processes goes forward."""
    house = request.app[HOUSE]
    try:
        seconds = msgspec.json.decode(await request.read(), type=Advance).advance
    except msgspec.DecodeError:
        raise web.HTTPBadRequest(text='Send {"advance": seconds} as JSON.\n') from None
    clock = house.stores.clock
    await house.stores.follow_clock()
    if not 0 <= seconds <= FURTHEST - clock.offset:
        raise web.HTTPBadRequest(text="The clock goes forward only, and ten years at most.\n")
    clock.offset += seconds
    await house.stores.redis.set(CLOCK, repr(clock.offset))
    return web.json_response({"now": clock.now().isoformat()})
