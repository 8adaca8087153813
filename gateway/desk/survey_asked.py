"""Which survey a visitor looks at, and which of its answers count: the survey, what was asked for, and for whom."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass, replace

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
DAY, MOMENT = dt.timedelta(days=1), dt.timedelta(microseconds=1)
YEARS = range(2000, 2101)  # of the days that are asked for


@dataclass(frozen=True, slots=True)
class Survey:
    """One of them, in the words of one release. ``careful``: its answers are hidden from who looks. ``named``: they
    may know whose words they read, as nothing of it is, or ever was, hidden from them."""

    name: str
    flow: Flow | None
    release: Release
    careful: bool
    named: bool
    hidden_from: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing of it is held back from who looks."""
        return self.named and not self.careful

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a visitor wants to see. ``skip``: so many quotes, the first. ``wrong``: what they typed that is no day;
    ``few``: what they chose could tell of one client, and was left out."""

    since: dt.date | None = None
    until: dt.date | None = None
    release: str = ""
    language: str = ""
    skip: int = 0
    wrong: str = ""
    few: bool = False

    @property
    def query(self) -> dict[str, str]:
        days = {name: day.isoformat() for name, day in (("since", self.since), ("until", self.until)) if day}
        words = {name: word for name, word in (("release", self.release), ("words", self.language)) if word}
        return days | words


def asked_of(request: web.Request) -> Asked:
    given = {name: request.query.get(name, "").strip() for name in ("since", "until", "release", "words", "skip")}
    since, until = _day(given["since"]), _day(given["until"])
    wrong = next((given[name] for name, day in (("since", since), ("until", until)) if given[name] and not day), "")
    skip = int(given["skip"]) if re.fullmatch("[0-9]{1,6}", given["skip"]) else 0
    return Asked(since, until, given["release"], given["words"], skip, wrong)


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


async def survey(visit: Visit, name: str, release: str, is_kept: bool) -> Survey | None:
    """None: nobody ever asked or began such a thing (``is_kept``: somebody did). Its words are those of the release
    asked for, or published, or of the last one that had it."""
    releases = visit.house.releases
    chosen = (await releases.get(release) if release else None) or releases.current
    if name not in chosen.flows:
        used = [await releases.get(one.release) for one in await surveys.releases(visit.db, name)]
        chosen = next((one for one in used if one is not None and name in one.flows), chosen)
    flow = chosen.flows.get(name)
    if not is_kept and (flow is None or not asks_opinion(flow)):
        return None
    now = releases.current.flows.get(name) or flow
    kept = await surveys.hidden_from(visit.db, name) | {",".join(one.hidden_from) for one in (flow, now) if one}
    careful = any(_kept_from(visit.staff, words) for words in kept)
    named = all(visit.staff.sees(words) for words in kept)
    return Survey(name, flow, chosen, careful, named, now.hidden_from if now else ())


def _kept_from(staff: Staff, hidden_from: str) -> bool:
    """An administrator who has clients of their own is kept from what those say of them, which is all or nothing."""
    names = {name.strip() for name in hidden_from.split(",")}
    return not staff.works_on(hidden_from) or (bool(staff.ref) and "officer" in names)


async def allowed(visit: Visit, one: Survey, asked: Asked) -> Asked:
    """Of that, what they may choose. Who is not to know whose words they read sees on a client's page when the survey
    was over: they choose whole months, of those that a batch of clients lies in, and no release, as batches are not
    made by those."""
    if one.careful:
        return Asked(language=asked.language)
    if one.whole or not (asked.since or asked.until or asked.release):
        return asked
    chosen = replace(asked, since=asked.since and asked.since.replace(day=1), until=asked.until and _last(asked.until))
    if not asked.release and await scope_of(visit, one, chosen):
        return chosen
    return Asked(language=asked.language, wrong=asked.wrong, few=True)


def _last(day: dt.date) -> dt.date:
    """Of its month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


async def scope_of(visit: Visit, one: Survey, asked: Asked) -> Scope | None:
    """None: there is nothing that they may see. Who is not to know whose answers they see gets whole batches, each when
    its last client can answer no more: two choices, or one choice on two days, differ by whole batches."""
    zone = visit.house.stores.clock.zone
    since = dt.datetime.combine(asked.since, dt.time(), zone) if asked.since else None
    until = dt.datetime.combine(asked.until + DAY, dt.time(), zone) if asked.until else None
    if one.whole:
        return Scope(one.name, since, until, asked.release)
    its = plan(one.flow) if one.flow else None
    settled = visit.now() - (its.closes if its else dt.timedelta()) - QUIET
    found = await surveys.batches(visit.db, one.name, settled, BATCH)
    after = [batch for batch in found if since is None or batch.first >= since]
    within = [batch for batch in after if until is None or batch.last < until]
    if not within:
        return None
    begins = found.index(within[0])
    return Scope(one.name, found[begins - 1].last + MOMENT if begins else None, within[-1].last + MOMENT)
