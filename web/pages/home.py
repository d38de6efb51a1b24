"""The first page: which meetings are open now, and which rooms there are."""

from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from rooms.room import Hold
from server.assemble import Parts
from server.live.protocol import NoSuchRoom, Unavailable
from server.people.directory import RoomCard
from web.templating import Templates, minutes_since


class OpenRoom(NamedTuple):
    """A room whose meeting is open: since how many minutes, who holds it, and whether it rests."""

    card: RoomCard
    minutes: int
    facilitators: list[str]
    resting: bool


def routes(parts: Parts) -> list[BaseRoute]:
    """The route of the home page."""
    templates = Templates(parts.settings)

    async def home(_request: Request) -> Response:
        open_now: list[OpenRoom] = []
        others: list[RoomCard] = []
        for card in await parts.directory.rooms():
            found = await _look(parts, card)
            if found is None:
                others.append(card)
            else:
                open_now.append(found)
        return templates.page("home.html", open_now=open_now, others=others)

    return [Route("/", home)]


async def _look(parts: Parts, card: RoomCard) -> OpenRoom | None:
    """The room, if its meeting is open. A room that cannot be looked at now hides no other."""
    try:
        glance = await parts.hosts.entering.glance(card.id)
    except (NoSuchRoom, Unavailable):
        return None
    if not glance.meeting_open:
        return None
    opened_at = glance.opened_at or parts.wall()
    return OpenRoom(
        card,
        minutes_since(opened_at, parts.wall()),
        glance.facilitators,
        resting=glance.hold is not Hold.NONE,
    )
