"""The outbox: queued once, sent by one at a time, tried again with growing pauses, states only forwards."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.channel import Outgoing, Sent
from adapters.errors import Misconfigured, OptedOut, Refused, Retry, SendError, Throttled, Uncertain
from flows.ports import Caller, Unavailable
from gateway.clock import SetClock
from gateway.record import outbox, tables
from gateway.record.consents import Consents
from gateway.record.database import Database
from gateway.record.stopping import stopped
from worker import delivering
from worker.delivering import Delivery

PHONE = "+254700000001"
START = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)


class Line:
    """A channel that does what its list says, one word for each message, then sends."""

    kind = "sms"

    def __init__(self, *errors: SendError | None) -> None:
        self.errors = list(errors)
        self.sent: list[str] = []

    async def send(self, outgoing: Outgoing) -> Sent:
        error = self.errors.pop(0) if self.errors else None
        if error:
            raise error
        self.sent.append(outgoing.ref)
        return Sent(f"provider-{outgoing.ref}", "KES 0.80")


@pytest.fixture
def clock() -> SetClock:
    return SetClock(START)


async def queued(db: Database, *refs: str, channel: str = "", to: str = PHONE) -> None:
    async with db.write() as conn:
        for ref in refs:
            await outbox.put(conn, ref=ref, to=to, text=f"text of {ref}", now=START, channel=channel, purpose="service")


async def row(db: Database, ref: str = "a") -> Any:
    async with db.read() as conn:
        return (await conn.execute(sa.select(tables.outbox).where(tables.outbox.c.ref == ref))).one()


async def run(db: Database, clock: SetClock, line: Line) -> None:
    """One sweep and its job."""
    due = await outbox.due(db, clock.now(), 100)
    await Delivery(db, clock, {"sms": line}, "sms").deliver(due)  # type: ignore[dict-item]


async def test_a_reference_is_queued_once(database: Database) -> None:
    await queued(database, "a")
    async with database.write() as conn:
        await outbox.put(conn, ref="a", to=PHONE, text="another", now=START)
    assert (await row(database)).text == "text of a"


async def test_it_goes_with_its_transaction(database: Database) -> None:
    with pytest.raises(KeyError):
        async with database.write() as conn:
            await outbox.put(conn, ref="a", to=PHONE, text="never", now=START)
            raise KeyError
    assert await outbox.due(database, START, 10) == []


async def test_what_is_due_is_sent_and_is_in_the_inbox(database: Database, clock: SetClock) -> None:
    await queued(database, "a", "b")
    await queued(database, "c", to="+254700000002")
    line = Line()
    await run(database, clock, line)
    clock.advance(1)
    await run(database, clock, line)
    assert sorted(line.sent) == ["a", "b", "c"]
    there = await row(database)
    assert (there.state, there.sent_at, there.provider_ref, there.cost, there.next_at) == (
        "sent",
        START,
        "provider-a",
        "KES 0.80",
        None,
    )
    inbox = await outbox.inbox(database, PHONE)
    assert [(sms["ref"], sms["text"]) for sms in inbox] == [("b", "text of b"), ("a", "text of a")]
    assert inbox[0]["at"] == START.isoformat()
    assert len(await outbox.inbox(database, PHONE, 1)) == 1


async def test_nothing_is_due_before_its_time(database: Database, clock: SetClock) -> None:
    await queued(database, "a")
    assert await outbox.due(database, START - dt.timedelta(seconds=1), 10) == []
    assert await outbox.due(database, START, 10) == ["a"]


async def test_of_two_that_claim_one_gets_the_row(database: Database, clock: SetClock) -> None:
    await queued(database, "a", "b")
    both = await asyncio.gather(*(outbox.claim(database, ["a", "b"], START) for _ in range(4)))
    assert sorted(claimed.ref for found in both for claimed in found) == ["a", "b"]


async def test_a_killed_job_s_row_comes_due_again_within_fifteen_seconds(database: Database, clock: SetClock) -> None:
    await queued(database, "a")
    (claimed,) = await outbox.claim(database, ["a"], clock.now())
    assert PHONE not in repr(claimed)
    assert await outbox.due(database, clock.now(), 10) == []
    clock.advance(14)
    line = Line()
    await run(database, clock, line)
    assert line.sent == ["a"]
    assert (await row(database)).tries == 2


async def test_a_claim_lasts_longer_than_sending_may_take() -> None:
    assert outbox.LEASE.total_seconds() > delivering.SECONDS + sum(delivering.WAITS)


PAUSES = [5, 15, 60, 300, 900, 3600, 3600, 3600, 3600, 3600]


async def test_the_pauses_grow_and_then_it_has_failed(database: Database, clock: SetClock) -> None:
    await queued(database, "a")
    line = Line(*[Retry("busy")] * 20)
    for pause in PAUSES:
        await run(database, clock, line)
        clock.advance(pause - 1)
        assert await outbox.due(database, clock.now(), 10) == [], "too early"
        clock.advance(1)
    await run(database, clock, line)
    there = await row(database)
    assert (there.state, there.tries, there.next_at) == ("failed", 11, None)
    assert "busy" in there.reason


async def test_it_goes_out_when_the_provider_is_back(database: Database, clock: SetClock) -> None:
    await queued(database, "a")
    line = Line(Retry("busy"), Misconfigured("no credit"))
    for pause in (5, 15, 60):
        await run(database, clock, line)
        clock.advance(pause)
    there = await row(database)
    assert (there.state, there.reason, line.sent) == ("sent", "", ["a"])


@pytest.mark.parametrize(("asked", "waits"), [(0, 5), (3, 5), (90, 90), (86400, 3600)])
async def test_a_provider_may_ask_for_a_longer_pause(
    database: Database, clock: SetClock, asked: int, waits: int
) -> None:
    await queued(database, "a")
    await run(database, clock, Line(Throttled("", asked)))
    assert (await row(database)).next_at == START + dt.timedelta(seconds=waits)


async def test_it_is_kept_in_the_letters_of_a_phone(database: Database) -> None:
    async with database.write() as conn:
        await outbox.put(conn, ref="a", to=PHONE, text="KSh\u00a01,500 — “asante”", now=START)
    text = (await row(database)).text
    assert text == 'KSh 1,500 - "asante"'
    assert outbox.parts(text) == 1


@pytest.mark.parametrize(("text", "parts"), [("a" * 160, 1), ("a" * 161, 2), ("አ" * 70, 1), ("አ" * 71, 2), ("", 1)])
def test_parts_are_what_is_charged(text: str, parts: int) -> None:
    assert outbox.parts(text) == parts


async def test_a_person_is_told_what_is_uncertain_or_failed(database: Database, clock: SetClock) -> None:
    await queued(database, "a", "b", "c")
    await run(database, clock, Line(Uncertain(), Refused(), None))
    assert await outbox.troubles(database, START) == {"uncertain": 1, "failed": 1}
    assert await outbox.troubles(database, START + dt.timedelta(seconds=1)) == {}


async def test_an_empty_reference_is_nobody_s(database: Database) -> None:
    await queued(database, "a")
    assert not await outbox.reported(database, "", "delivered")
    assert (await row(database)).state == "queued"


ENDS = [(Refused("no such number"), "failed"), (OptedOut(), "failed"), (Uncertain("cut off"), "uncertain")]


@pytest.mark.parametrize(("error", "state"), ENDS, ids=str)
async def test_what_is_not_tried_again(database: Database, clock: SetClock, error: SendError, state: str) -> None:
    await queued(database, "a")
    line = Line(error)
    await run(database, clock, line)
    clock.advance(7 * 86400)
    await run(database, clock, line)
    assert ((await row(database)).state, line.sent) == (state, [])
    assert await outbox.inbox(database, PHONE) == []


async def test_who_opted_out_at_the_provider_has_opted_out_here(database: Database, clock: SetClock) -> None:
    consents = Consents(database, clock)
    caller = Caller(address=PHONE, channel="ussd", client="", language="", conversation="")
    await queued(database, "a", "b")
    await run(database, clock, Line(OptedOut(), OptedOut()))
    assert await consents.given(caller) == {"survey": False, "reminder": True, "marketing": False}
    clock.advance(60)
    await consents.give("k", caller, "survey", True, "1")
    await stopped(database, clock, "a")
    assert (await consents.given(caller))["survey"], "an old message takes no newer consent back"


async def test_no_answer_in_time_is_uncertain(
    database: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent(Line):
        async def send(self, outgoing: Outgoing) -> Sent:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr(delivering, "SECONDS", 0.01)
    await queued(database, "a")
    await run(database, clock, Silent())
    assert (await row(database)).state == "uncertain"


async def test_one_message_does_not_hold_up_the_others(database: Database, clock: SetClock) -> None:
    class Broken(Line):
        async def send(self, outgoing: Outgoing) -> Sent:
            if outgoing.ref == "b":
                raise LookupError
            return await super().send(outgoing)

    await queued(database, "a", "b", "c")
    line = Broken()
    with pytest.raises(LookupError):
        await run(database, clock, line)
    assert sorted(line.sent) == ["a", "c"]
    for _ in range(12):
        clock.advance(13)
        with pytest.raises(LookupError):
            await run(database, clock, line)
        if (await row(database, "b")).tries == outbox.TRIES:
            break
    clock.advance(13)
    await run(database, clock, line)
    assert (await row(database, "b")).state == "failed", "an adapter that breaks at it is not asked for ever"


async def test_without_a_channel_it_waits(database: Database, clock: SetClock) -> None:
    await queued(database, "a", channel="gone")
    await run(database, clock, Line())
    there = await row(database)
    assert there.state == "queued"
    assert "no channel" in there.reason


async def test_sent_but_the_record_is_down_for_a_moment(
    database: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queued(database, "a")
    fails = [True, True]
    really = outbox.sent

    async def sent(*given: Any) -> None:
        if fails:
            fails.pop()
            raise Unavailable
        await really(*given)

    monkeypatch.setattr(outbox, "sent", sent)
    monkeypatch.setattr(delivering, "WAITS", (0.0, 0.0, 0.0))
    line = Line()
    await run(database, clock, line)
    assert ((await row(database)).state, line.sent) == ("sent", ["a"])


MOVES = [
    (["sent", "delivered"], "delivered"),
    (["delivered", "sent"], "delivered"),
    (["delivered", "failed"], "delivered"),
    (["failed", "sent"], "failed"),
    (["failed", "delivered"], "delivered"),
]


@pytest.mark.parametrize(("reports", "state"), MOVES)
async def test_reports_move_a_message_forwards_only(database: Database, reports: list[str], state: str) -> None:
    await queued(database, "a")
    await outbox.sent(database, "a", START, "theirs-1")
    for report in reports:
        await outbox.reported(database, "theirs-1", report)
    assert (await row(database)).state == state
    await outbox.reported(database, "of nobody", "delivered")


async def test_a_late_failure_to_send_does_not_take_back_what_was_sent(database: Database, clock: SetClock) -> None:
    await queued(database, "a")
    (first,) = await outbox.claim(database, ["a"], clock.now())
    clock.advance(13)
    (second,) = await outbox.claim(database, ["a"], clock.now())
    await outbox.retry(database, first, clock.now(), "slow")
    assert (await row(database)).next_at == clock.now() + outbox.LEASE, "the one that has it now is not disturbed"
    await outbox.sent(database, second.ref, clock.now())
    await outbox.retry(database, second, clock.now(), "slow")
    assert (await row(database)).state == "sent"
