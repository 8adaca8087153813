"""Who begins on a staged release, and that every process says the same of it, whatever is killed or down."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis
from staging import release

from flows.model import Institution
from gateway import publishing
from gateway.build import connect
from gateway.clock import Clock
from gateway.home import Home
from gateway.ids import new_id
from gateway.publishing import Sources
from gateway.record.database import Database
from gateway.record.releases import Reason
from gateway.record.releases import Releases as Kept
from gateway.record.staged import WHOLE, Audience, NothingToStage, Staged
from gateway.releases import Releases
from gateway.staging import Stage, spoken
from gateway.store.keys import CURRENT_RELEASE, STAGED_RELEASE, release_key

STAFF, STRANGER = "+254700000100", "+254711999999"
TENTH = Audience(WHOLE // 10, (STAFF,))
ALL_BUT_NOBODY = Audience(WHOLE - 1, ())
SEEDS = st.integers(0, 2**64).map(lambda n: f"{n:032x}")
SHARES = st.integers(0, WHOLE)
IDS = st.text("0123456789abcdef", min_size=32, max_size=32)


def stage(seed: str, share: int, numbers: tuple[str, ...] = ()) -> Stage:
    at = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    return Stage(Staged(release="x", share=share, numbers=numbers, seed=seed, at=at, who="jane"), release())


# -- the rule ---------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(SEEDS, SHARES, SHARES, IDS)
def test_who_is_in_a_share_is_in_every_larger_one(seed: str, one: int, other: int, client: str) -> None:
    smaller, larger = sorted((one, other))
    assert stage(seed, larger).takes(STRANGER, client) or not stage(seed, smaller).takes(STRANGER, client)
    assert not stage(seed, 0).takes(STRANGER, client) and stage(seed, WHOLE).takes(STRANGER, client)


@settings(deadline=None)
@given(SEEDS, SHARES, IDS, st.tuples(IDS, IDS))
def test_a_client_sees_the_same_on_every_phone(seed: str, share: int, client: str, phones: tuple[str, str]) -> None:
    one, again = stage(seed, share), stage(seed, share)
    assert one.takes(phones[0], client) == again.takes(phones[1], client)
    assert one.takes(phones[0], "") == again.takes(phones[0], "")


@settings(deadline=None)
@given(SEEDS, SHARES, IDS)
def test_the_staff_are_always_in_by_their_number(seed: str, share: int, client: str) -> None:
    staged = stage(seed, share, (STAFF,))
    assert staged.takes(STAFF, client) and staged.takes(STAFF, "")
    assert staged.takes(STRANGER, client) == stage(seed, share).takes(STRANGER, client)


@pytest.mark.parametrize("share", [1, 100, 1000, 5000, 9900])
@pytest.mark.parametrize("kind", ["client", "address"])
def test_a_share_of_ten_thousand_clients_is_about_that_share(share: int, kind: str) -> None:
    """Within six standard deviations of the binomial distribution, of three stages that are fixed."""
    chance, many = share / WHOLE, 10_000
    room = 6 * (many * chance * (1 - chance)) ** 0.5
    for seed in ("a" * 32, "b" * 32, "c" * 32):
        staged = stage(seed, share)
        who = [f"{n:032x}" for n in range(many)] if kind == "client" else [f"+2547{n:08d}" for n in range(many)]
        found = sum(staged.takes(one, one if kind == "client" else "") for one in who)
        assert abs(found - many * chance) <= room, seed


def test_another_stage_is_seen_by_others_first() -> None:
    """Not always the same tenth of the clients tries what is new."""
    one, other = stage("a" * 32, 1000), stage("b" * 32, 1000)
    both = sum(one.takes("", f"{n:032x}") and other.takes("", f"{n:032x}") for n in range(10_000))
    assert both < 200, "about a hundred of the thousand"


@pytest.mark.parametrize(
    ("share", "numbers", "said"),
    [
        (1000, (), "10% of the clients"),
        (50, (STAFF,), "0.5% of the clients and 1 number of the staff"),
        (0, (STAFF, STRANGER), "2 numbers of the staff"),
        (3333, (), "33.33% of the clients"),
    ],
)
def test_whom_it_is_for_in_words(share: int, numbers: tuple[str, ...], said: str) -> None:
    assert spoken(share, numbers) == said


# -- the record -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def kept(database: Database) -> Kept:
    made = Kept(database, Clock())
    for name in ("aa", "bb", "cc"):
        await made.put(name, b"")
    return made


async def test_one_release_is_staged_at_a_time_and_a_larger_share_keeps_who_was_in(kept: Kept) -> None:
    await kept.publish("aa", "jane")
    first = await kept.stage("bb", TENTH, "jane", Reason("the new fee", ({"code": "words.long"},), 12))
    assert await kept.staged() == first
    assert (first.release, first.share, first.numbers) == ("bb", 1000, (STAFF,))
    assert (first.why, first.accepted, first.played) == ("the new fee", ({"code": "words.long"},), 12)
    assert await kept.numbers(["aa", "bb", "cc"]) == {"aa": 1, "bb": 2}
    more = await kept.stage("bb", Audience(3000), "otieno")
    mended = await kept.stage("cc", Audience(3000), "otieno")
    assert {first.seed, more.seed, mended.seed} == {first.seed}, "also a mended one: the same clients see it"
    assert await kept.staged() == mended
    assert await kept.withdraw("jane", "too slow") == mended
    assert await kept.staged() is None
    assert await kept.withdraw("jane") is None
    assert (await kept.stage("cc", TENTH, "jane")).seed != first.seed, "a new stage: other clients"
    assert [await kept.was_staged(name) for name in ("aa", "bb", "cc")] == [False, True, True]


async def test_what_is_published_to_all_ends_the_stage(kept: Kept) -> None:
    await kept.publish("aa", "jane")
    await kept.stage("bb", TENTH, "jane")
    assert await kept.publish("bb", "jane")
    assert await kept.staged() is None and await kept.current() == "bb"
    await kept.stage("cc", TENTH, "jane")
    assert await kept.publish("bb", "jane"), "something changed: cc is staged no more"
    assert not await kept.publish("bb", "jane")
    assert [one.hash for one in await kept.history()] == ["bb", "aa"]


async def test_what_cannot_be_staged(kept: Kept) -> None:
    with pytest.raises(NothingToStage, match="Nothing is published yet"):
        await kept.stage("aa", TENTH, "jane")
    await kept.publish("aa", "jane")
    with pytest.raises(NothingToStage, match="All clients begin on aa already"):
        await kept.stage("aa", TENTH, "jane")
    with pytest.raises(NothingToStage, match="There is no release zz"):
        await kept.stage("zz", TENTH, "jane")
    assert await kept.staged() is None


async def test_of_two_who_stage_at_once_one_stage_is_left(kept: Kept) -> None:
    await kept.publish("aa", "jane")
    done = await asyncio.gather(*(kept.stage(name, TENTH, "jane") for name in ("bb", "cc") * 3), return_exceptions=True)
    assert all(isinstance(one, Staged | NothingToStage) for one in done)
    now = await kept.staged()
    assert now is not None and now.seed in {one.seed for one in done if isinstance(one, Staged)}


# -- the processes ----------------------------------------------------------------------------------------------------


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    client = connect(valkey_url, 2.0)
    yield client
    await client.aclose()


def sources(short_name: str) -> Sources:
    institution = Institution(name="Jamii Microfinance", short_name=short_name, languages=("en", "sw"))
    return publishing.gather(Home(), institution)


OLD, NEW, NEXT = sources("Old"), sources("New"), sources("Next")


async def started(redis: Redis, database: Database, made: Sources) -> Releases:
    """What a process of ours has when it has just started."""
    releases = Releases(redis, Kept(database, Clock()))
    await releases.begin(made, "start-up")
    return releases


async def staged(redis: Redis, database: Database, to: Audience = TENTH) -> list[Releases]:
    """Two processes, while another one stages the new release."""
    running = [await started(redis, database, OLD) for _ in range(2)]
    cli = Releases(redis, Kept(database, Clock()))
    await cli.keep(NEW)
    await cli.stage(NEW.hash, to, "jane")
    for one in running:
        await one.follow()
    return running


def begun(releases: Releases, clients: int = 200) -> list[str]:
    """What each of so many clients begins on, and the staff, and somebody whom nobody knows."""
    known = [releases.begun_by(STRANGER, f"{n:032x}").hash for n in range(clients)]
    return [*known, releases.begun_by(STAFF, "").hash, releases.begun_by(STRANGER, "").hash]


async def test_every_process_says_the_same(redis: Redis, database: Database) -> None:
    one, other = await staged(redis, database)
    assert begun(one) == begun(other)
    assert set(begun(one)) == {OLD.hash, NEW.hash}
    assert one.begun_by(STAFF, "").hash == NEW.hash
    assert one.current.hash == OLD.hash


async def test_a_restart_keeps_what_is_staged(redis: Redis, database: Database) -> None:
    one, _ = await staged(redis, database)
    for made in (OLD, NEW):  # also with the staged release as the home
        again = await started(redis, database, made)
        assert begun(again) == begun(one)
        assert again.current.hash == OLD.hash
    await redis.flushall()
    assert begun(await started(redis, database, OLD)) == begun(one), "the record knows it"


async def test_withdrawn_is_withdrawn_everywhere_and_for_a_restart(redis: Redis, database: Database) -> None:
    one, other = await staged(redis, database)
    found = await Releases(redis, Kept(database, Clock())).withdraw("jane")
    assert found is not None and found.release == NEW.hash
    for releases in (one, other):
        await releases.follow()
        assert set(begun(releases)) == {OLD.hash}
        assert await releases.get(NEW.hash) is not None, "who is inside ends on it"
    assert set(begun(await started(redis, database, NEW))) == {OLD.hash}, "the home was not meant for all"


async def test_for_all_it_is_current_and_the_stage_is_over(redis: Redis, database: Database) -> None:
    one, other = await staged(redis, database)
    await Releases(redis, Kept(database, Clock())).publish(NEW.hash, "jane")
    for releases in (one, other):
        await releases.follow()
        assert releases.staged is None and set(begun(releases)) == {NEW.hash}


async def test_while_something_is_staged_a_start_publishes_nothing(redis: Redis, database: Database) -> None:
    one, _ = await staged(redis, database)
    again = await started(redis, database, NEXT)
    assert begun(again) == begun(one) and again.current.hash == OLD.hash
    await again.withdraw("jane")
    assert (await started(redis, database, NEXT)).current.hash == NEXT.hash, "after it a start does as ever"


async def test_a_process_that_was_killed_before_redis_was_told_is_made_up_for(redis: Redis, database: Database) -> None:
    running = await started(redis, database, OLD)
    kept = Kept(database, Clock())
    await kept.put(NEW.hash, NEW.encode())
    await kept.stage(NEW.hash, ALL_BUT_NOBODY, "jane")  # and here it was killed
    await running.follow()
    assert set(begun(running)) == {OLD.hash}
    await started(redis, database, OLD)
    await running.follow()
    assert NEW.hash in begun(running)


async def test_with_redis_down_everything_stays_and_with_it_empty_too(redis: Redis, database: Database) -> None:
    one, _ = await staged(redis, database)
    before = begun(one)
    one._redis = connect("unix:///nowhere/valkey.sock", 0.2)
    await one.follow()
    assert begun(one) == before
    one._redis = redis
    await redis.flushall()
    await one.follow()
    assert begun(one) == before


async def test_with_the_record_down_a_process_starts_on_what_redis_says(
    redis: Redis, database: Database, tmp_path: Path
) -> None:
    one, _ = await staged(redis, database)
    away = Database(f"sqlite+aiosqlite:///{tmp_path}/no/such/folder/record.db", seconds=0.2)
    assert begun(await started(redis, away, NEXT)) == begun(one)
    await away.close()


async def test_a_staged_release_that_cannot_run_here_leaves_all_on_the_current_one(
    redis: Redis, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """As while two versions of the program run side by side."""
    running = await started(redis, database, OLD)
    broken = Sources(OLD.institution, {**OLD.files, "flows/draft.yaml": "flow: draft\nsteps: {a: {fly: x}}\n"})
    cli = Releases(redis, Kept(database, Clock()))
    await cli.keep(broken)
    await cli.stage(broken.hash, ALL_BUT_NOBODY, "jane")
    for _ in range(3):
        await running.follow()
    assert set(begun(running)) == {OLD.hash}
    assert len([one for one in caplog.records if "cannot run here" in one.message]) == 1, "said once"


async def test_a_staged_release_that_is_nowhere_yet_is_looked_for_again(redis: Redis, database: Database) -> None:
    one, other = await staged(redis, database)
    again = Releases(redis, Kept(Database(f"sqlite+aiosqlite:////nowhere/{new_id()}.db", seconds=0.2), Clock()))
    again.current = one.current
    await redis.delete(release_key(NEW.hash))
    await again.follow()
    assert again.staged is None
    await redis.set(release_key(NEW.hash), NEW.encode())
    await again.follow()
    assert begun(again) == begun(other)


async def test_words_of_a_version_to_come_stage_nothing(redis: Redis, database: Database) -> None:
    one, _ = await staged(redis, database)
    await redis.set(STAGED_RELEASE, b'{"release": 7}')
    await one.follow()
    assert set(begun(one)) == {OLD.hash}
    await one._tell()
    await one.follow()
    assert NEW.hash in begun(one)


async def test_of_two_who_tell_redis_at_once_the_record_is_right(redis: Redis, database: Database) -> None:
    await started(redis, database, OLD)
    processes = [Releases(redis, Kept(database, Clock())) for _ in range(3)]
    await processes[0].keep(NEW)
    await asyncio.gather(
        processes[0].stage(NEW.hash, TENTH, "jane"),
        processes[1].withdraw("otieno"),
        processes[2].publish(OLD.hash, "amina"),
        return_exceptions=True,
    )
    last = await started(redis, database, OLD)
    now = await last._kept.staged()
    told = await redis.mget(CURRENT_RELEASE, STAGED_RELEASE)
    assert told[0] == OLD.hash.encode()
    assert (last.staged.row if last.staged else None) == now
