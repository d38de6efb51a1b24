"""`/socket`: one WebSocket, read by one task that never waits for a disk, written by another.

The reader only parses, counts and hands on; every answer comes by callback. A page that reads too
slowly is closed and comes back; nobody else waits for it. Origin and Host were checked by the guard
before anything here runs.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from starlette.requests import HTTPConnection
from starlette.types import Message, Receive, Scope, Send

from moderation.budgets import COMMANDS_OF_A_CONNECTION, Bucket, TooFast
from rooms.kernel import NotAMember
from rooms.refusals import Refused
from rooms.room import Role
from server.assemble import Parts
from server.live import protocol
from server.live.host import Numbers, Who
from server.live.hub import Connection
from server.live.protocol import Do, Enter, Hello, LeaveFrame, Malformed, Unavailable
from server.storage.errors import StorageUnavailable
from web.identity import Identity
from web.lane import EXTENSION, FastLane

log = logging.getLogger("candlelight.web")

OUT_BYTES: Final = 1024 * 1024
OUT_MESSAGES: Final = 256
"""What may wait for one slow reader; more closes it with 4008 (it resumes by its numbers)."""
SEND_SECONDS: Final = 10.0
"""How long one write may be stuck."""
LAST_SECONDS: Final = 2.0
"""How long everything that is left may take once the Connection is to end."""
SESSION_CHECK_SECONDS: Final = 60.0
"""How often an open page of staff proves that its session holds, and keeps it from idling out."""
STRIKES: Final = 3
"""Refused bursts before a Connection is asked to come back later."""


class SocketDoor:
    """The ASGI application behind `/socket`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._identity = Identity(parts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Socket(self._parts, self._identity, scope, send).run(receive)


class Socket:
    """One open WebSocket of one browser: a Wire for the Hub, a reader for the client's frames."""

    def __init__(self, parts: Parts, identity: Identity, scope: Scope, send: Send) -> None:
        self._parts = parts
        self._identity = identity
        self._http = HTTPConnection(scope)
        self._send = send
        self._beside: FastLane | None = scope.get("extensions", {}).get(EXTENSION)
        self._lane: FastLane | None = None
        self._mono = parts.hosts.clock.mono
        self._out: deque[bytes] = deque()
        self._out_bytes = 0
        self._wake = asyncio.Event()
        self._empty = asyncio.Event()
        self._closing: int | None = None
        self._deadline: float | None = None
        self._patience: asyncio.Timeout | None = None
        self._bucket = Bucket.full(COMMANDS_OF_A_CONNECTION, self._mono())
        self._strikes = 0
        self._greeted = False
        self._entered: dict[str, tuple[Who, Connection]] = {}
        self._entering: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # The Wire.

    def send(self, frames: bytes) -> None:
        """Queue frames. Too many of them mean that nobody reads: the Connection ends."""
        if self._closing is not None:
            return
        if self._lane is not None and not self._out:
            if self._lane.waiting > OUT_BYTES:
                self.close(4008)
            else:
                self._lane.write(frames)
            return
        self._out.append(frames)
        self._out_bytes += len(frames)
        self._empty.clear()
        # One message alone is never too much: the View of a long evening has to go through.
        many = len(self._out) > 1
        if many and (self._out_bytes > OUT_BYTES or len(self._out) > OUT_MESSAGES):
            self._out.clear()
            self._out_bytes = 0
            self.close(4008)
        self._wake.set()

    def close(self, code: int) -> None:
        """Close with a code; what is queued is still sent first."""
        if self._closing is None:
            self._closing = code
            self._wake.set()
            self._deadline = asyncio.get_running_loop().time() + LAST_SECONDS
            if self._patience is not None and not self._patience.expired():
                self._patience.reschedule(self._deadline)

    async def drained(self) -> None:
        """Wait until nothing is queued. A reader that is stuck ends the Connection, and this."""
        if self._lane is None or self._out:
            await self._empty.wait()
        if self._lane is not None:
            await self._lane.drained()

    # The tasks.

    async def run(self, receive: Receive) -> None:
        """Serve until one side ends it."""
        await receive()  # websocket.connect
        await self._send({"type": "websocket.accept"})
        self._lane = self._beside
        reader = asyncio.create_task(self._read(receive))
        writer = asyncio.create_task(self._write())
        watcher = asyncio.create_task(self._watch())
        try:
            await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
            if reader.done() and self._closing is not None:
                await asyncio.wait({writer}, timeout=SEND_SECONDS)
        finally:
            for _, connection in self._entered.values():
                self._parts.hosts.hub.detach(connection)
            tasks = {reader, writer, watcher, *self._tasks}
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    log.error("a socket's task failed: %s", type(result).__name__)

    async def _read(self, receive: Receive) -> None:
        while self._closing is None:
            if self._lane is not None:
                self._lane.open(self._hear, lambda: self.close(4008))
            message = await receive()
            if message["type"] != "websocket.receive":
                return
            if message.get("text") is None:
                self.close(4500)
                return
            self._hear(message["text"].encode())

    def _hear(self, message: bytes) -> None:
        """One message of the client. What comes after the end is not done: a session may have
        ended with it."""
        if self._closing is not None:
            return
        try:
            self._take(message)
        except TooFast as refused:
            self._strikes += 1
            self.send(protocol.refused(None, refused))
            if self._strikes > STRIKES:
                self.close(4009)
        except Malformed as refused:
            self.send(protocol.refused(None, refused))
            try:
                self._bucket.spend(self._mono())
            except TooFast:
                self.close(4500)
        except Exception as bug:  # noqa: BLE001 - it would end in the library's log, with its text
            log.error("a frame could not be taken: %s", type(bug).__name__)
            self.close(4001)

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._out:
                data = self._out.popleft()
                self._out_bytes -= len(data)
                if not await self._deliver({"type": "websocket.send", "text": data.decode()}):
                    return
            self._empty.set()
            if self._closing is not None:
                await self._deliver({"type": "websocket.close", "code": self._closing})
                return

    async def _deliver(self, message: Message) -> bool:
        """Hand one message to the transport; False when nobody has read for too long."""
        until = self._deadline or asyncio.get_running_loop().time() + SEND_SECONDS
        try:
            async with asyncio.timeout_at(until) as self._patience:
                await self._send(message)
        except (TimeoutError, OSError):
            return False
        finally:
            self._patience = None
        return True

    async def _watch(self) -> None:
        """Silence at the start ends a Connection; an ended session ends those that act as staff."""
        await asyncio.sleep(protocol.FIRST_FRAME_SECONDS)
        if not self._greeted:
            self.close(4502)
        while True:
            await asyncio.sleep(SESSION_CHECK_SECONDS)
            for room, (who, _) in list(self._entered.items()):
                if who.role is Role.FACILITATOR:
                    try:
                        held = await self._identity.staff(self._http, room)
                    except StorageUnavailable:
                        continue  # asked again in a minute; the room's own rules hold meanwhile
                    if held != who:
                        self.close(4503)

    # The frames.

    def _take(self, message: bytes) -> None:
        """One message of the client. Raises Malformed or TooFast."""
        frame = protocol.decode(message)
        if not self._greeted and not isinstance(frame, Hello):
            self.close(4500)
            return
        match frame:
            case Hello():
                if self._greeted:  # once is enough, and the first costs nothing
                    self._bucket.spend(self._mono())
                self._hello(frame)
            case Enter():
                self._bucket.spend(self._mono())
                self._enter(frame)
            case Do():
                self._do(frame)
            case LeaveFrame():
                # Taken out here: a task that is cancelled before it began never does so itself.
                if entering := self._entering.pop(frame.room, None):
                    entering.cancel()
                if entered := self._entered.pop(frame.room, None):
                    self._parts.hosts.hub.detach(entered[1])
                self._bucket.spend(self._mono())  # last: whoever leaves has left

    def _hello(self, frame: Hello) -> None:
        if frame.version != protocol.VERSION:
            self.close(4501)
            return
        self._greeted = True
        welcome = protocol.Welcome(
            version=protocol.VERSION,
            now=self._parts.wall(),
            heartbeat=protocol.HEARTBEAT_SECONDS,
        )
        self.send(protocol.encode(welcome))

    def _enter(self, frame: Enter) -> None:
        """A browser enters one room as a guest; only staff watch several."""
        others = {*self._entered, *self._entering} - {frame.room}
        if frame.room in self._entering or (frame.as_ is Role.MEMBER and others):
            raise Malformed()
        task = asyncio.create_task(self._attach(frame))
        self._entering[frame.room] = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attach(self, frame: Enter) -> None:
        hosts = self._parts.hosts
        try:
            who = await self._identity.who(self._http, frame.room, frame.as_ is not Role.MEMBER)
            if who is None:
                raise NotAMember()
            before = self._entered.get(frame.room)
            connection = await hosts.entering.enter(
                frame.room, who, self, frame.epoch, frame.after, before[1] if before else None
            )
            self._entered[frame.room] = who, connection
        except (Unavailable, StorageUnavailable):
            self.send(protocol.refused(None, Unavailable()))
            self.close(4001)
        except Refused as refused:
            self.send(protocol.refused(None, refused))
            self.close(4504)
        except Exception as bug:  # noqa: BLE001 - what asyncio would print could quote somebody
            log.error("entering failed: %s", type(bug).__name__)
            self.send(protocol.refused(None, protocol.SomethingBroke()))
            self.close(4001)
        finally:
            if self._entering.get(frame.room) is asyncio.current_task():
                del self._entering[frame.room]

    def _do(self, frame: Do) -> None:
        try:
            self._bucket.spend(self._mono())
            command = protocol.decode_command(frame.command)
            entered = self._entered.get(frame.room)
            if entered is None:
                raise NotAMember()
        except TooFast as refused:
            self._strikes += 1
            self.send(protocol.refused(frame.id, refused))
            if self._strikes > STRIKES:
                self.close(4009)
            return
        except Refused as refused:
            self.send(protocol.refused(frame.id, refused))
            return
        future = self._parts.hosts.submit(frame.room, entered[0], command, frame.key)
        future.add_done_callback(self._answer(frame.id))

    def _answer(self, re: int) -> Callable[[asyncio.Future[Numbers]], Any]:
        def answer(future: asyncio.Future[Numbers]) -> None:
            if future.cancelled():
                self.send(protocol.refused(re, Unavailable()))
            elif (error := future.exception()) is None:
                self.send(protocol.encode(protocol.Done(re=re, numbers=future.result())))
            elif isinstance(error, Refused):
                self.send(protocol.refused(re, error))
            else:
                log.error("a command failed: %s", type(error).__name__)
                self.send(protocol.refused(re, protocol.SomethingBroke()))

        return answer
