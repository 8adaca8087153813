"""``/desk/surveys``: what clients answered, as counts, shares and quotes.

Staff whom the answers are hidden from see none that could tell of one client: no filter, no quote, no count below
``figures.FEW``, and clients in whole batches, each once its last one can answer no more.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from gateway.desk.dictionary import LEFT_OUT
from gateway.desk.figures import wilson
from gateway.desk.rooms import Visit, page
from gateway.desk.survey_asked import Asked, Survey, allowed, asked_of, scope_of, survey
from gateway.desk.survey_results import Result, results
from gateway.desk.survey_words import Question, asks_opinion, questions, unasked
from gateway.desk.veiling import private_words, veiled
from gateway.record.desk import surveys
from gateway.record.desk.survey_runs import Scope
from gateway.record.desk.surveys import PAGE, Answer, Quote, Used
from gateway.record.releases import Releases


def routes(app: web.Application) -> None:
    app.router.add_get("/desk/surveys", show_list)
    app.router.add_get("/desk/surveys/{flow}", show)


@page()
async def show_list(_request: web.Request, visit: Visit) -> web.Response:
    published = visit.house.releases.current.flows
    mine = {flow.name for flow in published.values() if asks_opinion(flow)}
    found = []
    kept = await surveys.flows(visit.db)
    for name in sorted(mine | kept):
        one = await survey(visit, name, "", name in kept)
        scope = await scope_of(visit, one, Asked()) if one else None
        if one:
            found.append((one, await surveys.funnel(visit.db, scope) if scope else None, name in published))
    return visit.render("surveys.html", surveys=found, share=wilson)


@page()
async def show(request: web.Request, visit: Visit) -> web.Response:
    asked, name = asked_of(request), request.match_info["flow"]
    is_kept = name in await surveys.flows(visit.db)
    one = await survey(visit, name, asked.release, is_kept)
    if one is None:
        raise web.HTTPNotFound(text="There is no such survey.")
    may = await allowed(visit, one, asked)
    if may.release != asked.release:
        one = await survey(visit, name, "", is_kept) or one
    asked = may
    scope = await scope_of(visit, one, asked)
    language = asked.language if asked.language in one.release.institution.languages else ""
    language = language or (one.flow.language if one.flow else one.release.institution.languages[0])
    known = questions(one.release, one.flow, language) if one.flow else []
    used = await surveys.releases(visit.db, one.name) if one.whole else []
    return visit.render(
        "survey.html",
        survey=one,
        asked=asked,
        language=language,
        languages=one.release.institution.languages,
        releases=await _offered(visit, used) if len(used) > 1 or asked.release else [],
        funnel=await surveys.funnel(visit.db, scope) if scope else None,
        reasons=LEFT_OUT,
        results=await _results(visit, one, scope, known) if scope else [],
        until=scope.until if scope and not one.whole else None,
        share=wilson,
        month=lambda at: f"{at.astimezone(visit.house.stores.clock.zone):%B %Y}",
        **await _quotes(visit, one, scope, known, asked),
    )


async def _offered(visit: Visit, used: list[Used]) -> list[tuple[Used, str]]:
    """Each release with what it is called: its number, where it has one."""
    kept = Releases(visit.db, visit.house.stores.clock)
    numbers = await kept.numbers({each.release for each in used})
    return [(each, _called(visit, each, numbers.get(each.release))) for each in used]


def _called(visit: Visit, used: Used, number: int | None) -> str:
    zone = visit.house.stores.clock.zone
    days = [f"{at.astimezone(zone):%d.%m.%Y}".lstrip("0") for at in (used.since, used.until)]
    now = ", published now" if used.release == visit.house.releases.current.hash else ""
    return f"{number or used.release[:8]}: {days[0]} to {days[1]}{now}"


async def _results(visit: Visit, one: Survey, scope: Scope, known: list[Question]) -> list[Result]:
    counted = [each.step for each in known if not each.is_words]
    said, passed = await asyncio.gather(
        surveys.answers(visit.db, scope, counted), surveys.passed(visit.db, scope, [each.step for each in known])
    )
    by_step: dict[str, list[Answer]] = {each.step: [] for each in known}
    for answer in said:
        by_step.setdefault(answer.step, []).append(answer)
    gone = unasked([step for step in by_step if step not in {each.step for each in known}])
    return results([*known, *gone], by_step, passed, one.careful)


async def _quotes(
    visit: Visit, one: Survey, scope: Scope | None, known: list[Question], asked: Asked
) -> dict[str, Any]:
    """With no names beside them; those that a client wrote into the words are masked. Who is not to know whose words
    these are sees no more of when than the month, in the order of the alphabet, and no place: that tells whose."""
    kinds = ("text", "place") if one.named else ("text",)
    words = {each.step: each.words for each in known if each.kind in kinds}
    nothing = {"quotes": [], "several_words": False, "older": "", "later": False, "quoted": ()}
    if scope is None or one.careful or not words:
        return nothing | {"has_words": bool(words)}
    found = await surveys.quotes(visit.db, scope, words, visit.staff, asked.skip, not one.named)
    people = await surveys.people(visit.db, {quote.client for quote in found})
    shown = [(quote, _masked(quote, people), words[quote.step]) for quote in found[:PAGE]]
    older = urlencode(asked.query | {"skip": asked.skip + PAGE}) if len(found) > PAGE else ""
    more = {"several_words": len(words) > 1, "older": older, "later": asked.skip > 0, "quoted": words}
    return {"quotes": shown, "has_words": True, **more}


def _masked(quote: Quote, people: dict[str, Any]) -> str:
    who, marks = people.get(quote.client, (None, ()))
    return veiled(quote.text, private_words(who, *marks))
