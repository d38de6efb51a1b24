"""How this place works, what is kept and for how long, and how to leave safely."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.assemble import Parts
from web.pages.room import longest_kept_hours
from web.templating import Templates


def routes(parts: Parts) -> list[BaseRoute]:
    """The page behind the footer's links."""
    templates = Templates(parts.settings)
    hours = longest_kept_hours(parts.settings.keep_hours)

    async def about(_request: Request) -> Response:
        return templates.page("about.html", gone_after=hours)

    return [Route("/about", about)]
