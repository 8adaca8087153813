"""What staff read of a survey whose answers are kept from those who serve the clients: never whose words they are."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from desks import ADMIN, AGENT, Visitor, desk
from survey_facts import FLOW, Said

from gateway.desk.survey_results import results
from gateway.desk.survey_words import Question
from gateway.record import tables
from gateway.record.database import Database
from gateway.record.desk import surveys
from gateway.record.desk.surveys import Answer

PATH = f"/desk/surveys/{FLOW}"
NOT_TAKEN = "What you chose could tell what one client said"


@dataclass(slots=True)
class Clerk:
    visitor: Visitor
    said: Said

    async def read(self, who: tuple[str, str], query: str = "") -> str:
        """The page for them, with what is to be kept."""
        await self.said.keep(self.visitor.served.house.stores.db)
        await self.visitor.get("/desk")
        if self.visitor.page.path == "/desk":
            await self.visitor.send("/desk/logout")
        await self.visitor.log_in(*who)
        return (await self.visitor.get(PATH + query)).html


@pytest.fixture
async def clerk(people_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Clerk]:
    async with desk(people_url, valkey_url, tmp_path) as visitor:
        stores, contact = visitor.served.house.stores, tables.contact.c
        async with stores.db.read() as conn:
            asked = sa.select(contact.client, contact.address).where(contact.address == "+254700000001")
            people = [(row.client, row.address) for row in await conn.execute(asked)]
        noon = stores.clock.now().replace(hour=12)
        said = Said(noon, people, visitor.served.house.releases.current.hash)
        said.crowd()
        yield Clerk(visitor, said)


def fill(said: Said, days: float, count: int = 10) -> None:
    """So many clients that answer in the same month as others."""
    for n in range(count):
        said.invited({"full": "yes"}, days=days + n / 100)


async def test_no_way_from_a_quote_to_who_said_it_when_it_was_hidden_once(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    flows = clerk.visitor.served.house.releases.current.flows
    monkeypatch.setitem(flows, FLOW, replace(flows[FLOW], hidden_from=()))
    fill(clerk.said, 20)
    talk = clerk.said.invited({"more": "He asked for money"}, days=20.5)
    html = await clerk.read(AGENT)
    assert "He asked for money" in html and talk not in html
    assert f"/desk/conversations/{talk}" in await clerk.read(ADMIN)


async def test_no_more_than_the_month_of_a_quote_and_no_order_in_it(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clerk.said.now
    first = (now - now.replace(day=1)).days
    for words, days in (("beta", first + 15), ("alpha", first + 16), ("gamma", first + 14)):
        clerk.said.invited({"more": words}, days=days)
    fill(clerk.said, first + 14.1, 7)
    html = await clerk.read(AGENT)
    told = html.partition('id="quotes"')[2]
    assert re.findall("alpha|beta|gamma", told) == ["alpha", "beta", "gamma"]
    assert f"{now - dt.timedelta(days=first + 15):%B %Y}" in told and "<time" not in told
    told = (await clerk.read(ADMIN)).partition('id="quotes"')[2]
    assert re.findall("alpha|beta|gamma", told) == ["gamma", "beta", "alpha"] and "<time" in told
    monkeypatch.setattr(surveys, "PAGE", 1)
    monkeypatch.setattr("gateway.desk.survey_pages.PAGE", 1)
    for skip, word in enumerate(("alpha", "beta", "gamma")):
        told = (await clerk.read(AGENT, f"?skip={skip}")).partition('id="quotes"')[2]
        assert re.findall("alpha|beta|gamma", told) == [word], "nor from page to page"


async def test_two_choices_never_differ_by_fewer_than_a_batch(clerk: Clerk) -> None:
    """Every range of months, and every release: what is left of one without another is ten clients and more, or nobody;
    also when somebody has answered meanwhile."""
    now = clerk.said.now
    months = [(now.replace(day=15) - dt.timedelta(days=30 * back)).replace(day=10) for back in range(6, 0, -1)]
    for month, count in zip(months, (11, 1, 3, 25, 9, 12), strict=True):
        for n in range(count):
            clerk.said.invited({"full": "yes"}, days=(now - month).days - n / 3)
    clerk.said.release = "b" * 64
    clerk.said.invited({"full": "less"}, days=(now - months[3]).days + 1)
    await clerk.read(AGENT)
    seen = {await answered(clerk, "")}
    for since in ["", *months]:
        for until in ["", *months]:
            days = [f"{name}={day.date()}" for name, day in (("since", since), ("until", until)) if day]
            seen.add(await answered(clerk, "?" + "&".join(days)))
    seen.add(await answered(clerk, "?release=" + "b" * 64))
    clerk.said.invited({"full": "less"}, days=9)
    await clerk.said.keep(clerk.visitor.served.house.stores.db)
    seen.add(await answered(clerk, ""))
    assert len(seen) > 3
    assert {abs(one - other) for one in seen for other in seen} & set(range(1, 10)) == set()


async def answered(clerk: Clerk, query: str) -> int:
    page = await clerk.visitor.get(PATH + query)
    return int(re.findall(r"<b>(\d+)</b> answered", page.html)[0])


async def test_a_choice_that_could_tell_is_not_taken(clerk: Clerk) -> None:
    """Ten in one month, one in the month before."""
    now = clerk.said.now
    month = (now.replace(day=1) - dt.timedelta(days=40)).replace(day=15)
    alone = (month - dt.timedelta(days=16)).date()
    clerk.said.invited({"full": "less", "more": "He took some"}, days=(now - month).days + 31)
    fill(clerk.said, (now - month).days, 19)
    for query in (f"?until={alone}", f"?since={alone}&until={alone}", "?release=" + "b" * 64):
        html = await clerk.read(AGENT, query)
        assert NOT_TAKEN in html and ">20</b> answered" in html, query
        assert NOT_TAKEN not in await clerk.read(ADMIN, query), query
    for day in (month.replace(day=14), month.replace(day=16)):
        html = await clerk.read(AGENT, f"?since={day.date()}")
        assert NOT_TAKEN not in html and ">10</b> answered" in html, "a day counts as its month"
        assert f'value="{month.replace(day=1).date()}"' in html


def test_a_score_gives_no_count_away_that_is_kept_back() -> None:
    """Twelve promoters and ten who said 10: two said 9."""
    question = Question("score", "rating", "How likely?", tuple((n, str(n)) for n in range(11)))
    counts = {10: 10, 9: 2, 8: 6, 7: 7, 6: 6, 5: 9}
    said = {"score": [Answer("score", "number", "", "", value, count) for value, count in counts.items()]}
    (careful,), (plain,) = (results([question], said, {}, kept) for kept in (True, False))
    assert (careful.score, careful.middle) == (None, "") and not all(bar.told for bar in careful.bars)
    assert plain.score and plain.score.promoters == 12


async def test_the_list_asks_once_what_was_begun(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two", "three"):
        clerk.said.invited({"full": "yes"}, flow=f"old_{name}")
    await clerk.read(AGENT)
    asked, flows = [], surveys.flows

    async def counted(db: Database) -> set[str]:
        asked.append(db)
        return await flows(db)

    monkeypatch.setattr(surveys, "flows", counted)
    page = await clerk.visitor.get("/desk/surveys")
    assert "Old three" in page.text and len(asked) == 1
