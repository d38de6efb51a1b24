"""The web application: every page and the socket, inside the guard and the cover."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from server.assemble import Parts
from web import cover, guard, help, static_files
from web.pages import (
    about,
    after,
    cases,
    errors,
    home,
    join,
    leave,
    live,
    on_call,
    person,
    room,
    staff,
    words,
)
from web.socket import SocketDoor
from web.templating import Templates

PAGES = (home, room, join, live, after, words, leave, staff, on_call, cases, about)
"""Every module of pages; each has `routes`."""


def application(parts: Parts, more: Sequence[BaseRoute] = ()) -> ASGIApp:
    """Everything this server answers; `more` are routes of one run alone (the demo's sign-in)."""
    settings = parts.settings
    help_pages = help.every_language(parts.hotlines, settings.group_name, settings.exit_url)
    routes: list[BaseRoute] = [
        *person.routes(parts, help_pages),
        *help.routes(
            help_pages,
            parts.hotlines,
            settings.secure,
            lambda: parts.shifts.anybody(parts.help_room),
        ),
        *static_files.routes(),
        Route("/health", health),
        WebSocketRoute("/socket", SocketDoor(parts)),
        *more,
    ]
    for module in PAGES:
        routes += module.routes(parts)
    pages = Starlette(routes=routes, exception_handlers=errors.handlers(parts))
    neutral = Templates(settings).text("covered.html")
    return guard.Guard(cover.Cover(pages, neutral), settings, errors.broken_page(settings))


async def health(_request: Request) -> Response:
    """One word to strangers."""
    return PlainTextResponse("ok\n")
