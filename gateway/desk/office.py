"""What all pages of the desk share: the house, the door, and how a page is made of a template."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import jinja2
from aiohttp import web
from markupsafe import Markup

from flows.sources.institution_languages import own_name
from flows.values import Money
from flows.words.printing import Printer
from gateway.build import House
from gateway.clock import Clock
from gateway.desk import dictionary, masking
from gateway.record.desk.entering import Door
from gateway.record.hashing import Hasher
from gateway.web import pages
from gateway.web.caller import Proxies

# A form has to say which site it comes from, and with "no-referrer" a browser says "null" (Fetch, section 3.2). The
# address of a page is for nobody's log, as one has the link for a password in it.
HEADERS = pages.HEADERS | {"Referrer-Policy": "strict-origin"}
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Office:
    house: House
    door: Door
    watch: Clock  # of sessions, locks and masks: a demonstration's clock, which anybody may move, is not asked
    proxies: Proxies
    templates: jinja2.Environment

    def page(self, template: str, status: int = 200, **values: Any) -> web.Response:
        """A page for anybody; ``visit`` among the values makes it one of a visit."""
        named = {"visit": None, "flash": "", "here": "", "institution": self.institution}
        text = self.templates.get_template(f"desk/{template}").render(named | values)
        return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)

    @property
    def institution(self) -> str:
        return self.house.releases.current.institution.name

    def remote(self, request: web.Request) -> str:
        """The address the browser is at."""
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
        return self.proxies.caller(request.remote or "", forwarded)


OFFICE: web.AppKey[Office] = web.AppKey("office", Office)


def office(house: House) -> Office:
    """Opened once in a process; ``door.hasher`` is to be closed with it."""
    stores, settings = house.stores, house.stores.settings
    hasher = Hasher(house.keys.pepper, workers=1, waiting=8)
    watch = Clock()
    door = Door(stores.db, stores.clock, watch, hasher)
    return Office(house, door, watch, Proxies(settings.security.proxies), _templates(house))


def _templates(house: House) -> jinja2.Environment:
    zone, printer = house.stores.clock.zone, Printer("en", house.stores.settings.institution.country)

    def moment(at: dt.datetime | None) -> str:
        if at is None:
            return NOTHING
        here = at.astimezone(zone)
        return Markup('<time datetime="{}">{}</time>').format(here.isoformat(timespec="seconds"), _minute(here))

    def money(amount: Money | None) -> str:
        return NOTHING if amount is None else printer.money(amount)

    made = pages.environment().overlay()
    made.filters = made.filters | {
        "mask_name": _masking(masking.name),
        "mask_phone": _masking(masking.phone),
        "mask_ref": _masking(masking.ref),
        "moment": moment,
        "day": lambda day: NOTHING if day is None else _day(day),
        "money": money,
        "case_kind": dictionary.case_kind,
        "language": lambda code: own_name(code) if code else "",
        "minor": lambda minor, currency: money(None if minor is None else Money(minor, currency)),
    }
    return made


def _masking(mask: Any) -> Any:
    """What is shown carries its mask with it: the page puts it on again when the minute is over (desk.js)."""

    def filtered(text: str, shown: bool = False) -> str:
        masked = mask(text)
        if not shown or masked == text:
            return str(masked)
        return Markup('<span data-masked="{}">{}</span>').format(masked, text)

    return filtered


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%b} {day.year}"


def _minute(at: dt.datetime) -> str:
    return f"{_day(at)}, {at:%H:%M}"
