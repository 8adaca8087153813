"""``/desk/conversations/<id>``: a conversation as the client saw it, screen by screen. Who reads it is recorded."""

from __future__ import annotations

from aiohttp import web

from gateway.desk import dictionary
from gateway.desk.rooms import Visit, page
from gateway.desk.telling import KINDS, tone
from gateway.desk.veiling import private_words
from gateway.desk.veiling import read as read_text
from gateway.record.desk.client_page import marks_of, name_of
from gateway.record.desk.transcript import Transcript, transcript
from gateway.record.releases import Releases

# what happened where nothing was typed
EVENTS = {
    "dial": "dialled",
    "redial": "dialled again",
    "page": "asked for the next page",
    "timed out": "nobody answered",
    "hung up": "hung up",
    "closed": "the session was closed",
    "left": "left",
    "called back": "was called back",
    "taken over": "a member of staff took over",
}


def routes(app: web.Application) -> None:
    app.router.add_get("/desk/conversations/{id}", show)


@page()
async def show(request: web.Request, visit: Visit) -> web.Response:
    found = await transcript(visit.db, request.match_info["id"], visit.staff, kept_from(visit))
    if found is None:
        raise web.HTTPNotFound(text="There is no such conversation.")
    client = await name_of(visit.db, found.client) if found.client else None
    shown = bool(client) and visit.shown(found.client)
    await _noted(visit, found)
    zone = visit.house.stores.clock.zone
    private = private_words(client, *await marks_of(visit.db, found.client))
    return visit.render(
        "conversation.html",
        here="clients",
        talk=found,
        client=client,
        shown=shown,
        kind=KINDS.get(found.kind, found.kind),
        events=EVENTS,
        lasted=dictionary.lasted,
        tone=tone,
        numbers=await _numbers(visit, found),
        clock=lambda at: f"{at.astimezone(zone):%H:%M:%S}",
        text=lambda text: read_text(text, private, shown),
    )


async def _numbers(visit: Visit, found: Transcript) -> dict[str, int]:
    """The running numbers of the releases that it was on."""
    kept = Releases(visit.db, visit.house.stores.clock)
    return await kept.numbers({found.release, *(turn.release for turn in found.turns)})


async def _noted(visit: Visit, found: Transcript) -> None:
    """On the client's own time line, or under the conversation's id where nobody is known."""
    about = found.client or found.id
    await visit.audit("transcript read", about, details={"conversation": found.id})


def kept_from(visit: Visit) -> set[str]:
    """Flows that are hidden from who is asking."""
    flows = visit.house.releases.current.flows.values()
    return {flow.name for flow in flows if not visit.staff.sees(",".join(flow.hidden_from))}
