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


class Outgoing:
    """The outbox of one Connection. `gone` is called when nobody reads any more.

    Nothing is sent before `begin`.
    """

    def __init__(self, send: Send, gone: Callable[[], None]) -> None:
        self._send = send
        self._gone = gone
        self._lane: FastLane | None = None
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._empty = asyncio.Event()
        self._empty.set()
        self._task: asyncio.Task[None] | None = None
        self._deadline: float | None = None
        self._patience: asyncio.Timeout | None = None
        self.closing: int | None = None

    def begin(self, lane: FastLane | None) -> None:
        """The handshake is complete; `lane` is the Connection's fast lane, if it has one."""
        self._lane = lane

    def send(self, frames: bytes) -> None:
        """Send frames, or queue them. Too many mean that nobody reads: the Connection ends."""
        if self.closing is not None:
            return
        if self._lane is not None:
            if self._lane.waiting > OUT_BYTES:
                self.close(TOO_SLOW)
            else:
                self._lane.write(frames)
            return
        self._queue.append(frames)
        self._queued += len(frames)
        self._empty.clear()
        # One message alone is never too much: the View of a long evening has to go through.
        many = len(self._queue) > 1
        if many and (self._queued > OUT_BYTES or len(self._queue) > OUT_MESSAGES):
            self._queue.clear()
            self._queued = 0
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
        if self._lane is None:
            await self._empty.wait()
        else:
            await self._lane.drained()

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
        while self._queue:
            data = self._queue.popleft()
            self._queued -= len(data)
            if not await self._deliver({"type": "websocket.send", "text": data.decode()}):
                return
        self._empty.set()
        if self.closing is not None:
            await self._deliver({"type": "websocket.close", "code": self.closing})

    async def _deliver(self, message: Message) -> bool:
        """Hand one message to the transport; False when nobody has read for too long."""
        until = self._deadline or asyncio.get_running_loop().time() + SEND_SECONDS
        try:
            async with asyncio.timeout_at(until) as self._patience:
                await self._send(message)
        except (TimeoutError, OSError):
            self._empty.set()
            self._gone()
            return False
        finally:
            self._patience = None
        return True


def _nobody() -> None:
    """For a Connection that has ended."""
