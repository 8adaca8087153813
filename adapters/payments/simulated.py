"""A wallet that is none: it takes made-up money as told by ``behave``, and keeps its books in the house's notebook.

Like a real one it refuses while the phone is in a session, answers a request before the payer has, and posts what
became of it: a JSON object with ``reference``, ``status`` (completed, failed), ``receipt``, ``amount_minor``,
``currency``, ``reason``, ``at``. Each callback is posted once, whether anybody hears it or not.

``[payments.<name>]`` may set ``late_seconds`` (75), and ``secret``: then callbacks are signed, with an HMAC-SHA256 of
the body in ``X-Wallet-Signature``, and nothing else is believed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import difflib
import hashlib
import hmac
import logging
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import aiohttp
import msgspec

from adapters.channel import BadSettings, Rejected, Request, Response
from adapters.payment import Asking, Given, Line, Unanswered
from adapters.simulation import Behaviour, Kept, Ledger
from flows.paying.facts import Acknowledged, Busy, Evidence, NoAnswer, NotPaid, NotTaken, NotThere, Paid
from flows.values import Money

LATE = 75  # seconds: longer than it takes until a client is told that nobody knows yet
PATIENCE = aiohttp.ClientTimeout(total=3)
AT_ONCE = 50  # callbacks
FEWEST = 16  # characters of a secret
OPTIONS = ("late_seconds", "secret")
SIGNATURE = "X-Wallet-Signature"

log = logging.getLogger("njia.payments.simulated")


class Said(msgspec.Struct):
    """A callback. ``amount_minor``: cents."""

    reference: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{1,64}\Z")]
    status: Literal["completed", "failed"]
    receipt: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Z]{0,32}\Z")] = ""
    amount_minor: Annotated[int, msgspec.Meta(ge=0, lt=2**53)] = 0
    currency: str = ""
    reason: str = ""
    at: Annotated[dt.datetime, msgspec.Meta(tz=True)] | None = None


def open_provider(given: Given) -> Wallet:
    """Raises BadSettings, also where there is no demonstration."""
    where = f"[payments.{given.name}]"
    for option in given.options:
        if option not in OPTIONS:
            near = difflib.get_close_matches(option, OPTIONS, n=1)
            raise BadSettings(f"{where} {option}: there is no such setting. Did you mean {(near or OPTIONS)[0]}?")
    if given.notebook is None:
        raise BadSettings(f"{where} payments/simulated takes no real money: it is for demonstrations only.")
    return Wallet(given, Ledger(given.notebook, _seconds(where, given.options.get("late_seconds", LATE))))


def _seconds(where: str, written: Any) -> float:
    if not str(written).isascii() or not str(written).isdecimal() or not 1 <= int(written) <= 7 * 86400:
        raise BadSettings(f"{where} late_seconds: must be a whole number of seconds, a week at most.")
    return float(written)


def _secret(given: Given) -> bytes:
    secret = str(given.options.get("secret", ""))
    if "secret" in given.options and len(secret) < FEWEST:
        raise BadSettings(f"[payments.{given.name}] secret: must have {FEWEST} characters or more.")
    return secret.encode()


class Wallet:
    """A ``Steered`` provider."""

    asks = True
    resends = True

    def __init__(self, given: Given, ledger: Ledger) -> None:
        self._given, self._ledger = given, ledger
        self._secret = _secret(given)
        self.signed = bool(self._secret)
        self._http: aiohttp.ClientSession | None = None

    async def request(self, asking: Asking) -> Acknowledged | NotTaken | Busy | NoAnswer:
        try:
            kept = await self._ledger.payment(asking.ref) or await self._opened(asking)
        except OSError:
            return NoAnswer()
        if kept is None:
            return Busy()
        return NoAnswer() if kept.behaviour in ("silent", "lose") else Acknowledged(f"W-{kept.receipt}")

    async def _opened(self, asking: Asking) -> Kept | None:
        """The payment that this request makes; None while the phone is busy."""
        if self._given.in_session and await self._given.in_session(asking.wallet):
            return None
        behaviour, now = await self._ledger.behaviour(asking.wallet), self._now()
        if behaviour == "lose":
            if not await self._ledger.lost_before(asking.ref):
                return Kept(asking.ref, asking.wallet, 0, "", "", "lose", now)  # written nowhere
            behaviour = "succeed"  # what is lost is the first request of a payment
        kept = await self._ledger.open(asking, behaviour, now)
        if behaviour == "callback-first" and (claimed := await self._ledger.claim(kept.ref, now)):
            await self._post(claimed)
        return kept

    async def ask(self, ref: str) -> Evidence:
        try:
            kept, now = await self._ledger.payment(ref), self._now()
            if kept is not None and kept.behaviour == "silent":
                kept = await self._ledger.awake(kept, now)
                if kept is None:
                    raise Unanswered("it is told to be silent")
        except OSError:
            raise Unanswered("the notebook cannot be reached") from None
        return kept.evidence(now, self._ledger.late) if kept else NotThere()

    def callback(self, request: Request) -> list[tuple[str, Evidence]]:
        if self._secret and not hmac.compare_digest(self._signature(request.body), _header(request.headers)):
            raise Rejected(f"{SIGNATURE} is missing or wrong", status=403)
        try:
            said = msgspec.json.decode(request.body, type=Said)
            at = said.at.astimezone(dt.UTC) if said.at else None
        except (msgspec.DecodeError, UnicodeError, RecursionError, OverflowError):
            raise Rejected("this is not a callback of the simulated wallet") from None
        if said.status == "failed":
            return [(said.reference, NotPaid("declined"))]
        if not said.receipt or not said.amount_minor or said.currency != self._given.currency:
            raise Rejected(f"a completed payment has a receipt and an amount in {self._given.currency}")
        return [(said.reference, Paid(said.receipt, Money(said.amount_minor, said.currency), at))]

    def acknowledge(self) -> Response:
        return Response(200, b'{"received": true}\n', "application/json")

    async def statement(self, since: dt.datetime, until: dt.datetime) -> list[Line]:
        try:
            taken = await self._ledger.taken(self._now())
        except OSError:
            raise Unanswered("the notebook cannot be reached") from None
        return [line for line in taken if since <= line.at < until]

    async def close(self) -> None:
        http, self._http = self._http, None
        if http is not None:
            await http.close()

    # -- what no real wallet has ------------------------------------------------------------------------------------

    async def behave(self, phone: str, behaviour: Behaviour) -> None:
        try:
            await self._ledger.behave(phone, behaviour)
        except OSError:
            raise Unanswered("the notebook cannot be reached") from None

    async def tell(self) -> None:
        try:
            due = await self._ledger.to_tell(self._now())
        except OSError:
            raise Unanswered("the notebook cannot be reached") from None
        for start in range(0, len(due), AT_ONCE):
            await asyncio.gather(*(self._post(kept) for kept in due[start : start + AT_ONCE]))

    async def _post(self, kept: Kept) -> None:
        """Tells of a payment; what becomes of it is nothing to the wallet."""
        body = msgspec.json.encode(self._said(kept))
        headers = {"Content-Type": "application/json"} | ({SIGNATURE: self._signature(body)} if self._secret else {})
        copies = 2 if kept.behaviour == "twice" else 1
        try:
            await asyncio.gather(*(self._call(body, headers) for _ in range(copies)))
        except (aiohttp.ClientError, ValueError, TimeoutError, OSError) as error:
            log.info("a callback was not heard: %s", type(error).__name__)

    async def _call(self, body: bytes, headers: Mapping[str, str]) -> None:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=PATIENCE)
        async with self._http.post(self._given.callback_url, data=body, headers=headers):
            pass

    def _said(self, kept: Kept) -> Said:
        line = kept.line()
        if kept.behaviour == "refuse":
            return Said(kept.ref, "failed", reason="declined", at=line.at)
        return Said(kept.ref, "completed", line.receipt, line.amount.minor, line.amount.currency, at=line.at)

    def _signature(self, body: bytes) -> str:
        return hmac.new(self._secret, body, hashlib.sha256).hexdigest()

    def _now(self) -> float:
        return self._given.now().timestamp()


def _header(headers: Mapping[str, str]) -> str:
    found = next((value for name, value in headers.items() if name.lower() == SIGNATURE.lower()), "")
    return found if found.isascii() else ""
