"""Does a turn cost the same when the record, the flow, the release, the languages or the call itself grow?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec

from bench import homes
from bench.calling import Callers, callers
from bench.ground import Ground, scratch
from bench.houses import House, Plan, apart, house
from bench.many import Many
from bench.measuring import LIMIT, Effort, Figures, Note, interleaved, measured, median, ratio, verdict
from bench.phones import Job, Step
from bench.table import Found, Row, Table
from bench.talks import DIAL, TURN, job

HEAD = ("", "CPU s/1000", "× the first", "postgresql", "valkey", "p50 ms", "")
NOTE = f"CPU of the gateway process per turn. Flat is at most {LIMIT} × the first."
SECONDS = 2.0  # of a point in a round, at most
WALKED = 8  # turns that are measured after so many that are not
ON = Step("1", "CON ")


@dataclass(frozen=True, slots=True)
class Series:
    """``plan`` says how the house of a point is to be, given a scratch folder and how many clients are to call.
    ``shared``: one house does for all points."""

    name: str
    about: str
    points: tuple[int, ...]
    plan: Callable[[Path, int, int], Plan]
    job: Callable[[House, int, float, int], Job] = lambda house, _, seconds, phones: job(house, TURN, seconds, phones)
    shared: bool = False


def _record(_: Path, clients: int, calling: int) -> Plan:
    return Plan(Many(clients, 4 * calling))  # of a small record, all


def _home(make: Callable[[Path, int], Path]) -> Callable[[Path, int, int], Plan]:
    return lambda folder, point, calling: replace(_record(folder, calling, calling), home=make(folder, point))


def _walked(house: House, turns: int, _: float, phones: int) -> Job:
    """Some turns of every client, who have done ``turns`` in this call before."""
    return job(house, [ON] * WALKED, 0.0, phones, [DIAL, Step("11", "CON "), *[ON] * turns][:turns])


SERIES = (
    Series("record", "clients in the record", (1_000, 10_000, 100_000, 1_000_000), _record),
    Series("flow", "steps in the flow", (6, 50, 500), _home(homes.steps)),
    Series("release", "flows in the release", (1, 10, 100), _home(homes.flows)),
    Series("languages", "languages", (1, 3, 10), _home(homes.languages)),
    Series("history", "turns in the call", (2, 10, 100), _home(homes.walk), _walked, shared=True),
)


def grown(series: Series, ground: Ground, effort: Effort, note: Note) -> Found:
    """One series: every point in turn, each on a house of its own; all are alive the whole time."""
    points = _points(series, effort)
    with ExitStack() as stack:
        phones = ground.once(callers, callers)
        built = _built(stack, ground, series, points, effort.clients)
        apart(list(built.values()), phones.pids)
        measure = {str(point): _measure(series, built[point], point, phones, effort.phones) for point in points}
        found = interleaved(msgspec.structs.replace(effort, seconds=min(effort.seconds, SECONDS)), measure, note)
    first = found[str(points[0])]
    rows = [_row(found[str(point)], first, f"{point:,} {series.about}") for point in points]
    figures = {
        "ratios": {name: round(ratio(one, first), 3) for name, one in found.items()},
        "rounds": {name: [asdict(each) for each in one] for name, one in found.items()},
    }
    return Found(figures, [Table(series.name, f"Growth: {series.about}", HEAD, rows, NOTE)])


def _points(series: Series, effort: Effort) -> list[int]:
    points = list(series.points)
    if series.name == "record":
        points = sorted({max(1, point * effort.most // points[-1]) for point in points})
    return [points[0], points[-1]] if effort.quick else points


def _built(stack: ExitStack, ground: Ground, series: Series, points: list[int], calling: int) -> dict[int, House]:
    def build(point: int) -> House:
        plan = series.plan(stack.enter_context(scratch()), point, calling)
        return stack.enter_context(house(ground, plan))

    if series.shared:
        return dict.fromkeys(points, build(points[0]))
    return {point: build(point) for point in points}


def _measure(series: Series, on: House, point: int, phones: Callers, count: int) -> Callable[[float], Figures]:
    return lambda seconds: measured(on, phones, series.job(on, point, seconds, count))


def _row(found: Sequence[Figures], first: Sequence[Figures], name: str) -> Row:
    times = ratio(found, first)
    return (
        name,
        f"{median(found, lambda f: f.cpu):.3f}",
        f"{times:.2f}",
        f"{median(found, lambda f: f.beside['postgresql']):.3f}",
        f"{median(found, lambda f: f.beside['valkey']):.3f}",
        f"{median(found, lambda f: f.p50_ms):.1f}",
        verdict(times <= LIMIT),
    )
