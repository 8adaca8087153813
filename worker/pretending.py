"""What the simulated wallet of a demonstration does by itself: it posts its callbacks when their time has come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from adapters.payment import Provider, Unanswered
from adapters.simulation import Steered


def telling(providers: Mapping[str, Provider]) -> dict[str, Callable[[], Awaitable[None]]]:
    """A sweep for each of ``providers`` that only pretends. One raises OSError while its notebook is down."""
    return {name: _telling(cast("Steered", one)) for name, one in providers.items() if hasattr(one, "tell")}


def _telling(wallet: Steered) -> Callable[[], Awaitable[None]]:
    async def tell() -> None:
        try:
            await wallet.tell()
        except Unanswered as error:
            raise ConnectionError(str(error)) from error

    return tell
