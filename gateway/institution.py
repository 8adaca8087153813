"""From the settings to what the engine and the words need to know of the institution."""

from __future__ import annotations

from flows.model import Institution, Keys
from flows.paying.tariff import read
from gateway.settings import Settings


def institution(settings: Settings) -> Institution:
    """The institution as conversations know it; without a short name, the first word of its name. The tariff is that
    of the wallet that is asked."""
    section = settings.institution
    tariff = next((one.tariff for one in settings.payments.values()), ())
    return Institution(
        name=section.name,
        short_name=section.short_name or section.name.split()[0],
        country=section.country,
        currency=section.currency,
        languages=section.languages,
        timezone=section.timezone,
        keys=Keys(section.keys.back, section.keys.home, section.keys.more),
        notice_url=section.notice_url,
        notice_version=section.notice_version,
        phone=section.phone,
        wallet=section.wallet,
        paybill=section.paybill,
        payee=section.payee,
        tariff=read(tariff, section.currency),
        help_flow=section.help_flow,
        main_flow=section.main_flow,
        quiet_days=section.quiet_days,
    )
