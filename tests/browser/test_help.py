"""Help in a real browser: readable by everybody, and without a connection."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Error, Page
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from server.hotlines import read_hotlines
from web import guard
from web.help import every_language, routes

pytestmark = pytest.mark.browser

VISIT = """
import { registerOffline } from "/static/offline.js";
document.title = (await registerOffline()) ? "kept" : "not kept";
"""
SIZES = [(320, 256), (360, 740), (1280, 800)]
PATHS = ["/help", "/help/US", "/help/LY", "/help/offline"]


class Headers:
    """The site's policy on every answer, and a wait before each while the server is `slow`."""

    def __init__(self, app: ASGIApp, site: "Site") -> None:
        self.app, self.site = app, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_policy(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], (b"content-security-policy", guard.POLICY.encode())]  # type: ignore[misc]
                message["headers"] = headers
            await send(message)

        await asyncio.sleep(self.site.slow)
        await self.app(scope, receive, with_policy)  # type: ignore[arg-type]


class Site:
    """Help and one page that visits it, on a real socket, with a server that can be stopped."""

    def __init__(self) -> None:
        self.slow = 0.0
        hotlines = read_hotlines()
        help_pages = every_language(hotlines, "Evening Group", "https://weather.example/")
        app = Starlette(
            routes=[
                *routes(help_pages, hotlines, secure=False, on_shift=lambda: False),
                Route("/", self.visit),
                Route("/visit.js", self.script),
                Mount("/static", StaticFiles(packages=[("web", "static")])),
            ],
            middleware=[Middleware(Headers, site=self)],
        )
        config = uvicorn.Config(
            app, host="127.0.0.1", port=0, log_level="error", timeout_graceful_shutdown=1
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        deadline = time.monotonic() + 10
        while not self.server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        self.address = f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"

    async def visit(self, request: Request) -> Response:
        return HTMLResponse('<!doctype html><script type="module" src="/visit.js"></script>')

    async def script(self, request: Request) -> Response:
        return Response(VISIT, media_type="text/javascript")

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    yield context
    context.close()


def until(page: Page, expression: str) -> None:
    """Wait until this is true of the page; the strict policy forbids it to wait by itself."""
    deadline = time.monotonic() + 10
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        time.sleep(0.05)


def after_one_visit(site: Site, context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto(site.address + "/")
    until(page, "document.title !== ''")
    assert page.title() == "kept"
    until(page, "navigator.serviceWorker.controller !== null")
    return page


def kept(page: Page) -> list[str]:
    """Every address the browser has kept, in any cache."""
    return sorted(
        page.evaluate(
            """async () => {
                const caches_ = await Promise.all((await caches.keys()).map((n) => caches.open(n)));
                const keys = await Promise.all(caches_.map((cache) => cache.keys()));
                return keys.flat().map((request) => new URL(request.url).pathname);
            }"""
        )
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_help_can_be_read_by_everybody(browser: Browser, site: Site, theme: str) -> None:
    for width, height in SIZES:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
        )
        page = context.new_page()
        for path in PATHS:
            page.goto(site.address + path)
            page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            found = Axe().run(page)
            assert found.violations_count == 0, (path, found.generate_report())
        context.close()


def test_every_target_fits_a_shaking_thumb(site: Site, context: BrowserContext) -> None:
    page = context.new_page()
    for path in PATHS:
        page.goto(site.address + path)
        small = page.evaluate(
            """() => [...document.querySelectorAll('a:not(.skip), button, select, summary')]
                .filter((e) => e.getClientRects().length && e.getBoundingClientRect().height < 44)
                .map((e) => e.outerHTML)"""
        )
        assert small == [], path


def test_the_first_three_stops_are_leave_help_and_skip(site: Site, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(site.address + "/help/US")
    stops = []
    for _ in range(3):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.className"))
    assert stops == ["leave", "helpnow", "skip"]


def test_after_one_visit_help_opens_with_the_server_stopped(
    site: Site, context: BrowserContext
) -> None:
    page = after_one_visit(site, context)
    page.goto(site.address + "/help/US")
    site.stop()

    page.goto(site.address + "/help")
    assert page.locator("#danger .steps > li").count() == 5
    assert page.evaluate("getComputedStyle(document.querySelector('.safety')).position") == "sticky"
    page.goto(site.address + "/help/US")
    assert page.locator("h3", has_text="988").count() == 1


def test_a_country_never_opened_before_has_its_numbers_without_a_connection(
    site: Site, context: BrowserContext
) -> None:
    page = after_one_visit(site, context)
    site.stop()

    page.goto(site.address + "/help/NL")
    assert page.url == site.address + "/help/offline#NL"
    assert page.locator("#NL a[href='tel:113']").is_visible()
    page.goto(site.address + "/help?country=de")
    assert page.url == site.address + "/help/offline#DE"
    page.goto(site.address + "/help")
    page.select_option("select", "FR")
    page.click("form button")
    assert page.url == site.address + "/help/offline#FR"


def test_a_server_that_does_not_answer_is_not_waited_for(
    site: Site, context: BrowserContext
) -> None:
    page = after_one_visit(site, context)
    site.slow = 30.0
    started = time.monotonic()
    page.goto(site.address + "/help")
    assert time.monotonic() - started < 4
    assert page.locator("h1").inner_text() == "Help now"


def test_nothing_but_help_is_kept(site: Site, context: BrowserContext) -> None:
    page = after_one_visit(site, context)
    page.goto(site.address + "/help/US")
    page.goto(site.address + "/help/ZZ")
    page.goto(site.address + "/help?country=GB")
    page.goto(site.address + "/")
    assert kept(page) == ["/help", "/help/GB", "/help/US", "/help/offline", "/help/style.css"]
    site.stop()
    with pytest.raises(Error, match="ERR_"):
        page.goto(site.address + "/")


def test_the_policy_makes_no_other_script_address(site: Site, context: BrowserContext) -> None:
    page = context.new_page()
    refused: list[str] = []
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.goto(site.address + "/")
    until(page, "document.title !== ''")
    answer = page.evaluate(
        """async () => {
            try { await navigator.serviceWorker.register("/visit.js"); return "taken"; }
            catch (error) { return error.name; }
        }"""
    )
    assert answer == "TypeError"
    assert refused == []
