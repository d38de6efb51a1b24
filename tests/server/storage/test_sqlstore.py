"""The SQL Store when the disk is full: nothing of the batch is stored, and reading goes on."""

import pytest

from server.storage.database import Database
from server.storage.errors import StorageUnavailable
from server.storage.sqlstore import SqlStore
from tests.server.storage.samples import ROOM, append


async def test_a_full_disk_stores_nothing_of_a_batch_and_reading_goes_on(
    database: Database,
) -> None:
    store = SqlStore(database)
    await store.create_room_head(ROOM)
    store.append([append(0, b"before")])
    full = await database.write(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar_one())
    await database.write(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={full}").close())
    with pytest.raises(StorageUnavailable):
        store.append([append(1, *(b"x" * 4000 for _ in range(50)))])
    assert [row.n for row in await store.rows_after(ROOM, 0, 99)] == [1]
    await database.write(lambda c: c.exec_driver_sql("PRAGMA max_page_count=1000000").close())
    store.append([append(1, b"after")])
    head = await store.head(ROOM)
    assert head is not None
    assert head.n == 2
