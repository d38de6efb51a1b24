"""A room's own page: what it is, how it runs, and who can see what, before anybody comes in."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from rooms.room import Hold
from server.assemble import Parts
from server.people.directory import RoomCard
from web.templating import Templates, minutes_since


def routes(parts: Parts) -> list[BaseRoute]:
    """The route of a room's page."""
    templates = Templates(parts.settings)

    async def room(request: Request) -> Response:
        card = await card_of(parts, request)
        glance = await parts.hosts.entering.glance(card.id)
        now = parts.wall()
        return templates.page(
            "room.html",
            card=card,
            glance=glance,
            minutes=minutes_since(glance.opened_at or now, now),
            resting=glance.hold is not Hold.NONE,
            gone_after=longest_kept_hours(parts.settings.keep_hours),
        )

    return [Route("/rooms/{slug}", room)]


async def card_of(parts: Parts, request: Request) -> RoomCard:
    """The room that a request's address names. Raises 404, the same for every other address."""
    card = await parts.directory.room(request.path_params["slug"])
    if card is None:
        raise HTTPException(404)
    return card


def longest_kept_hours(keep_hours: int) -> int:
    """After how many hours at most, from a meeting's opening, its words cannot be read any more.

    Their key is in the file of the day that ends `keep_hours` after the opening, and is destroyed
    when that day is over.
    """
    return keep_hours + 24
