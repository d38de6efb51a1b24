"""Whoever stops reading, answering or asking is let go: below the sockets and below the pages."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from tests.conformance.wire import PING, TEXT, Peer, frame, request
from web import transport
from web.transport import ChatProtocol, DoorProtocol, Server, config

LARGE = 32 << 20
"""Bytes of an answer that no kernel takes in one piece."""


async def patient(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts a socket and closes it at the first word; answers a request with very much."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        await send({"type": "websocket.close", "code": 4500})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"*" * LARGE})


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[int, Server]]:
    """The application above on our configuration; its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(config(patient, "127.0.0.1", 0))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield listening.getsockname()[1], server
    finally:
        server.should_exit = True
        await running


async def gone(server: Server, seconds: float) -> bool:
    """Whether every connection and task of the server has ended within so long."""
    try:
        async with asyncio.timeout(seconds):
            while server.server_state.connections or server.server_state.tasks:
                await asyncio.sleep(0.02)
    except TimeoutError:
        return False
    return True


@contextmanager
def knocking(port: int, said: bytes) -> Iterator[Peer]:
    """Somebody who says a few bytes and does nothing more."""
    with Peer(port) as peer:
        peer.say(said)
        yield peer


@pytest.mark.parametrize(
    ("base", "names"),
    [
        (
            WebSocketsSansIOProtocol,
            "connection_made connection_lost run_asgi handle_ping keepalive_timeout shutdown",
        ),
        (
            H11Protocol,
            "connection_made connection_lost on_response_complete handle_websocket_upgrade "
            "pause_writing resume_writing _get_upgrade",
        ),
        (uvicorn.Server, "capture_signals shutdown"),
    ],
)
def test_what_is_overridden_is_still_there(base: type, names: str) -> None:
    for name in names.split():
        assert callable(getattr(base, name)), name


async def test_what_is_read_of_uvicorns_protocols_is_still_there() -> None:
    plan = config(patient, "127.0.0.1", 0)
    plan.load()
    state = uvicorn.Server(plan).server_state
    chat, door = ChatProtocol(plan, state, {}), DoorProtocol(plan, state, {})
    assert (chat.handshake_initiated, chat.disconnected) == (False, False)
    assert door.cycle is None
    assert door.conn.their_state is not None


async def test_whoever_never_answers_a_close_is_let_go_after_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "ABORT_SECONDS", 0.2)
    async with serving() as (port, server):
        with knocking(port, request(port)) as peer:
            await asyncio.sleep(0.1)
            peer.say(frame(TEXT, b"hello"))
            await asyncio.sleep(0.05)
            assert len(server.server_state.connections) == 1
            assert await gone(server, 3)


async def test_half_a_request_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "HEAD_SECONDS", 0.2)
    async with serving() as (port, server):
        with knocking(port, b"GET / HTTP/1.1\r\nHost: 127.0"), knocking(port, b""):
            await asyncio.sleep(0.1)
            assert len(server.server_state.connections) == 2
            assert await gone(server, 3)


async def test_an_answer_that_nobody_reads_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "STUCK_SECONDS", 0.2)
    async with serving() as (port, server):
        with knocking(port, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"):
            await asyncio.sleep(0.1)
            assert len(server.server_state.connections) == 1
            assert await gone(server, 3)


async def test_pongs_that_nobody_reads_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "UNREAD_PONGS", 65_536)
    async with serving() as (port, server):
        with knocking(port, request(port)) as peer:
            await asyncio.sleep(0.1)
            peer.socket.setblocking(False)
            flood = frame(PING, b"*" * 125) * 500
            for _ in range(200):
                try:
                    peer.socket.send(flood)
                except BlockingIOError:
                    pass
                except ConnectionError:
                    break
                await asyncio.sleep(0.005)
            assert await gone(server, 3)
