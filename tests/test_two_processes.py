"""Two processes that each remember what they wrote last, against processes that remember nothing: nobody can tell.

Whatever is done, in whatever order and by whichever process: the replies, the effects, the journal and what is kept
are those of a process that looks into the store before every turn.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from hazards import account, another_kind
from staging import CODE, PHONE, PIN, Pace, Published, Remembering, Stage, World, release

from adapters.channel import Closed, Hop, Reply
from gateway.gate import Gate
from gateway.resolving import expire
from gateway.store.asking import Store, Word
from gateway.store.keys import own_key, shard, state_key, timers_key
from gateway.store.sessions import Sessions
from gateway.store.state import read_own
from gateway.turn import close, turn

OTHER_CODE = "*385#"
Step = Callable[[Gate, World], Awaitable[Any]]


@dataclass(frozen=True)
class Typed:
    """A request of the phone; ``code`` is what it dialled."""

    text: str
    session: str = "S1"
    code: str = CODE

    async def __call__(self, gate: Gate, world: World) -> Reply:
        return await turn(gate, gate.lines["ussd"], Hop(PHONE, self.code, self.session, self.text))


async def hang_up(gate: Gate, world: World) -> None:
    await close(gate, gate.lines["ussd"], Closed(PHONE, CODE, "S1", "left"))


async def fall_silent(gate: Gate, world: World) -> None:
    world.clock.advance(300)
    await expire(gate, state_key("ussd", CODE, PHONE))


async def lose_the_release(gate: Gate, world: World) -> None:
    gate.releases.publish(another_kind("r2"))  # type: ignore[attr-defined]
    gate.releases.lost = True  # type: ignore[attr-defined]


class Theatre:
    """Plays scenes on one store, each from nothing."""

    def __init__(self, url: str) -> None:
        self.stage = Stage(url)

    async def begin(self, seconds: float) -> list[Callable[[], Gate]]:
        """Two processes that remember for ``seconds``; each makes a gate for every step."""
        await self.stage.redis.flushall()
        self.stage.published = Published(release())
        self.stage.world = World(own=[account("Duka"), account("Shamba")])
        return [partial(self.stage.another_gate, Remembering(seconds)) for _ in range(2)]

    async def outcome(self, replies: list[Any]) -> Any:
        """Everything that anybody could see of it."""
        stage, world = self.stage, self.stage.world
        journal = [(e.conversation, e.turn, e.event, e.heard, e.told, e.outcome, e.step) for e in await stage.journal()]
        own = read_own(await stage.redis.get(own_key(PHONE)))
        timers = await stage.redis.zrange(timers_key(shard(PHONE)), 0, -1)
        await stage.check_journal()
        return repr((replies, sorted(set(world.runs)), sorted(world.outcomes), journal, own, timers))

    async def in_turn(self, steps: list[Step], processes: tuple[int, ...], seconds: float) -> Any:
        """One step after the other, each at the process that is named; also how often anything was asked to be done."""
        gates = await self.begin(seconds)
        replies = [await step(gates[at](), self.stage.world) for step, at in zip(steps, processes, strict=True)]
        return await self.outcome(replies), self.stage.world.runs

    async def at_once(self, scene: Scene, order: list[int], seconds: float) -> tuple[Any, list[int]]:
        """The last two steps at once, awaits in this order; and then what both processes say to the same again."""
        gates = await self.begin(seconds)
        for step in scene.before:
            await step(gates[0](), self.stage.world)
        pace, pair = Pace(after=False), [gates[0](), gates[1]()]
        for who, gate in enumerate(pair):
            pace.watch(gate, who)
        world = self.stage.world
        replies = await pace.run([scene.one(pair[0], world), scene.other(pair[1], world)], order)
        again = [await step(gate(), world) for gate in gates for step in (scene.one, scene.other)]
        return await self.outcome([*replies, *again]), pace.could

    async def every_outcome(self, scene: Scene, seconds: float) -> dict[Any, list[int]]:
        """What can come of a scene, over every order of all awaits; and an order in which it does."""
        found: dict[Any, list[int]] = {}
        order: list[int] | None = []
        while order is not None:
            outcome, could = await self.at_once(scene, order, seconds)
            order += [0] * (len(could) - len(order))
            found.setdefault(outcome, order)
            order = following(order, could)
        return found


def following(order: list[int], could: list[int]) -> list[int] | None:
    """The next order after this one: the last choice that can still be another one is."""
    for at in reversed(range(len(could))):
        if order[at] + 1 < could[at]:
            return [*order[:at], order[at] + 1]
    return None


@dataclass(frozen=True)
class Scene:
    """``before``: what the first process has answered, and remembers; ``one`` comes to it, ``other`` to the second."""

    before: tuple[Step, ...]
    one: Step
    other: Step


@pytest.fixture
async def theatre(valkey_url: str) -> AsyncIterator[Theatre]:
    made = Theatre(valkey_url)
    yield made
    await made.stage.close()


CALL_ME = (Typed(""), Typed("5"))
BALANCE = (Typed(""), Typed("2"))
LANGUAGE = (Typed(""), Typed("8"), Typed("8*1"))
CONSENT = (Typed(""), Typed("8"), Typed("8*3"), Typed(f"8*3*{PIN}"), Typed(f"8*3*{PIN}*1"))

AT_ONCE = {
    "two copies of an effect": Scene(CALL_ME, Typed("5*1"), Typed("5*1")),
    "yes and no": Scene(CALL_ME, Typed("5*1"), Typed("5*2")),
    "no and yes": Scene(CALL_ME, Typed("5*2"), Typed("5*1")),
    "an effect and a redial": Scene(CALL_ME, Typed("5*1"), Typed("", "S2")),
    "an effect and a redial in the same session": Scene(CALL_ME, Typed("5*1"), Typed("")),
    "an effect and the end notice": Scene(CALL_ME, Typed("5*1"), hang_up),
    "an effect and the timer": Scene(CALL_ME, Typed("5*1"), fall_silent),
    "an effect and the same in a new call": Scene(CALL_ME, Typed("5*1"), Typed("5*1", "S2")),
    "two copies of a PIN": Scene(BALANCE, Typed(f"2*{PIN}"), Typed(f"2*{PIN}")),
    "a wrong PIN and a right one": Scene(BALANCE, Typed("2*1234"), Typed(f"2*{PIN}")),
    "two copies of a choice": Scene((Typed(""),), Typed("8"), Typed("8")),
    "two choices": Scene((Typed(""),), Typed("8"), Typed("5")),
    "a choice and a redial": Scene((Typed(""),), Typed("8"), Typed("", "S2")),
    "a choice and the end notice": Scene((Typed(""),), Typed("8"), hang_up),
    "a language and a call to another number": Scene(LANGUAGE, Typed("8*1*2"), Typed("", "T1", OTHER_CODE)),
    "two languages": Scene(LANGUAGE, Typed("8*1*2"), Typed("8*1*1")),
    "two copies of a consent": Scene(CONSENT, Typed(f"8*3*{PIN}*1*1"), Typed(f"8*3*{PIN}*1*1")),
    "a consent and a refusal": Scene(CONSENT, Typed(f"8*3*{PIN}*1*1"), Typed(f"8*3*{PIN}*1*2")),
}


@pytest.mark.parametrize("scene", AT_ONCE.values(), ids=AT_ONCE)
async def test_at_once_in_every_order_nothing_comes_of_it_that_could_not_have_come(
    theatre: Theatre, scene: Scene
) -> None:
    possible = await theatre.every_outcome(scene, seconds=0)
    found = await theatre.every_outcome(scene, seconds=450)
    for outcome, order in found.items():
        assert outcome in possible, f"in the order {order}"


def ways(steps: list[Step]) -> Iterator[tuple[int, ...]]:
    """Each step at either process; the first one at the first, since they are alike."""
    return ((0, *rest) for rest in itertools.product((0, 1), repeat=len(steps) - 1))


IN_TURN: dict[str, list[Step]] = {
    "a no, and a late yes": [*CALL_ME, Typed("5*2"), Typed("5*1"), Typed("5*2")],
    "an effect, and its copies": [*CALL_ME, Typed("5*1"), Typed("5*1"), Typed("5*1"), Typed("5*1*1")],
    "a redial before the yes": [*CALL_ME, Typed("", "S2"), Typed("5*1"), Typed("5", "S2"), Typed("5*1", "S2")],
    "a redial in the same session": [*CALL_ME, Typed(""), Typed("5"), Typed("5*1"), Typed("5*1")],
    "a hang-up before the yes": [*CALL_ME, hang_up, Typed("5*1"), Typed("", "S2"), Typed("5", "S2")],
    "silence before the yes": [*CALL_ME, fall_silent, Typed("5*1"), Typed("", "S2")],
    "another number in between": [*LANGUAGE, Typed("", "T1", OTHER_CODE), Typed("8*1*2"), Typed("", "S1", OTHER_CODE)],
    "a language from elsewhere": [
        *LANGUAGE, *(Typed(text, "T1", OTHER_CODE) for text in ("", "8*1*2")), Typed("8*1*1"), Typed("", "S2"),
    ],
    "a PIN, wrong and right": [*BALANCE, Typed("2*1234"), Typed(f"2*1234*{PIN}"), Typed(f"2*1234*{PIN}*0")],
    "a PIN instead of another": [*BALANCE, Typed("2*1234"), Typed(f"2*{PIN}"), Typed("2*1234")],
    "consent and its withdrawal": [*CONSENT, Typed(f"8*3*{PIN}*1*1"), Typed(f"8*3*{PIN}*1*2"), Typed("", "S2")],
    "a release that is gone": [*CALL_ME, lose_the_release, Typed("5*1"), Typed("", "S2")],
    "a release that is gone after the answer": [*CALL_ME, Typed("5*2"), lose_the_release, Typed("5*2"), Typed("5*1")],
    "two things typed that came as one": [Typed(""), Typed("8*1"), Typed("8*1*2"), Typed("8"), Typed("8*1*2*0")],
}  # fmt: skip


@pytest.mark.parametrize("steps", IN_TURN.values(), ids=IN_TURN)
async def test_in_turn_it_does_not_matter_who_answers(theatre: Theatre, steps: list[Step]) -> None:
    expected = await theatre.in_turn(steps, (0,) * len(steps), seconds=0)
    for processes in ways(steps):
        assert await theatre.in_turn(steps, processes, seconds=450) == expected, processes


class Counted:
    """A store that counts what it is asked."""

    def __init__(self, store: Store) -> None:
        self.store, self.asked = store, 0

    async def ask(self, shard: int, *command: Word) -> Any:
        self.asked += 1
        return await self.store.ask(shard, *command)

    async def close(self) -> None:
        await self.store.close()


TRIPS = {
    "": 2,  # a call begins with a look
    "8": 1,
    "8*1": 1,
    "8*1*2": 2,  # what the address chose is written, and another channel may have written it too
    "8*1*2*00": 1,
    "8*1*2*00*5": 1,
    "8*1*2*00*5*1": 2,  # an effect
}


async def test_words_that_go_straight_on_cost_one_trip(theatre: Theatre) -> None:
    ours, another = await theatre.begin(450)
    world, gate, counted = theatre.stage.world, ours(), Counted(theatre.stage.hot)
    gate.sessions = Sessions(counted)

    async def trips(*steps: Step) -> list[int]:
        found = []
        for step in steps:
            before = counted.asked
            await step(gate, world)
            found.append(counted.asked - before)
        return found

    await trips(Typed("", "S0"))  # so that the script is known
    assert await trips(*map(Typed, TRIPS)) == list(TRIPS.values())
    assert await trips(Typed("", "S2"), Typed("8", "S2"), Typed("8", "S2"), Typed("8*1", "S2")) == [2, 1, 1, 2]
    await Typed("8*1*0", "S2")(another(), world)
    assert await trips(Typed("8*1*0", "S2")) == [2]  # a bet that is lost: the commit, and a look
