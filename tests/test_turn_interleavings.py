"""Two requests at once, in every order of their awaits, and a process killed at any of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hazards import account
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from staging import CODE, PHONE, PIN, Pace, Stage, killed

from adapters.channel import Closed
from gateway.resolving import StillUnknown, expire
from gateway.store.keys import state_key
from gateway.turn import close

SCHEDULES = st.lists(st.integers(0, 1), min_size=4, max_size=24)
often = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


async def asked_to_be_called(url: str) -> Stage:
    """A stage where the next "1" opens a case."""
    stage = Stage(url)
    await stage.redis.flushall()
    assert "5 Call me" in (await stage.hop("")).text
    assert "1 Yes, call me" in (await stage.hop("5")).text
    return stage


def two_gates(stage: Stage, same: bool) -> tuple[Pace, Any, Any]:
    """The process that answered what was before, and another one; or only that one."""
    pace, first, second = Pace(), stage.another_gate(stage.memory), stage.another_gate(stage.memory if same else None)
    pace.watch(first, 0)
    pace.watch(second, 1)
    return pace, first, second


@often
@given(schedule=SCHEDULES, same=st.booleans())
def test_of_two_copies_at_once_one_runs_and_both_hear_the_same(
    valkey_url: str, schedule: list[int], same: bool
) -> None:
    async def play() -> None:
        stage = await asked_to_be_called(valkey_url)
        pace, first, second = two_gates(stage, same)
        copies = [stage.hop("5*1", gate=first), stage.hop("5*1", gate=second)]
        one, other = await pace.run(copies, schedule)
        assert one == other and "We will call you" in one.text and not one.more
        assert len(stage.world.cases_by_key) == 1
        assert [entry.heard for entry in await stage.journal()] == [None, "5", "1"]
        await stage.close()

    asyncio.run(play())


@often
@given(schedule=SCHEDULES, same=st.booleans())
def test_of_two_different_answers_at_once_one_is_taken(valkey_url: str, schedule: list[int], same: bool) -> None:
    async def play() -> None:
        stage = await asked_to_be_called(valkey_url)
        pace, first, second = two_gates(stage, same)
        yes, no = await pace.run([stage.hop("5*1", gate=first), stage.hop("5*2", gate=second)], schedule)
        refused = [reply for reply in (yes, no) if reply.text.startswith("This call is over")]
        assert len(refused) == 1
        entries = await stage.journal()
        assert [entry.turn for entry in entries] == [1, 2, 3]
        assert entries[-1].told == (no if refused == [yes] else yes).text
        await stage.close()

    asyncio.run(play())


@often
@given(schedule=SCHEDULES, same=st.booleans())
def test_a_redial_and_a_late_hop_at_once(valkey_url: str, schedule: list[int], same: bool) -> None:
    """The new call goes on whatever the old one does, and no conversation has a gap in its turns."""

    async def play() -> None:
        stage = await asked_to_be_called(valkey_url)
        pace, first, second = two_gates(stage, same)
        old, new = await pace.run([stage.hop("5*1", gate=first), stage.hop("", "S2", gate=second)], schedule)
        assert new.more and "5 Call me" in new.text
        assert old.text.startswith(("We will call you", "This call is over"))
        assert "Shall we call you" in (await stage.hop("5", "S2")).text
        assert (await stage.hop("5*1*1", "S1")).text.startswith("This call is over")
        await stage.check_journal()
        assert len(stage.world.cases_by_key) <= 1
        await stage.close()

    asyncio.run(play())


@pytest.mark.parametrize("stop", range(8))
async def test_a_process_killed_at_any_await_costs_nothing(valkey_url: str, stop: int) -> None:
    stage = await asked_to_be_called(valkey_url)
    pace, doomed = Pace(), stage.another_gate(stage.memory)
    pace.watch(doomed, 0)
    await pace.run([stage.hop("5*1", gate=doomed)], [], at={stop: killed})
    reply = await stage.hop("5*1")
    assert "We will call you" in reply.text
    assert await stage.hop("5*1") == reply
    assert len(stage.world.cases_by_key) == 1
    assert [entry.heard for entry in await stage.journal()] == [None, "5", "1"]
    await stage.close()


@pytest.mark.parametrize("stop", range(8))
async def test_a_process_killed_in_the_first_turn_of_a_deep_dial(valkey_url: str, stop: int) -> None:
    """The key of an effect in the first turn follows from the request, so a repeat does not run it again."""
    stage = Stage(valkey_url)
    pace, doomed = Pace(), stage.another_gate()
    pace.watch(doomed, 0)
    await pace.run([stage.hop("5*1", gate=doomed)], [], at={stop: killed})
    assert "We will call you" in (await stage.hop("5*1")).text
    assert len(stage.world.cases_by_key) == 1
    assert len(await stage.journal()) == 1
    await stage.close()


async def test_an_effect_past_its_deadline_goes_on_and_a_redial_tells_the_truth(valkey_url: str) -> None:
    stage = await asked_to_be_called(valkey_url)
    stage.gate.lines["ussd"] = stage.line(answer_seconds=0.2, target_seconds=0.1)
    stage.world.hold = asyncio.Event()
    waiting = await stage.hop("5*1")
    assert waiting.text == "We are working on it. Please dial *384*7# again in a minute to see the result."
    assert not waiting.more
    stage.world.hold.set()
    await asyncio.wait(stage.gate.finishing)
    told = await stage.hop("", "S2")
    assert "We will call you by 16 Jun. Your request is C-1." in told.text
    assert len(stage.world.cases_by_key) == 1
    assert len(set(stage.world.runs)) == 1
    await stage.check_journal()
    await stage.close()


async def test_an_effect_that_nobody_redials_for_is_found_out_and_texted(valkey_url: str) -> None:
    stage = await asked_to_be_called(valkey_url)
    stage.gate.lines["ussd"] = stage.line(answer_seconds=0.2, target_seconds=0.1)
    stage.world.hold = asyncio.Event()
    await stage.hop("5*1")
    stage.world.hold.set()
    await asyncio.wait(stage.gate.finishing)
    await expire(stage.gate, state_key("ussd", "*384*7#", "+254700000001"))
    last = (await stage.journal())[-1]
    assert last.event == "called back" and last.outcome == "completed"
    assert last.texts[0][1:] == ("+254700000001", "We will call you by 16 Jun. Your request is C-1.")
    assert "5 Call me" in (await stage.hop("", "S2")).text
    await stage.close()


async def test_the_end_notice_leaves_an_effect_to_be_found_out(valkey_url: str) -> None:
    """The provider posts it after every call, so also after one that ended with "we are working on it"."""
    from gateway.resolving import expire
    from gateway.store.keys import shard, state_key, timers_key

    stage = await asked_to_be_called(valkey_url)
    stage.gate.lines["ussd"] = stage.line(answer_seconds=0.2, target_seconds=0.1)
    stage.world.hold = asyncio.Event()
    await stage.hop("5*1")
    await close(stage.gate, stage.gate.lines["ussd"], Closed(PHONE, CODE, "S1", "completed"))
    state = state_key("ussd", CODE, PHONE)
    assert await stage.redis.zscore(timers_key(shard(PHONE)), state) is not None
    stage.world.hold.set()
    await asyncio.wait(stage.gate.finishing)
    await expire(stage.gate, state)
    assert [entry.event for entry in await stage.journal()][-2:] == ["closed", "called back"]
    assert "Your request is C-1." in (await stage.journal())[-1].texts[0][2]
    assert await stage.redis.zscore(timers_key(shard(PHONE)), state) is None
    await stage.close()


async def test_an_effect_whose_commit_was_not_answered_is_not_denied(valkey_url: str) -> None:
    """Nobody knows whether it was done: that is said, and then the truth is found out under the same key."""
    stage = await asked_to_be_called(valkey_url)
    stage.world.unsure = True
    waiting = await stage.hop("5*1")
    assert waiting.text.startswith("We are working on it.")
    assert (await stage.hop("", "S2")).text.startswith("We are working on it.")
    stage.world.unsure = False
    assert "We will call you by 16 Jun. Your request is C-1." in (await stage.hop("", "S3")).text
    assert len(set(stage.world.runs)) == 1
    await stage.check_journal()
    await stage.close()


async def test_an_effect_that_cannot_be_asked_about_is_not_denied_by_sms_either(valkey_url: str) -> None:
    stage = await asked_to_be_called(valkey_url)
    stage.world.unsure = True
    await stage.hop("5*1")
    stage.world.unsure, stage.world.down = False, True
    state = state_key("ussd", CODE, PHONE)
    with pytest.raises(StillUnknown):
        await expire(stage.gate, state)
    assert not any(entry.texts for entry in await stage.journal())
    stage.world.down = False
    await expire(stage.gate, state)
    assert [text for _, _, text in (await stage.journal())[-1].texts] == [
        "We will call you by 16 Jun. Your request is C-1."
    ]
    await stage.close()


async def test_the_key_to_go_back_means_nothing_on_a_screen_that_shows_none(valkey_url: str) -> None:
    """After pages there may be a screen of one page: its 0 is not theirs."""
    stage = Stage(valkey_url)
    stage.world.own = [account(f"Duka {n}") for n in range(12)]
    await stage.hop("2")
    assert "98 More" in (await stage.hop(f"2*{PIN}")).text
    assert "12 Duka 11" in (await stage.hop(f"2*{PIN}*98")).text
    menu = await stage.hop(f"2*{PIN}*98*00")
    assert "5 Call me" in menu.text
    assert await stage.hop(f"2*{PIN}*98*00*0") == menu
    await stage.close()


async def test_a_provider_that_uses_a_session_id_again_begins_another_conversation(valkey_url: str) -> None:
    """Also when the store has forgotten the first one: else a second effect would come to what the first one did."""
    stage = await asked_to_be_called(valkey_url)
    assert "C-1" in (await stage.hop("5*1")).text
    await stage.redis.delete(state_key("ussd", CODE, PHONE))
    await stage.hop("")
    await stage.hop("5")
    assert "C-2" in (await stage.hop("5*1")).text
    assert len({entry.conversation for entry in await stage.journal()}) == 2
    await stage.check_journal()
    await stage.close()


async def test_a_first_turn_that_was_killed_keeps_its_key_whatever_is_closed_meanwhile(valkey_url: str) -> None:
    stage = await asked_to_be_called(valkey_url)
    pace, doomed = Pace(), stage.another_gate()
    pace.watch(doomed, 0)
    await pace.run([stage.hop("5*1", "S2", doomed)], [], at={4: killed})
    assert len(stage.world.cases_by_key) == 1
    await close(stage.gate, stage.gate.lines["ussd"], Closed(PHONE, CODE, "S1", "left"))
    assert "C-1" in (await stage.hop("5*1", "S2")).text
    assert len(set(stage.world.runs)) == 1
    await stage.close()


async def test_a_read_that_is_slow_is_given_up_within_the_deadline(valkey_url: str) -> None:
    stage = Stage(valkey_url)
    stage.gate.lines["ussd"] = stage.line(target_seconds=0.25)
    await stage.hop("")
    await stage.hop("2")
    stage.world.hold_reads = asyncio.Event()
    reply = await stage.hop("2*4071")
    assert reply.text == "We cannot see your accounts now. Please dial *384*7# again later."
    assert not stage.gate.finishing
    await stage.close()


async def test_a_call_that_a_new_one_replaces_is_kept_as_left(valkey_url: str) -> None:
    stage = await asked_to_be_called(valkey_url)
    await stage.hop("", "S2")
    left = [entry for entry in await stage.journal() if entry.outcome]
    assert [(entry.event, entry.outcome, entry.turn, entry.step) for entry in left] == [("left", "left", 3, "sure")]
    await stage.check_journal()
    await stage.close()


@pytest.mark.parametrize(
    "damaged", [b"\0" * 8 + b"\xc1", b"\0" * 8 + b"\x92\xa2S1\x01"], ids=["noise", "another shape"]
)
async def test_what_another_version_wrote_is_no_end_of_service(valkey_url: str, damaged: bytes) -> None:
    """A state that cannot be read is over: the next dial begins anew."""
    from gateway.store.keys import state_key

    stage = await asked_to_be_called(valkey_url)
    await stage.redis.set(state_key("ussd", "*384*7#", "+254700000001"), damaged)
    assert "5 Call me" in (await stage.hop("", "S2")).text
    assert "Shall we call you" in (await stage.hop("5", "S2")).text
    await stage.close()


async def test_a_session_that_another_version_wrote_ends_honestly(valkey_url: str) -> None:
    from gateway.resolving import expire
    from gateway.store.keys import state_key
    from gateway.store.state import encode, new_version, read_state

    stage = await asked_to_be_called(valkey_url)
    key = state_key("ussd", "*384*7#", "+254700000001")
    _, state = read_state(await stage.redis.get(key))
    assert state is not None
    state.told.talk = b"\xc1"
    await stage.redis.set(key, new_version() + encode(state))
    told = await stage.hop("5*1")
    assert told.text == "This has changed since you began. Please dial again." and not told.more
    await expire(stage.gate, key)
    assert "5 Call me" in (await stage.hop("", "S2")).text
    await stage.close()
