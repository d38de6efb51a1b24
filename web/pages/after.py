"""After a meeting: your words, somebody to talk to, and a moment before you go."""

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from rooms.kernel import NotAMember
from rooms.presence import Leave
from rooms.room import Private, private
from server.assemble import Parts
from server.live.catchup import Seat
from server.live.protocol import Unavailable
from web import forms
from web.identity import Identity
from web.pages.room import card_of
from web.templating import Templates


def routes(parts: Parts) -> list[BaseRoute]:
    """Leaving a meeting, and the page that closes it."""
    templates = Templates(parts.settings)
    identity = Identity(parts)

    async def leave(request: Request) -> Response:
        card = await card_of(parts, request)
        form = await forms.read(request)
        who = await identity.who(request, card.id, form["as"] == "staff")
        if who is not None:
            with suppress(NotAMember):  # whoever is not in the room has left it
                await parts.hosts.submit(card.id, who, Leave(), form.key)
        return RedirectResponse(f"/rooms/{card.id}/after", 303)

    async def after(request: Request) -> Response:
        card = await card_of(parts, request)
        glance = await parts.hosts.entering.glance(card.id)
        words = identity.words(request)
        return templates.page(
            "after.html",
            card=card,
            open=glance.meeting_open,
            writes=await _still_writes(request, card.id),
            words=words.spoken.split() if words else [],
        )

    async def _still_writes(request: Request, room: str) -> bool:
        """Whether somebody writes with them in private, or they wait for it: that goes on."""
        who = await identity.who(request, room, as_staff=False)
        seat: Seat | None = None
        if who is not None:
            with suppress(Unavailable):  # the way out is there when nothing else is
                seat = await parts.hosts.entering.seat(room, who)
        mine = seat.view[private(seat.member)] if seat else None
        return isinstance(mine, Private) and bool(mine.threads or mine.asked)

    return [
        Route("/rooms/{slug}/leave", leave, methods=["POST"]),
        Route("/rooms/{slug}/after", after, methods=["GET"]),
    ]
