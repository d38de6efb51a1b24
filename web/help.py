"""Help: the pages that work whatever else does not.

Every page is made once, from what lies in memory: the first page of each language when the server
starts, a country's when somebody first asks for it. Answering asks no session, database, script or
other part of the server, for nothing of these may stand between a person in danger and a number.
The country is chosen by the person and never guessed from an address: a wrong number is worse than
none.

One thing on them is not always true: that somebody of this place can be reached now. A page says so
while it is true, and is marked then, so that no browser keeps that page for later.
"""

import hashlib
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any, Final, NamedTuple

import msgspec
from babel import Locale
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from moderation.hotlines import CRISIS, FALLBACK, Hotlines, Kind, for_country
from moderation.offers import offer
from moderation.opening_hours import MINUTES_IN_WEEK
from moderation.telephone import call_link
from rooms.safety import EMERGENCY, Category
from web.help_words import HelpWords, by_first_letter
from web.language import (
    CHOOSE,
    ENGLISH,
    SAFE,
    chosen,
    language_cookie,
    safety_environment,
    safety_translations,
)

HTML, CSS, SCRIPT, JSON = "text/html", "text/css", "text/javascript", "application/json"
PERSON: Final = "Candlelight-Person"
"""The header of an answer that offers a person; the worker keeps none of these."""
KEPT: Final = "kept"
"""The name in an address that asks for the page as it may be kept: `/help?kept`."""

DOORS: Mapping[str, tuple[Kind, ...]] = {
    "danger": ("poison",),
    "alone": ("never_use_alone",),
    "use": ("substance_use",),
    "talk": (*CRISIS, "youth", "lgbtq", "veterans"),
    "hurt": ("domestic_violence", "sexual_violence", "youth"),
}
"""Which lines stand behind which door. Lines for the young stand behind two, and lines that stay on
the phone while somebody uses stand before the others in the second."""


class Page(NamedTuple):
    """A finished answer and its ETag."""

    body: bytes
    kind: str
    etag: str


class HelpPages:
    """All Help pages of one group in one language, each made once."""

    def __init__(
        self,
        hotlines: Hotlines,
        group_name: str,
        exit_url: str,
        language: str = ENGLISH,
    ) -> None:
        words = HelpWords(language, safety_translations(language))
        templates = safety_environment(language, "help")
        templates.globals.update(
            words=words,
            languages=[(tag, Locale.parse(tag).get_display_name(tag)) for tag in SAFE],
            group_name=group_name,
            exit_url=exit_url,
            doors=DOORS,
            fallback=FALLBACK,
            call_link=call_link,
        )
        self._templates = templates
        # One sort of the names serves the list of links, the form and the offline page.
        names = {code: words.country(code, found.name) for code, found in hotlines.items()}
        letters = by_first_letter(names.items())
        numbers = {code: for_country(hotlines, code, [language]) for code in hotlines}

        self._names, self._numbers = names, numbers
        self._template = templates.get_template("page.html")
        self._countries: dict[tuple[str, bool], Page] = {}
        first = {"code": None, "country": None, "numbers": None, "letters": letters}
        self.start = _page(self._template.render(first, person=False))
        self._start_with_person = _page(self._template.render(first, person=True))
        offline = templates.get_template("offline.html")
        self.offline = _page(offline.render(letters=letters, numbers=numbers))
        static = resources.files("web").joinpath("static")
        self.style = _page(static.joinpath("help.css").read_text("utf-8"), CSS)
        self.worker = self._worker(static.joinpath("sw.js").read_text("utf-8"))

    def text(self, template: str, **context: Any) -> str:
        """A page that is not made beforehand, in the same language and look."""
        return self._templates.get_template(template).render(context)

    def page(self, country: str | None) -> bytes | None:
        """The page of a country, or the first page for None; None for a country we do not know."""
        found = self.found(country)
        return found.body if found else None

    def found(self, country: str | None, person: bool = False) -> Page | None:
        """As `page`, with its ETag; with a way to reach a person of this place, or without."""
        if country is None:
            return self._start_with_person if person else self.start
        if country not in self._names:
            return None
        key = (country, person)
        if key not in self._countries:
            name, numbers = self._names[country], self._numbers[country]
            text = self._template.render(code=country, country=name, numbers=numbers, person=person)
            self._countries[key] = _page(text)
        return self._countries[key]

    def _worker(self, script: str) -> Page:
        """The service worker, named after what it keeps, so that new numbers replace old ones."""
        kept = "".join(page.etag for page in (self.start, self.offline, self.style))
        version = hashlib.sha256(kept.encode()).hexdigest()[:16]
        return _page(f'const VERSION = "{version}";\n{script}', SCRIPT)


def _page(text: str, kind: str = HTML) -> Page:
    body = text.encode()
    return Page(body, kind, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def every_language(hotlines: Hotlines, group_name: str, exit_url: str) -> dict[str, HelpPages]:
    """Help in all its languages."""
    return {tag: HelpPages(hotlines, group_name, exit_url, tag) for tag in SAFE}


def routes(
    pages: Mapping[str, HelpPages],
    hotlines: Hotlines,
    secure: bool,
    on_shift: Callable[[], bool],
) -> list[Route]:
    """The routes of Help, complete in themselves: they touch memory and nothing else.

    `on_shift` says whether somebody of this place can be reached now without a meeting.
    """

    def spoken(request: Request) -> HelpPages:
        return pages[chosen(request)]

    async def start(request: Request) -> Response:
        if country := request.query_params.get("country"):
            return _to_country(country)
        return _help(request, None)

    async def country(request: Request) -> Response:
        code = request.path_params["country"]
        if code != code.upper():
            return _to_country(code)
        return _help(request, code)

    async def options(request: Request) -> Response:
        """The ways to reach somebody that fit a card, for the hour of the reader's own clock."""
        query = request.query_params
        level, minute = _number(query.get("level"), EMERGENCY), _number(query.get("minute"))
        try:
            category = Category(query["category"]) if query.get("category") else None
        except ValueError:
            return Response(status_code=400)
        if level is None or (minute is not None and minute >= MINUTES_IN_WEEK):
            return Response(status_code=400)
        code = request.path_params["country"]
        person = query.get("person") == "1"
        found = offer(
            hotlines, code, [chosen(request)], level, category, minute=minute, person=person
        )
        return Response(msgspec.json.encode(found), media_type=JSON)

    async def offline(request: Request) -> Response:
        return _answer(request, spoken(request).offline)

    async def style(request: Request) -> Response:
        return _answer(request, spoken(request).style)

    async def worker(request: Request) -> Response:
        return _answer(request, spoken(request).worker)

    def _to_country(typed: str) -> Response:
        """Only a country we know is put into an address: what was typed never comes back."""
        code = typed.upper()
        return RedirectResponse(f"/help/{code}" if code in hotlines else "/help", 303)

    def _help(request: Request, country: str | None) -> Response:
        person = KEPT not in request.query_params and on_shift()
        answer = _answer(request, spoken(request).found(country, person))
        if person:
            answer.headers[PERSON] = "here"
        return answer

    def _answer(request: Request, page: Page | None) -> Response:
        if page is None:
            start = spoken(request).start
            return Response(start.body, 404, {"Cache-Control": "no-cache"}, media_type=HTML)
        headers = {"Cache-Control": "no-cache", "ETag": page.etag}
        if page.kind == HTML:
            headers["Vary"] = "Accept-Language, Cookie"
        asked = request.query_params.get(CHOOSE, "")
        if asked in pages:
            headers["Set-Cookie"] = language_cookie(asked, secure)
        if page.etag in request.headers.get("If-None-Match", ""):
            return Response(status_code=304, headers=headers)
        return Response(page.body, 200, headers, media_type=page.kind)

    return [
        Route("/help", start),
        Route("/help/offline", offline),
        Route("/help/style.css", style),
        Route("/help/options/{country}", options),
        Route("/help/{country}", country),
        Route("/sw.js", worker),
    ]


def _number(written: str | None, highest: int = MINUTES_IN_WEEK) -> int | None:
    """A number of an address; None for what is none, or too large."""
    if not written or not (written.isascii() and written.isdigit() and len(written) < 6):
        return None
    return int(written) if int(written) <= highest else None
