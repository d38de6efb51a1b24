"""Clients in bytes for storms: many tabs of one person, some of which stop reading."""

import asyncio
import json
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from rooms.kernel import Command
from rooms.speaking import Speak
from tests.conformance.wire import CLOSE, TEXT, Heard, frame, request
from tests.storms.client import RecordingClient
from tests.storms.server import ServerProcess

SMALL_BUFFER: Final = 4_096
"""Bytes the kernel may hold for a client that does not read."""
Frame = dict[str, Any]


class Tab:
    """One WebSocket of a person who is in the room already, spoken by hand on one transport."""

    def __init__(self, port: int, room: str, cookie: str, *, small: bool = False) -> None:
        self.port, self.room = port, room
        self.cookie = cookie
        self._small = small
        self._count = 0
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def open(self, after: Mapping[str, Any] | None = None) -> Frame:
        """Connect, greet and enter; the heartbeat that ends the catch-up."""
        await self.connect()
        self.say({"frame": "hello", "version": 1})
        self.say({"frame": "enter", "room": self.room, **(after or {})})
        return await self.until("heartbeat")

    async def connect(self) -> None:
        """Shake hands, and say nothing yet."""
        raw = socket.socket()
        raw.setblocking(False)
        if self._small:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", self.port))
        self.reader, self.writer = await asyncio.open_connection(sock=raw, limit=1 << 22)
        self.writer.write(request(self.port, Cookie=self.cookie))
        status = await self.reader.readuntil(b"\r\n\r\n")
        assert status.startswith(b"HTTP/1.1 101"), status

    def say(self, message: Mapping[str, Any]) -> None:
        """Send a frame."""
        self.writer.write(frame(TEXT, msgspec.json.encode(message)))

    def ask(self, command: Command, key: str) -> None:
        """Send a command."""
        self._count += 1
        body = {"id": self._count, "key": key, "room": self.room}
        self.say({"frame": "do", **body, "command": msgspec.to_builtins(command)})

    async def hear(self) -> Heard:
        """The next frame of the protocol. Raises IncompleteReadError at the end."""
        first, length = await self.reader.readexactly(2)
        if length >= 126:
            size = 2 if length == 126 else 8
            length = int.from_bytes(await self.reader.readexactly(size), "big")
        return Heard(first & 0xF, await self.reader.readexactly(length))

    async def frames(self) -> Sequence[Frame]:
        """The frames of the next message; a close is one of them, under its own name."""
        return self.read(await self.hear())

    def read(self, heard: Heard) -> Sequence[Frame]:
        """The frames in a message that was heard."""
        if heard.opcode == CLOSE:
            return [{"frame": "close", "code": heard.code}]
        if heard.opcode != TEXT:
            return []
        return [json.loads(line) for line in heard.payload.split(b"\n")]

    async def until(self, kind: str, seconds: float = 20.0) -> Frame:
        """Read up to the next frame of a kind; that frame."""
        async with asyncio.timeout(seconds):
            while True:
                for one in await self.frames():
                    if one["frame"] == kind:
                        return one
                    assert one["frame"] != "close", one

    def stop_reading(self) -> None:
        """Read nothing from here on, like a phone in a tunnel."""
        self._transport.pause_reading()

    def read_again(self) -> None:
        """Go on reading."""
        self._transport.resume_reading()

    @property
    def _transport(self) -> asyncio.Transport:
        transport = self.writer.transport
        assert isinstance(transport, asyncio.Transport)
        return transport

    def vanish(self) -> None:
        """Hang up without a word."""
        self.writer.transport.abort()


async def joined(server: ServerProcess, room: str, names: Sequence[str]) -> list[str]:
    """Let people join over HTTP; the cookies of their browsers."""
    cookies = []
    for name in names:
        async with RecordingClient(server.address, room, name) as person:
            await person.join()
            cookies.append("; ".join(f"{k}={v}" for k, v in person.http.cookies.items()))
    return cookies


async def let_speak(tab: Tab, name: str, times: int, sent: dict[str, float]) -> None:
    """Say long things, wait until they are durable, and hang up."""
    await tab.open()
    for i in range(times):
        text = f"{name} {i} ".ljust(2_000, "𝕃")  # 4 bytes each: 8 KB, the longest there is
        sent[text[:12]] = time.monotonic()
        tab.ask(Speak(text=text), f"{name}-key-{i:04}")
    for _ in range(times):
        await tab.until("done")
    tab.vanish()
