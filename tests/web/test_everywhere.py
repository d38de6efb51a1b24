"""What holds for every address of the house, whatever its page does."""

import re
from html.parser import HTMLParser
from pathlib import Path

from tests.web.house import House
from web import guard
from web.guard import HEADERS
from web.static_files import tree


async def every_address(house: House) -> list[tuple[str, str]]:
    """Pages of every kind there is: whole, moved, missing, refused and static."""
    room = house.room
    return [
        *(("GET", path) for path in ("/", "/about", "/words", "/staff", "/staff/invitation")),
        *(("GET", room + end) for end in ("", "/join", "/live", "/after", "/join?as=staff")),
        *(("GET", path) for path in ("/help", "/help/US", "/help/XX", "/sw.js", "/health")),
        *(("GET", path) for path in ("/leave", "/nowhere", "/rooms/zzzzzz", "/cover")),
        *(("GET", tree().address(name)) for name in ("css/candlelight.css", "js/page.js")),
        ("GET", "/static/another/css/candlelight.css"),
        *(("POST", path) for path in ("/words/forget", "/cover", "/staff/sign-in", "/about")),
        *(("POST", room + end) for end in ("/join", "/leave", "/live/say")),
        ("DELETE", "/"),
    ]


async def test_every_answer_wears_the_same_headers(house: House) -> None:
    await house.open_meeting()
    browser = house.browser()
    for method, path in await every_address(house):
        answer = await browser.request(method, path)
        for name, value in HEADERS.items():
            assert answer.headers.get_list(name) == [value], (method, path, name)
        assert "server" not in answer.headers
        assert "x-powered-by" not in answer.headers
        browser.cookies.clear()


async def test_nothing_about_anybody_is_kept_by_a_browser(house: House) -> None:
    await house.open_meeting()
    browser = house.browser()
    for method, path in await every_address(house):
        answer = await browser.request(method, path)
        if not path.startswith(("/help", "/sw.js", "/static/")):
            assert answer.headers["cache-control"] == "no-store", path
        browser.cookies.clear()


async def test_a_static_file_that_is_not_there_is_not_kept_as_missing(house: House) -> None:
    answer = await house.browser().get("/static/another/css/candlelight.css")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


async def test_every_form_of_the_house_is_behind_that_door(house: House) -> None:
    stranger = house.browser(**{"Sec-Fetch-Site": "cross-site"})
    for method, path in await every_address(house):
        if method != "GET":
            assert (await stranger.request(method, path)).status_code == 403, path


NO_ICON = "data:,"
"""How Help says that it has no icon, so that no browser asks a server that may be away."""


class Offences(HTMLParser):
    """Finds in a page what the policy forbids: inline code and style, and anything from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.found.append(f"inline {tag}")
        for name, value in attrs:
            loads = name in {"src", "srcset", "action"} or (
                name == "href" and tag in {"link", "use"}
            )
            if name == "style" or name.startswith("on"):
                self.found.append(f"{name} of {tag}")
            elsewhere = "//" in (value or "") or not (value or "").startswith(("/", "#"))
            if loads and elsewhere and value != NO_ICON:
                self.found.append(f"{value} in {tag}")


async def test_no_page_has_inline_code_or_anything_from_another_site(house: House) -> None:
    await house.open_meeting()
    browser = house.browser()
    for method, path in await every_address(house):
        answer = await browser.request(method, path)
        browser.cookies.clear()
        if answer.headers.get("content-type", "").startswith("text/html"):
            offences = Offences()
            offences.feed(answer.text)
            assert offences.found == [], path


def test_what_is_forbidden_in_a_page_is_found() -> None:
    offences = Offences()
    offences.feed(
        '<script>1</script><p style="a" onclick="b">'
        '<img src="https://evil.example/x"><link href="//evil.example/y">'
    )
    assert len(offences.found) == 5


def test_no_script_writes_markup() -> None:
    folder = Path(guard.__file__).parent / "static"
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|https?://"
    )
    for script in folder.rglob("*.js"):
        assert not forbidden.search(script.read_text(encoding="utf-8")), script.name
