"""Africa's Talking USSD: a form with everything typed so far, answered in plain text by CON (go on) or END.

Source: developers.africastalking.com, "USSD"; help.africastalking.com 1284071. The provider does not sign.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlencode

from adapters.channel import ChannelSettings, Closed, Hop, Rejected, Reply, Request, Response
from adapters.forms import must_have, need, read_form
from adapters.numbers import e164, service_code, service_codes
from adapters.sources import Sources

WHO = ("sessionId", "serviceCode", "phoneNumber")
HOP = ("text", *WHO)
TEXT_LIMIT = 4096  # characters: 180 seconds of typing, at most 80 to 182 characters a hop, stay far below
SESSION = re.compile(r"[0-9A-Za-z_.:@-]{1,128}")
NETWORK = re.compile(r"[0-9]{1,8}")
COST = re.compile(r"[A-Z]{0,3} ?[0-9]{1,9}(\.[0-9]{1,6})?")
STATUSES: dict[str, Literal["completed", "left", "failed"]] = {
    "success": "completed",
    "incomplete": "left",
    "failed": "failed",
}
PLAIN = "text/plain; charset=utf-8"


class Channel:
    """One or more service codes. Raises BadSettings for settings that cannot work."""

    kind = "ussd"
    signed = False

    def __init__(self, settings: ChannelSettings) -> None:
        self._country = settings.country
        self._codes = service_codes(settings)
        self._sources = Sources(settings)

    def receive(self, request: Request) -> Hop:
        """The hop in this request; ``text`` is left exactly as it was typed. Raises Rejected."""
        if self._sources.limited:
            self._sources.check(request)
        fields = read_form(request)
        must_have(fields, HOP)
        text = fields["text"]
        if len(text) > TEXT_LIMIT:
            raise Rejected(f"text is longer than {TEXT_LIMIT} characters", status=413)
        address, service, session = self._who(fields)
        network = fields.get("networkCode", "")
        return Hop(address, service, session, text, network=network if NETWORK.fullmatch(network) else "")

    def closed(self, request: Request) -> Closed:
        """The end notice. Its copies of what was typed and shown (``input``, ``lastAppResponse``) are dropped."""
        self._sources.check(request)
        fields = read_form(request)
        must_have(fields, WHO)
        address, service, session = self._who(fields)
        status = STATUSES.get(need(fields, "status").strip().lower())
        if status is None:
            raise Rejected("status is none of Success, Incomplete, Failed")
        cost, millis = fields.get("cost", "").strip(), fields.get("durationInMillis", "").strip()
        return Closed(
            address,
            service,
            session,
            status,
            cost=cost if COST.fullmatch(cost) else "",
            millis=int(millis) if re.fullmatch(r"[0-9]{1,9}", millis) else 0,
        )

    def answer(self, reply: Reply) -> Response:
        return Response(200, _screen(reply.text, reply.more), PLAIN)

    def refuse(self, rejected: Rejected) -> Response:
        """The caller sees the provider's own error; these words are for whoever reads the provider's log."""
        words = f"Sorry, this did not work. Please dial again.\n({rejected.reason})"
        headers = {"Allow": "POST"} if rejected.status == 405 else {}
        return Response(rejected.status, _screen(words, False), PLAIN, headers)

    def _who(self, fields: dict[str, str]) -> tuple[str, str, str]:
        """Address, service code and session id from fields that are there. Raises Rejected."""
        session, service = fields["sessionId"], fields["serviceCode"]
        if not SESSION.fullmatch(session):
            raise Rejected("sessionId is empty, too long or has characters that no session id has")
        if service not in self._codes and (service := service_code(service)) not in self._codes:
            raise Rejected("serviceCode is not one of this channel", status=404)
        return e164(fields["phoneNumber"], self._country), service, session


def _screen(text: str, more: bool) -> bytes:
    return f"{'CON' if more else 'END'} {text}".encode("utf-8", errors="replace")


class Handset:
    """The provider's side for one phone: cumulative text, a session id of its own, the notice at the end."""

    def __init__(self, service_code: str, phone: str, network: str = "99999") -> None:
        self._service, self._phone, self._network = service_code, phone, network
        self._session = self._dialled = self._text = self._shown = ""
        self._hops, self._over, self._failed = 0, True, False

    def dial(self, code: str) -> Request:
        """Opens a session. Raises ValueError for a code that is not served here."""
        prefix = self._service.removesuffix("#")
        written = code.strip().removesuffix("#")
        if written != prefix and not written.startswith(prefix + "*"):
            raise ValueError(f"{code} is not served here: dial {self._service}")
        self._dialled = written.removeprefix(prefix).removeprefix("*")
        return self.redial()

    def redial(self, same_session: bool = False) -> Request:
        """The same code again, by default in a new session, as after a call that dropped."""
        if not same_session or not self._session:
            self._session = "ATUid_" + uuid.uuid4().hex
        self._text, self._shown = self._dialled, ""
        self._hops, self._over, self._failed = 0, False, False
        return self._hop()

    def type(self, text: str) -> Request:
        self._text = f"{self._text}*{text}" if self._text else text
        return self._hop()

    def again(self) -> Request:
        """The last request once more, as a network that lost the answer sends it."""
        return self._request(self._fields())

    def hang_up(self) -> Request:
        """The end notice, with the copies that the real one carries."""
        status = "Failed" if self._failed else "Success" if self._over else "Incomplete"
        date = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
        rest = {"date": date, "status": status, "cost": "KES 0.00", "durationInMillis": str(1000 * self._hops)}
        copies = {"hopsCount": str(self._hops), "input": self._text, "lastAppResponse": self._shown}
        self._over = True
        fields = self._fields()
        del fields["text"]
        return self._request(fields | rest | copies, "/events")

    def read(self, response: Response) -> Reply:
        """Raises Rejected where the provider would show its own error instead of ours."""
        text = response.body.decode("utf-8", errors="replace")
        if response.status != 200 or text[:4] not in ("CON ", "END "):
            self._over = self._failed = True
            raise Rejected(f"the provider shows an error (status {response.status})", status=response.status)
        self._shown, self._over = text, text.startswith("END ")
        return Reply(text[4:], more=not self._over)

    def save(self) -> dict[str, str]:
        state = {"session": self._session, "dialled": self._dialled, "text": self._text, "hops": str(self._hops)}
        return state | {"over": "yes" if self._over else "", "failed": "yes" if self._failed else ""}

    def load(self, saved: Mapping[str, str]) -> None:
        self._session, self._dialled = saved.get("session", ""), saved.get("dialled", "")
        self._text, hops = saved.get("text", ""), saved.get("hops", "")
        self._hops = int(hops) if re.fullmatch(r"[0-9]{1,4}", hops) else 0
        self._over, self._failed = bool(saved.get("over")), bool(saved.get("failed"))

    def _hop(self) -> Request:
        self._hops += 1
        return self._request(self._fields())

    def _fields(self) -> dict[str, str]:
        who = {"sessionId": self._session, "serviceCode": self._service, "phoneNumber": self._phone}
        return who | {"networkCode": self._network, "text": self._text}

    def _request(self, fields: Mapping[str, str], path: str = "") -> Request:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return Request("POST", path, headers, body=urlencode(fields).encode())
