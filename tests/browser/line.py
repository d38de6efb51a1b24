"""The line between a browser and a server, which a test can cut.

A browser in "offline" mode keeps its open sockets, and a phone that sleeps does not. So what fails
here is the wire itself.
"""

import asyncio
import threading
from typing import Final
from urllib.parse import urlsplit

CHUNK: Final = 65_536


class Line:
    """Passes bytes on to a server until it is told not to."""

    def __init__(self, address: str) -> None:
        self._server = urlsplit(address)
        self._dead = False
        self._silent: set[asyncio.StreamWriter] = set()
        self._calls: set[asyncio.Task[None]] = set()
        self._pairs: dict[asyncio.StreamWriter, asyncio.StreamWriter] = {}
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        assert self._ready.wait(10)

    def fall_asleep(self) -> None:
        """The server notices that the browser is gone; the browser notices nothing."""
        self._on_loop(self._go_silent)

    def cut(self) -> None:
        """Both ends notice at once, and nothing gets through until `restore`."""
        self._on_loop(self._break)

    def restore(self) -> None:
        """New connections get through again."""
        self._dead = False

    def stop(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join()

    def _on_loop(self, work: object) -> None:
        done = threading.Event()

        def run() -> None:
            self._dead = True
            work()  # type: ignore[operator]
            done.set()

        self._loop.call_soon_threadsafe(run)
        assert done.wait(10)

    def _go_silent(self) -> None:
        for near, far in self._pairs.items():
            self._silent.add(near)
            far.transport.abort()

    def _break(self) -> None:
        for near, far in self._pairs.items():
            near.transport.abort()
            far.transport.abort()

    async def _run(self) -> None:
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._done.wait()
        server.close()
        for near in self._silent:
            near.transport.abort()
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    def _answer(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        call = asyncio.ensure_future(self._pass(reader, near))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _pass(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        if self._dead:
            near.transport.abort()
            return
        back, far = await asyncio.open_connection(self._server.hostname, self._server.port)
        self._pairs[near] = far
        try:
            await asyncio.gather(_pump(reader, far), _pump(back, near, self._silent))
        finally:
            del self._pairs[near]


async def _pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    silent: set[asyncio.StreamWriter] | None = None,
) -> None:
    """Pass bytes on until one end is gone. Whoever fell silent is not told."""
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        if silent is None or writer not in silent:
            writer.close()
