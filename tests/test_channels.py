"""Plays the wire tables of tests/channels: for each adapter, the bytes of its provider and what they must mean.

An adapter found in its folder without a table fails. The hostile cases below come free with every table.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters import discover
from adapters.channel import ChannelSettings, Hop, Outgoing, Rejected, Reply, Request, Response
from flows.screens.profile import profile_from

TABLES = {
    table["adapter"]: table
    for table in (yaml.safe_load(path.read_text()) for path in sorted(Path(__file__).parent.glob("channels/*.yaml")))
}
INLINE = [name for name in TABLES if name.split("/")[0] in ("ussd", "voice")]
REPORTED = [name for name, table in TABLES.items() if "reports" in table]
PLAYED = [name for name in INLINE if hasattr(discover.module(name), "Handset")]
CODE, PHONE = "*384*7#", "+254700000001"
TYPED = st.characters(codec="utf-8", exclude_characters="\0")


def rows(*parts: str) -> list[Any]:
    return [
        pytest.param(name, row, id=f"{name}: {row['it']}")
        for name, table in TABLES.items()
        for part in parts
        for row in table.get(part, ())
    ]


def channel(name: str, **more: Any) -> Any:
    given_settings = TABLES[name]["settings"] | more
    codes = tuple(given_settings.get("service_codes", ()))
    allow = tuple(given_settings.get("allow", ()))
    options = given_settings.get("options", {})
    return discover.channel(ChannelSettings("c", name, given_settings["country"], codes, allow, options))


def request(name: str, row: dict[str, Any]) -> Request:
    """The row's bytes; ``{x*100}`` in a body stands for x a hundred times."""
    body = re.sub(r"\{([^{}]*)\*(\d+)\}", lambda found: found[1] * int(found[2]), row["body"])
    kind = row.get("type", TABLES[name]["form"])
    headers = {"Content-Type": kind} if kind else {}
    return Request(row.get("method", "POST"), "/channels/c/token", headers, body=body.encode(), remote="192.0.2.1")


def good(name: str) -> Request:
    return request(name, next(row for row in TABLES[name]["requests"] if "gives" in row))


def shown(heard: Any) -> dict[str, Any]:
    """Its fields, whichever kind of record it is."""
    return {name: getattr(heard, name) for name in type(heard).__annotations__}


def plain(heard: Any) -> Any:
    if isinstance(heard, list):
        return [plain(one) for one in heard]
    return {key: value for key, value in shown(heard).items() if key != "separator"}


def heard_or_refused(name: str, wire: Request, method: str = "receive") -> Any:
    """What the adapter makes of it. A refusal must be a Rejected (400 to 499) that repeats nothing private."""
    built = channel(name)
    try:
        return getattr(built, method)(wire)
    except Rejected as rejected:
        assert 400 <= rejected.status < 500
        assert rejected.reason
        assert not [word for word in TABLES[name]["private"] if word in rejected.reason]
        return rejected


def test_every_adapter_has_a_table_and_a_profile() -> None:
    assert set(discover.names(*discover.CHANNELS)) == set(TABLES)
    for name in TABLES:
        assert profile_from(yaml.safe_load(discover.profile_text(name))).kind == name.split("/")[0]


@pytest.mark.parametrize(("name", "row"), rows("requests"))
def test_requests(name: str, row: dict[str, Any]) -> None:
    heard = heard_or_refused(name, request(name, row))
    if "refuses" in row:
        assert {"status": heard.status, "reason": heard.reason} == row["refuses"]
    else:
        assert plain(heard) == row["gives"]


@pytest.mark.parametrize(("name", "row"), rows("notices"))
def test_notices(name: str, row: dict[str, Any]) -> None:
    heard = heard_or_refused(name, request(name, row), "closed")
    if "refuses" in row:
        assert {"status": heard.status, "reason": heard.reason} == row["refuses"]
    else:
        assert plain(heard) == row["gives"]


@pytest.mark.parametrize(("name", "row"), rows("reports"))
def test_reports(name: str, row: dict[str, Any]) -> None:
    heard = heard_or_refused(name, request(name, row), "reports")
    if "refuses" in row:
        assert {"status": heard.status, "reason": heard.reason} == row["refuses"]
    else:
        assert plain(heard) == row["gives"]


def test_who_posts_reports_has_rows_of_them() -> None:
    assert [name for name in TABLES if name not in INLINE and channel(name).reported] == REPORTED


@pytest.mark.parametrize("name", REPORTED)
def test_reports_come_from_the_allow_list_alone(name: str) -> None:
    wire = request(name, next(row for row in TABLES[name]["reports"] if row.get("gives")))
    assert channel(name, allow=["192.0.2.0/24"]).reports(wire)
    with pytest.raises(Rejected) as refused:
        channel(name, allow=["198.51.100.0/24"]).reports(wire)
    assert refused.value.status == 403


@pytest.mark.parametrize(("name", "row"), rows("answers"))
def test_answers(name: str, row: dict[str, Any]) -> None:
    built = channel(name)
    sent = built.answer(Reply(**row["reply"])) if "reply" in row else built.refuse(Rejected(**row["rejected"]))
    wanted = row["sends"]
    assert (sent.status, sent.content_type, sent.body.decode()) == (wanted["status"], wanted["type"], wanted["body"])
    assert dict(sent.headers) == wanted.get("headers", {})


@pytest.mark.parametrize(("name", "row"), rows("sends"))
async def test_sends(name: str, row: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    sent = await channel(name).send(Outgoing(**row["message"]))
    assert shown(sent) == row["gives"]
    assert not [word for word in (*TABLES[name]["private"], row["message"]["text"]) if word in caplog.text]


# -- what every adapter must stand, whatever its provider ------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_refuses_other_methods(name: str, method: str) -> None:
    wire = good(name)
    refused = heard_or_refused(name, Request(method, wire.path, wire.headers, body=wire.body))
    assert isinstance(refused, Rejected)
    assert refused.status == 405


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"\xff\xfe\x00\x01", 400), (b"&&==&%zz=%", 400), (b"text=" + b"7" * 1_000_000, 413)],
    ids=["empty", "no text at all", "malformed", "a megabyte"],
)
def test_refuses_bodies_that_are_none(name: str, body: bytes, status: int) -> None:
    refused = heard_or_refused(name, Request("POST", "/", good(name).headers, body=body))
    assert isinstance(refused, Rejected)
    assert refused.status == status


@pytest.mark.parametrize("name", TABLES)
def test_keeps_to_its_allow_list(name: str) -> None:
    wire = good(name)
    assert channel(name, allow=["192.0.2.0/24"]).receive(wire)
    for stranger in ("198.51.100.7", "::1", "", "unix:"):
        with pytest.raises(Rejected) as refused:
            channel(name, allow=["192.0.2.0/24"]).receive(Request("POST", "/", wire.headers, "", wire.body, stranger))
        assert refused.value.status == 403


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_random_bytes_are_heard_or_refused(name: str, data: st.DataObject) -> None:
    """Noise, and noise inside a good request, under any content type: nothing but Rejected is raised."""
    wire = good(name)
    cut = data.draw(st.integers(0, len(wire.body)))
    noise = data.draw(st.binary(max_size=40))
    body = data.draw(st.sampled_from([noise, wire.body[:cut] + noise + wire.body[cut:], wire.body[:cut] + noise]))
    kinds = ["", "application/json", "multipart/form-data; boundary=a", "multipart/form-data", "; charset=x"]
    kind = data.draw(st.sampled_from([TABLES[name]["form"], *kinds]) | st.text(max_size=20))
    method = data.draw(st.sampled_from(["receive", "closed" if name in INLINE else "reports"]))
    heard_or_refused(name, Request("POST", "/", {"content-type": kind}, body=body), method)


@pytest.mark.parametrize("name", PLAYED)
@pytest.mark.parametrize(
    "typed",
    ["😀" * 40, "\u202e\u200f123", "\x07\x1b[2J\r\n", "٣", "*" * 30, "<script>&amp;%41", "7" * 10_000, "a\0b"],
    ids=["emoji", "right to left", "control", "arabic digit", "stars", "markup", "10 kB of digits", "NUL"],
)
def test_hostile_words_arrive_as_typed_or_are_refused(name: str, typed: str) -> None:
    handset = discover.handset(name, CODE, PHONE)
    assert handset is not None
    handset.dial(CODE)
    heard = heard_or_refused(name, handset.type(typed))
    assert isinstance(heard, Rejected) or heard.text == typed


@pytest.mark.parametrize("name", PLAYED)
@settings(max_examples=100, deadline=None)
@given(
    path=st.lists(st.text("0123456789", min_size=1, max_size=4), max_size=3),
    typed=st.lists(st.text(TYPED, max_size=12), max_size=5),
    replies=st.lists(st.text(st.characters(codec="utf-8")), min_size=9, max_size=9),
)
def test_what_a_handset_sends_is_what_the_channel_hears(
    name: str, path: list[str], typed: list[str], replies: list[str]
) -> None:
    built, handset = channel(name), discover.handset(name, CODE, PHONE)
    assert handset is not None
    hops: list[Hop] = [built.receive(handset.dial("*".join([CODE[:-1], *path]) + "#"))]
    for words, shown in zip(typed, replies, strict=False):
        assert handset.read(built.answer(Reply(shown, more=True))) == Reply(shown, more=True)
        carried = discover.handset(name, CODE, PHONE)  # the page keeps a call in its form between two requests
        assert carried is not None
        carried.load(handset.save())
        hops.append(built.receive(handset.type(words)))
        assert built.receive(carried.type(words)) == hops[-1]
    assert {(hop.address, hop.service, hop.session) for hop in hops} == {(PHONE, CODE, hops[0].session)}
    for before, after, words in zip(hops, hops[1:], typed, strict=False):
        assert after.text == (f"{before.text}{after.separator}{words}" if before.text else words)
    closed = built.closed(handset.hang_up())
    assert (closed.session, closed.status) == (hops[0].session, "left")
    assert not any(words in repr(closed) for words in typed if len(words) > 8)


@pytest.mark.parametrize("name", PLAYED)
def test_a_handset_knows_how_a_call_ended(name: str) -> None:
    built, handset = channel(name), discover.handset(name, CODE, PHONE)
    assert handset is not None
    first = built.receive(handset.dial(CODE)).session
    handset.read(built.answer(Reply("bye", more=False)))
    assert built.closed(handset.hang_up()).status == "completed"
    assert built.receive(handset.dial(CODE)).session != first
    for wrong in (Response(500, b"CON hello"), Response(200, b"hello"), built.refuse(Rejected("no"))):
        with pytest.raises(Rejected):
            handset.read(wrong)
    assert built.closed(handset.hang_up()).status == "failed"
    with pytest.raises(ValueError, match=re.escape("dial *384*7#")):
        handset.dial("*999#")
