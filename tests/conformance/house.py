"""The real server for tests in bytes: one room, an open meeting, and cookies for a browser."""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from typing import Any

from rooms.meetings import OpenMeeting
from rooms.room import Mode
from tests.conformance.wire import TEXT, Peer, frame
from tests.storms.client import RecordingClient
from tests.storms.server import ServerProcess

HELLO = {"frame": "hello", "version": 1}


@dataclass
class Bystander:
    """Somebody else's browser: asks for the Help page again and again, and notes how long it took
    (seconds)."""

    waits: list[float] = field(default_factory=list)

    @property
    def worst(self) -> float:
        """The longest wait but one: a machine that runs tests has a hiccup of its own."""
        return sorted(self.waits)[-2]


@dataclass
class Door:
    """A running server and what a test needs to knock at it."""

    server: ServerProcess
    room: str
    cookie: str
    """Of Ada, who is in the room."""

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server.port

    def peer(self) -> Peer:
        """A connection from which nothing was said yet."""
        return Peer(self.port)

    def socket(self) -> Peer:
        """An open WebSocket of Ada's, without a frame so far."""
        return self.peer().open(Cookie=self.cookie)

    def greeted(self) -> Peer:
        """The same after the hello."""
        peer = self.socket()
        peer.say(frame(TEXT, json.dumps(HELLO).encode()))
        assert frames_of(peer)[0]["frame"] == "welcome"
        return peer

    def memory(self) -> int:
        """Bytes of RAM that the server takes now."""
        pages = Path(f"/proc/{self.server.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def open_files(self) -> int:
        """Its open files, sockets included."""
        return len(list(Path(f"/proc/{self.server.pid}/fd").iterdir()))

    def until_files(self, most: int, seconds: float) -> bool:
        """Wait until it has no more open files than `most`; False when it never does."""
        end = time.monotonic() + seconds
        while self.open_files() > most:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    @contextmanager
    def bystander(self) -> Iterator[Bystander]:
        """Somebody who only reads, during what the test does."""
        seen, done = Bystander(), Event()

        def read() -> None:
            browser = HTTPConnection("127.0.0.1", self.port, timeout=20)
            while not done.is_set() or len(seen.waits) < 3:
                began = time.monotonic()
                browser.request("GET", "/health")
                assert browser.getresponse().read() == b"ok\n"
                seen.waits.append(time.monotonic() - began)
                done.wait(0.01)
            browser.close()

        reader = Thread(target=read)
        reader.start()
        try:
            yield seen
        finally:
            done.set()
            reader.join()


def frames_of(peer: Peer) -> list[dict[str, Any]]:
    """The frames of the next message."""
    heard = peer.hear()
    assert heard is not None
    assert heard.opcode == TEXT, heard
    return [json.loads(line) for line in heard.payload.split(b"\n")]


async def _opened(server: ServerProcess) -> tuple[str, str]:
    founded = await server.found("Tuesday")
    room = founded.room.id
    await server.start()
    async with RecordingClient(server.address, room, "Fay", staff=founded.session) as fay:
        await fay.join()
        await fay.enter()
        await fay.do(OpenMeeting(mode=Mode.OPEN))
    async with RecordingClient(server.address, room, "Ada") as ada:
        await ada.join()
        return room, "; ".join(f"{name}={value}" for name, value in ada.http.cookies.items())


@contextmanager
def open_door(folder: Path) -> Iterator[Door]:
    """Start a server in `folder`, with a meeting that Fay has opened and Ada has come to."""
    server = ServerProcess(folder)
    try:
        room, cookie = asyncio.run(_opened(server))
        yield Door(server, room, cookie)
    finally:
        asyncio.run(server.__aexit__())
