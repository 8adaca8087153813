"""A gateway of five screens behind the real adapter, for tests of what dials it. Run it to look at the page."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys

from aiohttp import web

from adapters import discover
from adapters.channel import ChannelSettings, Closed, Hop, Rejected, Reply, Request
from flows.people import SamplePerson
from gateway.web import phone
from gateway.web.handsets import Line, lines

CODE = "*384*7#"
MENU = "Kopo Microfinance\n1. Balance\n2. Mini-statement\n3. Language\n4. Call me back\n98. More"
LONG = "1. Stop messages\n2. Who we are\n3. Change your PIN\n0. Back"
WANJIKU = SamplePerson(
    short_name="Wanjiku",
    name="Wanjiku Kamau",
    number="1",
    phone="+254700000001",
    language="en",
    about="A weekly loan and savings",
    pin="2468",
)
PEOPLE = (
    phone.Person("Wanjiku Kamau", "+254700000001", "en", "2468", "A weekly loan and savings", WANJIKU),
    phone.Person("Otieno Odhiambo", "+254700000002", "en", None, "Known, without a PIN"),
    phone.Person("Asha Juma", "+254700000003", "sw", "1357", "Akiba na mkopo"),
    phone.Person("Baraka Juma", "+254700000003", "sw", "8024", "Shares Asha's phone"),
)


class Gateway:
    """Keeps what it heard: ``hops`` and ``notices``."""

    def __init__(self) -> None:
        self.hops: list[Hop] = []
        self.notices: list[Closed] = []
        self.sms: list[phone.Sms] = []
        self.running: dict[str, object] = {}
        settings = ChannelSettings("ussd", "ussd/africastalking", "KE", (CODE,))
        self.channel: object = discover.channel(settings)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/channels/ussd/token", self.hop)
        app.router.add_post("/channels/ussd/token/events", self.notice)
        languages = {"en": "English", "sw": "Kiswahili"}
        phone.routes(app, phone.Simulator("Kopo Microfinance", self.lines, lambda: PEOPLE, self.inbox, languages))
        return app

    def clock(self) -> dt.datetime:
        return dt.datetime(2026, 11, 23, 9, 5, tzinfo=dt.UTC)

    def at(self, url: str) -> None:
        channel = {"path": "/channels/ussd/token", "adapter": "ussd/africastalking"}
        console = {"path": "/channels/sms/token", "adapter": "sms/console"}
        self.running = {"url": url, "service_code": CODE, "channels": {"ussd": channel, "sms": console}}

    def lines(self) -> list[Line]:
        return lines(self.running)

    async def inbox(self, number: str) -> list[phone.Sms]:
        return self.sms if number == PEOPLE[0].phone else []

    async def hop(self, request: web.Request) -> web.Response:
        try:
            heard = self.channel.receive(await wire(request))  # type: ignore[attr-defined]
        except Rejected as rejected:
            refused = self.channel.refuse(rejected)  # type: ignore[attr-defined]
            return web.Response(status=refused.status, body=refused.body)
        self.hops.append(heard)
        answer = self.channel.answer(self.said(heard.text))  # type: ignore[attr-defined]
        return web.Response(body=answer.body, headers={"Content-Type": answer.content_type})

    async def notice(self, request: web.Request) -> web.Response:
        self.notices.append(self.channel.closed(await wire(request)))  # type: ignore[attr-defined]
        return web.Response()

    def said(self, text: str) -> Reply:
        last = text.rsplit("*", 1)[-1]
        if last in ("", "0"):
            return Reply(MENU, more=True)
        if last == "98":
            return Reply(LONG, more=True)
        if last == "1":
            return Reply("Enter your PIN\n0. Back", more=True)
        if last == "2468":
            return Reply("Biashara loan: you owe KES 12,500.00.\nDue 27 Nov: KES 1,250.00.\nThank you.", more=False)
        return Reply(f"“{last}” is not on the list.\n{MENU}", more=True)


async def wire(request: web.Request) -> Request:
    return Request(request.method, request.path, request.headers, request.query_string, await request.read())


async def main(port: int) -> None:
    gateway = Gateway()
    gateway.at(f"http://127.0.0.1:{port}")
    when = gateway.clock()
    gateway.sms = [
        phone.Sms("Your PIN was changed today at 12:05. If this was not you, call 0800 720 001.", when, "KOPO"),
        phone.Sms("Welcome to Kopo. Dial *384*7# at any time.", when - dt.timedelta(days=1), "KOPO"),
    ]
    runner = web.AppRunner(gateway.app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
