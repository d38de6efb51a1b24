"""The fast lane: the same words in the same order as the library would give, and never past it."""

import asyncio
import os
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from server.live.protocol import FRAME_LIMIT
from web.lane import FastLane

MOST = 1 << 30
"""More than ever waits here."""


class Peer(asyncio.Transport):
    """The far end of a Connection: takes what is written, or lets it wait."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.gone = False

    def write(self, data: object) -> None:
        self.written.append(bytes(data))  # type: ignore[call-overload]

    def get_write_buffer_size(self) -> int:
        return sum(map(len, self.written))

    def is_closing(self) -> bool:
        return self.gone


class Below:
    """What a WebSocket protocol class shows its lane."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport = Peer()
        self.queue: asyncio.Queue[object] = asyncio.Queue()
        self.writable = asyncio.Event()
        self.close_sent = False
        self.disconnected = False


class Hearing:
    """Whatever came, by which way, in order."""

    def __init__(self) -> None:
        self.below = Below()
        self.heard: list[tuple[str, bytes]] = []
        self.lane = FastLane(self.below, lambda data: self.heard.append(("slowly", data)))

    def opens(self) -> bool:
        return self.lane.open(lambda text: self.heard.append(("fast", text)), lambda: None)


@pytest.fixture
def hearing() -> Hearing:
    """A lane that is open."""
    hearing = Hearing()
    assert hearing.opens()
    return hearing


def written(hearing: Hearing) -> list[bytes]:
    """What the far end got."""
    peer = hearing.below.transport
    assert isinstance(peer, Peer)
    return peer.written


def frame(data: bytes, opcode: Opcode = Opcode.TEXT, fin: bool = True, mask: bool = True) -> bytes:
    """A frame as a client sends it."""
    return Frame(opcode, data, fin=fin).serialize(mask=mask)


def cut(data: bytes, at: list[int]) -> Iterator[bytes]:
    """The same bytes in the pieces a network makes of them."""
    start = 0
    for end in sorted({place % (len(data) + 1) for place in at}):
        yield data[start:end]
        start = end
    yield data[start:]


TEXTS = st.lists(st.text(max_size=300).map(str.encode), max_size=6)


@settings(derandomize=True, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 5_000), max_size=12))
def test_however_a_network_cuts_them_the_words_come_whole_and_in_order(
    texts: list[bytes], at: list[int]
) -> None:
    hearing = Hearing()
    hearing.opens()
    for piece in cut(b"".join(map(frame, texts)), at):
        hearing.lane.feed(piece)
    assert hearing.heard == [("fast", text) for text in texts]


@settings(derandomize=True, deadline=None)
@given(TEXTS, TEXTS, st.lists(st.integers(0, 5_000), max_size=12))
def test_after_a_fragment_nothing_overtakes_it(
    before: list[bytes], after: list[bytes], at: list[int]
) -> None:
    hearing = Hearing()
    hearing.opens()
    rest = frame(b"in two ", fin=False) + frame(b"parts", Opcode.CONT)
    rest += b"".join(map(frame, after))
    for piece in cut(b"".join(map(frame, before)) + rest, at):
        hearing.lane.feed(piece)
    assert hearing.heard[: len(before)] == [("fast", text) for text in before]
    slowly = hearing.heard[len(before) :]
    assert {way for way, _ in slowly} == {"slowly"}
    assert b"".join(data for _, data in slowly) == rest
    assert not hearing.opens(), "what was not plain once stays with the library"


@pytest.mark.parametrize(
    "wrong",
    [
        frame(b"words", mask=False),
        frame(b"words", Opcode.BINARY),
        frame(b"\xff\xfe"),
        frame(b"x" * (FRAME_LIMIT + 1)),
        frame(b"x" * 70_000),
        b"\xc1" + frame(b"words")[1:],
        b"\x81\xfe\x00\x05" + os.urandom(9),
        b"\x89\xfe\x00\x80" + os.urandom(132),
        b"\x83\x80" + os.urandom(4),
    ],
    ids="unmasked binary no-utf-8 long longer rsv length-not-shortest long-ping reserved".split(),
)
def test_whatever_is_not_plain_is_for_the_library_to_judge(hearing: Hearing, wrong: bytes) -> None:
    hearing.lane.feed(frame(b"before") + wrong)
    assert hearing.heard == [("fast", b"before"), ("slowly", wrong)]


def test_an_unmasked_byte_is_judged_at_once_and_not_waited_for(hearing: Hearing) -> None:
    hearing.lane.feed(b"\x81\x03")
    assert hearing.heard == [("slowly", b"\x81\x03")]


def test_a_ping_between_words_reaches_the_library_and_the_words_stay_fast(hearing: Hearing) -> None:
    ping = frame(b"?", Opcode.PING)
    for byte in frame(b"one") + ping + frame(b"two"):
        hearing.lane.feed(bytes((byte,)))
    assert hearing.heard == [("fast", b"one"), ("slowly", ping), ("fast", b"two")]


def test_the_lane_stays_shut_while_an_earlier_message_waits() -> None:
    hearing = Hearing()
    hearing.below.queue.put_nowait("an earlier message")
    assert not hearing.opens()
    later = frame(b"later")
    hearing.lane.feed(later)
    assert hearing.heard == [("slowly", later)]
    hearing.below.queue.get_nowait()
    assert hearing.opens()


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_what_is_written_is_one_frame_of_text(hearing: Hearing, length: int) -> None:
    words = b"w" * length
    assert hearing.lane.write(words, MOST)
    assert written(hearing) == [Frame(Opcode.TEXT, words).serialize(mask=False)]


def test_nothing_more_is_written_for_whoever_takes_nothing(hearing: Hearing) -> None:
    assert hearing.lane.write(b"w" * 100, most=101)
    assert hearing.lane.write(b"w", most=102)  # as much waits as may
    assert not hearing.lane.write(b"w", most=102)
    assert len(written(hearing)) == 2


def test_everybody_gets_their_own_words_though_frames_are_built_once() -> None:
    first, second = Hearing(), Hearing()
    for words in (b"for both", b"for both, again"):
        first.lane.write(words, MOST)
        second.lane.write(words, MOST)
    second.lane.write(b"for one", MOST)
    assert written(first) == written(second)[:2]
    assert written(second)[2].endswith(b"for one")


@pytest.mark.parametrize("end", ["close_sent", "disconnected", "gone"])
def test_nothing_is_written_after_the_end(hearing: Hearing, end: str) -> None:
    target = hearing.below.transport if end == "gone" else hearing.below
    setattr(target, end, True)
    assert hearing.lane.write(b"too late", MOST)
    assert written(hearing) == []


def test_whoever_opened_the_lane_hears_that_nobody_reads() -> None:
    hearing, told = Hearing(), []
    hearing.lane.stuck()
    hearing.lane.open(lambda _: None, lambda: told.append("stuck"))
    hearing.lane.stuck()
    assert told == ["stuck"]


def test_a_connection_that_is_gone_is_let_go_of(hearing: Hearing) -> None:
    hearing.lane.end()
    hearing.lane.feed(frame(b"too late"))
    hearing.lane.stuck()
    assert hearing.heard == []
    assert not hearing.opens()
