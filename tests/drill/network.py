"""The provider's side of the wire, as Africa's Talking sends it.

A request whose connection breaks is repeated, the very same. One that gets no answer in time is repeated or given up,
and given up in the end; who gave it up dials again, and must not be troubled by the first one being taken later. What
was sent and what came back is kept, hop by hop, to be compared with the record afterwards. Nothing here depends on how
fast the machine is: a slow one only makes more people dial again.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from dataclasses import dataclass, field

import aiohttp
from drill.screens import shows

PATIENCE = aiohttp.ClientTimeout(total=6)  # seconds for an answer; a turn has four
PAUSE = 0.05  # seconds before a request whose connection broke is repeated
ENDURANCE = 15.0  # seconds for a request and its repetitions: the network ends a call that is silent for twice as long
GIVING_UP = 240.0  # seconds for a notice, which is repeated until it is taken: all is long back by then


@dataclass(slots=True)
class Asked:
    """One hop of a session: everything typed so far, and every answer that came to it and its copies."""

    phone: str
    session: str
    text: str
    typed: str = ""
    opens: bool = False  # the first request of its session
    secret: bool = False  # what was typed holds a PIN
    means: str = ""  # the effect that it asks for, if it does
    guess: tuple[str, bool | None] | None = None  # whose PIN, and whether it is the right one, where that is certain
    answers: list[bytes] = field(default_factory=list)  # apologies are not kept: the client was told nothing
    posts: int = 0
    apologies: int = 0

    @property
    def told(self) -> str | None:
        """The screen that the client saw; None: nothing but an apology."""
        return self.answers[0][4:].decode() if self.answers else None

    @property
    def more(self) -> bool:
        return bool(self.answers) and self.answers[0].startswith(b"CON ")


@dataclass(slots=True)
class Noticed:
    """The provider's notice that a session is over. ``after``: what the phone showed last, if it showed anything."""

    phone: str
    session: str
    after: str = ""  # CON, END


@dataclass(slots=True)
class Counts:
    hops: int = 0
    retries: int = 0  # requests sent again because their connection broke, or no answer came in time
    given_up: int = 0  # requests that no answer came to in time, and that were not sent again
    replays: int = 0  # copies of requests that were answered already, or are being answered
    late: int = 0
    apologies: int = 0
    longest: float = 0.0  # seconds that a client waited for a screen that was no apology


class Network:
    """Sends what phones type to ``url`` and keeps it all. Several at once, but one call at a time on each phone."""

    def __init__(self, url: str, service: str, http: list[aiohttp.ClientSession], chance: random.Random) -> None:
        """``http``: one of them sends each request."""
        self._url, self._service, self._http, self._chance = url, service, http, chance
        self.counts = Counts()
        self.history: dict[str, list[Asked | Noticed]] = defaultdict(list)
        self.odd: list[str] = []  # answers that no provider should ever get
        self._since: dict[str, float] = {}

    async def ask(self, asked: Asked) -> str | None:
        """One hop, now and then with a copy beside or after it; the screen, or None for an apology."""
        self.history[asked.phone].append(asked)
        self.counts.hops += 1
        self._since.setdefault(asked.phone, _now())
        copies = 2 if self._chance.random() < 0.08 else 1
        await asyncio.gather(*(self._until_answered(asked) for _ in range(copies)))
        self.counts.replays += copies - 1
        if asked.told is not None:
            self.counts.longest = max(self.counts.longest, _now() - self._since.pop(asked.phone))
            if self._chance.random() < 0.1:
                self.counts.replays += 1
                await self._until_answered(asked)
        return asked.told

    async def late_copy(self, of: Asked) -> None:
        """A request of a place that the conversation has left: it must be refused, and change nothing."""
        again = Asked(of.phone, of.session, of.text)
        await self._until_answered(again)
        self.counts.late += 1
        if again.told is not None and not shows("system.too_late", again.told):
            self.odd.append(f"a late copy was answered: {again.told!r}")

    async def hang_up(self, last: Asked) -> None:
        """The end notice, until it is taken."""
        after = "" if last.told is None else "CON" if last.more else "END"
        self.history[last.phone].append(Noticed(last.phone, last.session, after))
        status = "Incomplete" if last.more else "Success"
        form = self._form(last) | {"status": status, "cost": "KES 0.00", "durationInMillis": "1000"}
        del form["text"]
        await self._post(self._url + "/events", form)

    def gave_up(self, phone: str) -> None:
        """Nobody waits for a screen on this phone any more."""
        self._since.pop(phone, None)

    async def _until_answered(self, asked: Asked) -> None:
        body = await self._post(self._url, self._form(asked), asked)
        if body is None:
            self.counts.given_up += 1
        elif body.startswith(b"END ") and shows("system.sorry", body.decode()):
            asked.apologies += 1
            self.counts.apologies += 1
        else:
            asked.answers.append(body)

    def _form(self, asked: Asked) -> dict[str, str]:
        who = {"sessionId": asked.session, "serviceCode": self._service, "phoneNumber": asked.phone}
        return who | {"networkCode": "63902", "text": asked.text}

    async def _post(self, url: str, form: dict[str, str], asked: Asked | None = None) -> bytes | None:
        """The body of the answer; None: the provider gave up. A notice (no ``asked``) is sent until it is taken."""
        began = _now()
        while _now() < began + (ENDURANCE if asked else GIVING_UP):
            if asked:
                asked.posts += 1
            try:
                async with self._chance.choice(self._http).post(url, data=form, timeout=PATIENCE) as response:
                    body = await response.read()
                    if response.status == 200:
                        return body
                    if asked or response.status != 503:
                        self.odd.append(f"status {response.status}: {body[:80]!r}")
            except TimeoutError:
                if asked and self._chance.random() < 0.5:
                    return None
            except (aiohttp.ClientError, OSError):
                pass
            self.counts.retries += 1
            await asyncio.sleep(PAUSE)
        assert asked, f"no notice was taken for {GIVING_UP:.0f} seconds"
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()
