"""Below the sockets: the WebSocket protocol class, and the server that says goodbye.

uvicorn closes a stalled peer by waiting for a flush that never comes, and at a stop it closes every
socket before the application can say anything. Both are put right here. The class leans on names
that uvicorn does not promise; its version is pinned and a test looks at each.
"""

import asyncio
import secrets
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.live import protocol
from server.live.hub import Hub

SEND_BUFFER: Final = 65_536
"""Bytes the kernel may hold for one peer; its own tuning would take 2.8 MB for a dead one."""
ABORT_SECONDS: Final = 2.0
"""How long a peer may take to notice that its Connection has ended."""
GOODBYE_SECONDS: Final = 0.5
"""How long the last frames have before the sockets are closed."""
SPREAD_MS: Final = 15_000
"""Over how long the clients of a stopping server are asked to come back."""


class ChatProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, with a small buffer, and an end for peers that stopped reading."""

    _abort: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=SEND_BUFFER)
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    async def run_asgi(self) -> None:
        await super().run_asgi()
        # A peer that reads nothing answers no close either, and its transport waits to be flushed.
        self._abort_after(ABORT_SECONDS if self.close_timer is None else self.close_timeout)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._abort_after(ABORT_SECONDS)

    def shutdown(self) -> None:
        super().shutdown()
        self._abort_after(ABORT_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._abort is not None:
            self._abort.cancel()

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
        http="h11",
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
