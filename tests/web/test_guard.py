"""The guard: who gets through the doors, and what every answer wears."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from server.settings import Settings, read_settings
from tests.web.house import ADDRESS
from web import guard
from web.guard import BODY_LIMIT, HEADERS, Guard

ORIGIN = "https://meet.example.org"
SOCKET = "wss://meet.example.org/socket"
SECRET = "Ada said something here"


def settings(**given: str) -> Settings:
    return read_settings(given)


IN_PRODUCTION = settings(PRODUCTION="true", ORIGIN=ORIGIN)
AT_HOME = settings()


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers with its request's body, or accepts its socket."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})
        return
    body = (await receive())["body"]
    await PlainTextResponse(body, headers={"Server": "echo/1.2"})(scope, receive, send)


def client(settings: Settings = AT_HOME, address: str = ADDRESS, app: object = echo) -> AsyncClient:
    guarded = Guard(app, settings, "<p>Something here stopped working. {id}</p>")  # type: ignore[arg-type]
    return AsyncClient(transport=ASGITransport(app=guarded), base_url=address)


async def test_a_page_cannot_ask_to_be_kept() -> None:
    async def careless(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"Cache-Control": "public, max-age=600"}
        await PlainTextResponse("Ada", headers=headers)(scope, receive, send)

    answer = await client(app=careless).get("/rooms/k7m2qx/live")
    assert answer.headers.get_list("cache-control") == ["no-store"]


async def test_the_policy_lets_no_inline_script_and_no_other_site_in() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy


async def test_encryption_is_demanded_in_production_and_not_on_a_desk() -> None:
    secure = await client(IN_PRODUCTION, ORIGIN).get("/")
    assert secure.headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in (await client().get("/")).headers


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "meet.example.org.evil.example",
        "meet.example.org:444",
        "127.0.0.1",
        "",
        "a b",
    ],
)
async def test_a_name_that_is_not_ours_is_not_answered(host: str) -> None:
    answer = await client(IN_PRODUCTION, ORIGIN).get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text
    assert 'href="/help"' in answer.text


async def test_our_own_name_is_answered_and_health_is_on_loopback_too() -> None:
    production = client(IN_PRODUCTION, ORIGIN)
    assert (await production.get("/")).status_code == 200
    assert (await production.get("/health", headers={"Host": "127.0.0.1:8000"})).status_code == 200
    for host in ("localhost", "localhost:8000", "127.0.0.1:1", "[::1]:8000", "[::1]"):
        assert (await client().get("/", headers={"Host": host})).status_code == 200, host


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN}, 403),
        ({"Origin": ORIGIN}, 200),
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://meet.example.org"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Content-Type": "text/plain"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Content-Type": "multipart/form-data"}, 403),
    ],
)
async def test_a_form_of_another_site_changes_nothing(headers: dict[str, str], status: int) -> None:
    answer = await client(IN_PRODUCTION, ORIGIN).post("/", content=b"a=b", headers=headers)
    assert answer.status_code == status


async def test_looking_needs_no_such_proof() -> None:
    answer = await client().get("/", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "https://evil.example",
        "https://evil.meet.example.org",
        "https://meet.example.org.evil.example",
        "http://meet.example.org",
        "https://meet.example.org:443",
        "https://meet.example.org:8443",
        "https://MEET.example.org",
        "https://meet.example.org.",
        "https://meet.example.org/",
    ],
)
def test_a_socket_is_opened_from_our_own_pages_only(origin: str | None) -> None:
    guarded = TestClient(Guard(echo, IN_PRODUCTION, ""), base_url=ORIGIN)
    headers = {} if origin is None else {"Origin": origin}
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        guarded.websocket_connect(SOCKET, headers=headers),
    ):
        pass
    assert closed.value.code == 1008


def test_a_socket_from_our_own_page_is_opened() -> None:
    guarded = TestClient(Guard(echo, IN_PRODUCTION, ""), base_url=ORIGIN)
    with guarded.websocket_connect(SOCKET, headers={"Origin": ORIGIN}):
        pass


def test_a_socket_to_a_name_that_is_not_ours_is_not_opened() -> None:
    guarded = TestClient(Guard(echo, IN_PRODUCTION, ""), base_url="https://evil.example")
    with (
        pytest.raises(WebSocketDisconnect),
        guarded.websocket_connect(
            "wss://evil.example/socket", headers={"Origin": "https://evil.example"}
        ),
    ):
        pass


def test_our_own_origin_opens_no_socket_under_another_name() -> None:
    guarded = TestClient(Guard(echo, IN_PRODUCTION, ""), base_url="https://evil.example")
    with (
        pytest.raises(WebSocketDisconnect),
        guarded.websocket_connect("wss://evil.example/socket", headers={"Origin": ORIGIN}),
    ):
        pass


async def test_a_body_may_be_as_long_as_the_limit_and_no_longer() -> None:
    headers = {"Sec-Fetch-Site": "same-origin"}
    allowed = await client().post("/", content=b"a" * BODY_LIMIT, headers=headers)
    assert allowed.content == b"a" * BODY_LIMIT
    refused = await client().post("/", content=b"a" * (BODY_LIMIT + 1), headers=headers)
    assert refused.status_code == 413


async def test_a_body_that_hides_its_length_is_counted() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"a" * 1024

    answer = await client().post("/", content=pieces(), headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 413


async def test_half_a_form_does_not_hold_its_place_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.05)
    headers = [(b"host", b"localhost"), (b"sec-fetch-site", b"same-origin")]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "scheme": "http"}
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(10)
        return {"type": "http.request", "body": b"", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    await asyncio.wait_for(Guard(echo, AT_HOME, "")(scope, receive, send), 5)
    assert sent[0]["status"] == 413


async def test_a_fault_shows_a_calm_page_and_logs_no_word_of_anybody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError(SECRET)

    with caplog.at_level(logging.DEBUG):
        answer = await client(app=broken).get("/")
    assert answer.status_code == 500
    assert "Something here stopped working" in answer.text
    assert SECRET not in answer.text
    assert SECRET not in caplog.text
    assert "RuntimeError" in caplog.text
    mark = re.search(r"[0-9a-f]{8}", answer.text)
    assert mark is not None
    assert mark[0] in caplog.text


async def test_a_fault_in_the_middle_of_an_answer_is_logged_in_the_same_way(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"so far"})
        raise RuntimeError(SECRET)

    with caplog.at_level(logging.DEBUG):
        assert (await client(app=broken).get("/")).text == "so far"
    assert SECRET not in caplog.text
    assert "RuntimeError" in caplog.text
