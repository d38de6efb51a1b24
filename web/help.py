"""Help: the pages that work whatever else does not.

Every page is made once, when the server starts, and lies in memory as bytes. Answering asks no
session, database, script or other part of the server, for nothing of these may stand between a
person in danger and a number. The country is chosen by the person and never guessed from an
address: a wrong number is worse than none.
"""

import hashlib
from collections.abc import Mapping
from gettext import NullTranslations
from importlib import resources
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from moderation.hotlines import CRISIS, FALLBACK, Hotlines, Kind, for_country
from moderation.telephone import call_link
from web.help_words import HelpWords, by_first_letter

HTML, CSS, SCRIPT = "text/html", "text/css", "text/javascript"

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
    """All Help pages of one group in one language, made once."""

    def __init__(
        self,
        hotlines: Hotlines,
        group_name: str,
        exit_url: str,
        translations: NullTranslations | None = None,
        language: str = "en",
    ) -> None:
        translations = translations or NullTranslations()
        words = HelpWords(language, translations)
        templates = Environment(
            loader=PackageLoader("web", "templates/help"),
            extensions=["jinja2.ext.i18n"],
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
        templates.globals.update(
            words=words,
            group_name=group_name,
            exit_url=exit_url,
            doors=DOORS,
            fallback=FALLBACK,
            call_link=call_link,
        )
        # One sort of the names serves the list of links, the form and the offline page.
        names = {code: words.country(code, found.name) for code, found in hotlines.items()}
        letters = by_first_letter(names.items())
        numbers = {code: for_country(hotlines, code, [language]) for code in hotlines}

        page = templates.get_template("page.html")
        self._countries = {
            code: _page(page.render(code=code, country=names[code], numbers=numbers[code]))
            for code in hotlines
        }
        self.start = _page(page.render(code=None, country=None, numbers=None, letters=letters))
        offline = templates.get_template("offline.html")
        self.offline = _page(offline.render(letters=letters, numbers=numbers))
        static = resources.files("web").joinpath("static")
        self.style = _page(static.joinpath("help.css").read_text("utf-8"), CSS)
        self.worker = self._worker(static.joinpath("sw.js").read_text("utf-8"))

    def page(self, country: str | None) -> bytes | None:
        """The page of a country, or the first page for None; None for a country we do not know."""
        found = self.found(country)
        return found.body if found else None

    def found(self, country: str | None) -> Page | None:
        """As `page`, with its ETag."""
        return self.start if country is None else self._countries.get(country)

    def _worker(self, script: str) -> Page:
        """The service worker, named after what it keeps, so that new numbers replace old ones."""
        kept = "".join(page.etag for page in (self.start, self.offline, self.style))
        version = hashlib.sha256(kept.encode()).hexdigest()[:16]
        return _page(f'const VERSION = "{version}";\n{script}', SCRIPT)


def _page(text: str, kind: str = HTML) -> Page:
    body = text.encode()
    return Page(body, kind, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def routes(pages: HelpPages) -> list[Route]:
    """The routes of Help, complete in themselves: they touch memory and nothing else."""

    async def start(request: Request) -> Response:
        if chosen := request.query_params.get("country"):
            return _to_country(chosen)
        return _answer(request, pages.found(None))

    async def country(request: Request) -> Response:
        code = request.path_params["country"]
        if code != code.upper():
            return _to_country(code)
        return _answer(request, pages.found(code))

    async def offline(request: Request) -> Response:
        return _answer(request, pages.offline)

    async def style(request: Request) -> Response:
        return _answer(request, pages.style)

    async def worker(request: Request) -> Response:
        return _answer(request, pages.worker)

    def _to_country(chosen: str) -> Response:
        """Only a country we know is put into an address: what was typed never comes back."""
        code = chosen.upper()
        return RedirectResponse(f"/help/{code}" if pages.found(code) else "/help", 303)

    def _answer(request: Request, page: Page | None) -> Response:
        if page is None:
            return Response(pages.start.body, 404, {"Cache-Control": "no-cache"}, media_type=HTML)
        headers = {"Cache-Control": "no-cache", "ETag": page.etag}
        if page.etag in request.headers.get("If-None-Match", ""):
            return Response(status_code=304, headers=headers)
        return Response(page.body, 200, headers, media_type=page.kind)

    return [
        Route("/help", start),
        Route("/help/offline", offline),
        Route("/help/style.css", style),
        Route("/help/{country}", country),
        Route("/sw.js", worker),
    ]
