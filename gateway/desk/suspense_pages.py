"""``/desk/suspense/<receipt>``: whose money is it? Moved to an account by a person, and taken back from there."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from flows.ports import Account
from flows.values import Money
from gateway.desk.rooms import Visit, page
from gateway.record.clients import Client
from gateway.record.desk.client_page import name_of
from gateway.record.payment_lists import suspended
from gateway.suspense import CannotMove, Mover, Waiting, moved

GONE = "There is no such money."
NOT_THEIRS = "Whose money that is, the support desk or an administrator says."
LONGEST = 500  # characters of a reason
NO_REASON = "Say how you know: it stays in the audit."


@dataclass(frozen=True, slots=True)
class Chosen:
    """Where it is to go, as it is shown before it goes there."""

    client: Client | None
    account: Account


def routes(app: web.Application) -> None:
    app.router.add_get("/desk/suspense/{receipt}", show)
    app.router.add_post("/desk/suspense/{receipt}", change)


@page()
async def show(request: web.Request, visit: Visit) -> web.Response:
    return await _page(visit, await _found(request, visit))


@page()
async def change(request: web.Request, visit: Visit) -> web.Response:
    """What the pressed button says: look whose account it is, move it there, or take it back."""
    money, form = await _found(request, visit), visit.form
    do, account, why = form.get("do", ""), form.get("account", "").strip(), form.get("why", "").strip()[:LONGEST]
    if do not in ("look", "move", "back"):
        raise web.HTTPBadRequest(text="Press one of the buttons of the page.")
    if not why:
        return await _page(visit, money, NO_REASON, 400)
    mover = Mover(visit.db, visit.house.stores.clock, visit.house.bank, visit.staff.email)
    try:
        if do == "look":
            client, found = await mover.holder(account)
            return await _page(visit, money, chosen=Chosen(await name_of(visit.db, client), found))
        done = await (mover.move(money.receipt, account, why) if do == "move" else mover.back(money.receipt, why))
    except CannotMove as no:
        return await _page(visit, await _found(request, visit), str(no), 409)
    says = "The money is on the account now." if done.account else "The money is in suspense again."
    return visit.redirect("/desk/payments", says)


async def _found(request: web.Request, visit: Visit) -> Waiting:
    """The money of this receipt, in suspense or where it was moved to."""
    if visit.staff.only_own:
        raise web.HTTPForbidden(text=NOT_THEIRS)
    receipt = request.match_info["receipt"]
    lies = await suspended(visit.db, receipt)
    lying = [Waiting(receipt, Money(one["amount_minor"], one["currency"])) for one in lies]
    found = next(iter((*lying, *await moved(visit.db, receipt))), None)
    if found is None:
        raise web.HTTPNotFound(text=GONE)
    return found


async def _page(
    visit: Visit, money: Waiting, alert: str = "", status: int = 200, chosen: Chosen | None = None
) -> web.Response:
    return visit.render(
        "suspense.html", status=status, money=money, chosen=chosen, alert=alert, typed=visit.form, here="payments"
    )
