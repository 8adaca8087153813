"""Secrets typed and sent wherever a person or a provider may put them: every place has figures of its own."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote_plus

from searching import Search
from wire import Phone, Wire

from gateway.home import Home
from gateway.settings import SAMPLE

AKINYI, MUTISO, NOBODY = "+254700000001", "+254700000005", "+254700000777"
CANARY = "Zawadi Kanari"  # is kept, by right: who searches finds it
NO_HTTP = ("in a header", "instead of a request")
SORRY = "Sorry, we cannot answer right now"
PIN_AGAIN = "That is not your PIN."


def home_of(folder: Path, pin: str) -> Path:
    """The sample institution, where Akinyi has this PIN."""
    folder.mkdir()
    shutil.copy(SAMPLE, folder / "njia.toml")
    source = Home(None).file("people.yaml")
    assert source and "pin: 4729" in source.text
    (folder / "people.yaml").write_text(source.text.replace("pin: 4729", f"pin: {pin}"))
    return folder


def figures(many: int) -> str:
    """Random ones that are no weak PIN and turned round are not themselves."""
    while True:
        found = f"{secrets.randbelow(9 * 10 ** (many - 1)) + 10 ** (many - 1)}"
        if len(set(found)) > 4 and found != found[::-1] and found[:2] not in ("19", "20"):
            return found


@dataclass
class Spill:
    """``pin``: of the client who has one, twelve figures. ``secrets``: all that were used, by where they were put."""

    wire: Wire
    pin: str
    secrets: dict[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.secrets["the PIN"] = self.pin

    def new(self, where: str, many: int = 12) -> str:
        return self.secrets.setdefault(where, figures(many))

    async def right_and_wrong(self) -> None:
        phone = Phone(self.wire, AKINYI)
        await phone.dial("S1")
        await phone.type("2")
        assert PIN_AGAIN in await phone.type(self.new("a wrong PIN"))
        assert PIN_AGAIN in await phone.again()
        accounts = await phone.type(self.pin)
        assert "1 Biashara" in accounts and await phone.again() == accounts
        assert "Press one" in await phone.type(self.new("at a list"))
        assert "END Biashara" in await phone.type("1")
        assert "over" in await phone.type(self.new("after the end"))
        assert (await phone.hang_up("Success")).status == 200
        redialled = await phone.dial("S2", "2")
        assert "Enter your" in redialled
        await phone.type(self.pin)
        assert "over" in (await self.wire.post(phone.sent[-1].replace(b"S2", b"S1"))).text  # a late hop
        assert (await phone.hang_up()).status == 200

    async def deep(self) -> None:
        phone = Phone(self.wire, AKINYI)
        assert "1 Biashara" in await phone.dial("D1", "2", self.pin)
        assert PIN_AGAIN in await phone.dial("D2", "2", self.new("wrong, dialled deep"), self.new("after a wrong one"))
        assert "1 Pay" in await phone.dial("D3", self.new("instead of a shortcut"), self.new("after no shortcut"))
        assert "1 Pay" in await phone.dial("D4", "77", self.new("after another shortcut"))
        assert "END" in await phone.dial("D5", "2", self.pin, "1", self.new("after the last step"))
        stranger = Phone(self.wire, NOBODY)
        assert "1 English" in await stranger.dial("D6", self.new("instead of a shortcut, by a stranger"))
        assert "1 English" in await stranger.dial("D7", "2", self.new("after a shortcut, by a stranger"))

    async def in_the_wrong_place(self) -> None:
        phone, stranger = Phone(self.wire, AKINYI), Phone(self.wire, NOBODY)
        await phone.dial("W1")
        assert "Press one" in await phone.type(self.new("at the main menu"))
        assert "Press one" in await phone.type(f"my PIN is {self.new('in a sentence')}")
        await phone.dial("W3")
        assert "Press one" in await phone.type(
            self.new("in another script").translate(dict(zip(b"0123456789", "٠١٢٣٤٥٦٧٨٩", strict=True)))
        )
        await phone.type("8")
        assert "Settings" in await phone.type("4")
        await stranger.dial("W2")
        assert "Press one" in await stranger.type(self.new("for a language"))
        await stranger.type("1")
        await stranger.type("1")
        assert "Type a name" in await stranger.type(self.new("for a name"))
        assert "Type a name" in await stranger.type(f"Zawadi {self.new('behind a name')}")
        assert "To save" in await stranger.type(CANARY)
        assert "Thank you" in await stranger.type("1")

    async def enrolled(self, issue: Callable[[str], Awaitable[str]]) -> None:
        """With a code from the office, mistyped first; then the PIN is changed, and typed otherwise the second time."""
        self.secrets["the code"] = code = await issue(MUTISO)
        phone = Phone(self.wire, MUTISO)
        await phone.dial("E1", "2")
        if "English" in await phone.again():
            await phone.type("1")
        assert "figures" in await phone.type(self.new("a code with too many figures"))
        assert "not the code" in await phone.type(self.new("a wrong code", 6))
        assert "New PIN" in await phone.type(code)
        first = self.new("the first PIN", 6)
        assert "once more" in await phone.type(first)
        assert "not the same" in await phone.type(self.new("the first PIN, mistyped", 6))
        assert "once more" in await phone.type(first)
        assert "is set" in await phone.type(first)
        assert "1 Change it" in await phone.dial("E2", "8", "2")
        await phone.type("1")
        assert "New PIN" in await phone.type(first)
        second = self.new("the second PIN", 6)
        assert "figures" in await phone.type(second[:3] + "o" + second[4:])
        await phone.type(second)
        assert "is set" in await phone.type(second)
        assert "END" in await phone.dial("E3", "2", second)

    async def badly_sent(self) -> None:
        wire, who = self.wire, f"sessionId=B1&serviceCode=*384*7%23&phoneNumber={quote_plus(AKINYI)}"
        long = "7" * 70_000
        answers = {
            413: [
                wire.post(f"{who}&text=2*{self.new('in a request too large')}{long}".encode()),
                wire.post(f"{who}&text=2*{self.new('in a text too long')}*{long[:5000]}".encode()),
                wire.post(
                    f"{who}&status=Success&input=2*{self.new('in a notice too large')}{long}".encode(), "/events"
                ),
            ],
            404: [
                wire.send("POST", f"/ussd/{self.new('in the path')}", b""),
                wire.send("POST", f"{wire.path}/{self.new('below the path')}", b""),
                wire.send("POST", f"/channels/ussd/{self.new('for a token')}", b"text=1"),
                wire.send("POST", f"/channels/{self.new('for a channel')}/token", b"text=1"),
                wire.post(f"{who.replace('384', '385')}&text={self.new('to another code')}".encode()),
            ],
            405: [wire.send("GET", f"{wire.path}?{who}&text=2*{self.new('in a query')}")],
            415: [wire.post(f'{{"text": "{self.new("in JSON")}"}}'.encode(), **{"Content-Type": "application/json"})],
            400: [
                wire.post(f"{who}&text=1&text={self.new('in a field twice')}".encode()),
                wire.post(f"{who}&text={self.new('before a NUL')}%00".encode()),
                wire.post(f"{who}&text={self.new('beside bad bytes')}%FF".encode()),
                wire.post(f"{who}&status={self.new('as a status')}".encode(), "/events"),
                wire.post(f"text={self.new('from nobody')}".encode()),
                wire.raw(f"POST {wire.path} HTTP/1.1\r\nX-{self.new('in a header')}: \0\r\n".encode()),
                wire.raw(f"{self.new('instead of a request')}\r\n".encode()),
            ],
        }
        for status, asked in answers.items():
            for one in asked:
                assert (await one).status == status
        notice = (
            f"{who}&status=Incomplete&input=2*{self.new('in a notice')}&lastAppResponse={self.new('beside a notice')}"
        )
        assert (await wire.post(notice.encode(), "/events")).status == 200

    async def everything(self, issue: Callable[[str], Awaitable[str]]) -> None:
        """``issue`` gives an activation code for a phone."""
        await self.right_and_wrong()
        await self.deep()
        await self.in_the_wrong_place()
        await self.enrolled(issue)
        await self.badly_sent()

    async def while_it_fails(self, session: str, where: str) -> str:
        """The answer to a PIN typed while something is broken; the gateway says something in any case."""
        phone = Phone(self.wire, AKINYI)
        return await phone.dial(session, "2", self.new(where))

    async def right(self, session: str) -> bool:
        """Whether the right PIN opens the accounts."""
        return "1 Biashara" in await Phone(self.wire, AKINYI).dial(session, "2", self.pin)

    def in_answers(self) -> list[str]:
        """Only what is no HTTP at all is quoted, by the library and to who sent it."""
        others = {name: text for name, text in self.secrets.items() if name not in NO_HTTP}
        return Search(others).found(b"".join(self.wire.got), "an answer")
