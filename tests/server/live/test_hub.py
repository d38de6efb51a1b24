"""The Hub: who hears what, in order, written once, and nobody waits for a slow reader."""

import asyncio

import pytest

from rooms.room import ROOM, STAFF, private
from server.live import hub as module
from server.live.hub import Connection, Frame, Hub

SLUG = "k7m2qx"
ADA, BO, FAY = 2**20, 2**20 + 1, 2**20 + 2


class Page:
    """A Wire that keeps what is written to it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed: int | None = None

    def send(self, frames: bytes) -> None:
        self.written.append(frames)

    def close(self, code: int) -> None:
        self.closed = code

    async def drained(self) -> None:
        """Nothing is ever queued here."""

    def lines(self) -> list[bytes]:
        return b"\n".join(self.written).split(b"\n") if self.written else []


class Node:
    """A Hub, and what it said of people coming and going."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, int]] = []
        self.hub = Hub(
            came=lambda room, member: self.seen.append(("came", room, member)),
            gone=lambda room, member: self.seen.append(("gone", room, member)),
        )
        self._seqs: dict[str, int] = {}

    def page(
        self, member: int, *streams: str, room: str = SLUG, live: bool = True
    ) -> tuple[Page, Connection]:
        wire = Page()
        connection = self.hub.attach(room, member, wire, streams or (ROOM, private(member)))
        if live:
            self.hub.caught_up(connection, {})
        return wire, connection

    def happens(self, *streams: str) -> None:
        for stream in streams:
            seq = self._seqs[stream] = self._seqs.get(stream, 0) + 1
            self.hub.publish(SLUG, Frame(stream, seq, f"{stream}#{seq}".encode()))


@pytest.fixture
def node() -> Node:
    return Node()


async def tick() -> None:
    await asyncio.sleep(0)


async def test_everybody_hears_the_streams_of_their_own_and_no_other(node: Node) -> None:
    ada, _ = node.page(ADA)
    fay, _ = node.page(FAY, ROOM, STAFF, private(FAY))
    elsewhere, _ = node.page(BO, room="p3t9wz")
    node.happens(ROOM, STAFF, private(ADA), private(BO), ROOM)
    await tick()
    assert ada.lines() == [b"room#1", f"private:{ADA}#1".encode(), b"room#2"]
    assert fay.lines() == [b"room#1", b"staff#1", b"room#2"]
    assert elsewhere.lines() == []


async def test_the_frames_of_one_tick_are_one_write_and_the_same_bytes_for_all(
    node: Node,
) -> None:
    pages = [node.page(member)[0] for member in range(2**20, 2**20 + 5)]
    node.happens(ROOM, ROOM, ROOM)
    await tick()
    assert [page.written for page in pages] == [[b"room#1\nroom#2\nroom#3"]] * 5
    assert len({id(page.written[0]) for page in pages}) == 1


async def test_somebody_is_here_from_their_first_page_to_their_last(node: Node) -> None:
    _, first = node.page(ADA)
    _, second = node.page(ADA)
    node.hub.detach(first)
    node.hub.detach(first)
    assert node.seen == [("came", SLUG, ADA)]
    assert node.hub.connected(SLUG) == [ADA]
    node.hub.detach(second)
    assert node.seen[-1] == ("gone", SLUG, ADA)
    assert node.hub.connected(SLUG) == []
    assert node.hub.everybody() == []


async def test_a_new_page_hears_nothing_that_was_pending_when_it_came(node: Node) -> None:
    old, _ = node.page(BO)
    node.happens(ROOM)
    new, connection = node.page(ADA, live=False)
    node.happens(ROOM)
    await tick()
    node.hub.caught_up(connection, {ROOM: 1})
    assert new.lines() == [b"room#2"]
    assert old.lines() == [b"room#1", b"room#2"]


async def test_what_happens_during_a_catch_up_is_kept_and_heard_once(node: Node) -> None:
    page, connection = node.page(ADA, live=False)
    node.happens(ROOM, ROOM, private(ADA), STAFF, ROOM)
    await tick()
    assert page.written == []
    node.hub.caught_up(connection, {ROOM: 2})
    assert page.lines() == [f"private:{ADA}#1".encode(), b"room#3"]
    node.happens(ROOM)
    await tick()
    assert page.lines()[-1] == b"room#4"


async def test_other_streams_are_heard_from_exactly_that_frame(node: Node) -> None:
    page, _ = node.page(ADA)
    node.happens(ROOM)
    node.hub.rehear(SLUG, ADA, [private(ADA)])
    node.happens(private(ADA), ROOM)
    node.hub.rehear(SLUG, ADA, [ROOM, private(ADA)])
    node.happens(ROOM)
    await tick()
    assert page.lines() == [b"room#1", f"private:{ADA}#1".encode(), b"room#3"]


async def test_a_page_whose_backlog_grows_too_long_is_asked_to_begin_again(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BACKLOG_LIMIT", 3)
    page, _ = node.page(ADA, live=False)
    other, _ = node.page(BO)
    node.happens(ROOM, ROOM, ROOM, ROOM)
    await tick()
    assert page.closed == 4008
    assert node.seen[-1] == ("gone", SLUG, ADA)
    assert len(other.lines()) == 4


async def test_what_nobody_hears_is_dropped(node: Node) -> None:
    node.happens(ROOM)
    node.hub.rehear(SLUG, ADA, [ROOM])
    node.hub.flush(SLUG)
    page, connection = node.page(ADA)
    node.happens(ROOM)
    node.hub.detach(connection)
    await tick()
    assert page.written == []
    assert node.hub.connections(SLUG) == node.hub.connections(SLUG, ADA) == []


async def test_a_flush_makes_heard_at_once_and_only_once(node: Node) -> None:
    page, _ = node.page(ADA)
    node.happens(ROOM)
    node.hub.flush(SLUG)
    assert page.lines() == [b"room#1"]
    await tick()
    assert page.lines() == [b"room#1"]
