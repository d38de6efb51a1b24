"""A real server in the test's own event loop, and clients that speak to it over real sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Self

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from rooms.arriving import Join
from rooms.kernel import Command
from rooms.room import MemberId
from server.live import protocol
from server.live.host import Who
from server.people.cookie import session_cookie, words_cookie
from server.people.secrets import PERSON_SALT
from server.people.tags import member_tag
from server.people.words import Words, draw
from tests.web.house import House
from tests.wire_schema import assert_from_server
from web.transport import Server, config

WAIT_SECONDS: Final = 5.0
Frame = dict[str, Any]


class Site:
    """A served house: real uvicorn, real sockets, on a free port."""

    def __init__(self, house: House, server: Server, port: int) -> None:
        self.house = house
        self.server = server
        self.port = port
        self.address = f"http://127.0.0.1:{port}"

    def who(self, words: Words) -> Who:
        """A guest as the room knows them."""
        salt = self.house.parts.secrets.derive(PERSON_SALT)
        return Who(member_tag(words.person_key(salt), self.house.card.id).hex())

    @asynccontextmanager
    async def client(
        self,
        words: Words | None = None,
        *,
        session: str = "",
        origin: str | None = "",
        receives: int = 65_536,
    ) -> AsyncIterator["Client"]:
        """An open socket with somebody's cookies, before its first frame. The kernel keeps no more
        than `receives` bytes for it."""
        cookies = []
        if words is not None:
            cookies.append(words_cookie(words, False, False).partition(";")[0])
        if session:
            cookies.append(session_cookie(session, False).partition(";")[0])
        headers = {"Cookie": "; ".join(cookies)} if cookies else {}
        if origin is not None:
            headers["Origin"] = origin or self.address
        async with connected(self.port, headers, receives) as opened:
            yield Client(opened, self.house.card.id)

    async def guest(self, pseudonym: str) -> tuple[Words, MemberId]:
        """Somebody comes in at the threshold, accepting the rules; the page is not open yet."""
        words, hosts = draw(), self.house.parts.hosts
        who = self.who(words)
        join = Join(pseudonym=pseudonym, rules=1)
        await hosts.submit(self.house.card.id, who, join, "key-of-joining")
        return words, (await hosts.host(self.house.card.id)).room.core.tags[who.tag]


class Client:
    """A browser's socket: sends frames, and reads them one by one."""

    def __init__(self, opened: ClientConnection, room: str) -> None:
        self.socket = opened
        self.room = room
        self.frames: list[Frame] = []
        self._read = 0
        self._ids = 0

    async def send(self, frame: Frame | str | bytes) -> None:
        """Send a frame; text and bytes are sent as they are."""
        text = msgspec.json.encode(frame).decode() if isinstance(frame, dict) else frame
        await self.socket.send(text)

    async def next(self, kind: str = "") -> Frame:
        """The next frame, or the next one of a kind. Raises ConnectionClosed."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                while self._read == len(self.frames):
                    message = str(await self.socket.recv())
                    for line in message.split("\n"):
                        self.frames.append(msgspec.json.decode(line))
                        assert_from_server(self.frames[-1])
                frame = self.frames[self._read]
                self._read += 1
                if kind in ("", frame["frame"]):
                    return frame

    async def event(self, kind: str) -> Frame:
        """The first `happened` with an event of this type, heard already or still to come."""
        while True:
            for frame in self.frames:
                if frame["frame"] == "happened" and frame["event"]["type"] == kind:
                    return frame
            await self.next()

    async def closed(self) -> int:
        """Read to the end; the code the server closed with."""
        async with asyncio.timeout(WAIT_SECONDS):
            try:
                while True:
                    await self.next()
            except ConnectionClosed:
                return self.socket.close_code or 0

    async def hello(self) -> Self:
        """Say hello."""
        await self.send({"frame": "hello", "version": protocol.VERSION})
        await self.next("welcome")
        return self

    async def enter(self, **more: Any) -> Frame:
        """Enter the room; the snapshot, with the catch-up read to its end."""
        await self.send({"frame": "enter", "room": self.room, **more})
        frame = await self.next("snapshot")
        await self.next("heartbeat")
        return frame

    async def ask(self, command: Command | Frame, key: str = "", room: str = "") -> int:
        """Ask for something without waiting; the id."""
        self._ids += 1
        raw = msgspec.to_builtins(command)
        key = key or f"key-{id(self)}-{self._ids}"
        frame = {"frame": "do", "id": self._ids, "key": key, "room": room or self.room}
        await self.send(frame | {"command": raw})
        return self._ids

    async def do(self, command: Command | Frame, key: str = "", room: str = "") -> Frame:
        """Ask for something; the answer, `done` or `refused`."""
        number = await self.ask(command, key, room)
        while (frame := await self.next()).get("re") != number:
            pass
        return frame


@asynccontextmanager
async def connected(
    port: int, headers: dict[str, str], receives: int = 65_536
) -> AsyncIterator[ClientConnection]:
    """An open socket to a server on this machine, for which the kernel keeps few bytes."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    raw.connect(("127.0.0.1", port))
    async with connect(
        f"ws://127.0.0.1:{port}/socket",
        additional_headers=headers,
        compression=None,
        proxy=None,
        sock=raw,
        close_timeout=1,
    ) as opened:
        yield opened


@asynccontextmanager
async def served(house: House) -> AsyncIterator[Site]:
    """Serve a house on a free port until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = Server(config(house.app, "127.0.0.1", port))
    server.hub = house.parts.hosts.hub
    running = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield Site(house, server, port)
    finally:
        server.should_exit = True
        await running
        listening.close()
