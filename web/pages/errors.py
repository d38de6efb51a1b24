"""When something is not there, not allowed, or broken: a page in our own voice, with Help."""

import logging
from collections.abc import Awaitable, Callable
from gettext import gettext as _
from typing import Final, NamedTuple, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from rooms.refusals import Refused
from server.assemble import Parts
from server.live.protocol import NoSuchRoom
from server.settings import Settings
from server.storage.errors import StorageError
from web.templating import Templates

log = logging.getLogger("candlelight.web")

Handler = Callable[[Request, Exception], Awaitable[Response]]


class Words(NamedTuple):
    """What a page of this kind says: its heading, and what can be done."""

    heading: str
    sentence: str


# `_` marks these for the catalogue; they are translated when the page is made.
SAYS: Final = {
    400: Words(
        _("This could not be read."),
        _("Something in the request was not as expected. Go back and try once more."),
    ),
    403: Words(
        _("This did not come from one of our pages."),
        _("Nothing was done. Go back, load the page again, and send it once more."),
    ),
    404: Words(
        _("There is nothing at this address."),
        _("It may have been mistyped, or it was never here."),
    ),
    405: Words(
        _("This cannot be done here."), _("Go back to the page before, and use its buttons.")
    ),
    413: Words(_("This is too much at once."), _("Send it in two parts; nothing is lost.")),
    500: Words(
        _("Something here stopped working."),
        _("It is our fault, not yours. What you wrote may still be on the page before this one."),
    ),
    503: Words(
        _("This cannot be kept just now."),
        _("Nothing happened, and trying again is safe. Wait a moment first."),
    ),
}


class ErrorPages:
    """Makes the page for a status."""

    def __init__(self, settings: Settings) -> None:
        self._templates = Templates(settings)

    def page(self, status: int, mark: str = "") -> Response:
        """The page for a status; one that has no words of its own borrows those of its kind."""
        says = SAYS.get(status, SAYS[500 if status >= 500 else 400])
        return self._templates.page(
            "error.html",
            status,
            heading=self._templates.say(says.heading),
            sentence=self._templates.say(says.sentence),
            mark=mark,
        )

    def refused(self, refusal: Refused) -> Response:
        """The page for a refusal that no form caught: its own sentence, and where to go on."""
        status = 404 if isinstance(refusal, NoSuchRoom) else 503 if refusal.retry else 409
        return self._templates.page(
            "error.html",
            status,
            heading=self._templates.say(_("This cannot be done now.")),
            sentence=self._templates.say(refusal.text),
            mark="",
        )


def broken_page(settings: Settings) -> str:
    """The page for when nothing works any more, made beforehand; `{id}` stands for its mark."""
    return bytes(ErrorPages(settings).page(500, mark="{id}").body).decode()


def handlers(parts: Parts) -> dict[int | type[Exception], Handler]:
    """What the application does with exceptions. The guard, outside of it, logs the unexpected."""
    pages = ErrorPages(parts.settings)

    async def http(_request: Request, raised: Exception) -> Response:
        wrong = cast(HTTPException, raised)
        answer = pages.page(wrong.status_code)
        answer.headers.update(wrong.headers or {})
        return answer

    async def refused(_request: Request, raised: Exception) -> Response:
        return pages.refused(cast(Refused, raised))

    async def storage(_request: Request, raised: Exception) -> Response:
        log.error("A page could not reach the database: %s", type(raised).__name__)
        return pages.page(503)

    async def broken(request: Request, _raised: Exception) -> Response:
        return pages.page(500, mark=request.scope.get("error_id", ""))

    return {HTTPException: http, Refused: refused, StorageError: storage, Exception: broken}
