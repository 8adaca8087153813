"""A session has a bound: what every shipped flow keeps at its largest, and what becomes of what would be larger."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from scripted import ALL_ACTIONS, ALL_SOURCES, institution, release_of
from staging import AKINYI, CODE, PHONE, Stage, line, release

from flows import actions, doing, sources
from flows import session as sessions
from flows.engine import MAX_ACTIONS, Runaway, hear, resume
from flows.events import Dial, Do, Outcome, Result, Said
from flows.model import Choose
from flows.release import Release
from flows.session import Frame, Person, Session
from flows.talk import Talk
from flows.values import Kind, Money, Name, Value
from gateway import recording
from gateway.telling import tell

TODAY = dt.date(2026, 6, 15)
LARGEST: dict[Kind, Value] = {
    Kind.TEXT: "L-2026-0000017",
    Kind.NAME: Name("Biashara ya mama mboga sokoni Kisumu"),
    Kind.MONEY: Money(12345678900, "KES"),
    Kind.DATE: dt.date(2026, 12, 31),
    Kind.NUMBER: 1234567890,
    Kind.LIST: ["credit", "savings", "shares"],
}
# A list that is read behind the PIN, or before it; and how a deep dial comes to it.
LISTS = [
    pytest.param(flow, step, id=f"{flow.name}: {step.name}")
    for flow in release().flows.values()
    for step in flow.steps.values()
    if isinstance(step, Choose) and flow.starts.menu == "main"
]


def talk_on(made: Release, session: Session) -> Talk:
    return Talk(made, session, TODAY, True, CODE)


def caller(made: Release) -> Session:
    person = Person(PHONE, "ussd", "sw", "1", TODAY, [dict(AKINYI)], "akinyi")
    return Session(made.hash, "c" * 32, person, CODE)


def listed(source: str, how_many: int) -> Outcome:
    fields = sources.catalogue()[source][0].fields
    item = {name: LARGEST[kind] for name, kind in fields.items()}
    return Outcome("found", {"items": [{**item, "id": f"L-{n:012}"} for n in range(how_many)]})


def shown_list(made: Release, session: Session, flow: str, source: str) -> tuple[Talk, Result]:
    """The list as it is on the screen, after a deep dial and the PIN."""
    talk = talk_on(made, session)
    result = hear(talk, Dial((str(made.flows[flow].starts.shortcut), "4071")))
    while isinstance(result, Do):
        result = resume(talk, listed(source, 60) if result.action == source else Outcome("right"))
    return talk, result


@pytest.mark.parametrize(("flow", "step"), LISTS)
def test_the_largest_list_of_a_shipped_flow_fits(flow: object, step: Choose) -> None:
    """As many as there is room for, the first ones, and never more than the bound."""
    made = release()
    talk, result = shown_list(made, caller(made), flow.name, step.source.source)  # type: ignore[attr-defined]
    reply = tell(talk, result, line().profile)
    kept = talk.frame.lists[step.name]
    assert reply.more and 12 <= len(kept) <= doing.MAX_ITEMS
    assert [item["id"] for item in kept] == [f"L-{n:012}" for n in range(len(kept))]
    data = sessions.encode(talk.session)
    assert len(data) <= sessions.LIMIT
    assert sessions.decode(data) == talk.session


def test_fifty_of_a_plain_list_are_kept_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "catalogue", lambda: ALL_SOURCES)
    flows = {
        "main": """
            flow: main
            words: en
            steps:
              pick: {choose: "Which?", from: any.things, show: "{thing.label}", none: bye}
              bye: {end: "{thing.price}"}
            """
    }
    made = release_of({name: _dedent(text) for name, text in flows.items()}, institution())
    talk = talk_on(made, caller(made))
    assert isinstance(hear(talk, Dial()), Do)
    items = [
        {"id": str(n), "label": f"Thing {n}", "price": Money(n, "KES"), "never named": "x" * 500} for n in range(60)
    ]
    tell(talk, resume(talk, Outcome("found", {"items": items})), line().profile)
    kept = talk.frame.lists["pick"]
    assert len(kept) == 50 and set(kept[0]) == {"id", "label", "price"}
    assert len(sessions.encode(talk.session)) <= sessions.LIMIT


def test_records_keep_their_types_and_their_names_once() -> None:
    rows = [{"id": str(n), "of": Name("A"), "due": Money(n, "KES"), "on": TODAY, "gone": None} for n in range(3)]
    mixed = [{"id": "1"}, {"other": "2"}]
    session = caller(release())
    session.frames.append(sessions.Frame("main", "top", known={"lines": rows, "mixed": mixed}, lists={"top": rows}))
    data = sessions.encode(session)
    assert data.count(b"due") == 2  # in what is known, and in the list
    assert sessions.decode(data) == session


def test_on_a_shared_phone_the_one_who_says_so_is_kept() -> None:
    person = Person(PHONE, "ussd", "en", "1", TODAY, [dict(AKINYI, id=str(n)) for n in range(2)])
    session = Session("r", "c", person)
    talk = talk_on(release(), session)
    hear(talk, Dial(("2",)))
    assert hear(talk, Said("C-1001")) == Do("identify", {"typed": "C-1001"}, "")
    resume(talk, Outcome("found", {"client": AKINYI}))
    assert session.person.clients == [AKINYI] and session.person.client == "akinyi"


async def test_of_a_phone_that_sixty_share_a_session_keeps_two(valkey_url: str) -> None:
    stage = Stage(valkey_url)
    stage.card["clients"] = [dict(AKINYI, id=str(n), number=f"C-{n}") for n in range(60)]
    assert (await stage.hop("2")).text.startswith("Several people use this phone.")
    held = await stage.gate.sessions.load("ussd", CODE, PHONE)
    assert held.state is not None and len(sessions.decode(held.state.told.talk).person.clients) == 2
    await stage.close()


async def test_a_session_that_outgrows_its_bound_ends_with_an_apology(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is cut from what was said; the call ends, is kept as ended, and a new call begins anew."""
    monkeypatch.setattr(actions, "catalogue", lambda: ALL_ACTIONS)
    asks = "\n".join(f'  a{n}: {{ask: "Tell us more ({n})", answer: {{type: text}}}}' for n in range(30))
    flow = f'flow: main\nwords: en\nsteps:\n{asks}\n  bye: {{end: "Thank you."}}\n'
    stage = Stage(valkey_url)
    stage.published.current = release_of({"main": flow}, institution())
    text, reply = "", await stage.hop("")
    for n in range(30):
        text += f"*{'ሀ' * 470}{n}" if n else f"{'ሀ' * 470}{n}"
        before, reply = reply, await stage.hop(text)
        if not reply.more:
            break
    assert before.more and reply.text.startswith("Sorry")
    assert await stage.hop(text) == reply
    last = (await stage.journal())[-1]
    assert (last.told, last.outcome) == (reply.text, "too long")
    assert last.heard == f"{'ሀ' * 470}{n}"
    assert "Tell us more (0)" in (await stage.hop("", "S2")).text
    await stage.check_journal()
    await stage.close()


def test_of_a_session_that_outgrew_its_bound_an_open_effect_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    """It is found out by what it was asked with; and nothing that was typed is in the log."""
    made, failed = release(), list[str]()
    talk = talk_on(made, caller(made))
    asked = Frame("call_me", "ask", known={"why": "my words"}, lists={"a": [{"id": "x" * 5000}]}, doing="k")
    talk.session.frames = [Frame("main", "top", known={"said": "x" * 9000}), asked]
    visit: Any = SimpleNamespace(line=line(), gate=SimpleNamespace(metrics=SimpleNamespace(failed=failed.append)))
    kept = sessions.decode(recording._least(visit, talk))
    assert [(one.flow, one.known, one.lists, one.doing) for one in kept.frames] == [
        ("call_me", {"why": "my words"}, {}, "k")
    ]
    assert "outgrew" in caplog.text and "my words" not in caplog.text and failed == [line().name]


def test_a_flow_that_asks_the_world_for_ever_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "catalogue", lambda: ALL_ACTIONS)
    weigh = "{do: weigh, heavy: again, light: again, unavailable: bye}"
    flow = f'flow: main\nwords: en\nsteps:\n  again: {weigh}\n  bye: {{end: "Bye."}}\n'
    made = release_of({"main": flow}, institution())
    talk, asked = talk_on(made, caller(made)), 1
    assert isinstance(hear(talk, Dial()), Do)
    with pytest.raises(Runaway, match=r"main\.again"):
        while isinstance(resume(talk, Outcome("heavy")), Do):
            asked += 1
    assert asked == MAX_ACTIONS


def _dedent(text: str) -> str:
    return "\n".join(line_[12:] for line_ in text.strip("\n").split("\n"))
