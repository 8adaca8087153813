"""``/phone``: a keypad phone in the browser. What is pressed goes out over the provider's own protocol and HTTP.

It works without script: every key is a button of one form, and the call itself lies in that form's hidden field.
For demonstrations only: whoever opens it can dial as any number.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from flows.people import SamplePerson
from gateway.playing import transcripts
from gateway.web import pages
from gateway.web.call import Held, pack, readings, unpack
from gateway.web.handsets import Call, Line, NoAnswer

PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
LETTERS = (("1", ""), ("2", "abc"), ("3", "def"), ("4", "ghi"), ("5", "jkl"), ("6", "mno"))
KEYS = (*LETTERS, ("7", "pqrs"), ("8", "tuv"), ("9", "wxyz"), ("*", ""), ("0", "+"), ("#", ""))
TYPED_LIMIT = 182  # septets: what a USSD string holds (3GPP TS 23.038)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to dial as. ``pin`` is shown: these are sample people."""

    name: str
    phone: str
    language: str
    pin: str | None = None
    about: str = ""
    sample: SamplePerson | None = None  # as people.yaml has them, where a test may begin with them

    @property
    def key(self) -> str:
        """Tells apart two who share a phone."""
        return f"{self.phone} {self.name}"


@dataclass(frozen=True, slots=True)
class Sms:
    text: str = field(repr=False)
    at: dt.datetime
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Simulator:
    """What the page needs of the house. ``lines`` are asked anew for each request; ``inbox`` takes a phone."""

    institution: str
    lines: Callable[[], Sequence[Line]]
    people: Callable[[], Sequence[Person]]
    inbox: Callable[[str], Awaitable[Sequence[Sms]]]
    languages: dict[str, str]  # code -> its own name
    more_key: str = "98"
    back_key: str = "0"


SIMULATOR = web.AppKey("simulator", Simulator)
HTTP = web.AppKey("simulator_http", aiohttp.ClientSession)


def routes(app: web.Application, simulator: Simulator) -> None:
    """Adds ``/phone``, ``/phone/inbox`` and the page's own files."""
    app[SIMULATOR] = simulator
    app.cleanup_ctx.append(_http)
    app.router.add_get("/phone", show)
    app.router.add_post("/phone", press)
    app.router.add_get("/phone/inbox", inbox)
    pages.add_files(app, "/phone", "phone.css", "phone.js", "phone.svg")


async def _http(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        app[HTTP] = session
        yield


@dataclass(slots=True)
class Desk:
    """One request of the page: who is chosen, what is typed, and the call as it stands."""

    language: str
    person: Person | None
    phone: str
    line: Line | None
    typed: str = ""
    held: Held = field(default_factory=Held)
    alert: str = ""


async def show(request: web.Request) -> web.Response:
    simulator = request.app[SIMULATOR]
    desk = _desk(simulator, request.query)
    desk.typed = desk.line.service_code if desk.line else ""
    return await _page(simulator, desk)


async def press(request: web.Request) -> web.Response:
    """A key, or one of: send (dial, answer), hang up, clear, look (only the inbox)."""
    pages.own_site(request)
    try:
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    except LookupError:
        raise web.HTTPUnsupportedMediaType from None  # a character set that there is not
    simulator = request.app[SIMULATOR]
    desk = _desk(simulator, form)
    desk.typed, desk.held = form.get("typed", ""), unpack(form.get("call", ""))
    if desk.held.state == "open":
        desk.phone, desk.line = desk.held.phone, _line(simulator, desk.held.line)
    elif desk.held.phone != desk.phone or (desk.line and desk.held.line != desk.line.key):
        _chosen(simulator, desk)
    if form.get("do") == "save":
        return await _save(simulator, desk)
    await _do(request.app, desk, form)
    return await _page(simulator, desk)


async def _save(simulator: Simulator, desk: Desk) -> web.Response:
    """What was just done, as a conversation file. It lies in the form: nothing of it is kept here."""
    person, said = desk.person.sample if desk.person else None, desk.held.said
    if person is None or desk.line is None or not said:
        desk.alert = "Dial first." if person else "A test begins with one of the sample clients. Choose one, and dial."
        return await _page(simulator, desk)
    language = person.language or next(iter(simulator.languages))
    channel = desk.line.adapter.partition("/")[0]
    text = transcripts.saved(person, channel, language, [transcripts.Said(*one) for one in said])
    name = re.sub(r"[^a-z0-9]+", "-", person.short_name.lower()).strip("-") or "test"
    headers = pages.HEADERS | {"Content-Disposition": f'attachment; filename="{name}.txt"'}
    return web.Response(text=text, content_type="text/plain", charset="utf-8", headers=headers)


async def inbox(request: web.Request) -> web.Response:
    """The SMS that a phone has, newest first: ``[{"from", "text", "at"}, …]``."""
    phone = "+" + request.query.get("phone", "").strip().removeprefix("+")
    if not PHONE.fullmatch(phone):
        raise web.HTTPBadRequest(text="phone must be an international number, such as +254700000001")
    found = await request.app[SIMULATOR].inbox(phone)
    rows = [{"from": sms.sender, "text": sms.text, "at": sms.at.isoformat()} for sms in found]
    return web.json_response(rows, headers={"Cache-Control": "no-store"})


async def _do(app: web.Application, desk: Desk, form: dict[str, str]) -> None:
    action = "key" if form.get("key") else form.get("do", "")
    if action == "key":
        desk.typed += form["key"][:1]
    elif action == "clear":
        desk.typed = desk.typed[:-1]
    elif action in ("send", "hang"):
        try:
            await (_send if action == "send" else _hang_up)(app, desk)
        except NoAnswer:
            desk.alert = "The gateway did not answer. Is it still running?"
        except ValueError as wrong:
            desk.alert = f"{wrong}."


async def _send(app: web.Application, desk: Desk) -> None:
    if desk.line is None:
        raise ValueError("There is no channel that can be dialled")
    if not PHONE.fullmatch(desk.phone):
        raise ValueError("Write the phone's number with its country code, such as +254700000001")
    held, simulator = desk.held, app[SIMULATOR]
    call = Call(app[HTTP], desk.line, desk.phone)
    if held.state == "open":
        call.handset.load(held.handset)
        exchange = await call.type(desk.typed)
        held.turned(desk.typed, simulator.more_key, simulator.back_key)
    else:
        exchange = await call.dial(desk.typed)
        left = held.said if held.left else []  # what was not finished goes on in the next call
        held = desk.held = Held(line=desk.line.key, phone=desk.phone, said=left)
    held.heard(call, desk.line.url, desk.typed, exchange)
    desk.typed = "" if held.state == "open" else desk.line.service_code
    if held.state != "open":
        await call.hang_up()


async def _hang_up(app: web.Application, desk: Desk) -> None:
    held = desk.held
    said = [*held.said, (transcripts.HUNG_UP, "")] if held.state == "open" else held.said
    desk.held = Held(line=held.line, phone=held.phone, handset=held.handset, said=said)
    desk.typed = desk.line.service_code if desk.line else ""
    if held.state == "open" and desk.line:
        call = Call(app[HTTP], desk.line, desk.phone)
        call.handset.load(held.handset)
        await call.hang_up()


def _chosen(simulator: Simulator, desk: Desk) -> None:
    """Somebody else, or another line: what the last call showed is gone, and its number is dialled no more."""
    desk.held = Held()
    if desk.line and desk.typed in ("", *(line.service_code for line in simulator.lines())):
        desk.typed = desk.line.service_code


def _line(simulator: Simulator, key: str) -> Line | None:
    found = simulator.lines()
    return next((line for line in found if line.key == key), found[0] if found else None)


def _desk(simulator: Simulator, given: Mapping[str, str]) -> Desk:
    """Who and what is chosen; without a choice, the first person who speaks the language."""
    language = given.get("language", "")
    language = language if language in simulator.languages else ""
    client, people = given.get("client", ""), _people(simulator, language)
    person = next((one for one in simulator.people() if client in (one.key, one.phone)), None)
    if person is None and client != "other" and people:
        person = people[0]
    phone = person.phone if person else given.get("other", "").strip()[:20]
    return Desk(language, person, phone, _line(simulator, given.get("channel", "")))


def _people(simulator: Simulator, language: str) -> list[Person]:
    return [person for person in simulator.people() if not language or person.language == language]


async def _page(simulator: Simulator, desk: Desk) -> web.Response:
    people = _people(simulator, desk.language)
    return pages.page(
        "phone.html",
        simulator=simulator,
        desk=desk,
        held=desk.held,
        call=pack(desk.held),
        lines=simulator.lines(),
        people=people if desk.person in (None, *people) else [desk.person, *people],
        inbox=await simulator.inbox(desk.phone) if PHONE.fullmatch(desk.phone) else [],
        readings=readings(desk.held, desk.line),
        keys=KEYS,
        typed_limit=TYPED_LIMIT,
    )
