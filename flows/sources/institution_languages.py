"""The languages that the institution speaks, each by its own name: who cannot read English finds "Kiswahili"."""

from __future__ import annotations

from functools import cache

from babel import Locale, UnknownLocaleError

from flows.model import Institution
from flows.ports import Caller, World
from flows.sources import Source
from flows.values import Kind, Value

SOURCE = Source(
    item="language",
    fields={"id": Kind.TEXT, "code": Kind.TEXT, "own_name": Kind.TEXT},
    private=False,
)


async def read(world: World, caller: Caller, institution: Institution) -> list[dict[str, Value]]:
    return [{"id": code, "code": code, "own_name": own_name(code)} for code in institution.languages]


@cache
def own_name(code: str) -> str:
    """``fr`` is ``Français``. A language that Unicode CLDR has no name for goes by its code."""
    try:
        name = Locale.parse(code, sep="-" if "-" in code else "_").get_display_name()
    except (UnknownLocaleError, ValueError):
        return code
    return name[:1].upper() + name[1:] if name else code
