"""Somebody's open page, which holds every frame to the promises while it arrives.

I1  within a stream the numbers go up by one
I2  what was heard under a number never changes, unless to words that were taken away
I5  nothing is heard of a stream that is not one's own
"""

import asyncio
from typing import Any

import msgspec

from rooms.room import MemberId, Role
from server.live.host import Numbers, Who
from server.live.hub import Connection
from tests.wire_schema import assert_from_server

Frame = dict[str, Any]


class Listener:
    """Somebody's open page: a Wire that remembers every frame, and fails at the first broken
    promise."""

    def __init__(self, who: Who, after: Numbers | None = None) -> None:
        self.who = who
        self.frames: list[Frame] = []
        self.heard: dict[str, dict[int, Frame]] = {}
        self.numbers: Numbers = dict(after or {})
        self.epoch: str | None = None
        self.me: MemberId = 0
        self.closed: int | None = None
        self.connection: Connection | None = None
        self.writes = 0
        self._only_read: Numbers = {}

    def send(self, frames: bytes) -> None:
        """See `Wire.send`."""
        if self.closed is not None:
            return
        self.writes += 1
        for line in frames.split(b"\n"):
            frame = msgspec.json.decode(line)
            assert_from_server(frame)
            self.frames.append(frame)
            self._take(frame)

    def close(self, code: int) -> None:
        """See `Wire.close`."""
        if self.closed is None:
            self.closed = code

    async def drained(self) -> None:
        """See `Wire.drained`. A test that waits for nothing gives the others their turn here."""
        await asyncio.sleep(0)

    def events(self, kind: str | None = None, stream: str | None = None) -> list[Frame]:
        """The events heard, in order, of one type and stream or of all."""
        return [
            frame["event"]
            for frame in self.frames
            if frame["frame"] == "happened"
            and kind in (None, frame["event"]["type"])
            and (stream is None or frame["stream"].startswith(stream))
        ]

    def said(self) -> list[str]:
        """The words heard, in order."""
        return [event["text"] for event in self.events("Said")]

    def kinds(self) -> list[str]:
        """The kinds of frames heard, in order."""
        return [frame["frame"] for frame in self.frames]

    def last(self, kind: str) -> Frame:
        """The newest frame of a kind."""
        return [frame for frame in self.frames if frame["frame"] == kind][-1]

    def _take(self, frame: Frame) -> None:
        match frame["frame"]:
            case "snapshot":
                self.epoch, self.me = frame["epoch"], frame["me"]
                self._own(frame["view"])
                self.numbers, self._only_read = dict(frame["numbers"]), dict(frame["numbers"])
            case "heartbeat":
                self.epoch, self._only_read = frame["epoch"], {}
                self._own(frame["numbers"])
                ahead = {s: n for s, n in frame["numbers"].items() if self.numbers.get(s, 0) < n}
                assert not ahead, f"I1: the heartbeat is ahead of what was heard: {ahead}"
            case "happened":
                self._own([frame["stream"]])
                self._hear(frame["stream"], frame["seq"], frame["event"])

    def _own(self, streams: Any) -> None:
        role = self.who.role
        for stream in streams:
            mine = stream in ("room", f"private:{self.me}") or not self.me
            assert mine or (stream == "staff" and role is Role.FACILITATOR), f"I5: heard {stream}"
            assert stream != "core", "I5: heard core"

    def _hear(self, stream: str, seq: int, event: Frame) -> None:
        known = self.heard.setdefault(stream, {})
        if seq <= self._only_read.get(stream, 0):
            old = known.setdefault(seq, event)
            assert old == event or event["type"] == "Withheld", f"I2: {stream} {seq} has changed"
            return
        last = self.numbers.get(stream)
        assert last is None or seq == last + 1, f"I1: {stream} {seq} came after {last}"
        self.numbers[stream] = seq
        known[seq] = event
