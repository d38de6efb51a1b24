"""A batch is whole or absent, even when the process is killed while it is being written."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.storage.appends import HeadMoved
from server.storage.batches import INSERT_ORDERS, INSERT_ROWS, write_batch
from server.storage.database import Database
from server.storage.sqlstore import SqlStore
from server.storage.tables import log, outbox
from tests.server.storage.samples import OTHER_ROOM, ROOM, append

WRITER = """
import asyncio, sys
from pathlib import Path
from server.storage.sqlstore import SqlStore
from tests.server.storage.samples import ROOM, append, fresh_database

store = SqlStore(fresh_database(Path(sys.argv[1])))
asyncio.run(store.create_room_head(ROOM))
for n in range(0, 1_000_000, 3):
    store.append([append(n, b"x" * 200), append(n + 1, b"y" * 200, b"z" * 200)])
    print(n + 3, flush=True)
"""


def test_the_compiled_statements_name_the_columns_in_the_order_of_the_values() -> None:
    assert f"({', '.join(column.name for column in log.columns)})" in INSERT_ROWS
    assert f"({', '.join(column.name for column in outbox.columns if column.name != 'id')})" in (
        INSERT_ORDERS
    )


async def test_a_moved_head_names_the_rooms_it_may_be(database: Database) -> None:
    await SqlStore(database).create_room_head(ROOM)
    batch = [append(0, b"a"), append(0, b"x", room=OTHER_ROOM)]
    with pytest.raises(HeadMoved) as caught:
        await database.write(lambda c: write_batch(c, batch))
    assert set(caught.value.rooms) == {ROOM, OTHER_ROOM}


async def test_a_kill_while_writing_loses_nothing_acknowledged_and_leaves_no_half_batch(
    tmp_path: Path,
) -> None:
    root = Path(__file__).parents[3]
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    with writer.stdout as acknowledged:
        last = 0
        for line in acknowledged:
            last = int(line)
            if last >= 300:
                break
        os.kill(writer.pid, signal.SIGKILL)
        last = max([last, *(int(line) for line in acknowledged if line.endswith("\n"))])
    writer.wait(5)

    database = Database(f"sqlite:///{tmp_path / 'data' / 'candlelight.db'}")
    store = SqlStore(database)
    rows = await store.rows_after(ROOM, 0, 10_000_000)
    head = await store.head(ROOM)
    assert head is not None
    assert head.n >= last
    assert head.n % 3 == 0
    assert [row.n for row in rows] == list(range(1, head.n + 1))
    store.append([append(head.n, b"life goes on")])
    check = await database.read(lambda c: c.exec_driver_sql("PRAGMA integrity_check").scalar())
    assert check == "ok"
    await database.close()
