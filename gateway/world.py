"""Everything that an action may reach, joined: ``flows.ports.World``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flows.ports import Bank, Cases, Clients, Consents, Invitations, Payments, Pins
from gateway.clock import Clock


@dataclass(slots=True)
class Joined:
    """The ports of one process."""

    bank: Bank
    pins: Pins
    clients: Clients
    consents: Consents
    cases: Cases
    payments: Payments
    invitations: Invitations
    clock: Clock

    def today(self) -> dt.date:
        return self.clock.today()

    def now(self) -> dt.datetime:
        return self.clock.now()
