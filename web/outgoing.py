"""What goes out on one Connection: bounded, in order, and never waited for by anybody else.

Where there is a fast lane, frames are written at once and there is nothing to run; a task begins
only to say goodbye. On plain ASGI a task sends what was queued.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from starlette.types import Message, Send

from web.lane import FastLane

OUT_BYTES: Final = 1024 * 1024
OUT_MESSAGES: Final = 256
"""What may wait for one slow reader; more closes it with 4008 (it resumes by its numbers)."""
SEND_SECONDS: Final = 10.0
"""How long one write may be stuck."""
LAST_SECONDS: Final = 2.0
"""How long everything that is left may take once the Connection is to end."""
TOO_SLOW: Final = 4008


class _Queue:
    """What waits on plain ASGI to be sent. With a fast lane there is none: it takes two kilobytes,
    and thousands of pages are open."""

    __slots__ = ("bytes", "empty", "messages")

    def __init__(self) -> None:
        self.messages: deque[bytes] = deque()
        self.bytes = 0
        self.empty = asyncio.Event()
        self.empty.set()

    def put(self, message: bytes) -> bool:
        """Add a message; False, and everything thrown away, where too much would wait."""
        self.messages.append(message)
        self.bytes += len(message)
        self.empty.clear()
        # One message alone is never too much: the View of a long evening has to go through.
        many = len(self.messages) > 1
        if many and (self.bytes > OUT_BYTES or len(self.messages) > OUT_MESSAGES):
            self.messages.clear()
            self.bytes = 0
            return False
        return True

    def take(self) -> bytes:
        """The message that has waited longest."""
        message = self.messages.popleft()
        self.bytes -= len(message)
        return message


class Outgoing:
    """The outbox of one Connection, its Wire for the Hub. `gone` is called when nobody reads any
    more.

    Nothing is sent before `begin`. Every message of a room comes by here once for everybody in it.
    """

    __slots__ = (
        "_deadline",
        "_gone",
        "_lane",
        "_patience",
        "_queue",
        "_send",
        "_task",
        "closing",
    )

    def __init__(self, send: Send, gone: Callable[[], None]) -> None:
        self._send = send
        self._gone = gone
        self._lane: FastLane | None = None
        self._queue: _Queue | None = None
        self._task: asyncio.Task[None] | None = None
        self._deadline: float | None = None
        self._patience: asyncio.Timeout | None = None
        self.closing: int | None = None

    def begin(self, lane: FastLane | None) -> None:
        """The handshake is complete; `lane` is the Connection's fast lane, if it has one."""
        self._lane = lane
        if lane is None:
            self._queue = _Queue()

    def send(self, frames: bytes) -> None:
        """Send frames, or queue them. Too many mean that nobody reads: the Connection ends."""
        if self.closing is not None:
            return
        if self._lane is not None:
            if not self._lane.write(frames, OUT_BYTES):
                self.close(TOO_SLOW)
            return
        if self._queue is not None:
            if not self._queue.put(frames):
                self.close(TOO_SLOW)
            self._run()

    def close(self, code: int) -> None:
        """Close with a code; what is queued is still sent first."""
        if self.closing is None:
            self.closing = code
            self._deadline = asyncio.get_running_loop().time() + LAST_SECONDS
            if self._patience is not None and not self._patience.expired():
                self._patience.reschedule(self._deadline)
            self._run()

    async def drained(self) -> None:
        """Wait until next to nothing is queued. A reader that is stuck ends this too."""
        if self._lane is not None:
            await self._lane.drained()
        elif self._queue is not None:
            await self._queue.empty.wait()

    async def end(self) -> None:
        """Let what is being sent be sent, if somebody takes it; then nothing goes out any more."""
        if self._task is not None:
            if self.closing is not None:
                await asyncio.wait({self._task}, timeout=LAST_SECONDS)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._gone = _nobody

    def _run(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write())

    async def _write(self) -> None:
        if self._queue is not None:
            while self._queue.messages:
                text = self._queue.take().decode()
                if not await self._deliver({"type": "websocket.send", "text": text}):
                    return
            self._queue.empty.set()
        if self.closing is not None:
            await self._deliver({"type": "websocket.close", "code": self.closing})

    async def _deliver(self, message: Message) -> bool:
        """Hand one message to the transport; False when nobody has read for too long."""
        until = self._deadline or asyncio.get_running_loop().time() + SEND_SECONDS
        try:
            async with asyncio.timeout_at(until) as self._patience:
                await self._send(message)
        except (TimeoutError, OSError):
            if self._queue is not None:
                self._queue.empty.set()
            self._gone()
            return False
        finally:
            self._patience = None
        return True


def _nobody() -> None:
    """For a Connection that has ended."""
