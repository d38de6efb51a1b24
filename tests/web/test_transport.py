"""Below the sockets: what we lean on in uvicorn is there, and a stop is a goodbye."""

import asyncio
import contextlib
import inspect

import pytest
import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import ConnectionClosed

from server.live import protocol
from tests.web.sockets import Site
from web import transport
from web.transport import SPREAD_MS, ChatProtocol, DoorProtocol, Server, config


@pytest.mark.parametrize(
    "name", ["connection_made", "connection_lost", "keepalive_timeout", "run_asgi", "shutdown"]
)
def test_every_method_we_replace_is_one_that_uvicorn_calls(name: str) -> None:
    ours, theirs = getattr(ChatProtocol, name), getattr(WebSocketsSansIOProtocol, name)
    assert ours is not theirs
    assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)


def test_every_attribute_we_lean_on_is_still_uvicorns() -> None:
    source = inspect.getsource(WebSocketsSansIOProtocol)
    for name in ("close_timer", "close_timeout", "disconnected", "loop", "transport"):
        assert f"self.{name}" in source
    source = inspect.getsource(uvicorn.Server)
    for name in ("_captured_signals", "servers", "should_exit", "capture_signals"):
        assert name in source


def test_uvicorn_is_told_to_say_and_keep_nothing_about_people() -> None:
    made = config(None, "127.0.0.1", 0)
    assert (made.access_log, made.log_config, made.server_header) == (False, None, False)
    assert made.proxy_headers is False
    assert made.ws_per_message_deflate is False
    assert made.ws_max_size == protocol.FRAME_LIMIT
    assert made.http is DoorProtocol
    assert made.timeout_graceful_shutdown == 10
    assert made.get_loop_factory() is None  # the loop is the one that runs it
    made.load()
    assert made.ws_protocol_class is ChatProtocol


async def test_a_stop_tells_everybody_when_to_come_back(site: Site) -> None:
    ada, _ = await site.guest("Amber Finch")
    times = set()
    async with site.client(ada) as one, site.client(ada) as two, site.client() as outside:
        await outside.hello()
        for client in (one, two):
            await (await client.hello()).enter()
        site.server.should_exit = True
        for client in (one, two):
            closing = await client.next("closing")
            assert closing["code"] == 4000
            assert 0 <= closing["after_ms"] < SPREAD_MS
            times.add(closing["after_ms"])
            with pytest.raises(ConnectionClosed):
                await client.next()
            assert client.socket.close_code == 4000
        assert await outside.closed() == 1012
    assert len(times) == 2


async def test_a_stop_waits_for_no_stalled_peer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ABORT_SECONDS", 0.2)
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada, receives=4_096) as stalled:
        await (await stalled.hello()).enter()
        stalled.socket.transport.pause_reading()
        (peer,) = site.server.server_state.connections
        assert isinstance(peer, ChatProtocol)
        peer.transport.write(b"\x00" * 4_000_000)  # nothing can be flushed any more
        loop = asyncio.get_running_loop()
        began = loop.time()
        await site.server.shutdown()
        assert loop.time() - began < 5
        assert not site.server.server_state.connections
        stalled.socket.transport.abort()


async def test_a_peer_that_answers_no_close_is_let_go(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ABORT_SECONDS", 0.1)
    ada, _ = await site.guest("Amber Finch")
    async with site.client(ada) as client:
        await (await client.hello()).enter()
        client.socket.transport.pause_reading()
        (peer,) = site.server.server_state.connections
        assert isinstance(peer, ChatProtocol)
        peer.close_timeout = 0.2
        for connection in site.house.parts.hosts.hub.everybody():
            connection.wire.close(4001)
        async with asyncio.timeout(5):
            while site.server.server_state.connections:
                await asyncio.sleep(0.02)
        client.socket.transport.abort()


async def test_half_a_request_holds_a_place_no_longer_than_its_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "HEAD_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
    writer.close()


async def test_being_asked_to_stop_is_not_raised_again_after_serving() -> None:
    server = Server(config(None, "127.0.0.1", 0))
    with server.capture_signals():
        server.handle_exit(15, None)
    assert server.should_exit
