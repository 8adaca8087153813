"""The screens that the texts of a language stand on, as far as the home can be read."""

from __future__ import annotations

from dataclasses import replace

from flows.checks.shown import Shows
from flows.checks.shown.stage import Stage
from flows.model import Institution
from gateway.publishing import Sources, subject


def sound(sources: Sources) -> Sources:
    """The sources without the files at fault, and those that cannot do without them."""
    while True:
        found, faults = subject(sources)
        bad = {fault.file for fault in faults if fault.level == "error"} & sources.files.keys()
        if found is not None or not bad:
            return sources
        sources = Sources(sources.institution, {at: text for at, text in sources.files.items() if at not in bad})


def spoken(sources: Sources, language: str) -> Sources:
    """As if the institution spoke ``language`` too."""
    given = sources.institution["languages"]
    languages = list(given) if isinstance(given, list | tuple) else []
    if language in languages:
        return sources
    return Sources({**sources.institution, "languages": (*languages, language)}, sources.files)


def shows_in(sources: Sources, institution: Institution, language: str) -> Shows | None:
    """The screens in ``language`` alone; None where too little can be read for that."""
    found, _ = subject(sound(spoken(sources, language)))
    if found is None or institution.main_flow not in found.flows:
        return None
    return Shows(replace(found, institution=replace(found.institution, languages=(language,))))


def stages_in(shows: Shows | None, language: str) -> dict[str, Stage]:
    """Each flow with usual values."""
    return dict(shows.stages(language, False)) if shows else {}
