"""`/help/person`: reaching a person of this place, without a meeting, while somebody is on shift.

Whoever comes here gets a private word in the one room where nobody meets. They need no account and
choose no name; a GET changes nothing, and only the POST puts words into their browser, so that the
next page knows them. A form that is sent twice is one person.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from moderation.danger import ComeForHelp
from rooms.refusals import Refused
from rooms.threads import NobodyThere
from server.assemble import Parts
from server.people.cookie import words_cookie
from server.people.threshold import ThresholdExpired, ThresholdForged
from server.people.words import draw
from web import forms
from web.forms import fresh_key
from web.help import HelpPages
from web.identity import Identity
from web.language import CHOOSE, chosen, language_cookie
from web.pages.naming import under_some_name

PAGE = "/help/person"


def routes(parts: Parts, pages: Mapping[str, HelpPages]) -> list[BaseRoute]:
    """The page that asks whether one wants to, and its form."""
    page = PersonPage(parts, pages)
    return [
        Route(PAGE, page.show, methods=["GET"]),
        Route(PAGE, page.come, methods=["POST"]),
    ]


class PersonPage:
    """Says what will happen before it happens."""

    def __init__(self, parts: Parts, pages: Mapping[str, HelpPages]) -> None:
        self._parts = parts
        self._pages = pages
        self._identity = Identity(parts)

    async def show(self, request: Request) -> Response:
        """What happens, and one button; or that nobody is on duty."""
        return self._page(request)

    async def come(self, request: Request) -> Response:
        """A private word, and a call to whoever is on shift."""
        form = await forms.read(request)
        has = self._identity.words(request)
        room = self._parts.help_room
        try:
            words = has or self._parts.threshold.open(form["sealed"], self._parts.wall())
            who = self._identity.as_guest(self._identity.key_of(words), room)
            await under_some_name(
                lambda name: self._parts.hosts.note(
                    room, who, ComeForHelp(pseudonym=name), form.key
                )
            )
        except Refused as refusal:
            return self._page(request, refusal)
        answer = RedirectResponse(f"/rooms/{room}/live", 303)
        if has is None:
            cookie = words_cookie(words, remember=False, secure=self._parts.settings.secure)
            answer.headers.append("Set-Cookie", cookie)
        return answer

    def _page(self, request: Request, refusal: Refused | None = None) -> Response:
        language = chosen(request)
        here = self._parts.shifts.anybody(self._parts.help_room)
        gone = isinstance(refusal, NobodyThere) or not here
        stale = isinstance(refusal, ThresholdExpired | ThresholdForged)
        text = self._pages[language].text(
            "person.html",
            here=not gone,
            key=fresh_key(),
            sealed=self._parts.threshold.seal(draw(), self._parts.wall()),
            wrong="" if gone or refusal is None else "stale" if stale else "failed",
        )
        status = 200 if refusal is None else 422 if stale else 409
        answer = HTMLResponse(text, status, {"Cache-Control": "no-store"})
        if request.query_params.get(CHOOSE) == language:
            cookie = language_cookie(language, self._parts.settings.secure)
            answer.headers.append("Set-Cookie", cookie)
        return answer
