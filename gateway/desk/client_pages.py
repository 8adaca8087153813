"""``/desk/clients/<id>``: one client, with the bank's accounts and the one time line of everything."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from aiohttp import web

from flows.ports import Account, Entry, Refused, Unavailable
from gateway.desk import dictionary
from gateway.desk.conversation_pages import kept_from
from gateway.desk.masking import DOTS
from gateway.desk.rooms import Visit, page
from gateway.desk.telling import Line, Teller
from gateway.desk.veiling import both, private_words, veiled
from gateway.record.desk.client_page import ClientPage, Told, client_page, marks_of
from gateway.record.desk.timeline import KINDS, SOURCES, Place, timeline

PATIENCE = 3.0  # seconds that a page waits for the bank's accounts, and then for their statements
ENTRIES = 6  # lines of each account's statement
# what a product lacks is not shown
FIGURES = (
    ("balance", "Balance"),
    ("due", "Due"),
    ("overdue", "Arrears"),
    ("payoff", "Closes it today"),
    ("saved", "Saved"),
    ("worth", "Worth of shares"),
    ("last_paid", "Last paid"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """An account with the newest lines of its statement; None where the bank did not tell them."""

    account: Account
    entries: list[Entry] | None


def routes(app: web.Application) -> None:
    app.router.add_get("/desk/clients/{id}", show)


@page()
async def show(request: web.Request, visit: Visit) -> web.Response:
    found = await client_page(visit.db, request.match_info["id"], visit.staff)
    if found is None:
        raise web.HTTPNotFound(text="There is no such client.")
    kind, after = request.query.get("kind", ""), place_of(request.query.get("after", ""))
    kind = kind if kind in KINDS else ""
    accounts = await _accounts(visit, found.client.id)
    shown = visit.shown(found.client.id)
    teller = await _teller(visit, found, shown)
    events, more = await timeline(visit.db, found.client.id, visit.staff, kept_from(visit), kind, after)
    return visit.render(
        "client.html",
        page=found,
        client=found.client,
        shown=shown,
        accounts=accounts,
        figures=FIGURES,
        answers=[(_label(teller, each), _said(teller, each), each) for each in found.answers],
        days=_days([teller.line(event) for event in events], visit.house.stores.clock.zone),
        kinds=tuple(KINDS),
        kind=kind,
        older=after is not None,
        more=_query(kind, more) if more else "",
        cases=found.cases,
        left_out=dictionary.LEFT_OUT,
    )


def place_of(text: str) -> Place | None:
    """Where a page of the time line begins; None for none, and for what is no place."""
    at, _, rest = text.partition("~")
    source, _, id_ = rest.partition("~")
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        return None
    return Place(moment, source, id_) if source in SOURCES and moment.tzinfo else None


def _query(kind: str, place: Place) -> str:
    after = f"{place.at.isoformat()}~{place.source}~{place.id}"
    return urlencode({"kind": kind, "after": after} if kind else {"after": after})


async def _accounts(visit: Visit, client: str) -> list[Shown] | None:
    """None: the bank did not answer in time."""
    try:
        async with asyncio.timeout(PATIENCE):
            found = await visit.house.bank.accounts(client)
    except (Unavailable, TimeoutError):
        return None
    told = await asyncio.gather(*(_statement(visit, one.ref) for one in found))
    return [Shown(one, entries) for one, entries in zip(found, told, strict=True)]


async def _statement(visit: Visit, ref: str) -> list[Entry] | None:
    try:
        async with asyncio.timeout(PATIENCE):
            entries: list[Entry] = await visit.house.bank.statement(ref, ENTRIES)
    except (Refused, Unavailable, TimeoutError):
        return None
    return entries


async def _teller(visit: Visit, found: ClientPage, shown: bool) -> Teller:
    private = private_words(found.client, *await marks_of(visit.db, found.client.id))
    return Teller(dictionary.fields_of(visit.house), visit.house.stores.clock.zone, private, visit.staff.sees, shown)


def _label(teller: Teller, told: Told) -> str:
    return dictionary.label(teller.fields, told.field)


def _said(teller: Teller, told: Told) -> str:
    said = dictionary.value(told.kind, told.value, told.unit, told.absent)
    hide = dictionary.sensitive(teller.fields, told.field) and not told.absent
    masked = DOTS if hide else veiled(said, teller.private)
    return both(masked, said) if teller.shown else masked


def _days(lines: list[Line], zone: dt.tzinfo) -> list[tuple[dt.date, list[tuple[str, Line]]]]:
    """By the institution's day, each line with its time."""
    timed = [(line.at.astimezone(zone), line) for line in lines]
    return [
        (day, [(f"{at:%H:%M}", line) for at, line in rest]) for day, rest in groupby(timed, lambda one: one[0].date())
    ]
