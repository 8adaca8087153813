"""Africa's Talking SMS: one form a message, one answer with a code for its recipient, delivery reports as forms.

Sources: developers.africastalking.com, "SMS" (sending: its codes and the shape of the answer; delivery reports: their
statuses and failure reasons; incoming messages: their fields); help.africastalking.com 742510 (reports are repeated
every minute until 200, for 12 hours). The provider does not sign and takes no reference of ours: a message whose
answer was lost cannot be asked for, so it is *uncertain* and never sent again.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from adapters.channel import BadSettings, ChannelSettings, Message, Outgoing, Receipt, Rejected, Request, Response, Sent
from adapters.errors import Misconfigured, OptedOut, Refused, Retry, SendError, Throttled, Uncertain
from adapters.forms import must_have, need, read_form
from adapters.numbers import e164
from adapters.options import check_keys, needed
from adapters.sources import Sources
from adapters.web import Answer, Unanswered, Unreached, Web, base_url

LIVE, SANDBOX = "https://api.africastalking.com", "https://api.sandbox.africastalking.com"
KEYS = ("username", "api_key", "sender_id", "base_url")
SENDER = re.compile(r"[0-9A-Za-z][0-9A-Za-z _.&-]{0,10}")  # 11 letters, the most that a network shows; or a short code
TEXT_LIMIT = 1600  # characters of a message that comes in
ID = re.compile(r"[0-9A-Za-z_.:@-]{1,80}")
SERVICE = re.compile(r"\+?[0-9A-Za-z ]{1,15}")
NETWORK = re.compile(r"[0-9]{1,8}")
REASON = re.compile(r"[A-Za-z]{1,40}")

COST = re.compile(r"[A-Z]{3} ?[0-9]{1,9}(\.[0-9]{1,6})?")
STOPPED = "userinblacklist"  # the failureReason of somebody who has opted out
NOTHING = "None"  # the id of a message that they did not take

# "Sending SMS", statusCode of a recipient, and the word for it. Too little balance stops every message until somebody
# tops it up, as a wrong sender does until somebody mends it: both are the operator's, and wait for that.
CODES: dict[int, tuple[str, type[SendError] | None]] = {
    100: ("Processed", None),
    101: ("Sent", None),
    102: ("Queued", None),
    401: ("RiskHold", Refused),
    402: ("InvalidSenderId", Misconfigured),
    403: ("InvalidPhoneNumber", Refused),
    404: ("UnsupportedNumberType", Refused),
    405: ("InsufficientBalance", Misconfigured),
    406: ("UserInBlacklist", OptedOut),
    407: ("CouldNotRoute", Retry),
    409: ("DoNotDisturbRejection", Refused),
    500: ("InternalServerError", Retry),
    501: ("GatewayError", Retry),
    502: ("RejectedByGateway", Refused),
}
WORDS = {word.lower(): (word, error) for word, error in CODES.values()}

# "Delivery reports": what is not final is no news beyond `sent`. AbsentSubscriber is tried again by them only where
# retryDurationInHours was asked for, which we do not.
STATES: dict[str, Literal["sent", "delivered", "failed"]] = {
    "sent": "sent",
    "submitted": "sent",
    "buffered": "sent",
    "success": "delivered",
    "rejected": "failed",
    "failed": "failed",
    "expired": "failed",
    "absentsubscriber": "failed",
}


class Recipient(msgspec.Struct, rename={"code": "statusCode", "ref": "messageId"}):
    """Its number is left alone: it may be masked, and there is one."""

    code: int
    ref: str = ""
    cost: Any = ""


class Sending(msgspec.Struct, rename={"says": "Message", "recipients": "Recipients"}):
    recipients: list[Recipient] | None = None
    says: str = ""


class Answered(msgspec.Struct, rename={"sending": "SMSMessageData"}):
    sending: Sending


class Channel:
    """One account and sender. Raises BadSettings for settings that cannot work."""

    kind = "sms"
    signed = False
    reported = True

    def __init__(self, settings: ChannelSettings) -> None:
        check_keys(settings, KEYS)
        username = needed(settings, "username", '"…", the name of your app at Africa\'s Talking')
        key = needed(settings, "api_key", '{ env = "AT_API_KEY" }')
        url = base_url(settings.name, settings.options, SANDBOX if username == "sandbox" else LIVE)
        self._country, self._sources = settings.country, Sources(settings)
        self.url = f"{url}/version1/messaging"
        self._headers = {"apiKey": key, "Accept": "application/json"}
        self._fields = {"username": username, "bulkSMSMode": "1", **_sender(settings)}  # 1: we pay, not the recipient
        self._web = Web()

    def receive(self, request: Request) -> list[Message | Receipt]:
        """The one message in this request. Raises Rejected."""
        self._sources.check(request)
        fields = read_form(request)
        must_have(fields, ("id", "from", "to", "text"))
        service, text, network = fields["to"].strip(), fields["text"], fields.get("networkCode", "")
        if len(text) > TEXT_LIMIT:
            raise Rejected(f"text is longer than {TEXT_LIMIT} characters", status=413)
        if not SERVICE.fullmatch(service):
            raise Rejected("to is not a short code, number or sender name")
        address = e164(fields["from"], self._country, "from")
        return [Message(_id(fields), address, service, text, network if NETWORK.fullmatch(network) else "")]

    def reports(self, request: Request) -> list[Receipt]:
        """The one report in this request, by the provider's own id; none for a status that says nothing we know. The
        number in it is left alone: it may be masked. Raises Rejected."""
        self._sources.check(request)
        fields = read_form(request)
        ref, status = _id(fields), need(fields, "status").strip()
        if not REASON.fullmatch(status):
            raise Rejected("status is none that a message has")
        state = STATES.get(status.lower())
        reason = fields.get("failureReason", "").strip() or (status if state == "failed" else "")
        reason = reason if REASON.fullmatch(reason) else ""
        return [Receipt(ref, state, reason, reason.lower() == STOPPED)] if state else []

    def acknowledge(self) -> Response:
        return Response(200, b"", "text/plain; charset=utf-8")

    async def send(self, outgoing: Outgoing) -> Sent:
        form = {**self._fields, "to": outgoing.to, "message": outgoing.text}
        try:
            answer = await self._web.post(self.url, self._headers, form)
        except Unreached as error:
            raise Retry(f"No connection ({error}).") from None
        except Unanswered as error:
            raise Uncertain(f"No whole answer ({error}).") from None
        _check_status(answer)
        return _accepted(_recipient(answer.body))

    async def close(self) -> None:
        await self._web.close()


def _check_status(answer: Answer) -> None:
    """Only 200 and 201 tell of recipients. RFC 9110, section 15.6: 500 and 503 say that the request was not fulfilled;
    behind 502 and 504 another server may have fulfilled it."""
    status, said = answer.status, f"HTTP {answer.status}"
    if status in (200, 201):
        return
    if status == 429:
        raise Throttled(said, answer.retry_after)
    if status in (500, 503):
        raise Retry(said)
    if 300 <= status < 500:  # 401 is a bad key, told in plain text
        raise Misconfigured(f"{said}: look at username, api_key and base_url.")
    raise Uncertain(said)


def _recipient(body: bytes) -> Recipient:
    """What became of the one recipient. Raises a SendError where the answer tells of none, though it is a 201."""
    try:
        sending = msgspec.json.decode(body, type=Answered, strict=False).sending
    except (msgspec.MsgspecError, UnicodeError):  # a page of a proxy
        raise Uncertain("The answer cannot be read.") from None
    if sending.recipients and len(sending.recipients) == 1:
        return sending.recipients[0]
    word, error = WORDS.get(re.sub("[^a-z]", "", sending.says.lower()), ("", None))
    if error is None and sending.recipients != []:
        raise Uncertain("The answer does not tell of one recipient.")
    raise (error or Retry)(f"{word or 'No reason is given'}: nothing was sent.")


def _accepted(recipient: Recipient) -> Sent:
    if recipient.code not in CODES:
        raise Uncertain(f"Code {recipient.code} is not a known one.")
    word, error = CODES[recipient.code]
    if error:
        raise error(f"{word} ({recipient.code}).")
    cost = str(recipient.cost).strip()
    ref = recipient.ref if ID.fullmatch(recipient.ref) and recipient.ref != NOTHING else ""
    return Sent(ref, cost if COST.fullmatch(cost) else "")


def _sender(settings: ChannelSettings) -> dict[str, str]:
    """``from``: a sender name or short code that the provider has registered; without it, their own."""
    sender = str(settings.options.get("sender_id", "")).strip()
    if sender and not SENDER.fullmatch(sender):
        raise BadSettings(f"[channels.{settings.name}] sender_id: write up to 11 letters and digits, or a short code.")
    return {"from": sender} if sender else {}


def _id(fields: dict[str, str]) -> str:
    ref = need(fields, "id").strip()
    if not ID.fullmatch(ref) or ref == NOTHING:
        raise Rejected("id is empty, too long or has characters that no message id has")
    return ref
