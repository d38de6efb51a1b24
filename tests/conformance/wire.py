"""A client made of bytes: it says exactly what a test wants said, legal or not.

Nothing here knows a WebSocket library; what is right is read in RFC 6455 alone. Frames are built by
`frame`, and the answers of a server are read one by one by `Peer.hear`.
"""

import base64
import hashlib
import os
import socket
from types import TracebackType
from typing import Final, NamedTuple, Self

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
PATIENCE: Final = 10.0
"""Seconds without a byte after which a test fails."""
GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Heard(NamedTuple):
    """One frame of a server."""

    opcode: int
    payload: bytes

    @property
    def code(self) -> int:
        """The code of a close frame; 1005 when it carries none."""
        assert self.opcode == CLOSE
        return int.from_bytes(self.payload[:2], "big") if self.payload else 1005


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, masked: bool = True
) -> bytes:
    """The bytes of one frame of a client. A length is written as short as it can be."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    length = len(payload)
    if length < 126:
        head = bytes([first, masked << 7 | length])
    elif length < 1 << 16:
        head = bytes([first, masked << 7 | 126]) + length.to_bytes(2, "big")
    else:
        head = bytes([first, masked << 7 | 127]) + length.to_bytes(8, "big")
    if not masked:
        return head + payload
    mask = os.urandom(4)
    stretched = (mask * (length // 4 + 1))[:length]
    whole = int.from_bytes(payload, "big") ^ int.from_bytes(stretched, "big")
    return head + mask + whole.to_bytes(length, "big")


def close(code: int | None = 1000, reason: bytes = b"") -> bytes:
    """A close frame; without a code, an empty one."""
    return frame(CLOSE, b"" if code is None else code.to_bytes(2, "big") + reason)


def pieces(opcode: int, payload: bytes, size: int) -> bytes:
    """A message in fragments of `size` bytes."""
    cut = [payload[i : i + size] for i in range(0, len(payload), size)] or [b""]
    return b"".join(
        frame(opcode if i == 0 else CONTINUATION, piece, fin=i == len(cut) - 1)
        for i, piece in enumerate(cut)
    )


def chopped(said: bytes, size: int = 1) -> tuple[bytes, ...]:
    """The same bytes in segments of `size`."""
    return tuple(said[i : i + size] for i in range(0, len(said), size))


def request(
    port: int,
    *more: str,
    path: str = "/socket",
    method: str = "GET",
    version: str = "HTTP/1.1",
    without: str = "",
    **headers: str,
) -> bytes:
    """A handshake's request: without one of its headers, or with others in their place."""
    lines = {
        "Host": f"127.0.0.1:{port}",
        "Origin": f"http://127.0.0.1:{port}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(b"sixteen bytes...").decode(),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines.pop(without, None)
    said = [f"{method} {path} {version}", *(f"{k}: {v}" for k, v in lines.items()), *more, "", ""]
    return "\r\n".join(said).encode("latin-1")


class Peer:
    """One connection, and what came over it. Use it in a `with`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._bytes = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        why: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.socket.close()

    def open(self, *more: str, **headers: str) -> Self:
        """Shake hands as a browser does, and check the server's side of it."""
        self.say(request(self.port, *more, **headers))
        status, answer = self.answer()
        assert status == 101, status
        key = base64.b64encode(b"sixteen bytes...")
        proof = base64.b64encode(hashlib.sha1(key + GUID).digest())  # noqa: S324 - RFC 6455, 4.2.2
        assert answer["sec-websocket-accept"] == proof.decode()
        assert answer["upgrade"].lower() == "websocket"
        assert "sec-websocket-extensions" not in answer, "compression beside secrets"
        return self

    def say(self, *said: bytes) -> None:
        """Send each as a segment of its own. A server that has hung up already is no failure."""
        try:
            for part in said:
                self.socket.sendall(part)
        except ConnectionError:
            pass

    def answer(self) -> tuple[int, dict[str, str]]:
        """Read the head of an HTTP answer: its status and headers; status 0 for no answer."""
        while b"\r\n\r\n" not in self._bytes:
            if not self._more():
                return 0, {}
        head, _, self._bytes = self._bytes.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return int(first.split()[1]), {name.lower(): value for name, value in headers.items()}

    def hear(self) -> Heard | None:
        """The next frame; None when the server has hung up. A server's frame is never masked."""
        if not self._has(2):
            return None
        first, length = self._bytes[0], self._bytes[1]
        assert first & 0x70 == 0, "a reserved bit"
        assert length & 0x80 == 0, "a masked frame of a server"
        at = 2
        if length >= 126:
            at = 4 if length == 126 else 10
            if not self._has(at):
                return None
            length = int.from_bytes(self._bytes[2:at], "big")
        if not self._has(at + length):
            return None
        payload, self._bytes = self._bytes[at : at + length], self._bytes[at + length :]
        assert first & 0x80, "a fragment, where nobody asked for one"
        return Heard(first & 0xF, payload)

    def hear_out(self) -> list[Heard]:
        """Everything until the server hangs up."""
        heard = []
        while (one := self.hear()) is not None:
            heard.append(one)
        return heard

    def closed_with(self) -> int | None:
        """The code of the server's close frame, which is answered; None when there was none."""
        while (heard := self.hear()) is not None:
            if heard.opcode == CLOSE:
                self.say(frame(CLOSE, heard.payload))
                assert self.hear() is None, "words after a goodbye"
                return heard.code
        return None

    def _has(self, length: int) -> bool:
        while len(self._bytes) < length:
            if not self._more():
                return False
        return True

    def _more(self) -> bool:
        try:
            came = self.socket.recv(1 << 16)
        except ConnectionError:
            return False
        self._bytes += came
        return bool(came)
