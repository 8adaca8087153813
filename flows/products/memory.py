"""Books in memory: for tests, simulators and a bank that is tried out. Nothing outlives the process."""

from __future__ import annotations

from flows.ports import BookedAccount, Leg, Moved
from flows.products.chart import SUSPENSE, account_of, check_balanced, lies


class MemoryBooks:
    """Keeps the promises of ``flows.ports.Books``; no call waits, so no two can come between one another."""

    def __init__(self) -> None:
        self.booked: dict[str, BookedAccount] = {}
        self.legs: list[Leg] = []

    async def accounts_with_legs(self, client: str) -> list[tuple[BookedAccount, list[Leg]]]:
        return [(account, await self.legs_of(account.ref)) for account in await self.accounts_of(client)]

    async def account_with_legs(self, ref: str) -> tuple[BookedAccount, list[Leg]] | None:
        account = await self.account(ref)
        return (account, await self.legs_of(ref)) if account else None

    async def accounts_of(self, client: str) -> list[BookedAccount]:
        return [account for account in self.booked.values() if account.client == client]

    async def account(self, ref: str) -> BookedAccount | None:
        return self.booked.get(ref)

    async def open(self, account: BookedAccount) -> None:
        self.booked.setdefault(account.ref, account)

    async def legs_of(self, account: str) -> list[Leg]:
        return [leg for leg in self.legs if account_of(leg.book) == account]

    async def write(self, legs: list[Leg], seen: int | None = None) -> bool:
        check_balanced(legs)
        if any(leg.key == legs[0].key for leg in self.legs):
            return False
        for account in {account_of(leg.book) for leg in legs} - {None, SUSPENSE}:
            if seen is not None and sum(account_of(leg.book) == account for leg in self.legs) != seen:
                raise Moved
        for leg in legs:
            if leg.book == SUSPENSE and leg.minor > lies(self.legs, leg.provider_ref, leg.currency):
                raise Moved
        self.legs += legs
        return True
