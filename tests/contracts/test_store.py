"""The contract of the Store: every implementation must pass all of it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from server.storage.appends import Append, HeadMoved
from server.storage.database import Database
from server.storage.errors import CannotStore
from server.storage.projections import MeetingClosedRow, MeetingOpenedRow, SanctionRow
from server.storage.sqlstore import SqlStore
from server.storage.store import Head, MeetingPlace, NotCovered, SnapshotRow, Store
from tests.server.storage.samples import OTHER_ROOM, ROOM, append, fresh_database, order, row

Opener = Callable[[Path], tuple[Store, Database]]


def sqlite(folder: Path) -> tuple[Store, Database]:
    database = fresh_database(folder)
    return SqlStore(database), database


@pytest.fixture(params=[sqlite])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opener: Opener = request.param
    opened, database = opener(tmp_path)
    for room in (ROOM, OTHER_ROOM):
        await opened.create_room_head(room)
    yield opened
    await database.close()


async def numbers(store: Store, room: str = ROOM) -> list[int]:
    return [found.n for found in await store.rows_after(room, 0, 1000)]


async def test_a_room_begins_at_zero_with_a_mark_that_stays(store: Store) -> None:
    first = await store.head(ROOM)
    assert first is not None
    assert first.n == 0
    assert await store.create_room_head(ROOM) == first.epoch
    assert await store.head(ROOM) == first


async def test_two_rooms_have_two_marks_and_an_unknown_room_has_none(store: Store) -> None:
    heads = [await store.head(room) for room in (ROOM, OTHER_ROOM)]
    assert len({head.epoch for head in heads if head}) == 2
    assert await store.head("zzzzzz") is None


async def test_after_a_restore_every_room_has_a_new_mark_and_its_old_number(store: Store) -> None:
    store.append([append(0, b"a", b"b")])
    before = await store.head(ROOM)
    await store.renew_epochs()
    after = await store.head(ROOM)
    assert before is not None
    assert after is not None
    assert after.n == before.n == 2
    assert after.epoch != before.epoch


async def test_one_room_may_get_a_new_mark_alone(store: Store) -> None:
    before = [await store.head(room) for room in (ROOM, OTHER_ROOM)]
    epoch = await store.renew_epoch(ROOM)
    after = [await store.head(room) for room in (ROOM, OTHER_ROOM)]
    assert after == [Head(0, epoch), before[1]]
    assert after[0] != before[0]


async def test_what_was_appended_comes_back_byte_for_byte(store: Store) -> None:
    plain = row(1, stream=2**48 - 1, seq=9, body=bytes(range(256)))
    full = replace(row(2), actor=b"a" * 16, mark=b"m" * 24)
    store.append([Append(ROOM, 0, 2, [plain, full])])
    assert await store.rows_after(ROOM, 0, 10) == [plain, full]


async def test_an_append_moves_the_head(store: Store) -> None:
    store.append([append(0, b"a", b"b")])
    store.append([append(2, b"c")])
    head = await store.head(ROOM)
    assert isinstance(head, Head)
    assert head.n == 3
    assert await numbers(store) == [1, 2, 3]


async def test_one_batch_carries_many_commands_of_many_rooms(store: Store) -> None:
    store.append(
        [append(0, b"a"), append(0, b"x", room=OTHER_ROOM), append(1, b"b"), append(2, b"c")]
    )
    assert await numbers(store) == [1, 2, 3]
    assert await numbers(store, OTHER_ROOM) == [1]


async def test_whoever_decided_on_an_old_head_is_refused(store: Store) -> None:
    store.append([append(0, b"a")])
    with pytest.raises(HeadMoved) as caught:
        store.append([append(0, b"b")])
    assert caught.value.rooms == (ROOM,)
    assert await numbers(store) == [1]


async def test_a_room_without_a_head_is_refused(store: Store) -> None:
    with pytest.raises(HeadMoved):
        store.append([append(0, b"a", room="zzzzzz")])


async def test_one_moved_head_stores_nothing_of_the_whole_batch(store: Store) -> None:
    store.append([append(0, b"a")])
    with pytest.raises(HeadMoved):
        store.append([append(0, b"x", room=OTHER_ROOM, due=5.0, orders=[order()]), append(0, b"b")])
    assert await numbers(store, OTHER_ROOM) == []
    assert await store.rooms_due(9.0) == []
    assert await store.take_orders(9.0, 30, 10) == []


async def test_a_gap_between_two_commands_of_a_batch_is_refused(store: Store) -> None:
    with pytest.raises(HeadMoved):
        store.append([append(0, b"a"), append(2, b"c")])
    assert await numbers(store) == []


async def test_a_value_that_cannot_be_stored_leaves_no_hole_for_those_who_come_after(
    store: Store,
) -> None:
    poison = SanctionRow(ROOM, 2, 2**70, "muted", None)
    store.append([append(0, b"a")])
    with pytest.raises(CannotStore):
        store.append([append(1, b"b", projected=[poison]), append(2, b"c")])
    with pytest.raises(HeadMoved):  # batch k+1 was decided on what never came to be
        store.append([append(3, b"d")])
    store.append([append(1, b"again")])
    assert await numbers(store) == [1, 2]


async def test_an_empty_batch_and_an_order_without_events_are_fine(store: Store) -> None:
    store.append([])
    store.append([append(0, orders=[order()])])
    assert [taken.n for taken in await store.take_orders(1.0, 30, 10)] == [0]


async def test_rows_come_in_pages_in_order(store: Store) -> None:
    store.append([append(0, *(b"x" for _ in range(10)))])
    first = await store.rows_after(ROOM, 0, 4)
    second = await store.rows_after(ROOM, first[-1].n, 100)
    assert [found.n for found in first + second] == list(range(1, 11))


async def test_a_page_holds_only_the_wanted_streams_from_where_each_was_heard(store: Store) -> None:
    bo = 2**16 + 5
    rows = [
        row(1, stream=0, seq=1),
        row(2, stream=1, seq=1),
        row(3, stream=0, seq=2),
        row(4, stream=bo, seq=1),
        row(5, stream=2, seq=1),
        row(6, stream=0, seq=3),
        row(7, stream=bo, seq=2),
    ]
    store.append([Append(ROOM, 0, 7, rows)])
    heard = await store.page(ROOM, 0, [(0, 1), (bo, 0)], 100)
    assert [(found.stream, found.seq) for found in heard] == [(0, 2), (bo, 1), (0, 3), (bo, 2)]
    later = await store.page(ROOM, 3, [(0, 1), (bo, 0)], 2)
    assert [found.n for found in later] == [4, 6]
    assert await store.page(ROOM, 0, [], 100) == []


async def test_only_the_newest_snapshot_is_kept(store: Store) -> None:
    assert await store.snapshot(ROOM) is None
    for n, body in ((5, b"five"), (9, b"nine"), (7, b"late")):
        await store.put_snapshot(ROOM, SnapshotRow(n, 1, b"n" * 12, body))
    assert await store.snapshot(ROOM) == SnapshotRow(9, 1, b"n" * 12, b"nine")
    await store.put_snapshot(ROOM, SnapshotRow(9, 2, b"n" * 12, b"under a new key"))
    kept = await store.snapshot(ROOM)
    assert kept is not None
    assert kept.key_id == 2


async def test_a_room_is_woken_when_its_last_word_said_so(store: Store) -> None:
    store.append([append(0, b"a", due=10.0), append(0, b"x", room=OTHER_ROOM, due=5.0)])
    assert await store.rooms_due(4.9) == []
    assert await store.rooms_due(10.0) == [OTHER_ROOM, ROOM]
    store.append([append(1, b"b", due=20.0), append(1, b"y", room=OTHER_ROOM, due=None)])
    assert await store.rooms_due(19.9) == []
    assert await store.rooms_due(20.0) == [ROOM]


async def test_rooms_with_an_open_meeting_are_found(store: Store) -> None:
    opened = MeetingOpenedRow(ROOM, 1, 100, key_id=1, first_n=1)
    store.append([append(0, b"a", projected=[opened]), append(0, b"x", room=OTHER_ROOM)])
    assert await store.open_rooms() == [ROOM]
    closed = MeetingClosedRow(ROOM, 1, 160, attendance=7, last_n=2, delete_after=999)
    store.append([append(1, b"b", projected=[closed])])
    assert await store.open_rooms() == []


async def test_a_rooms_last_meeting_is_found_with_its_key_and_place(store: Store) -> None:
    assert await store.last_meeting(ROOM) is None
    meetings = [MeetingOpenedRow(ROOM, i, 100 * i, key_id=40 + i, first_n=i) for i in (1, 2)]
    store.append([append(0, b"a", b"b", projected=meetings)])
    assert await store.last_meeting(ROOM) == MeetingPlace(2, 42, 2)
    assert await store.last_meeting(OTHER_ROOM) is None


async def test_an_order_is_leased_to_one_worker_and_due_again_when_the_lease_ends(
    store: Store,
) -> None:
    store.append([append(0, b"a", orders=[order(due=5.0), order("tell_desk", due=50.0)])])
    assert await store.take_orders(4.0, 30, 10) == []
    (taken,) = await store.take_orders(5.0, 30, 10)
    assert (taken.kind, taken.room, taken.n, taken.attempts) == ("page_on_call", ROOM, 1, 1)
    assert await store.take_orders(6.0, 30, 10) == []
    (again,) = await store.take_orders(35.0, 30, 10)
    assert (again.id, again.attempts) == (taken.id, 2)
    await store.order_done(taken.id)
    assert [late.kind for late in await store.take_orders(99.0, 30, 10)] == ["tell_desk"]


async def test_orders_come_oldest_first_and_no_more_than_asked_for(store: Store) -> None:
    store.append([append(0, b"a", orders=[order(str(i)) for i in range(5)])])
    assert [taken.kind for taken in await store.take_orders(1.0, 30, 2)] == ["0", "1"]
    assert [taken.kind for taken in await store.take_orders(1.0, 30, 9)] == ["2", "3", "4"]


async def test_a_failed_order_waits_and_a_given_up_one_stays_visible(store: Store) -> None:
    store.append([append(0, b"a", orders=[order()])])
    (taken,) = await store.take_orders(1.0, 30, 10)
    await store.order_failed(taken.id, due=8.0)
    assert await store.take_orders(7.0, 30, 10) == []
    (again,) = await store.take_orders(8.0, 30, 10)
    await store.order_failed(again.id, due=None)
    assert await store.take_orders(10_000.0, 30, 10) == []
    assert await store.dead_orders() == [(taken.id, "page_on_call", ROOM)]


async def test_rows_are_erased_only_once_a_snapshot_covers_them(store: Store) -> None:
    store.append([append(0, b"a", b"b", b"c"), append(0, b"x", room=OTHER_ROOM)])
    with pytest.raises(NotCovered):
        await store.erase_rows(ROOM, 1, 2)
    await store.put_snapshot(ROOM, SnapshotRow(1, 1, b"n" * 12, b"too old"))
    with pytest.raises(NotCovered):
        await store.erase_rows(ROOM, 1, 2)
    await store.put_snapshot(ROOM, SnapshotRow(2, 1, b"n" * 12, b"state"))
    assert await store.erase_rows(ROOM, 1, 2) == 2
    assert await store.erase_rows(ROOM, 1, 2) == 0
    assert await numbers(store) == [3]
    assert await numbers(store, OTHER_ROOM) == [1]
