"""SMS without a provider: what is sent is seen in the inbox of the simulated phone, and nowhere else.

The outbox in the client record says what was sent; the inbox reads it there, so nothing is kept here.
"""

from __future__ import annotations

import logging
import re

from adapters.channel import ChannelSettings, Message, Outgoing, Receipt, Rejected, Request, Response, Sent
from adapters.forms import need, read_form
from adapters.numbers import e164
from adapters.sources import Sources

TEXT_LIMIT = 1600  # characters: ten parts and some
ID = re.compile(r"[0-9A-Za-z_.:-]{1,128}")
SERVICE = re.compile(r"\+?[0-9A-Za-z ]{1,15}")

log = logging.getLogger("njia.sms.console")


class Channel:
    """A form with ``id``, ``from``, ``to`` and ``text`` comes in; what goes out is only marked as sent."""

    kind = "sms"
    signed = False
    reported = False
    url = ""

    def __init__(self, settings: ChannelSettings) -> None:
        self._name, self._country = settings.name, settings.country
        self._sources = Sources(settings)

    def receive(self, request: Request) -> list[Message | Receipt]:
        """The one message in this request. Raises Rejected."""
        self._sources.check(request)
        fields = read_form(request)
        ref, text = need(fields, "id"), need(fields, "text")
        if not ID.fullmatch(ref):
            raise Rejected("id is empty, too long or has characters that no message id has")
        if len(text) > TEXT_LIMIT:
            raise Rejected(f"text is longer than {TEXT_LIMIT} characters", status=413)
        address, service = e164(need(fields, "from"), self._country, "from"), need(fields, "to")
        if not SERVICE.fullmatch(service):
            raise Rejected("to is not a short code, number or sender name")
        return [Message(ref, address, service, text)]

    def reports(self, request: Request) -> list[Receipt]:
        self._sources.check(request)
        raise Rejected("there are no delivery reports here", status=404)

    def acknowledge(self) -> Response:
        return Response(200, b"", "text/plain; charset=utf-8")

    async def send(self, outgoing: Outgoing) -> Sent:
        log.info("%s: message %s is in the simulated phone's inbox", self._name, outgoing.ref)
        return Sent(provider_ref=outgoing.ref)

    async def close(self) -> None:
        """It opens nothing."""
