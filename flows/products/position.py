"""What a client is told of an account: balance, what is due and when, what closes it, what is saved, the last lines."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from msgspec import structs

from flows.ports import Account, BookedAccount, Entry, Leg
from flows.products.chart import reference
from flows.products.features import PARTS, Part, due_day
from flows.products.lines import Line, earned
from flows.products.periods import coming
from flows.products.sharing import holding, least_due, shared_out_on, worth
from flows.products.standing import Standing, postings, stand
from flows.values import Money


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be paid now: the lines of the loan, and what the saving plan and the shares of a meeting ask for.
    ``on``: the first day."""

    lines: tuple[Line, ...] = ()
    plan: int = 0
    on: dt.date | None = None
    shares: int = 0

    @property
    def total(self) -> int:
        return sum(line.left for line in self.lines) + self.plan + self.shares


_NOTHING = Due()


def position(account: BookedAccount, legs: list[Leg], day: dt.date, value: int = 0) -> Account:
    """The account as its holder may see it at the end of ``day``. ``value``: what a share is worth by then, if the
    account does not know it."""
    at = stand(account, legs, day)
    currency, due, is_loan = account.currency, what_is_due(at), at.features.credit is not None
    saved = Money(at.saved, currency)
    told = Account(
        ref=account.ref,
        product=account.product,
        nickname=account.nickname,
        features=at.features.names,
        currency=currency,
        balance=Money(at.left, currency) if is_loan else saved,
        due=Money(due.total, currency) if is_loan or due.on else None,
        due_on=due.on,
        overdue=Money(_arrears(at), currency) if is_loan else None,
        payoff=Money(payoff(at), currency) if is_loan else None,
        saved=saved if at.features.savings else None,
        free=_free(at, at.features.savings.minimum) if at.features.savings and at.features.savings.minimum else None,
        last_paid=Money(at.last_paid[1], currency) if at.last_paid else None,
        last_paid_on=at.last_paid[0] if at.last_paid else None,
        closed=is_loan and at.settled and not at.saved and not at.put_in,
    )
    return _with_shares(told, at, value) if at.features.shares else told


def _with_shares(told: Account, at: Standing, value: int) -> Account:
    shares, opened, currency = at.features.shares, at.account.opened, told.currency
    if shares is None:
        return told
    held = holding(shares, opened, at.put_in, at.day)
    now = worth(shares, held.count, value)
    balance = told.balance if at.features.credit else Money(told.balance.minor + now + held.kept, currency)
    return structs.replace(
        told,
        balance=balance,
        shares=held.count,
        share_price=Money(shares.price, currency),
        worth=Money(now, currency),
        kept=Money(held.kept, currency),
        shared_out_on=shared_out_on(shares, opened),
    )


def _free(at: Standing, minimum: int) -> Money:
    return Money(max(0, at.saved - minimum), at.account.currency)


def _arrears(at: Standing) -> int:
    return sum([line.left for line in at.lines if line.due < at.day])


def what_is_due(at: Standing) -> Due:
    """Arrears and what falls due today; when there is nothing of that, the next instalment.

    A saving plan and shares have no arrears: a plan asks for the amount of the period that ends next, less what was
    put in since the last one ended. ``on`` is the day of the oldest line that is not paid in full.
    """
    plan_on, plan = _plan_due(at)
    least_on, least = _shares_due(at)
    if plan_on is None and least_on is None and not at.lines:
        return _NOTHING
    open_lines = [line for line in at.lines if line.left > 0]
    days = [line.due for line in open_lines] + [day for day in (plan_on, least_on) if day]
    if not days:
        return Due()
    until = max(at.day, min(days))
    lines = tuple(line for line in open_lines if line.due <= until)
    asked = [minor if on and on <= until else 0 for on, minor in ((plan_on, plan), (least_on, least))]
    return Due(lines, asked[0], min(days), asked[1])


def payoff(at: Standing) -> int:
    """What closes the loan today: everything that has fallen due, the principal that is left, and interest by the rule
    of the product. Interest that was paid for days to come is taken off."""
    return max(0, at.left - sum(_unearned(at).values()))


def closing(at: Standing) -> dict[str, int]:
    """The parts of the payoff. Interest and fee are negative when more was paid than has been earned."""
    if at.features.credit is None:
        return {}
    unearned = _unearned(at)
    return {part: sum([line.unpaid(part) for line in at.lines]) - unearned.get(part, 0) for part in PARTS}


def _unearned(at: Standing) -> dict[Part, int]:
    """What instalments of days to come ask for and the loan does not cost if it ends today."""
    credit = at.features.credit
    if credit is None or credit.payoff == "whole interest":
        return {}
    day = at.ended or at.day
    later = [line for line in at.lines if line.due > day]
    parts: tuple[Part, ...] = ("interest", "fee")
    return {part: sum([line.owed[part] - earned(credit, line, part, day) for line in later]) for part in parts}


def statement(account: BookedAccount, legs: list[Leg], day: dt.date, limit: int) -> list[Entry]:
    """The last ``limit`` lines, the newest first. Penalties stand there on the day on which they were charged."""
    at = stand(account, legs, day)
    entries = [_entry(on, posting, account.currency) for on, posting in postings(legs) if on <= day]
    for line in at.lines:
        if line.penalty_on and line.owed["penalty"]:
            entries.append(Entry(line.penalty_on, "penalty", Money(-line.owed["penalty"], account.currency)))
    return sorted(entries, key=lambda entry: entry.on)[::-1][:limit]


def _entry(on: dt.date, posting: list[Leg], currency: str) -> Entry:
    """Money lent is negative: the holder owes it. A fee kept back from a loan has no line of its own."""
    kind = posting[0].kind
    lent = [leg for leg in posting if leg.kind == "disbursed"]
    return Entry(on, kind, Money(-sum(leg.minor for leg in lent or posting), currency), reference(posting[0].key))


def _plan_due(at: Standing) -> tuple[dt.date | None, int]:
    plan = at.features.savings.plan if at.features.savings else None
    if plan is None or plan.minor == 0:
        return None, 0
    number = coming(plan.frequency, at.account.opened, at.day)
    since = due_day(at.account.opened, plan.frequency, number - 1)
    put_in = sum(minor for on, minor in at.deposits if on > since or number == 1)
    if put_in >= plan.minor:
        return due_day(at.account.opened, plan.frequency, number + 1), plan.minor
    return due_day(at.account.opened, plan.frequency, number), plan.minor - put_in


def _shares_due(at: Standing) -> tuple[dt.date | None, int]:
    shares, opened = at.features.shares, at.account.opened
    if shares is None:
        return None, 0
    return least_due(shares, opened, holding(shares, opened, at.put_in, at.day))
