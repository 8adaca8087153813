"""One line of the time line in words: what happened, with what came of it and where to read more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from flows.loading.fields import Field
from flows.sources.institution_languages import own_name
from flows.values import Money
from gateway.desk import dictionary, masking
from gateway.desk.dictionary import PRINTER
from gateway.desk.veiling import both, veiled
from gateway.record.desk.timeline import Event

KINDS = {"ussd": "USSD call", "sms": "SMS conversation", "whatsapp": "WhatsApp conversation", "voice": "Voice call"}
TONES = {
    **dict.fromkeys(("failed", "exception", "uncertain"), "bad"),
    **dict.fromkeys(("posted", "delivered", "completed", "closed"), "good"),
    **dict.fromkeys(("sent", "unknown", "pending approval", "posting", "queued", "open", "promised"), "wait"),
}

# what became of an invitation to a survey -> in words
SURVEYS = {
    "began": "Began the survey",
    "ended": "Survey over",
    "invited": "Invited to the survey",
    "left out": "Not invited to the survey",
    "reminded": "Reminded of the survey",
}
WITHHELD = "What was said here is kept from you."
# what the audit says of a client -> in words
AUDITED = {
    "show client": "saw the name and numbers",
    "transcript read": "read a conversation",
    "suspense moved": "moved money that was nobody’s to an account",
    "suspense taken back": "took money that was nobody’s back from an account",
}


@dataclass(frozen=True, slots=True)
class Line:
    at: dt.datetime
    kind: str  # the source, for its mark
    title: str
    text: str = ""  # what was said, as it was said
    detail: str = ""
    state: str = ""
    link: str = ""

    @property
    def tone(self) -> str:
        return tone(self.state)


def tone(state: str) -> str:
    """Of a pill. The word stands in it always: no state is told by a colour alone."""
    return TONES.get(state, "")


@dataclass(frozen=True, slots=True)
class Teller:
    """``private``: the words that are masked in texts unless ``shown``. ``sees``: whether what is hidden from those may
    be shown to who looks."""

    fields: dict[str, Field]
    zone: dt.tzinfo
    private: set[str] = field(repr=False)
    sees: Callable[[str], bool]
    shown: bool = False

    def line(self, event: Event) -> Line:
        tell = _TELLERS[event.source]
        masked = tell(replace(self, shown=False), event, event.facts)
        if not self.shown:
            return masked
        full = tell(self, event, event.facts)
        title, text = both(masked.title, full.title), both(masked.text, full.text)
        return replace(full, title=title, text=text, detail=both(masked.detail, full.detail))

    def text(self, text: str) -> str:
        return veiled(text, self.private, self.shown)

    def chain(self, history: list[Any]) -> str:
        """``created 10:02:11 → sent 10:02:13 → posted 10:02:15``; with the day where another one began."""
        moments = [(state, dt.datetime.fromisoformat(at).astimezone(self.zone)) for state, at, *_ in history]
        days = [at.date() for _, at in moments]
        told = []
        for (state, at), day in zip(moments, days[:1] + days[:-1], strict=True):
            when = f"{at:%H:%M:%S}" if at.date() == day else f"{PRINTER.date(at.date(), None)}, {at:%H:%M:%S}"
            told.append(f"{state} {when}")
        return " → ".join(told)


def _call(teller: Teller, event: Event, its: dict[str, Any]) -> Line:
    took = dictionary.lasted(its["last_at"] - event.at)
    where = ".".join(word for word in (its["flow"], its["step"]) if word)
    language = own_name(its["language"]) if its["language"] else ""
    detail = " · ".join(word for word in (f"ended at {where}" if where else "", took, language) if word)
    state = "" if its["outcome"] is None else its["outcome"] or "not ended"
    title = KINDS.get(its["kind"], its["kind"])
    return Line(event.at, "call", title, detail=detail, state=state, link=f"/desk/conversations/{event.id}")


def _sms(teller: Teller, event: Event, its: dict[str, Any]) -> Line:
    detail = f"to {masking.phone(its['to'], teller.shown)}, {its['purpose']}"
    if its["reason"]:
        detail += f" · {teller.text(its['reason'])}"
    if its["text"] is None:
        return Line(event.at, "sms", "SMS", detail=f"{detail} · {WITHHELD}", state=its["state"])
    return Line(event.at, "sms", "SMS", text=teller.text(its["text"]), detail=detail, state=its["state"])


def _payment(teller: Teller, event: Event, its: dict[str, Any]) -> Line:
    amount = PRINTER.money(Money(its["amount_minor"], its["currency"]))
    account = its["nickname"] or "account"
    title = f"Payment of {amount} to {account} {masking.ref(its['account'], teller.shown)}"
    fee = f" · fee {PRINTER.money(Money(its['fee_minor'], its['currency']))}" if its["fee_minor"] else ""
    why = f" · {its['reason']}" if its["reason"] else ""
    detail = teller.chain(its["history"]) + fee + why
    return Line(event.at, "payment", title, detail=detail, state=its["state"], link=f"/desk/payments/{event.id}")


def _answer(teller: Teller, event: Event, its: dict[str, Any]) -> Line:
    name, said = its["field"], dictionary.value(its["kind"], its["value"], its["unit"], its["absent"])
    hide = dictionary.sensitive(teller.fields, name) and not teller.shown and not its["absent"]
    link = f"/desk/conversations/{its['conversation']}" if its["conversation"] else ""
    where = f"{its['flow']}.{its['step']}".strip(".") if its["flow"] else ""
    text = masking.DOTS if hide else teller.text(said)
    return Line(event.at, "answer", dictionary.label(teller.fields, name), text=text, detail=where, link=link)


def _note(teller: Teller, event: Event, its: dict[str, Any]) -> Line:
    if its["field"] != "case.note":
        made = _answer(teller, event, its)
        return Line(event.at, "note", made.title, text=made.text, detail=f"written by {its['who']}")
    text = teller.text(str(its["value"]))
    return Line(event.at, "note", f"Note on case {its['step']}", text=text, detail=f"written by {its['who']}")


def _case(teller: Teller, event: Event, its: dict[str, Any]) -> Line:
    kind = dictionary.case_kind(its["kind"])
    title = f"Case {its['number']} {'closed' if event.source == 'closed' else 'opened'}: {kind}"
    detail = f"promised for {PRINTER.date(its['promised'], None)}"
    if its["owner"]:
        detail += f" · {its['owner']} has it"
    return Line(event.at, "case", title, detail=detail, state=its["state"], link=f"/desk/cases/{event.id}")


def _survey(teller: Teller, event: Event, its: dict[str, Any]) -> Line:
    """The state stands where it came to be: an invitation that was answered later was an invitation all the same."""
    name, detail, link, state = its["flow"].replace("_", " "), "", "", ""
    match event.source:
        case "left out":
            detail, state = dictionary.LEFT_OUT.get(its["reason"], its["reason"]), "left out"
        case "reminded":
            detail = f"reminder {its['reminders']}" if its["reminders"] > 1 else ""
        case "began" | "ended":
            open_ = its["conversation"] and teller.sees(its["hidden_from"])
            link = f"/desk/conversations/{its['conversation']}" if open_ else ""
            state = its["state"] if event.source == "ended" else ""
    return Line(event.at, "survey", f"{SURVEYS[event.source]}: {name}", detail=detail, state=state, link=link)


def _consent(teller: Teller, event: Event, its: dict[str, Any]) -> Line:
    title = f"{'Agreed to' if its['given'] else 'Stopped'} {its['purpose']} messages"
    return Line(event.at, "consent", title, detail=f"by {its['channel']}" if its["channel"] else "")


def _stage(teller: Teller, event: Event, its: dict[str, Any]) -> Line:
    return Line(
        event.at,
        "stage",
        f"Became {its['stage'].replace('_', ' ')}",
        detail=f"from {its['source']}" if its["source"] else "",
    )


def _shown(teller: Teller, event: Event, its: dict[str, Any]) -> Line:
    what = AUDITED.get(its["what"], its["what"])
    return Line(event.at, "shown", f"{its['who']}: {what}", text=teller.text(its["why"]))


_TELLERS: dict[str, Callable[[Teller, Event, dict[str, Any]], Line]] = {
    "answer": _answer,
    "began": _survey,
    "call": _call,
    "case": _case,
    "closed": _case,
    "consent": _consent,
    "ended": _survey,
    "invited": _survey,
    "left out": _survey,
    "note": _note,
    "payment": _payment,
    "reminded": _survey,
    "shown": _shown,
    "sms": _sms,
    "stage": _stage,
}
