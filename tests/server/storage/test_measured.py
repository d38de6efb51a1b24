"""The Store counts what it does, and does what it did."""

import pytest

from server.storage.database import Database
from server.storage.errors import StorageUnavailable
from server.storage.measured import BOUNDS_S, MeasuredStore, Meter
from tests.server.storage.samples import ROOM, append


async def test_batches_and_commands_are_counted(database: Database) -> None:
    store = MeasuredStore(database)
    await store.create_room_head(ROOM)
    store.append([append(0, b"a"), append(1, b"b", b"c")])
    store.append([append(3, b"d")])
    assert (store.meter.batches, store.meter.commands, store.meter.unavailable) == (2, 3, 0)
    assert store.meter.seconds > 0
    assert len(await store.rows_after(ROOM, 0, 10)) == 4


async def test_a_batch_the_disk_did_not_take_is_counted_apart(database: Database) -> None:
    store = MeasuredStore(database)
    await database.close()
    with pytest.raises(StorageUnavailable):
        store.append([append(0, b"a")])
    assert (store.meter.batches, store.meter.unavailable) == (0, 1)


@pytest.mark.parametrize(("seconds", "bucket"), [(0.0005, 0), (0.001, 0), (0.0011, 1), (60.0, -1)])
def test_a_batch_is_counted_under_the_first_bound_it_keeps(seconds: float, bucket: int) -> None:
    meter = Meter()
    meter.stored(1, seconds)
    assert len(meter.buckets) == len(BOUNDS_S) + 1
    assert meter.buckets[bucket] == 1
