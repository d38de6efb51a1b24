"""The fast lane: whole small text frames, straight from the socket to a function and back.

ASGI costs a queue, a task switch and a pause of reading for each message, and a frame built anew
for each listener: more than everything a room does with it. So where our own WebSocket protocol
class runs, plain frames go round it. Everything that is not plain (a fragment, a compressed or
binary frame, one too long or wrong) goes to the library, which knows the whole of RFC 6455, and
from then on everything of that Connection does, so that nothing overtakes. On any other server the
extension is missing, and `web/socket.py` works over plain ASGI.
"""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar, Final, Protocol

from websockets.speedups import apply_mask

from server.live.protocol import FRAME_LIMIT

EXTENSION: Final = "candlelight.lane"
"""The key of the ASGI scope's extensions under which a Connection has its lane."""

_TEXT: Final = 0x81
"""FIN and the opcode of text (RFC 6455, 5.2)."""
_CONTROL: Final = frozenset({0x88, 0x89, 0x8A})
"""FIN and the opcodes of close, ping and pong."""
_MASKED: Final = 0x80
_LENGTH: Final = 0x7F
_LONG: Final = 126
_LONGER: Final = 127
_MASK_BYTES: Final = 4


class Below(Protocol):
    """What the lane needs of the WebSocket protocol class it runs beside."""

    transport: asyncio.Transport
    queue: "asyncio.Queue[Any]"
    writable: asyncio.Event
    close_sent: bool
    disconnected: bool


class FastLane:
    """One Connection's lane. `slowly` is the library's own way for what is not plain."""

    __slots__ = ("_below", "_partial", "_plain", "_slowly", "_stuck", "_take")

    _last: ClassVar[tuple[bytes, bytes]] = (b"", b"")

    def __init__(self, below: Below, slowly: Callable[[bytes], None]) -> None:
        self._below = below
        self._slowly = slowly
        self._take: Callable[[bytes], None] | None = None
        self._stuck: Callable[[], None] = _nothing
        self._plain = True
        self._partial = b""

    def open(self, take: Callable[[bytes], None], stuck: Callable[[], None]) -> bool:
        """Give each text from now on to `take`; answers whether that is so.

        Not while an earlier message waits for the application, nor after one that was not plain:
        the order of what somebody says is kept. `stuck` is called when nobody reads for long.
        """
        if self._plain and self._below.queue.empty():
            self._take = take
        self._stuck = stuck
        return self._take is not None

    def end(self) -> None:
        """The Connection is gone: let go of whoever listened, so that no circle is left behind."""
        self._take, self._stuck, self._slowly = None, _nothing, _unheard
        self._plain = False

    def stuck(self) -> None:
        """Nobody has read anything for as long as one write may take."""
        self._stuck()

    def feed(self, data: bytes) -> None:
        """Bytes from the peer, in order."""
        if self._take is None:
            self._slowly(data)
            return
        if self._partial:
            data, self._partial = self._partial + data, b""
        at = 0
        while at < len(data):
            end = self._end_of_frame(data, at)
            if end == 0:
                self._partial = data[at:]
                return
            if end < 0 or not self._frame(data, at, end):
                self._plain, self._take = False, None
                self._slowly(data[at:])
                return
            at = end

    def _end_of_frame(self, data: bytes, at: int) -> int:
        """Where the frame at `at` ends; 0 when it is not there yet, -1 when it is not plain."""
        if len(data) - at < 2:
            return 0
        first, second = data[at], data[at + 1]
        length = second & _LENGTH
        plain = length < _LONGER if first == _TEXT else first in _CONTROL and length < _LONG
        if not plain or not second & _MASKED:
            return -1
        start = at + 2
        if length == _LONG:
            start += 2
            if len(data) < start:
                return 0
            length = int.from_bytes(data[at + 2 : start])
            if length < _LONG:
                return -1  # a length must be written in the shortest way
        if length > FRAME_LIMIT:
            return -1
        end = start + _MASK_BYTES + length
        return end if end <= len(data) else 0

    def _frame(self, data: bytes, at: int, end: int) -> bool:
        """One whole frame; False for a text that is not UTF-8, which the library has to refuse."""
        if data[at] != _TEXT:
            self._slowly(data[at:end])
            return True
        start = at + (2 if data[at + 1] & _LENGTH < _LONG else 4)
        mask = data[start : start + _MASK_BYTES]
        text = apply_mask(data[start + _MASK_BYTES : end], mask)
        try:
            text.decode()
        except UnicodeDecodeError:
            return False
        if self._take is not None:
            self._take(text)
        return True

    def write(self, frames: bytes, most: int) -> bool:
        """Send one text message, and never wait. False, and not sent, where more than `most` bytes
        wait for the peer already, beyond the kernel's buffer."""
        below = self._below
        transport = below.transport
        if below.close_sent or below.disconnected or transport.is_closing():
            return True
        if transport.get_write_buffer_size() > most:
            return False
        last, framed = FastLane._last
        if frames is not last:  # most Connections of a room get the very same bytes
            framed = _header(len(frames)) + frames
            FastLane._last = frames, framed
        transport.write(framed)
        return True

    async def drained(self) -> None:
        """Wait until the peer has taken nearly all of it, or is gone."""
        await self._below.writable.wait()


def _header(length: int) -> bytes:
    """The head of an unmasked text frame (RFC 6455, 5.2)."""
    if length < _LONG:
        return bytes((_TEXT, length))
    if length < 1 << 16:
        return bytes((_TEXT, _LONG)) + length.to_bytes(2)
    return bytes((_TEXT, _LONGER)) + length.to_bytes(8)


def _unheard(_: bytes) -> None:
    """For a Connection that is gone."""


def _nothing() -> None:
    """For a lane that nobody has opened yet."""
