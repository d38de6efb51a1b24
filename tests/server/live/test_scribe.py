"""The Scribe: the same bytes sealed on the disk and open in the frame, and nothing in clear."""

import msgspec
import pytest

from rooms.arriving import MembersForgotten
from rooms.kernel import Event, Order, Recorded
from rooms.room import CORE, ROOM, STAFF, MemberId, StreamName, private
from rooms.speaking import Said
from server.live import protocol
from server.live.scribe import Mark, Scribe, read, stream_name, stream_number
from server.storage.sealing import ORDER, DataKey, SealBroken, Sealed, unseal

SLUG = "k7m2qx"
ADA: MemberId = 2**47 + 5
KEY = DataKey(7, b"k" * 32)
OTHER_KEY = DataKey(8, b"o" * 32)
NOW = 1_800_000_000.25
SAID = Said(member=ADA, pseudonym="Amber Finch", text="Ünïcode “quoted”\n\u2028 🌊")


class PageSomebody(Order, frozen=True, kw_only=True):
    """An order only this test knows."""

    word: str


def recorded(event: Event, stream: StreamName = ROOM) -> Recorded:
    return Recorded(12, stream, 9, NOW, event)


@pytest.fixture
def scribe() -> Scribe:
    return Scribe(SLUG, KEY)


@pytest.mark.parametrize("stream", [ROOM, STAFF, CORE, private(2**16), private(2**48 - 1)])
def test_every_stream_has_a_number_and_comes_back_from_it(stream: StreamName) -> None:
    assert stream_name(stream_number(stream)) == stream


def test_the_numbers_of_streams_never_change() -> None:
    assert [stream_number(s) for s in (ROOM, STAFF, CORE, private(ADA))] == [0, 1, 2, ADA]


def test_what_is_stored_is_what_is_heard_to_the_byte(scribe: Scribe) -> None:
    row, frame = scribe.write(recorded(SAID), None, None)
    assert frame is not None
    heard = msgspec.json.decode(frame.data, type=protocol.Happened)
    assert protocol.recall_raw(read(KEY, SLUG, row)) == (NOW, bytes(heard.event))
    assert protocol.recall(read(KEY, SLUG, row)) == (NOW, SAID)
    assert b"\n" not in frame.data


def test_the_row_says_where_it_belongs_and_nothing_of_what_it_is(scribe: Scribe) -> None:
    row, _ = scribe.write(recorded(SAID), b"a" * 16, None)
    assert (row.n, row.stream, row.seq, row.minute, row.key_id) == (12, 0, 9, 30_000_000, 7)
    assert row.mark is None
    for secret in (b"Said", b"Amber", b"quoted", str(NOW).encode()):
        assert secret not in row.body


def test_an_event_of_the_core_is_stored_and_heard_by_nobody(scribe: Scribe) -> None:
    row, frame = scribe.write(recorded(MembersForgotten(members=[], names=[]), CORE), None, None)
    assert (row.stream, frame) == (2, None)


@pytest.mark.parametrize("change", ["key", "room", "n", "stream", "body"])
def test_a_row_opens_only_as_itself(scribe: Scribe, change: str) -> None:
    row, _ = scribe.write(recorded(SAID), None, None)
    key, room = KEY, SLUG
    match change:
        case "key":
            key = OTHER_KEY
        case "room":
            room = "p3t9wz"
        case "n":
            row.n += 1
        case "stream":
            row.stream = ADA
        case "body":
            row.body = row.body[:-1] + bytes([row.body[-1] ^ 1])
    with pytest.raises(SealBroken):
        read(key, room, row)


def test_a_mark_tells_a_retry_from_a_conflict_and_nothing_without_the_key(scribe: Scribe) -> None:
    mark = scribe.mark("tag", "key-1", b"body")
    assert mark == scribe.mark("tag", "key-1", b"body") == Mark.of(mark.stored())
    assert len(mark.stored()) == 24
    other_body = scribe.mark("tag", "key-1", b"other")
    assert other_body.sent == mark.sent
    assert other_body.body != mark.body
    for differs in (
        scribe.mark("tag", "key-2", b"body"),
        scribe.mark("gat", "key-1", b"body"),
        scribe.mark("tagk", "ey-1", b"body"),
        Scribe(SLUG, OTHER_KEY).mark("tag", "key-1", b"body"),
    ):
        assert differs.sent != mark.sent


def test_who_acted_is_a_keyed_digest_and_the_machinery_is_nobody(scribe: Scribe) -> None:
    actor = scribe.actor(ADA)
    assert actor is not None
    assert ADA.to_bytes(8) not in actor
    assert scribe.actor(0) is None
    assert Scribe(SLUG, OTHER_KEY).actor(ADA) != actor


def test_an_order_is_sealed_as_one(scribe: Scribe) -> None:
    row = scribe.order(PageSomebody(word="needle"), 12, NOW, KEY)
    assert (row.kind, row.due, row.key_id) == ("PageSomebody", NOW, 7)
    assert b"needle" not in row.body
    plain = unseal(KEY, SLUG, 12, ORDER, Sealed(row.nonce, row.body))
    assert msgspec.json.decode(plain) == {"type": "PageSomebody", "word": "needle"}
