"""Leaving quickly without script, and coming back from under the cover."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from server.assemble import Parts
from server.storage.errors import StorageError
from web.cover import COME_BACK, cover_cookie
from web.identity import Identity


def routes(parts: Parts) -> list[BaseRoute]:
    """The link behind every "Leave quickly", and the button of the covered page."""
    secure, exit_url = parts.settings.secure, parts.settings.exit_url
    identity = Identity(parts)

    async def leave(request: Request) -> Response:
        # The one GET that does something: a link works in every browser, at once, with one press,
        # and can be opened by a keyboard and a screen reader. Everything it does is undone by one
        # button. What another page or a prefetching browser asks for does nothing but send them
        # away, so that no picture on a foreign page can cover anybody or take them out of a room.
        answer = RedirectResponse(exit_url, 303)
        if _meant(request):
            answer.headers.append("Set-Cookie", cover_cookie(secure))
            try:
                for tag_in in await identity.tags(request):
                    parts.hosts.presence.left_quickly(tag_in)
            except StorageError:
                pass  # nothing may keep somebody here; their place is given up when they time out
        return answer

    async def come_back(_request: Request) -> Response:
        answer = RedirectResponse("/", 303)
        answer.headers.append("Set-Cookie", cover_cookie(secure, lift=True))
        return answer

    return [
        Route("/leave", leave, methods=["GET"]),
        Route(COME_BACK, come_back, methods=["POST"]),
    ]


def _meant(request: Request) -> bool:
    """Whether a person pressed the link on a page of ours, or typed its address.

    Browsers that do not say where a request comes from are believed.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    ahead = request.headers.get("sec-purpose") or request.headers.get("purpose")
    return site in {"same-origin", "none"} and not ahead
