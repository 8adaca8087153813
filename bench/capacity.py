"""What a million turns, a gigabyte and a core come to: the figures behind docs/capacity.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import msgspec

from bench import parts
from bench.calling import Callers, callers
from bench.ground import Ground
from bench.houses import House, Plan, apart, house
from bench.many import Many
from bench.measuring import Effort, Figures, Note, interleaved, measured, median
from bench.processes import Program, memory, started
from bench.table import Found, Row, Table
from bench.talks import DIAL, TURN, job

# What is assumed, and stands beside the figures.
BUSY_HOUR = 0.15  # of a day's calls come in its busiest hour
LOAD = 0.6  # of a core is used in that hour, so that a burst finds room
TURNS = 4  # of a call
CALLS_A_MONTH = 4  # of a client

GIB, OPEN = 2**30, 4000
HEAD = ("", "figure", "")


class Held(msgspec.Struct):
    """Bytes: on disk for a turn in the record and in Valkey's file, and in memory for an open conversation, a phone
    that has called, a turn that the record does not have yet, and a process."""

    record: float
    log: float
    conversation: float
    phone: float
    journal: float
    gateway: float
    scribe: float


def capacity(ground: Ground, effort: Effort, note: Note) -> Found:
    """CPU of all parts for a turn, disk for a turn, memory for a conversation."""
    clients, phones = min(OPEN, effort.most), ground.once(callers, callers)
    with ExitStack() as stack:
        one = stack.enter_context(house(ground, Plan(Many(clients, clients))))
        conversation, phone, entry = _memories(one, phones, effort)
        one.beside["scribe"] = stack.enter_context(
            started(Program("worker", ("scribe",), one.variables, log=one.log))
        ).pid
        apart([one], phones.pids)
        one.drained()
        before, said = _kept(one), 0

        def measure(seconds: float) -> Figures:
            nonlocal said
            found = measured(one, phones, job(one, TURN, seconds, effort.phones))
            said += found.requests
            return found

        found = interleaved(effort, {"turn": measure}, note)["turn"]
        record, log = ((now - then) / said for now, then in zip(_kept(one), before, strict=True))
        process, scribe = (memory(pid) * 2**20 for pid in (one.gateways[0], one.beside["scribe"]))
    cpu = {"gateway": median(found, lambda f: f.cpu)} | {
        part: median(found, lambda f, part=part: f.beside[part])  # type: ignore[misc]
        for part in one.beside
    }
    held = Held(record, log, conversation, phone, entry, process, scribe)
    figures = {"cpu": cpu, "bytes": msgspec.to_builtins(held)}
    return Found(figures, [_million(cpu, held), _gigabyte(held), _core(cpu)])


def _memories(one: House, phones: Callers, effort: Effort) -> Iterator[float]:
    """Bytes that Valkey needs for a conversation that waits for an answer, a phone that has called, and an entry."""
    phones.ask(job(one, [DIAL], 0.0, effort.phones))
    phones.go()
    for names in (("s:*", "timers"), ("who:*", "own:*"), ("journal",)):
        yield sum(map(_memory(one), names)) / len(one.savers)


def _memory(one: House) -> Callable[[str], int]:
    """Bytes of all keys of one kind, in all shards."""

    def held(name: str) -> int:
        pipe = one.store.pipeline(transaction=False)
        for key in one.store.scan_iter(f"njia:{{*}}:{name}", count=1000):
            pipe.memory_usage(key)
        return sum(pipe.execute())

    return held


def _kept(one: House) -> tuple[int, int]:
    """Bytes of the record on disk, and written so far to Valkey's append-only file."""
    parts.sql(one.dsn, "CHECKPOINT")
    info: Any = one.store.info("persistence")
    record = parts.rows(one.dsn, "SELECT pg_database_size(current_database())")[0][0]
    return record, int(info["aof_current_size"])


def _million(cpu: dict[str, float], held: Held) -> Table:
    rows = [(f"CPU of {part}", f"{seconds * 1000:,.0f} s", "") for part, seconds in cpu.items()]
    rows += [
        ("CPU of all", f"{sum(cpu.values()) * 1000:,.0f} s", f"{sum(cpu.values()) * 1000 / 3600:.2f} core hours"),
        ("disk, client record", f"{held.record * 1e6 / GIB:.2f} GiB", "kept: conversations and messages, with indexes"),
        ("disk, Valkey's file", f"{held.log * 1e6 / GIB:.2f} GiB", "not kept: Valkey writes the file anew as it grows"),
    ]
    return Table("million turns", "A million turns", HEAD, rows)


def _gigabyte(held: Held) -> Table:
    rows = [
        (
            "conversations open at the same time",
            f"{GIB / held.conversation:,.0f}",
            f"{held.conversation:,.0f} bytes each",
        ),
        ("phones that have called before", f"{GIB / held.phone:,.0f}", f"{held.phone:,.0f} bytes each, kept for good"),
        ("turns that the record does not have yet", f"{GIB / held.journal:,.0f}", f"{held.journal:,.0f} bytes each"),
        ("gateway processes", f"{GIB / held.gateway:.0f}", f"{held.gateway / 2**20:.0f} MiB each"),
        ("scribes", f"{GIB / held.scribe:.0f}", f"{held.scribe / 2**20:.0f} MiB each"),
        ("turns in the client record", f"{GIB / held.record:,.0f}", f"{held.record:,.0f} bytes each, on disk"),
    ]
    return Table("gigabyte", "A gigabyte", HEAD, rows)


def _core(cpu: dict[str, float]) -> Table:
    return Table("core", "A core", HEAD, [_served("gateway", cpu["gateway"]), *_days(cpu)])


def _days(cpu: dict[str, float]) -> list[Row]:
    second = 1000 / cpu["gateway"] * LOAD
    hour = second * 3600 / TURNS
    day = hour / BUSY_HOUR
    return [
        ("turns a second in the busy hour", f"{second:,.0f}", f"at {LOAD:.0%} of the core"),
        ("calls in the busy hour", f"{hour:,.0f}", f"of {TURNS} turns"),
        ("calls a day", f"{day:,.0f}", f"{BUSY_HOUR:.0%} of them in the busy hour"),
        ("clients", f"{day * 30 / CALLS_A_MONTH:,.0f}", f"who call {CALLS_A_MONTH} times a month"),
        *(_served(part, seconds) for part, seconds in cpu.items() if part != "gateway"),
    ]


def _served(part: str, seconds: float) -> Row:
    return f"turns a second, {part}", f"{1000 / max(seconds, 1e-6):,.0f}", "with a core of its own, all of it"
