"""What the first page of the desk says waits for somebody, and the words that staff read in place of our own."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from desk_facts import happened
from desks import AGENT, OFFICER, Page, Visitor, desk

from flows.ports import Posting
from flows.products.chart import SUSPENSE
from flows.values import Money
from gateway.desk import dictionary
from gateway.desk.telling import Teller

NOTHING = "Nothing. Every case is closed, and every payment settled itself."


@pytest.fixture
async def visitor(people_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Visitor]:
    async with desk(people_url, valkey_url, tmp_path) as opened:
        yield opened


async def _waits(visitor: Visitor, who: tuple[str, str]) -> Page:
    async with visitor.other() as other:
        page = await other.log_in(*who)
        assert (page.status, page.path) == (200, "/desk")
        return page


async def test_it_counts_what_the_visitor_may_work_on(visitor: Visitor) -> None:
    assert NOTHING in (await _waits(visitor, AGENT)).text
    house = visitor.served.house
    now = house.stores.clock.now()
    await happened(house.stores.db, "10001", now)  # one payment, one case, and one that is hidden from officers
    found = Posting("suspense:mpesa:R1", SUSPENSE, Money(5_000, "KES"), now.date(), "unknown", provider_ref="R1")
    await house.bank.post(found)
    mercy, peter = await _waits(visitor, AGENT), await _waits(visitor, OFFICER)
    assert "1 payment needs a person 1 receipt of money that is nobody’s yet 2 cases are open 2 overdue" in mercy.text
    assert "1 payment needs a person 1 case is open 1 overdue" in peter.text
    assert "nobody’s" not in peter.text
    assert NOTHING not in mercy.text + peter.text


async def test_it_leads_to_what_waits(visitor: Visitor) -> None:
    await happened(visitor.served.house.stores.db, "10001", visitor.served.house.stores.clock.now())
    await visitor.log_in(*AGENT)
    for path, heading in (("/desk/payments", "KES 500"), ("/desk/cases?which=overdue", "call back")):
        assert f'href="{path}"' in (await visitor.get("/desk")).html
        assert heading in (await visitor.get(path)).text


async def test_what_is_taken_from_the_list_is_mine(visitor: Visitor) -> None:
    await happened(visitor.served.house.stores.db, "10001", visitor.served.house.stores.clock.now())
    await visitor.log_in(*AGENT)
    await visitor.get("/desk/cases")
    path = next(part.partition('"')[0] for part in visitor.page.html.split('href="') if part.startswith("/desk/cases/"))
    await visitor.get(path)
    assert "Who has it you" in (await visitor.send(path, do="take")).text
    assert "1 mine" in (await visitor.get("/desk")).text


def test_a_payment_that_took_days_says_on_which() -> None:
    teller = Teller({}, ZoneInfo("Africa/Nairobi"), set(), lambda _hidden: True)
    at = dt.datetime(2026, 11, 23, 20, 59, 50, tzinfo=dt.UTC)  # ten seconds before midnight in Nairobi
    history = [
        [state, (at + dt.timedelta(seconds=after)).isoformat()] for state, after in (("created", 0), ("sent", 8))
    ]
    assert teller.chain(history) == "created 23:59:50 → sent 23:59:58"
    history += [
        [state, (at + dt.timedelta(seconds=after)).isoformat()] for state, after in (("unknown", 11), ("x", 12))
    ]
    assert teller.chain(history).endswith("sent 23:59:58 → unknown 24 Nov 2026, 00:00:01 → x 00:00:02")
    assert teller.chain([]) == ""


@pytest.mark.parametrize(
    ("kind", "words"), [("top_up", "wants a loan top-up"), ("call_back", "call back"), ("own_kind", "own kind")]
)
def test_what_a_case_is_about_in_words(kind: str, words: str) -> None:
    assert dictionary.case_kind(kind) == words
