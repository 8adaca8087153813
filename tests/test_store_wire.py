"""Our own connections to the session store: every way in which they end, and that no answer goes to the wrong one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop
from fake_store import CUT, SECONDS, FakeStore, echo, got, opened, until

from gateway.store.asking import Refused, Store, StoreDown
from gateway.store.wire import GRACE, Wire

LOOPS = {"asyncio": asyncio.SelectorEventLoop, "uvloop": uvloop.new_event_loop}


# -- many at once -----------------------------------------------------------------------------------------------------


class Written(asyncio.Transport):
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.aborted = self.closing = False

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closing or self.aborted

    def abort(self) -> None:
        self.aborted = True


def bare_wire() -> tuple[Wire, Written]:
    transport = Written()
    wire = Wire(SECONDS, lambda wire: None)
    wire.connection_made(transport)
    return wire, transport


async def test_all_commands_of_a_loop_turn_leave_in_one_write() -> None:
    wire, transport = bare_wire()
    answers = [wire.send(b"%d" % n) for n in range(10)]
    await asyncio.sleep(0)
    answers += [wire.send(b"a"), wire.send(b"b")]
    await asyncio.sleep(0)
    assert transport.writes == [b"0123456789", b"ab"]
    wire.data_received(b":1\r\n" * 12)
    assert await asyncio.gather(*answers) == [1] * 12


async def test_a_hundred_at_once_each_get_their_own_answer_over_one_connection(fake: FakeStore, store: Store) -> None:
    names = [f"k{n}" for n in range(100)]
    assert await got(store, *names) == [name.encode() for name in names]
    assert len(fake.connections) == 1


async def test_whoever_gives_up_takes_nobody_elses_answer(fake: FakeStore, store: Store) -> None:
    held: list[bytes] = []
    fake.answer = lambda command: held.append(echo(command))
    tasks = [asyncio.ensure_future(store.ask(0, "GET", name)) for name in ("a", "b", "c")]
    while len(held) < 3:
        await asyncio.sleep(0)
    tasks[1].cancel()
    for transport in fake.open:
        transport.write(b"".join(held))
    first, _, last = await asyncio.gather(*tasks, return_exceptions=True)
    assert (first, last) == (b"a", b"c") and tasks[1].cancelled()


# -- cut connections --------------------------------------------------------------------------------------------------

STREAM = b"$3\r\none\r\n*3\r\n$1\r\na\r\n$-1\r\n$0\r\n\r\n:42\r\n-OOM no memory for k4\r\n$-1\r\n"
ANSWERS = [b"one", [b"a", None, b""], 42, Refused, None]
ENDS = [STREAM.index(b"*3"), STREAM.index(b":42"), STREAM.index(b"-OOM"), STREAM.rindex(b"$-1"), len(STREAM)]


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_cut_after_any_byte_what_was_answered_is_and_the_rest_fails(
    tmp_path: Path, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def play() -> None:
        async with FakeStore(echo).serving(str(tmp_path / "s")) as fake:
            store = opened(fake.url)
            for at in range(len(STREAM) + 1):
                fake.answer = lambda command, at=at: STREAM[:at] + CUT if command[-1] == b"4" else None  # type: ignore[misc]
                answered = sum(end <= at for end in ENDS)
                expected = ANSWERS[:answered] + [StoreDown] * (5 - answered)
                assert await got(store, "0", "1", "2", "3", "4") == expected, f"after {at} bytes"
                fake.answer = echo
                assert (await got(store, "x"))[0] in (b"x", StoreDown)  # the end may not have been noticed yet
                assert await got(store, "x") == [b"x"]
            await store.close()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(play())


@pytest.mark.parametrize("at", range(len(STREAM)))
async def test_an_answer_in_two_pieces_is_one_answer(at: int) -> None:
    wire, _ = bare_wire()
    answers = [wire.send(b"") for _ in ANSWERS]
    wire.data_received(STREAM[:at])
    wire.data_received(STREAM[at:])
    assert [str(answer.result())[:3] if n == 3 else answer.result() for n, answer in enumerate(answers)] == [
        "OOM" if answer is Refused else answer for answer in ANSWERS
    ]


async def test_to_a_connection_that_is_closing_nothing_is_written() -> None:
    wire, transport = bare_wire()
    transport.closing = True
    answers = [wire.send(b"a"), wire.send(b"b")]
    await asyncio.sleep(0)
    assert transport.writes == [] and wire.over
    assert all(isinstance(answer.exception(), StoreDown) for answer in answers)


async def test_what_is_no_answer_ends_the_connection(fake: FakeStore, store: Store) -> None:
    fake.answer = lambda command: b"HTTP/1.1 400 Bad Request\r\n"
    assert await got(store, "a", "b") == [StoreDown, StoreDown]
    fake.answer = lambda command: echo(command) * 2
    assert await got(store, "a") == [b"a"]
    fake.answer = echo
    await until(lambda: not fake.open)
    assert await got(store, "a", "b") == [b"a", b"b"]


async def test_an_error_is_of_one_command_and_is_not_repeated_with_what_was_sent(fake: FakeStore, store: Store) -> None:
    fake.answer = lambda command: b"-ERR wrong: '+254700000001'\r\n" if command[-1] == b"b" else echo(command)
    assert await got(store, "a", "b", "c") == [b"a", Refused, b"c"]
    with pytest.raises(Refused, match=r"^ERR$"):
        await store.ask(0, "GET", "b")
    assert len(fake.connections) == 1


# -- slow answers -----------------------------------------------------------------------------------------------------


class Movable(asyncio.SelectorEventLoop):
    """A loop whose clock can be moved on."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


def on_a_movable_clock(play: Callable[[Movable], Awaitable[None]]) -> None:
    with asyncio.Runner(loop_factory=Movable) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, Movable)
        runner.run(play(loop))  # type: ignore[arg-type]


async def turns_of_the_loop() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def test_an_answer_that_does_not_come_in_time_ends_the_connection_and_all_that_wait() -> None:
    async def play(loop: Movable) -> None:
        wire, transport = bare_wire()
        first = wire.send(b"a")
        loop.ahead += 0.9 * SECONDS
        second = wire.send(b"b")
        await turns_of_the_loop()
        assert not first.done()
        loop.ahead += 0.2 * SECONDS
        await turns_of_the_loop()
        loop.ahead += 2 * GRACE
        await turns_of_the_loop()
        assert transport.aborted and wire.over
        for answer in (first, second, wire.send(b"c")):
            assert isinstance(answer.exception(), StoreDown)

    on_a_movable_clock(play)


def test_whoever_waits_for_the_oldest_is_what_counts() -> None:
    """The timer of the connection comes again for each command in its time, however many are answered between."""

    async def play(loop: Movable) -> None:
        wire, transport = bare_wire()
        for _ in range(50):
            wire.send(b"a")
            loop.ahead += 0.4 * SECONDS
            await turns_of_the_loop()
            wire.data_received(b":1\r\n")
        last = wire.send(b"a")
        await turns_of_the_loop()
        assert not transport.aborted
        loop.ahead += 1.1 * SECONDS
        await turns_of_the_loop()
        loop.ahead += 2 * GRACE
        await turns_of_the_loop()
        assert isinstance(last.exception(), StoreDown)

    on_a_movable_clock(play)


def test_an_answer_that_came_while_this_process_stood_still_is_read() -> None:
    async def play(loop: Movable) -> None:
        wire, transport = bare_wire()
        answer = wire.send(b"a")
        loop.ahead += 60.0
        await turns_of_the_loop()
        wire.data_received(b":1\r\n")
        loop.ahead += 60.0
        await turns_of_the_loop()
        assert answer.result() == 1 and not transport.aborted

    on_a_movable_clock(play)


async def test_after_a_slow_answer_the_next_command_finds_another_connection(fake: FakeStore) -> None:
    store = opened(fake.url, 0.05)
    fake.answer = lambda command: None
    assert await got(store, "a", "b") == [StoreDown, StoreDown]
    fake.answer = echo
    assert await got(store, "a", "b") == [b"a", b"b"]
    assert [len(asked) for asked in fake.connections] == [2, 2]
    await store.close()
