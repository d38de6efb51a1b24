"""`/socket`: one WebSocket, and what its page may ask for.

Whoever reads only parses, counts and hands on, and never waits for a disk; every answer comes by
callback. A page that reads too slowly is closed and comes back; nobody else waits for it. Origin
and Host were checked by the guard before anything here runs.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from moderation.budgets import (
    COMMANDS_OF_A_CONNECTION,
    HELP_OF_A_CONNECTION,
    Bucket,
    TooFast,
)
from rooms.kernel import NotAMember
from rooms.refusals import Refused
from rooms.room import Role
from server.assemble import Parts
from server.live import protocol
from server.live.host import Numbers, Who
from server.live.hub import Connection
from server.live.protocol import Do, Enter, Hello, LeaveFrame, Malformed, Unavailable
from server.live.purse import is_apart
from server.storage.errors import StorageUnavailable
from web.identity import Identity
from web.lane import EXTENSION, FastLane
from web.outgoing import Outgoing

log = logging.getLogger("candlelight.web")

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
    """One open WebSocket of one browser: a reader for the client's frames. What goes out, to the
    client's questions and from the Hub, is `Outgoing`, its Wire."""

    __slots__ = (
        "_accept",
        "_bucket",
        "_entered",
        "_entering",
        "_given_up",
        "_greeted",
        "_help",
        "_http",
        "_identity",
        "_lane",
        "_mono",
        "_out",
        "_parts",
        "_reader",
        "_strikes",
        "_tasks",
    )

    def __init__(self, parts: Parts, identity: Identity, scope: Scope, send: Send) -> None:
        self._parts = parts
        self._identity = identity
        self._http = HTTPConnection(scope)
        self._accept = send
        self._lane: FastLane | None = scope.get("extensions", {}).get(EXTENSION)
        self._out = Outgoing(send, self._vanish)
        self._mono = parts.hosts.clock.mono
        self._bucket = Bucket.full(COMMANDS_OF_A_CONNECTION, self._mono())
        self._help = Bucket.full(HELP_OF_A_CONNECTION, self._mono())
        self._strikes = 0
        self._greeted = False
        self._given_up = False
        self._reader: asyncio.Task[Any] | None = None
        self._entered: dict[str, tuple[Who, Connection]] = {}
        self._entering: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # From the first byte to the last.

    async def run(self, receive: Receive) -> None:
        """Serve until one side ends it."""
        self._reader = asyncio.current_task()
        await receive()  # websocket.connect
        await self._accept({"type": "websocket.accept"})
        self._out.begin(self._lane)
        loop = asyncio.get_running_loop()
        silence = loop.call_later(protocol.FIRST_FRAME_SECONDS, self._expect_hello)
        try:
            await self._read(receive)
        except asyncio.CancelledError:
            if not self._given_up:
                raise
        finally:
            self._reader = None
            silence.cancel()
            for _, connection in self._entered.values():
                self._parts.hosts.hub.detach(connection)
            for task in self._tasks:
                task.cancel()
            for result in await asyncio.gather(*self._tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    log.error("a socket's task failed: %s", type(result).__name__)
            await self._out.end()

    async def _read(self, receive: Receive) -> None:
        while True:
            if self._lane is not None:
                self._lane.open(self._hear, lambda: self._out.close(4008))
            message = await receive()
            if message["type"] != "websocket.receive":
                return
            if message.get("text") is None:
                self._out.close(4500)
            else:
                self._hear(message["text"].encode())

    def _vanish(self) -> None:
        """Nobody reads any more, not even a goodbye: there is nothing to wait for."""
        if self._reader is not None:
            self._given_up = True
            self._reader.cancel()

    def _expect_hello(self) -> None:
        """Silence at the start ends a Connection."""
        if not self._greeted:
            self._out.close(4502)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _watch(self, room: str, who: Who) -> None:
        """An ended session ends the Connections that act as staff; a held one is kept from idling
        out while somebody holds a room."""
        while room in self._entered:
            await asyncio.sleep(SESSION_CHECK_SECONDS)
            try:
                held = await self._identity.staff(self._http, room)
            except StorageUnavailable:
                continue  # asked again in a minute; the room's own rules hold meanwhile
            if held != who:
                self._out.close(4503)
                return

    # The frames.

    def _hear(self, message: bytes) -> None:
        """One message of the client. What comes after the end is not done: a session may have
        ended with it."""
        if self._out.closing is not None:
            return
        try:
            self._take(message)
        except TooFast as refused:
            self._strikes += 1
            self._out.send(protocol.refused(None, refused))
            if self._strikes > STRIKES:
                self._out.close(4009)
        except Malformed as refused:
            self._out.send(protocol.refused(None, refused))
            try:
                self._bucket.spend(self._mono())
            except TooFast:
                self._out.close(4500)
        except Exception as bug:  # noqa: BLE001 - it would end in the library's log, with its text
            log.error("a frame could not be taken: %s", type(bug).__name__)
            self._out.close(4001)

    def _take(self, message: bytes) -> None:
        """One message of the client. Raises Malformed or TooFast."""
        frame = protocol.decode(message)
        if not self._greeted and not isinstance(frame, Hello):
            self._out.close(4500)
            return
        match frame:
            case Do():  # first: nearly all are
                self._do(frame)
            case Hello():
                if self._greeted:  # once is enough, and the first costs nothing
                    self._bucket.spend(self._mono())
                self._hello(frame)
            case Enter():
                self._bucket.spend(self._mono())
                self._enter(frame)
            case LeaveFrame():
                # Taken out here: a task that is cancelled before it began never does so itself.
                if entering := self._entering.pop(frame.room, None):
                    entering.cancel()
                if entered := self._entered.pop(frame.room, None):
                    self._parts.hosts.hub.detach(entered[1])
                self._bucket.spend(self._mono())  # last: whoever leaves has left

    def _hello(self, frame: Hello) -> None:
        if frame.version != protocol.VERSION:
            self._out.close(4501)
            return
        self._greeted = True
        welcome = protocol.Welcome(
            version=protocol.VERSION,
            now=self._parts.wall(),
            heartbeat=protocol.HEARTBEAT_SECONDS,
        )
        self._out.send(protocol.encode(welcome))

    def _enter(self, frame: Enter) -> None:
        """A browser enters one room as a guest; only staff watch several."""
        others = {*self._entered, *self._entering} - {frame.room}
        if frame.room in self._entering or (frame.as_ is Role.MEMBER and others):
            raise Malformed()
        self._entering[frame.room] = self._spawn(self._attach(frame))

    async def _attach(self, frame: Enter) -> None:
        hosts = self._parts.hosts
        try:
            who = await self._identity.who(self._http, frame.room, frame.as_ is not Role.MEMBER)
            if who is None:
                raise NotAMember()
            before = self._entered.get(frame.room)
            connection = await hosts.entering.enter(
                frame.room, who, self._out, frame.epoch, frame.after, before[1] if before else None
            )
            self._entered[frame.room] = who, connection
            if before is None and who.role is not Role.MEMBER:
                self._spawn(self._watch(frame.room, who))
        except (Unavailable, StorageUnavailable):
            self._out.send(protocol.refused(None, Unavailable()))
            self._out.close(4001)
        except Refused as refused:
            self._out.send(protocol.refused(None, refused))
            self._out.close(4504)
        except Exception as bug:  # noqa: BLE001 - what asyncio would print could quote somebody
            log.error("entering failed: %s", type(bug).__name__)
            self._out.send(protocol.refused(None, protocol.SomethingBroke()))
            self._out.close(4001)
        finally:
            if self._entering.get(frame.room) is asyncio.current_task():
                del self._entering[frame.room]

    def _do(self, frame: Do) -> None:
        """Do what a client asks for.

        Whoever is in danger may have clicked in panic before: the crisis path does not draw on what
        a page may ask for, and a text that came too fast is read before it is refused.
        """
        hosts = self._parts.hosts
        try:
            command = protocol.decode_command(frame.command)
        except Refused as refused:
            self._bucket.spend(self._mono())
            self._out.send(protocol.refused(frame.id, refused))
            return
        entered = self._entered.get(frame.room)
        try:
            (self._help if is_apart(command) else self._bucket).spend(self._mono())
            if entered is None:
                raise NotAMember()
        except TooFast as refused:
            if entered is not None:
                refused.help = hosts.heed(frame.room, entered[0], command, frame.key)
            self._strikes += 1
            self._out.send(protocol.refused(frame.id, refused))
            if self._strikes > STRIKES:
                self._out.close(4009)
            return
        except Refused as refused:
            self._out.send(protocol.refused(frame.id, refused))
            return
        future = hosts.submit(frame.room, entered[0], command, frame.key)
        future.add_done_callback(self._answer(frame.id))

    def _answer(self, re: int) -> Callable[[asyncio.Future[Numbers]], Any]:
        def answer(future: asyncio.Future[Numbers]) -> None:
            if future.cancelled():
                self._out.send(protocol.refused(re, Unavailable()))
            elif (error := future.exception()) is None:
                self._out.send(protocol.encode(protocol.Done(re=re, numbers=future.result())))
            elif isinstance(error, Refused):
                self._out.send(protocol.refused(re, error))
            else:
                log.error("a command failed: %s", type(error).__name__)
                self._out.send(protocol.refused(re, protocol.SomethingBroke()))

        return answer
