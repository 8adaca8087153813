"""``/desk/payments``: what was paid, what needs a person, and one payment with its history and evidence."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from flows.values import Money
from gateway import suspense
from gateway.desk import masking
from gateway.desk.deciding import DecideError, decide, ways
from gateway.desk.dictionary import PRINTER
from gateway.desk.rooms import Visit, page
from gateway.desk.telling import tone
from gateway.desk.veiling import both, private_words, veiled
from gateway.desk.veiling import read as read_text
from gateway.record import payment_lists
from gateway.record import payments as kept
from gateway.record.desk import payments as read
from gateway.record.desk.client_page import marks_of, name_of
from gateway.record.desk.seeing import serves
from gateway.record.payment_rows import Row

MOVED = 20  # of what was moved out of suspense; how many more there are is said
LONGEST = 500  # characters of a reason
NOT_THEIRS = "Whoever serves the client does not decide about their money: the support desk or an administrator does."
NAMES = {"needs": "Needs a person", "open": "Under way", "": "All"}

# what a person should know of an exception, and of a doubt
REASONS = {
    "amount differs": "The wallet took another amount than was agreed.",
    "paid twice": "The wallet has a second receipt for this payment.",
    "bank refused": "The wallet took the money, and the bank did not take the posting.",
    "in suspense": "The money of this receipt came in apart from the payment. Move it to the account (it stands "
    "under Payments, as money that is nobody’s yet), then close this as paid; or close it as not paid once it was "
    "given back.",
    "no word": "For two days the wallet could not say whether it was paid.",
}


def routes(app: web.Application) -> None:
    app.router.add_get("/desk/payments", show_list)
    app.router.add_get("/desk/payments/{id}", show)
    app.router.add_post("/desk/payments/{id}", settle)


@page()
async def show_list(request: web.Request, visit: Visit) -> web.Response:
    state = request.query.get("state", "needs")
    state = state if state in (*NAMES, *read.STATES) else "needs"
    needing = await read.theirs(visit.db, await kept.needing_person(visit.db), visit.staff)
    lost = state == "needs" and not visit.staff.only_own  # money that is nobody's yet
    rows, more = needing, ""
    if state != "needs":
        rows, more = _cut(
            await read.payments(visit.db, state, visit.staff, _place(request.query.get("before", ""))), state
        )
    return visit.render(
        "payments.html",
        rows=rows,
        payers=await read.payers(visit.db, rows),
        state=state,
        names=NAMES,
        states=read.STATES,
        needing=len(needing),
        more=more,
        tone=tone,
        suspended=[_dated(one) for one in await payment_lists.suspended(visit.db)] if lost else [],
        moved=await suspense.moved(visit.db, limit=MOVED) if lost else [],
        all_moved=await suspense.count_moved(visit.db) if lost else 0,
        unclaimed=await kept.unclaimed(visit.db) if lost else [],
    )


@page()
async def show(request: web.Request, visit: Visit) -> web.Response:
    return await _page(visit, await _found(request, visit))


@page()
async def settle(request: web.Request, visit: Visit) -> web.Response:
    """A person decides an exception: paid, not paid or post again, and says why."""
    row = await _found(request, visit)
    way, why = visit.form.get("way", ""), visit.form.get("why", "").strip()[:LONGEST]
    receipt = visit.form.get("receipt", "").strip()[:80]
    if visit.staff.only_own:
        raise web.HTTPForbidden(text=NOT_THEIRS)
    if way not in ways(row.payment):
        return await _page(visit, row, "Choose what is true of this payment.", 400)
    if not why:
        return await _page(visit, row, "Say what you saw: it stays in the history of the payment.", 400)
    try:
        state = await decide(visit, row, way, why, receipt)
    except DecideError as error:
        return await _page(visit, await _found(request, visit), str(error), 409)
    return visit.redirect(f"/desk/payments/{row.payment.id}", f"Decided: it is {state} now.")


async def _found(request: web.Request, visit: Visit) -> Row:
    row = await kept.find(visit.db, request.match_info["id"])
    if row is None or not await serves(visit.db, row.payment.client, visit.staff):
        raise web.HTTPNotFound(text="There is no such payment.")
    return row


async def _page(visit: Visit, row: Row, alert: str = "", status: int = 200) -> web.Response:
    payment = row.payment
    client = await name_of(visit.db, payment.client)
    shown = visit.shown(payment.client)
    private = private_words(client, *await marks_of(visit.db, payment.client))
    return visit.render(
        "payment.html",
        status=status,
        row=row,
        payment=payment,
        client=client,
        shown=shown,
        alert=alert,
        because=REASONS.get(payment.reason, ""),
        ways={} if visit.staff.only_own else ways(payment),
        waits=NOT_THEIRS if visit.staff.only_own and ways(payment) else "",
        typed=visit.form,
        said=[(one, _fact(one.fact, private, shown)) for one in await read.said_of(visit.db, payment.id)],
        texts=await read.texts_of(visit.db, payment.id),
        tone=tone,
        text=lambda text: read_text(text, private, shown),
        zone=visit.house.stores.clock.zone,
    )


def _fact(fact: dict[str, Any], private: set[str], shown: bool) -> str:
    """``receipt •••ST01, amount KES 500``."""
    masked = veiled(_told(fact, False), private)
    return both(masked, _told(fact, True)) if shown else masked


def _told(fact: dict[str, Any], shown: bool) -> str:
    told = []
    for name, value in fact.items():
        is_money = name == "amount" and isinstance(value, list) and len(value) == 2
        said = PRINTER.money(Money(*value)) if is_money else str(value or "")
        if name == "receipt":
            said = masking.ref(said, shown)
        if said:
            told.append(f"{name.replace('_', ' ')} {said}")
    return ", ".join(told)


def _dated(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"on": dt.date.fromisoformat(one["on"])}


def _cut(rows: list[Row], state: str) -> tuple[list[Row], str]:
    """A page of them, and the query of the next one."""
    if len(rows) <= read.PAGE:
        return rows, ""
    last = rows[read.PAGE - 1].payment
    return rows[: read.PAGE], urlencode({"state": state, "before": f"{last.created_at.isoformat()}~{last.id}"})


def _place(text: str) -> tuple[dt.datetime, str] | None:
    at, _, id_ = text.partition("~")
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, id_) if moment.tzinfo and id_ else None
