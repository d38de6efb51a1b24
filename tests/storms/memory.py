"""What a client remembers of a room, and the promises every frame is held to.

I1  within a stream the numbers go up by one, through every reconnect, and nothing comes twice
I2  what was heard under a number never changes, unless to words that were taken away
I3  every acknowledged command is in the history exactly once, under the numbers of its answer
    (`RecordingClient.assert_answers_are_kept`)
I4  all histories of one room are equal (`assert_same_history`)
I5  nothing is heard of a stream that is not one's own
"""

from collections.abc import Iterable, Mapping
from typing import Any

Frame = dict[str, Any]
Numbers = dict[str, int]


class Memory:
    """One person's hearing. `take` raises AssertionError for a frame that breaks a promise."""

    def __init__(self, *, staff: bool) -> None:
        self.me = 0
        self.numbers: Numbers = {}
        self.heard: dict[str, dict[int, Frame]] = {}
        self._epoch: str | None = None
        self._staff = staff
        self._read_only: Numbers = {}

    def away(self) -> None:
        """The socket is gone; what it was in the middle of is over."""
        self._read_only = {}

    def resume(self) -> dict[str, Any]:
        """What `enter` says of how far this client has heard; nothing for a new one."""
        return {"epoch": self._epoch, "after": dict(self.numbers)} if self._epoch else {}

    def take(self, frame: Frame) -> None:
        """Remember a snapshot, an event, or where the streams are."""
        match frame["frame"]:
            case "snapshot":
                self._epoch, self.me = frame["epoch"], frame["me"]
                self._own(frame["view"].keys())
                self.numbers = dict(frame["numbers"])
                self._read_only = dict(frame["numbers"])
            case "happened":
                self._own([frame["stream"]])
                self._hear(frame["stream"], frame["seq"], frame["event"])
            case "heartbeat":
                self._read_only = {}
                assert frame["epoch"] == self._epoch, "another epoch without a snapshot"
                behind = {s: n for s, n in frame["numbers"].items() if self.numbers.get(s, 0) < n}
                assert not behind, f"I1: the heartbeat is ahead of what was heard: {behind}"

    def _hear(self, stream: str, seq: int, event: Frame) -> None:
        known = self.heard.setdefault(stream, {})
        if seq <= self._read_only.get(stream, 0):  # a fresh page reads the last messages again
            old = known.setdefault(seq, event)
            assert old == event or event["type"] == "Withheld", f"I2: {stream} {seq} has changed"
            return
        if event["type"] == "YouWereReadmitted":  # the window has moved, and begins with whatever
            self.numbers.pop("room", None)  # the room says next
        last = self.numbers.get(stream, seq - 1)
        assert seq == last + 1, f"I1: {stream} {seq} came after {last}"
        assert seq not in known, f"I1: {stream} {seq} was heard twice"
        self.numbers[stream] = seq
        known[seq] = event

    def _own(self, streams: Iterable[str]) -> None:
        mine = {"room", f"private:{self.me}"} | ({"staff"} if self._staff else set())
        assert mine >= set(streams), f"I5: heard {sorted(set(streams) - mine)}"


def assert_same_history(memories: Mapping[str, Memory], since: int = 0) -> None:
    """I4: what these people heard of the room after number `since` is the same, to the byte."""
    histories = {
        name: {n: event for n, event in memory.heard["room"].items() if n > since}
        for name, memory in memories.items()
    }
    first = next(iter(histories))
    assert histories[first]
    for name, history in histories.items():
        assert history == histories[first], f"I4: {name} and {first} remember differently"
