"""After a meeting: your words, somebody to talk to, and a moment before you go."""

from contextlib import suppress

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from rooms.kernel import NotAMember
from rooms.presence import Leave
from server.assemble import Parts
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
            words=words.spoken.split() if words else [],
        )

    return [
        Route("/rooms/{slug}/leave", leave, methods=["POST"]),
        Route("/rooms/{slug}/after", after, methods=["GET"]),
    ]
