"""Which survey a visitor looks at, and which of its answers count: the survey, what was asked for, and for whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from aiohttp import web

from flows.invitations import plan
from flows.model import Flow
from flows.release import Release
from gateway.desk.figures import BATCH
from gateway.desk.rooms import Visit
from gateway.desk.survey_words import asks_opinion
from gateway.record.desk import surveys
from gateway.record.desk.staff import Staff
from gateway.record.desk.survey_runs import Scope

QUIET = dt.timedelta(days=1)  # after so long nobody goes on with what they began from a menu
YEARS = range(2000, 2101)  # of the days that are asked for


@dataclass(frozen=True, slots=True)
class Survey:
    """One of them, in the words of one release. ``careful``: its answers are hidden from who looks."""

    name: str
    flow: Flow | None
    release: Release
    careful: bool
    hidden_from: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor wants to see. ``wrong``: what they typed that is no day."""

    since: dt.date | None = None
    until: dt.date | None = None
    release: str = ""
    language: str = ""
    before: tuple[dt.datetime, str] | None = None
    wrong: str = ""

    @property
    def query(self) -> dict[str, str]:
        days = {name: day.isoformat() for name, day in (("since", self.since), ("until", self.until)) if day}
        words = {name: word for name, word in (("release", self.release), ("words", self.language)) if word}
        return days | words


def asked_of(request: web.Request) -> Asked:
    given = {name: request.query.get(name, "").strip() for name in ("since", "until", "release", "words", "before")}
    since, until = _day(given["since"]), _day(given["until"])
    wrong = next((given[name] for name, day in (("since", since), ("until", until)) if given[name] and not day), "")
    at, _, id_ = given["before"].partition("~")
    return Asked(since, until, given["release"], given["words"], _place(at, id_), wrong)


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _place(at: str, id_: str) -> tuple[dt.datetime, str] | None:
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, id_) if moment.tzinfo and id_ else None


async def survey(visit: Visit, name: str, release: str) -> Survey | None:
    """None: nobody ever asked or began such a thing. Its words are those of the release asked for, or published, or
    of the last one that had it."""
    releases, kept_of = visit.house.releases, await surveys.flows(visit.db)
    chosen = (await releases.get(release) if release else None) or releases.current
    if name not in chosen.flows:
        used = [await releases.get(one.release) for one in await surveys.releases(visit.db, name)]
        chosen = next((one for one in used if one is not None and name in one.flows), chosen)
    flow = chosen.flows.get(name)
    if name not in kept_of and (flow is None or not asks_opinion(flow)):
        return None
    kept = await surveys.hidden_from(visit.db, name) | {",".join(flow.hidden_from if flow else ())}
    now = releases.current.flows.get(name) or flow
    hidden = now.hidden_from if now else ()
    return Survey(name, flow, chosen, any(_kept_from(visit.staff, words) for words in kept), hidden)


def _kept_from(staff: Staff, hidden_from: str) -> bool:
    """An administrator who has clients of their own is kept from what those say of them, which is all or nothing."""
    names = {name.strip() for name in hidden_from.split(",")}
    return not staff.works_on(hidden_from) or (bool(staff.ref) and "officer" in names)


async def scope_of(visit: Visit, one: Survey, asked: Asked) -> Scope | None:
    """None: there is nothing that they may see."""
    zone = visit.house.stores.clock.zone
    if not one.careful:
        since = dt.datetime.combine(asked.since, dt.time(), zone) if asked.since else None
        until = dt.datetime.combine(asked.until + dt.timedelta(days=1), dt.time(), zone) if asked.until else None
        return Scope(one.name, since, until, asked.release)
    its = plan(one.flow) if one.flow else None
    settled = visit.now() - (its.closes if its else dt.timedelta()) - QUIET
    until = await surveys.whole_batches(visit.db, one.name, settled, BATCH)
    return Scope(one.name, until=until) if until else None
