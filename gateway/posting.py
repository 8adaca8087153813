"""The second step of a payment: the bank is asked to post money that a wallet has taken, under one key for ever."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging

from flows.paying.facts import Payment, Posted, PostRefused, PostUnanswered
from flows.ports import Bank, Posting, Refused, Unavailable
from flows.sources.my_payable import is_payable

log = logging.getLogger("njia.payments")

A_MOMENT = 0.4  # seconds for the bank while a client waits
SECONDS = 6.0  # for the bank; below the time for which a payment is claimed

BankFact = Posted | PostRefused | PostUnanswered


def key_of(payment: str) -> str:
    """The key of a payment's posting: the bank posts it once, whoever asks and however often."""
    return f"payment:{payment}"


async def post(bank: Bank, payment: Payment, today: dt.date, seconds: float = SECONDS) -> BankFact:
    """What the bank says. Raises nothing: whatever is not understood is no answer, and the money is there."""
    try:
        async with asyncio.timeout(seconds):
            kind = await _kind(bank, payment)
            ref = await bank.post(_posting(payment, today, kind))
    except Refused as error:
        return PostRefused(error.reason)
    except (Unavailable, TimeoutError):
        return PostUnanswered()
    except Exception:
        log.exception("payment %s could not be posted", payment.id)
        return PostUnanswered()
    return Posted(ref)


async def takes_money(bank: Bank, client: str, account: str, seconds: float = A_MOMENT) -> bool:
    """Whether this account of the client can be paid into now. A bank that does not say so in time keeps nobody from
    paying: what it cannot post later is for a person."""
    try:
        async with asyncio.timeout(seconds):
            own = await bank.accounts(client)
    except (Unavailable, TimeoutError):
        return True
    except Exception:
        log.exception("the bank could not say whether an account can be paid into")
        return True
    return any(one.ref == account and is_payable(one) for one in own)


def _posting(payment: Payment, today: dt.date, kind: str) -> Posting:
    key = key_of(payment.id)
    about = (payment.client, payment.receipt, payment.fee.minor)
    return Posting(key, payment.account, payment.amount, today, kind, *about)


async def _kind(bank: Bank, payment: Payment) -> str:
    """``repaid`` on credit, else ``deposited``. An account that is not there is refused by the bank itself."""
    for account in await bank.accounts(payment.client):
        if account.ref == payment.account:
            return "repaid" if "credit" in account.features else "deposited"
    return "repaid"
