"""What a call costs by the institution's table of rates. An amount that is not given is not counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from flows.checks.cost.effort import Effort
from flows.screens.profile import Profile


@dataclass(frozen=True, slots=True)
class Prices:
    """In major units of the institution's currency. ``ussd``: of a call, or of every ``ussd_seconds`` of it that have
    begun; ``sms``: of a part that we send; ``whatsapp``: of a message that we send."""

    ussd: Decimal | None = None
    ussd_seconds: int = 0
    sms: Decimal | None = None
    whatsapp: Decimal | None = None

    def of(self, effort: Effort, profile: Profile) -> Decimal | None:
        """The price of one call that takes so much; None where the rate that it needs is not given."""
        own = self._own(effort, profile)
        if effort.parts and self.sms is None:
            return None
        texts = Decimal(0) if self.sms is None else self.sms * Decimal(str(round(effort.parts, 2)))
        return None if own is None else own + texts

    def _own(self, effort: Effort, profile: Profile) -> Decimal | None:
        """Without the SMS that are sent."""
        rates: Mapping[str, Decimal | None] = {"ussd": self.ussd, "whatsapp": self.whatsapp, "sms": Decimal(0)}
        rate = rates.get(profile.kind)
        if rate is None or profile.kind == "sms":
            return rate
        if profile.kind == "whatsapp":
            return rate * Decimal(str(round(effort.screens, 2)))
        blocks = max(1, ceil(effort.seconds / self.ussd_seconds)) if self.ussd_seconds else 1
        return rate * blocks
