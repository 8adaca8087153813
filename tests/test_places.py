"""Places and files from the answer to the record and back: the session, the journal, the desk, exports and results."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from scripted import institution, release_of

from flows import inviting
from flows import session as sessions
from flows.events import Sent
from flows.loading.fields import Field
from flows.observed import as_kept, from_kept
from flows.session import Frame, Person, Session
from flows.values import Absent, Kind, Media, Place, Value
from gateway.desk import dictionary
from gateway.desk.survey_results import results
from gateway.desk.survey_words import Question
from gateway.exporting.exports import export
from gateway.exporting.reading import Asked, lines
from gateway.journal import Entry
from gateway.record import tables
from gateway.record.database import Database
from gateway.record.desk import surveys
from gateway.record.desk.staff import Staff
from gateway.record.desk.survey_runs import Scope
from gateway.record.field_cells import read_field
from gateway.record.scribing import apply
from gateway.record.typed_json import plain, typed
from gateway.recording import _saved

START = 1_790_000_000.0
SHOP = Place("Kawangware, near the market")
POINT = Place("", Decimal("-1.29210"), Decimal("36.8219"))
BOTH = Place("Gikomba", Decimal("-1.2855"), Decimal("36.8402"))
PHOTO = Media("4f3a", "photo", "image/jpeg", 120345)
VALUES = [SHOP, POINT, BOTH, PHOTO, Media("a", "voice", "audio/ogg; codecs=opus", 0)]
FIELDS = {
    "client.shop": Field("client.shop", Kind.PLACE, "Shop"),
    "client.face": Field("client.face", Kind.MEDIA, "Photo", sensitive=True),
}


@pytest.mark.parametrize("value", VALUES)
def test_a_value_comes_back_as_it_was(value: Value) -> None:
    session = Session("r", "c", Person("+254700000001"), frames=[Frame("main", known={"x": value, "y": [value]})])
    assert sessions.decode(sessions.encode(session)) == session
    assert typed(plain({"a": [value]})) == {"a": [value]}
    assert from_kept(as_kept(value)) == value
    saved = _saved("client.shop", value, "shop")
    assert saved.kind == ("media" if isinstance(value, Media) else "place")
    assert inviting.value(saved.kind, saved.value) == value


@pytest.mark.parametrize(
    ("value", "en", "sw", "desk"),
    [
        (SHOP, "Kawangware, near the market", "Kawangware, near the market", "Kawangware, near the market"),
        (POINT, "-1.29210, 36.8219", "-1.29210, 36.8219", "-1.29210, 36.8219"),
        (BOTH, "Gikomba", "Gikomba", "Gikomba (-1.2855, 36.8402)"),
        (PHOTO, "photo", "picha", "photo 4f3a (image/jpeg, 120345 bytes)"),
    ],
)
def test_in_words(value: Value, en: str, sw: str, desk: str) -> None:
    flow = 'flow: main\nwords: en\nsteps:\n  bye: {end: "Bye."}\n'
    words = release_of({"main": flow}, institution(languages=("en", "sw"))).words
    assert (words.show("en", value), words.show("sw", value)) == (en, sw)
    assert dictionary.value("place", as_kept(value), "", "") == desk
    assert "Kawangware" not in repr(Sent(SHOP))


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        (" Kawangware ", {"words": "Kawangware"}),
        ("-1.2921, 36.8219", {"latitude": "-1.2921", "longitude": "36.8219"}),
    ],
)
def test_a_cell_of_a_table(cell: str, kept: dict[str, str]) -> None:
    assert read_field(FIELDS["client.shop"], cell, "KES", "KE") == ("place", kept, "")


@pytest.mark.parametrize(
    ("field", "cell"), [("client.shop", "12"), ("client.shop", "-1,29 36,82"), ("client.face", "a")]
)
def test_a_cell_that_is_none(field: str, cell: str) -> None:
    with pytest.raises(ValueError, match=r"write a place in words|clients send them"):
        read_field(FIELDS[field], cell, "KES", "KE")


async def kept(database: Database, *values: Value) -> None:
    """Each said by a call of its own, as the turn has it."""
    entries = [
        Entry(
            f"{n:032}", 1, START + n, "said", "ussd", "ussd", "+254700000001",
            flow="asks", step="bye", heard_flow="asks", heard_step=step, asked=step,
            saved=[_saved(f"client.{step}", value, step)],
        )
        for n, value in enumerate(values)
        for step in ["face" if isinstance(value, Media) else "shop"]
    ]  # fmt: skip
    await apply(database, entries)


async def exported(database: Database, role: str) -> list[dict[str, Any]]:
    made = export("answers", FIELDS)
    names = [column.name for column in made.columns]
    return [dict(zip(names, line, strict=True)) async for line in lines(database, made, Asked(role))]


async def test_in_an_export(database: Database) -> None:
    await kept(database, SHOP, POINT, BOTH, PHOTO)
    found = {str(row["value"]): row for row in await exported(database, "admin")}
    assert set(found) == {SHOP.words, "", BOTH.words, "photo 4f3a (image/jpeg, 120345 bytes)"}
    assert [(found[key]["latitude"], found[key]["longitude"]) for key in ("", BOTH.words, SHOP.words)] == [
        (-1.2921, 36.8219),
        (-1.2855, 36.8402),
        (None, None),
    ]
    for row in await exported(database, ""):
        assert {row["value"], row["latitude"], row["longitude"]} <= {"•••", "", None}, "where somebody is, is private"


async def test_in_the_results_of_a_survey(database: Database) -> None:
    await kept(database, SHOP, BOTH, PHOTO, Media("b", "photo", "image/png", 9), Media("c", "voice", "audio/ogg", 9))
    said = await surveys.answers(database, Scope("asks"), ["face"])
    media = Question("face", "media", "A photo?", (("photo", "photo"), ("voice", "voice note"), ("file", "file")))
    (made,) = results([media], {"face": [one for one in said if one.step == "face"]}, {}, False)
    assert [(bar.label, bar.count) for bar in made.bars] == [("photo", 2), ("voice note", 1), ("file", 0)]
    desk = Staff("1", "desk@x.example", "Desk", "agent")
    quotes = await surveys.quotes(database, Scope("asks"), ["shop"], desk)
    assert sorted(one.text for one in quotes) == ["Gikomba (-1.2855, 36.8402)", "Kawangware, near the market"]


async def test_what_was_answered_and_then_not_asked_counts_as_not_asked(database: Database) -> None:
    await kept(database, SHOP, BOTH)
    async with database.write() as conn:
        first = sa.select(tables.observation).limit(1)
        row = dict((await conn.execute(first)).one()._mapping)
        again = row | {"id": "again", "value": None, "absent": Absent.SKIPPED.value, "turn": row["turn"] + 1}
        await conn.execute(sa.insert(tables.observation), [again | {"at": row["at"] + dt.timedelta(seconds=9)}])
    said = [one for one in await surveys.answers(database, Scope("asks"), []) if one.step == "shop"]
    passed = await surveys.passed(database, Scope("asks"), ["shop"])
    (made,) = results([Question("shop", "place", "Where?")], {"shop": said}, passed, False)
    assert (made.answered, made.shown, made.skipped, made.silent) == (1, 1, 1, 0)
