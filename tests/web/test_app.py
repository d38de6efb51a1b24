"""The application: every page there is, inside the guard and the cover."""

from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.web.house import House
from tests.web.sockets import served
from web import app as module
from web.app import application
from web.guard import HEADERS


async def test_health_is_one_word_to_strangers(house: House) -> None:
    async with house.browser() as browser:
        answer = await browser.get("/health")
    assert (answer.status_code, answer.text) == (200, "ok\n")


async def test_what_is_not_there_is_a_page_with_every_protection(house: House) -> None:
    async with house.browser() as browser:
        answer = await browser.get("/no-such-page")
    assert answer.status_code == 404
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["Cache-Control"] == "no-store"


async def test_every_module_of_pages_has_its_routes(house: House) -> None:
    paths = [
        route.path
        for page in module.PAGES
        for route in page.routes(house.parts)
        if isinstance(route, Route)
    ]
    assert {"/", "/rooms/{slug}/join", "/rooms/{slug}/live", "/leave", "/about"} <= set(paths)
    assert len(paths) > 10


async def test_the_demos_sign_in_is_no_part_of_a_real_deployment(house: House) -> None:
    async with house.browser() as browser:
        assert (await browser.get("/demo/anything")).status_code == 404

    async def door(_request: object) -> PlainTextResponse:
        return PlainTextResponse("open")

    house.app = application(house.parts, [Route("/demo/anything", door)])
    async with house.browser() as browser:
        assert (await browser.get("/demo/anything")).text == "open"


async def test_the_socket_is_behind_the_guard(house: House) -> None:
    async with served(house) as site, site.client() as client:
        await client.hello()
