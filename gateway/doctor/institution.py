"""What an institution has still to say of itself before clients call, and what they read until then."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.doctor import Finding, warning
from gateway.home import Home
from gateway.settings import Settings


def institution_findings(settings: Settings) -> Iterator[Finding]:
    """Of a home; the sample institution has said everything."""
    if settings.home is None:
        return
    if not settings.institution.phone:
        says = "clients are told to call us, and no number is set."
        yield warning("institution", says, "Set [institution] phone.")
    if not settings.payments:
        fix = "Add [payments.<name>], or switch the flows repay and last_payment off."
        yield warning("payments", "no wallet is set up: whoever wants to pay is told that it cannot be done.", fix)
    shipped = Home(settings.home).folders("messages")
    for language in settings.institution.languages:
        if language not in shipped:
            fix = f"Begin them: njia flows words {language} --to {language}.xlsx"
            yield warning("words", f"there are none in {language}: its readers see those of another language.", fix)
