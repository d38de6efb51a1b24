"""Every door of the application, found by walking it: none was forgotten.

What each check lets through is in tests/web/test_guard.py; here is that nothing gets round them.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from server.live.protocol import CLOSE_CODES
from tests.conformance.house import Door, frames_of, open_door
from tests.conformance.wire import TEXT, frame, request
from tests.web.house import House, built
from web.guard import SAFE_METHODS, Guard

ROOT = Path(__file__).parents[2]
STRANGE_SITES = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-origin", "Content-Type": "text/plain"},
    {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"},
)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("door")) as door:
        yield door


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with built(tmp_path) as house:
        yield house


def application_of(house: House) -> Starlette:
    """The pages inside the guard and the cover."""
    assert isinstance(house.app, Guard), "the guard is the outermost"
    inner = house.app._app
    while not isinstance(inner, Starlette):
        inner = inner._app  # type: ignore[attr-defined]
    assert not inner.user_middleware, "Starlette's own middleware does not see sockets"
    return inner


def walked(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, BaseRoute]]:
    """Every route with its whole path."""
    for route in routes:
        if isinstance(route, Mount):
            yield from walked(list(route.routes), prefix + route.path)
        else:
            assert isinstance(route, Route | WebSocketRoute), "a kind of door nobody looks at"
            yield prefix + route.path, route


def filled(path: str, house: House) -> str:
    """A path with something in the place of its parameters."""
    return re.sub(r"{(\w+)[^}]*}", lambda p: house.card.id if p[1] == "slug" else "say", path)


async def test_no_form_of_any_page_is_taken_from_another_site(house: House) -> None:
    found = 0
    for path, route in walked(application_of(house).routes):
        methods = (route.methods or set()) if isinstance(route, Route) else set()
        for method in sorted(methods - SAFE_METHODS):
            found += 1
            for strange in STRANGE_SITES:
                answer = await house.browser(**strange).request(method, filled(path, house))
                assert answer.status_code == 403, (method, path, strange)
                assert "set-cookie" not in answer.headers
    assert found > 10


async def test_every_socket_there_is_has_the_guard_before_it(house: House, door: Door) -> None:
    sockets = [p for p, r in walked(application_of(house).routes) if isinstance(r, WebSocketRoute)]
    assert sockets
    for path in sockets:
        for strange in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"without": "Origin"},
            {"Host": "evil.example"},
            {"Host": "evil.example", "Origin": "http://evil.example"},
        ):
            with door.peer() as peer:
                peer.say(request(door.port, path=path, **strange))
                assert peer.answer()[0] == 403, (path, strange)


@pytest.mark.parametrize(
    "spelled",
    [
        "http://127.0.0.1",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:{port}.",
        "http://127.0.0.1:{port}/",
        "HTTP://127.0.0.1:{port}",
        "http://localhost:{port}",
        "http://127.0.0.1.evil.example:{port}",
        "http://evil.127.0.0.1:{port}",
        "http://user@127.0.0.1:{port}",
        "http://127.0.0.1:{port} http://evil.example",
        "",
    ],
)
def test_an_origin_that_only_looks_like_ours_opens_no_socket(door: Door, spelled: str) -> None:
    with door.peer() as peer:
        peer.say(request(door.port, Origin=spelled.format(port=door.port)))
        assert peer.answer()[0] == 403


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1:{port}@evil.example",
        "127.0.0.1:{port}/../evil",
        "127.0.0.1:{port}?x",
        "127.0.0.1:{port}#x",
        "127.0.0.1:abc",
        "127.0.0.1.evil.example",
        "[::1",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/leave", "/help", "//evil.example/", "/static/x"])
def test_a_host_that_is_not_ours_gets_nothing_but_a_refusal(
    door: Door, host: str, path: str
) -> None:
    said = (
        f"GET {path} HTTP/1.1\r\nHost: {host.format(port=door.port)}\r\nConnection: close\r\n\r\n"
    )
    with door.peer() as peer:
        peer.say(said.encode())
        status, headers = peer.answer()
    assert status == 400
    assert "location" not in headers


def test_another_room_answers_a_stranger_as_no_room_does(door: Door) -> None:
    answers = []
    for room in (door.room, "zzzzzz"):
        with door.peer().open() as peer:  # a browser without words
            peer.say(frame(TEXT, json.dumps({"frame": "hello", "version": 1}).encode()))
            frames_of(peer)
            peer.say(frame(TEXT, json.dumps({"frame": "enter", "room": room}).encode()))
            answers.append((frames_of(peer), peer.closed_with()))
    assert answers[0] == answers[1]


def test_every_close_code_that_is_sent_is_written_down() -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("web", "server")
        for path in (ROOT / folder).rglob("*.py")
    )
    sent = {int(code) for code in re.findall(r"close\((?:code=)?(4\d{3})\)", source)}
    assert sent <= CLOSE_CODES.keys()
    assert sent
    reference = (ROOT / "docs" / "PROTOCOL.md").read_text(encoding="utf-8")
    for code, meaning in CLOSE_CODES.items():
        assert 4000 <= code < 5000
        comes_back = "come back" in meaning.lower() or code < 4500
        assert comes_back == (code < 4500), meaning
        assert f"{code}" in reference
