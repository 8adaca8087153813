"""``/desk/surveys`` as the support desk, an administrator and an officer see it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from desk_facts import HOSTILE
from desks import ADMIN, AGENT, OFFICER, Visitor, desk
from survey_facts import DAY, FLOW, MENU, REFUSED, Said, believable
from wire import Phone

from gateway.doctor.surveys import survey_findings
from gateway.playing.desk import drain
from gateway.record import tables
from gateway.record.desk import surveys

AKINYI = "+254700000001"


class Clerk(Visitor):
    """A visitor, with the facts that are still to be kept."""

    said: Said

    async def keep(self) -> None:
        await self.said.keep(self.served.house.stores.db)

    async def first(self, table: sa.Table, **where: str) -> str:
        asked = sa.select(table.c[next(iter(table.c.keys()))])
        asked = asked.where(*(table.c[name] == value for name, value in where.items()))
        async with self.served.house.stores.db.read() as conn:
            return str(await conn.scalar(asked))


@pytest.fixture
async def clerk(people_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Clerk]:
    async with desk(people_url, valkey_url, tmp_path) as opened:
        stores, opened.__class__ = opened.served.house.stores, Clerk
        assert isinstance(opened, Clerk)
        contact = tables.contact.c
        async with stores.db.read() as conn:
            found = await conn.execute(sa.select(contact.client, contact.address).where(contact.address == AKINYI))
            people = [(row.client, row.address) for row in found]
        opened.said = Said(stores.clock.now(), people, opened.served.house.releases.current.hash)
        yield opened


def some(said: Said) -> None:
    """Small numbers, to be counted by hand."""
    for reason in ("share", "share", "no consent"):
        said.left_out(reason)
    for _ in range(6):
        said.invited({"full": "yes", "ease": 5, "extra": "no", "more": REFUSED})
    said.invited({"full": "less", "why": "rule", "ease": 2, "hard": "wait", "extra": "refused", "more": "Too slow"})
    said.invited({"full": "less", "why": None}, "closed")
    said.invited(None, "closed")
    said.invited(None, "closed")


async def test_every_figure_stands_on_the_page(clerk: Clerk) -> None:
    some(clerk.said)
    await clerk.keep()
    await clerk.log_in(*ADMIN)
    page = await clerk.get(f"/desk/surveys/{FLOW}")
    for seen in (
        "Invited 10 Began 8 80 % 49–94 Completed 7 88 % 53–98",
        "Of 13 events 10 led to an invitation.",
        "not one of the share 2 15 % said no to questions 1 8 %",
        "Did you get the full amount you asked for? 8 answered · shown to 8",
        "Yes 6 75 % 41–93 No, less 2 25 % 7–59 No, more 0 0 % 0–32",
        "Why less? 1 answered · 1 gave no answer · shown to 2 · not for 6 few answers: the shares say little",
        "7 answered · shown to 7 Mean 4.6, median 5",
        "I will not say 1 14 %",
        "1 answered · 6 would not say · shown to 7",
        "In their own words Too slow",
    ):
        assert seen in page.text, seen
    assert page.html.count('class="part"') > 10
    assert "style=" not in page.html


async def test_the_list_and_the_way_to_it(clerk: Clerk) -> None:
    await clerk.log_in(*ADMIN)
    page = await clerk.get("/desk/surveys")
    assert re.search(r'href="/desk/surveys" aria-current="page">Surveys', page.html)
    assert "Feedback – – – 0 Loan feedback – – – 0" in page.text
    page = await clerk.get(f"/desk/surveys/{FLOW}")
    assert "0 answered · shown to 0" in page.text and "Nobody has written anything." in page.text
    some(clerk.said)
    clerk.said.invited({"colour": "red"}, flow="old_survey")
    await clerk.keep()
    page = await clerk.get("/desk/surveys")
    assert "Loan feedback 10 8 80 % – 7 88 %" in page.text
    assert "Old survey no longer published 1 1 100 %" in page.text
    assert "colour 1 answered" in (await clerk.get("/desk/surveys/old_survey")).text


async def test_what_is_no_survey(clerk: Clerk) -> None:
    await clerk.log_in(*AGENT)
    for name in ("balance", "nothing", "%00", "..%2fclients"):
        assert (await clerk.get(f"/desk/surveys/{name}")).status == 404, name


async def test_days_releases_and_words(clerk: Clerk) -> None:
    clerk.said.invited({"full": "yes"}, days=40)
    clerk.said.release = "b" * 64  # is nowhere any more
    clerk.said.invited({"full": "less"}, days=2)
    await clerk.keep()
    await clerk.log_in(*ADMIN)
    today = clerk.served.house.stores.clock.today()
    path, month = f"/desk/surveys/{FLOW}", (today - dt.timedelta(days=30)).isoformat()
    for query, answers in (
        ("", "Yes 1 50 %"),
        (f"?since={month}", "Yes 0 0 %"),
        (f"?until={month}", "Yes 1 100 %"),
        (f"?release={'b' * 64}", "No, less 1 100 %"),
        ("?words=sw", "Ndiyo 1 50 %"),
        ("?words=fr&release=nothing&skip=rubbish", "of you asked for? 0 answered"),
    ):
        text = (await clerk.get(path + query)).text
        assert answers.removeprefix("of ") in text, query
        if not query:
            assert "1: " in text and "bbbbbbbb: " in text  # a release by its number, where it has one
    page = await clerk.get(f"{path}?since=yesterday&until=9999-12-31")
    assert "“yesterday” is no day, so it was left out." in page.text and "Yes 1 50 %" in page.text


async def test_hostile_words_are_words_and_who_it_is_of_is_masked(clerk: Clerk) -> None:
    clerk.said.invited({"more": f"I am Akinyi, 0712 345 678, loan L-1001 {HOSTILE}"})
    clerk.said.invited({"full": HOSTILE})
    await clerk.keep()
    await clerk.log_in(*ADMIN)
    page = await clerk.get(f"/desk/surveys/{FLOW}")
    assert "<script>alert" not in page.html and "<img" not in page.html
    assert "I am •••, •••678, loan ••• &lt;script&gt;" in page.html
    assert "Akinyi" not in page.html and "345 678" not in page.html


async def test_quotes_page_by_page_keep_the_filter(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveys, "PAGE", 2)
    monkeypatch.setattr("gateway.desk.survey_pages.PAGE", 2)
    for n in range(5):
        clerk.said.invited({"more": f"words {n}"}, days=n + 1)
    clerk.said.invited({"more": "long ago"}, days=50)
    await clerk.keep()
    await clerk.log_in(*ADMIN)
    since = (clerk.served.house.stores.clock.today() - dt.timedelta(days=20)).isoformat()
    page = await clerk.get(f"/desk/surveys/{FLOW}?since={since}")
    seen = re.findall(r"words \d|long ago", page.text)
    while found := re.search(r'href="([^"#]+)#quotes">Older', page.html):
        page = await clerk.get(found[1].replace("&amp;", "&"))
        seen += re.findall(r"words \d|long ago", page.text)
    assert seen == [f"words {n}" for n in range(5)]
    assert f'href="/desk/surveys/{FLOW}?since={since}#quotes"' in page.html


async def test_an_officer_sees_nothing_that_tells_of_one_client(clerk: Clerk) -> None:
    clerk.said.crowd()
    believable(clerk.said)
    clerk.said.invited({"full": "yes", "more": "He wanted money"}, days=1)
    await clerk.keep()
    await clerk.log_in(*OFFICER)
    page = await clerk.get(f"/desk/surveys/{FLOW}")
    assert "is kept from staff whom it may be about" in page.text
    assert "40 answers" in page.text and "Left out" not in page.text
    figures = re.findall(r'<td class="number">([\d,]+)</td>', page.html) + re.findall(r"<dd>([\d,]+)", page.html)
    assert len(figures) > 5 and all(int(figure) >= 5 for figure in figures)
    for unseen in ("He wanted money", "where they said it", "/desk/conversations", "Asked from", "would not say"):
        assert unseen not in page.html, unseen
    filtered = await clerk.get(f"/desk/surveys/{FLOW}?since=2026-01-01&release=x&skip=20")
    assert filtered.text == page.text, "no filter tells one client from the next"


async def test_an_officer_sees_whole_batches_of_clients_only(clerk: Clerk) -> None:
    clerk.said.crowd()
    for _ in range(9):
        clerk.said.began({"score": 9}, days=3)
    await clerk.keep()
    await clerk.log_in(*OFFICER)
    assert "Too few clients have answered for you to see" in (await clerk.get(f"/desk/surveys/{MENU}")).text
    assert "Too few clients" in (await clerk.get("/desk/surveys")).text
    everybody, clerk.said.clients = clerk.said.clients, clerk.said.clients[1:2]
    for _ in range(9):
        clerk.said.began({"score": 9}, days=2.5)
    await clerk.keep()
    assert "Too few clients" in (await clerk.get(f"/desk/surveys/{MENU}")).text, "one client often is no crowd"
    clerk.said.clients = everybody
    clerk.said.began({"score": 9}, days=2)
    clerk.said.began({"score": 9}, days=0.5)  # may still go on
    await clerk.keep()
    page = await clerk.get(f"/desk/surveys/{MENU}")
    assert "Began by themselves 19" in page.text and "19 answers" in page.text


async def test_a_question_that_hangs_on_a_kept_answer_is_kept_too(clerk: Clerk) -> None:
    """How many were asked "why less?" is how many said "less": with that, the one who got more could be worked out."""
    clerk.said.crowd()
    for full in ("yes",) * 20 + ("less",) * 9 + ("more",):
        why = {"why": "rule"} if full == "less" else {}
        clerk.said.invited({"full": full, **why, "ease": 4}, days=20)
    await clerk.keep()
    await clerk.log_in(*OFFICER)
    text = (await clerk.get(f"/desk/surveys/{FLOW}")).text
    assert "Yes 20 67 %" in text and "No, less not shown No, more not shown" in text
    assert "Why less? Not shown: with it, a small number above could be worked out." in text


async def test_a_question_that_is_gone_may_have_hung_on_a_kept_answer(clerk: Clerk) -> None:
    clerk.said.crowd()
    for full in ("yes",) * 20 + ("less",) * 9 + ("more",):
        why = {"why_then": 3} if full == "less" else {}
        clerk.said.invited({"full": full, **why}, days=20)
    await clerk.keep()
    await clerk.log_in(*OFFICER)
    assert "why then Not shown" in (await clerk.get(f"/desk/surveys/{FLOW}")).text


async def test_an_administrator_with_clients_of_their_own_is_an_officer_here(clerk: Clerk) -> None:
    some(clerk.said)
    await clerk.keep()
    staff = tables.metadata.tables["staff"]
    async with clerk.served.house.stores.db.write() as conn:
        await conn.execute(sa.update(staff).where(staff.c.email == OFFICER[0]).values(role="admin"))
    await clerk.log_in(*OFFICER)
    page = await clerk.get(f"/desk/surveys/{FLOW}")
    assert "Too few clients" in page.text and "Too slow" not in page.text


async def test_invitations_on_the_time_line_and_the_page_of_the_client(clerk: Clerk) -> None:
    clerk.said.left_out("no consent", days=30)
    talk = clerk.said.invited({"full": "yes"}, days=10)
    clerk.said.rows["invitation"][0]["conversation"] = ""
    row = clerk.said.rows["invitation"][-1]
    row |= {"reminders": 1, "reminded_at": row["invited_at"], "conversation": talk}
    await clerk.keep()
    client = clerk.said.clients[0][0]
    await clerk.log_in(*AGENT)
    page = await clerk.get(f"/desk/clients/{client}?kind=surveys")
    line = page.text.partition("Everything that happened")[2]
    for seen in ("Not invited to the survey: loan feedback", "said no to questions", "Invited to the survey",
                 "Reminded of the survey", "Began the survey", "Survey over: loan feedback completed"):  # fmt: skip
        assert seen in line, seen
    assert f"/desk/conversations/{talk}" not in page.html, "there the support desk would read what is not for it"
    assert re.search(r"Surveys Loan feedback completed .* Loan feedback left out said no to questions", page.text)
    await clerk.send("/desk/logout")
    await clerk.log_in(*ADMIN)
    assert f'href="/desk/conversations/{talk}">Survey over' in (await clerk.get(page.path)).html
    await clerk.send("/desk/logout")
    await clerk.log_in(*OFFICER)
    page = await clerk.get(f"/desk/clients/{client}?kind=surveys")
    assert "Invited to the survey" in page.text and "Loan feedback invited invited" in page.text
    for unseen in ("Began the survey", "Survey over", "Reminded of the survey", talk):
        assert unseen not in page.html, "that they answered is not told to whom it may be about"


async def test_who_was_not_of_the_share_stands_where_it_happened(clerk: Clerk) -> None:
    clerk.said.left_out("share", days=-2)
    row = clerk.said.rows["invitation"][-1]
    clerk.said.rows["event"] = [
        {"id": "e1", "client": row["client"], "name": "loan disbursed", "key": row["event"], "at": clerk.said.now - DAY}
    ]
    for table in ("event", "invitation"):
        rows = clerk.said.rows.pop(table)
        async with clerk.served.house.stores.db.write() as conn:
            await conn.execute(sa.insert(tables.metadata.tables[table]), rows)
    await clerk.log_in(*AGENT)
    page = await clerk.get(f"/desk/clients/{row['client']}?kind=surveys")
    day = (clerk.said.now - DAY).astimezone(clerk.served.house.stores.clock.zone)
    assert f'datetime="{day.astimezone(dt.UTC).isoformat(timespec="seconds")}"' in page.html


async def test_what_a_phone_says_comes_to_the_page(clerk: Clerk) -> None:
    """A survey from the menu: two questions answered, and the call drops at the third."""
    phone = Phone(clerk.served.wire, AKINYI)
    await phone.dial("ATUid_1")
    for typed in ("7", "4", "2"):
        await phone.type(typed)
    await drain(clerk.served.house)
    await clerk.log_in(*ADMIN)
    text = (await clerk.get(f"/desk/surveys/{MENU}")).text
    for seen in ("Began by themselves 1 of them completed 0", "10 surely 1 answered · shown to 1",
                 "What should be better first? 1 answered · shown to 1",
                 "like 1 3 0 answered · 1 gave no answer · shown to 1",
                 "A few words. 0 answered · shown to 0"):  # fmt: skip
        assert seen in text, seen
    for typed in ("1 2", "1"):
        await phone.type(typed)
    await drain(clerk.served.house)
    text = (await clerk.get(f"/desk/surveys/{MENU}")).text
    assert "of them completed 1 100 %" in text and "0 answered · 1 would not say" in text


async def test_metrics_and_the_doctor(clerk: Clerk) -> None:
    clerk.said.invited(None, "invited")
    await clerk.keep()
    metrics = (await clerk.served.wire.send("GET", "/metrics")).text
    assert "njia_invitations_open 1.0" in metrics and "njia_invitations_late_seconds 0.0" in metrics
    settings = clerk.served.house.stores.settings
    (found,) = await survey_findings(settings)
    assert (found.state, found.says) == ("ok", "invitations that can be answered now: 1")
    clerk.said.invited(None, "scheduled", days=1)
    clerk.said.left_out("no words", days=1)
    await clerk.keep()
    assert [one.state for one in await survey_findings(settings)] == ["problem", "warning"]
