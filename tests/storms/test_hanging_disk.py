"""A disk that hangs is not the fault of whoever waits for it."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection

from rooms.speaking import Speak
from server.storage.database import Database
from tests.conformance.wire import PING, PONG, frame
from tests.storms.inside import serving
from tests.storms.slow import Tab

pytestmark = pytest.mark.storm

PING_SECONDS = 0.4
HANG_SECONDS = 2.5
"""Several times as long as the server waits for a sign of life."""


async def test_a_page_that_lives_is_kept_while_the_disk_hangs(tmp_path: Path) -> None:
    async with serving(tmp_path, ping=PING_SECONDS) as inside:
        tab = Tab(inside.port, inside.room, await inside.person("Heron"))
        await tab.open()
        other = sqlite3.connect(tmp_path / "data" / "candlelight.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            tab.ask(Speak(text="Said into a hanging disk."), "a-key-of-heron")
            heard: list[str] = []
            async with asyncio.timeout(HANG_SECONDS + 10):
                loop = asyncio.get_running_loop()
                loop.call_later(HANG_SECONDS, other.execute, "ROLLBACK")
                pings = 0
                while "done" not in heard:
                    one = await tab.hear()
                    if one.opcode == PING:
                        pings += 1
                        tab.writer.write(frame(PONG, one.payload))
                    elif one.payload.startswith(b"{"):
                        heard += [f["frame"] for f in tab.read(one)]
                    else:
                        raise AssertionError(one)
            assert pings >= 3
        finally:
            other.close()
        tab.vanish()


async def test_reading_and_then_writing_two_hundred_times_from_two_sides_is_never_locked_out(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    here, there = Database(url), Database(url)
    try:
        await here.write(lambda c: c.exec_driver_sql("CREATE TABLE t (n INTEGER)").close())
        await here.write(lambda c: c.exec_driver_sql("INSERT INTO t VALUES (0)").close())

        async def add(database: Database) -> None:
            def read_then_write(connection: Connection) -> None:
                n = connection.exec_driver_sql("SELECT n FROM t").scalar_one()
                connection.exec_driver_sql("UPDATE t SET n = ?", (n + 1,)).close()

            await database.write(read_then_write)

        await asyncio.gather(*(add(side) for _ in range(100) for side in (here, there)))
        found = await here.read(lambda c: c.exec_driver_sql("SELECT n FROM t").scalar_one())
        assert found == 200
    finally:
        await here.close()
        await there.close()
