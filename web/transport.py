"""Below the sockets: the WebSocket protocol class, and the server that says goodbye.

uvicorn closes a stalled peer by waiting for a flush that never comes, gives a request as long as it
likes to arrive, and at a stop closes every socket before the application can say anything. All that
is put right here. The classes lean on names that uvicorn does not promise; its version is pinned
and a test looks at each.
"""

import asyncio
import secrets
import socket
from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final, cast

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from server.live import protocol
from server.live.hub import Hub
from web.lane import EXTENSION, FastLane

SEND_BUFFER: Final = 65_536
"""Bytes the kernel may hold for one peer; its own tuning would take 2.8 MB for a dead one."""
UNREAD_PONGS: Final = 8 * SEND_BUFFER
"""Bytes of answers to pings that may wait; one breath of pings (256 KiB) is far below."""
SEND_SECONDS: Final = 10.0
"""How long what was written may wait for a peer that reads none of it."""
ABORT_SECONDS: Final = 2.0
"""How long a peer may take to notice that its Connection has ended."""
HEAD_SECONDS: Final = 10.0
"""How long a browser may take to say what it wants. Half a request holds a place no longer."""
STUCK_SECONDS: Final = 30.0
"""How long an answer may wait for a browser that reads none of it."""
NO_HANDSHAKE: Final = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
GOODBYE_SECONDS: Final = 0.5
"""How long the last frames have before the sockets are closed."""
SPREAD_MS: Final = 15_000
"""Over how long the clients of a stopping server are asked to come back."""


class DoorProtocol(H11Protocol):
    """uvicorn's HTTP, with an end for those who never finish asking, or never read the answer."""

    _asked: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._ask(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._let_be()

    def on_response_complete(self) -> None:
        # Whoever is answered before the whole form has come may read the answer, and that is all.
        self._ask(ABORT_SECONDS if self.conn.their_state is h11.SEND_BODY else HEAD_SECONDS)
        super().on_response_complete()

    def _get_upgrade(self) -> bytes | None:
        # RFC 6455, 4.1: only HTTP/1.1 upgrades. uvicorn would write the request anew as such.
        return super()._get_upgrade() if self.scope["http_version"] == "1.1" else None

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._let_be()  # the transport is another protocol's from here on
        super().handle_websocket_upgrade(event)
        made = self.transport.get_protocol()
        if isinstance(made, ChatProtocol) and not made.handshake_initiated:
            # The library below found no handshake in it (it has a body, or a header of 9 KiB), and
            # would wait for one without an end.
            self.transport.write(NO_HANDSHAKE)
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck = self.loop.call_later(STUCK_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stuck is not None:
            self._stuck.cancel()

    def _ask(self, seconds: float) -> None:
        """Wait for the next request, and not for ever: each byte of a head renews uvicorn's own
        patience, so one byte a second would hold a place for hours."""
        if self._asked is not None:
            self._asked.cancel()
        self._asked = self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        if getattr(self.cycle, "response_complete", True):  # no request yet, or an answered one
            self.transport.abort()

    def _let_be(self) -> None:
        for timer in (self._asked, self._stuck):
            if timer is not None:
                timer.cancel()


class ChatProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, with a small buffer, and an end for peers that stopped reading."""

    _abort: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None
    _lane: FastLane | None = None

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            self._lane = FastLane(self, super().data_received)
            extensions = cast(dict[str, Any], self.scope["extensions"])
            extensions[EXTENSION] = self._lane

    def data_received(self, data: bytes) -> None:
        if self._lane is None:
            super().data_received(data)
        else:
            self._lane.feed(data)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._lane is not None:
            self._stuck = self.loop.call_later(SEND_SECONDS, self._lane.stuck)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stuck is not None:
            self._stuck.cancel()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=SEND_BUFFER)
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    async def run_asgi(self) -> None:
        await super().run_asgi()
        # A peer that reads nothing answers no close either, and its transport waits to be flushed.
        self._abort_after(ABORT_SECONDS)

    def handle_ping(self) -> None:
        # Pongs pass by the application and its limits: somebody who pings and never reads would
        # fill the memory with them.
        super().handle_ping()
        if self.transport.get_write_buffer_size() > UNREAD_PONGS:
            self.transport.abort()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._abort_after(ABORT_SECONDS)

    def shutdown(self) -> None:
        super().shutdown()
        self._abort_after(ABORT_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for timer in (self._abort, self._stuck):
            if timer is not None:
                timer.cancel()
        # What was half said, and what holds the Connection that holds it: the collector comes
        # late, and somebody may leave a lot behind, again and again.
        self.frames = []
        self.conn.parser.close()
        self.conn.parser_exc = None
        if self._lane is not None:
            self._lane.end()
            cast(dict[str, Any], self.scope["extensions"]).pop(EXTENSION, None)
            self._lane = None

    def _abort_after(self, seconds: float) -> None:
        if self._abort is not None:
            self._abort.cancel()
        if not self.disconnected:
            self._abort = self.loop.call_later(seconds, self.transport.abort)


class Server(uvicorn.Server):
    """A server that tells its clients when to come back before it goes."""

    hub: Hub | None = None

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Be asked to stop, and no more: uvicorn would raise the signal once again after serving,
        and the process would end before the Ledger and the database are closed, and before the
        demo's folder with its keys is removed."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye with a spread of times, so that they do not all come back at once."""
        for listening in self.servers:
            listening.close()
        if self.hub is not None:
            for connection in self.hub.everybody():
                after = secrets.randbelow(SPREAD_MS)
                connection.wire.send(protocol.encode(protocol.Closing(code=4000, after_ms=after)))
                connection.wire.close(4000)
            await asyncio.sleep(GOODBYE_SECONDS)
        await super().shutdown(sockets)


def config(app: Any, host: str, port: int) -> uvicorn.Config:
    """How uvicorn is run: in the loop that is there, no addresses in its log, no compression beside
    secrets, h11 for its limit on headers, and no wait without an end."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=DoorProtocol,
        ws=ChatProtocol,
        loop="none",
        lifespan="off",
        ws_max_size=protocol.FRAME_LIMIT,
        ws_per_message_deflate=False,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        backlog=2048,
    )
