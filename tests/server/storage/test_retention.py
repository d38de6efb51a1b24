"""What was promised to end ends on its day, whatever interrupts; and nothing else does."""

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from server.storage.appends import Append, Row
from server.storage.database import Database
from server.storage.keys import KeyDestroyed, KeyRing
from server.storage.retention import Swept, sweep
from server.storage.sealing import DataKey, seal
from server.storage.snapshots import resting_key
from server.storage.tables import data_keys, log, meetings
from tests.server.storage.house import DAY_AFTER, KEPT_TO, LONG_AFTER, NEEDLE, OPENED, House
from tests.server.storage.samples import OTHER_ROOM, ROOM, files_of


@pytest.fixture
async def house(tmp_path: Path, database: Database) -> AsyncIterator[House]:
    """A meeting of three messages in each of two rooms; `database` has made the tables."""
    made = House(tmp_path)
    await made.hold_meeting(ROOM, KEPT_TO)
    await made.hold_meeting(OTHER_ROOM, OPENED + timedelta(days=30))
    yield made
    made.database.close_now()


async def test_before_the_shred_no_word_is_readable_on_the_disk(house: House) -> None:
    assert NEEDLE not in files_of(house.database)


@pytest.mark.parametrize(("seconds", "left"), [(-1, [1, 2, 3]), (0, []), (1, [])])
async def test_a_meeting_is_erased_when_its_time_has_come_to_the_minute(
    house: House, seconds: int, left: list[int]
) -> None:
    await house.sweep(KEPT_TO + timedelta(seconds=seconds))
    assert await house.rows(ROOM) == left
    assert await house.rows(OTHER_ROOM) == [1, 2, 3]


async def test_its_numbers_stay(house: House) -> None:
    await house.sweep(KEPT_TO)
    found = await house.database.read(
        lambda c: c.execute(select(meetings).where(meetings.c.room == ROOM)).one()
    )
    minute = int(OPENED.timestamp() // 60)
    assert tuple(found) == (ROOM, 1, minute, minute + 60, 7, None, None, None, None)


async def test_after_the_shred_rows_wrapped_key_and_key_file_are_gone(
    house: House, tmp_path: Path
) -> None:
    rows = await house.store.rows_after(ROOM, 0, 100)
    wrapped: bytes = await house.database.read(
        lambda c: c.execute(
            select(data_keys.c.wrapped).where(data_keys.c.room == ROOM)
        ).scalar_one()
    )
    day_file = tmp_path / "keys" / f"{KEPT_TO.date()}.key"
    day_key = day_file.read_bytes()
    assert wrapped in files_of(house.database)

    swept = await house.sweep(DAY_AFTER)

    assert swept.days == [KEPT_TO.date()]
    assert swept.log_cut
    assert not day_file.exists()
    everything = files_of(house.database) + b"".join(
        path.read_bytes() for path in (tmp_path / "keys").iterdir()
    )
    for gone in (wrapped, day_key, *(row.body for row in rows)):
        assert gone not in everything


async def test_a_backup_taken_before_the_shred_opens_nothing_after_it(
    house: House, tmp_path: Path
) -> None:
    await house.database.checkpoint()
    shutil.copytree(tmp_path / "data", tmp_path / "backup")
    await house.sweep(DAY_AFTER)
    backup = Database(f"sqlite:///{tmp_path / 'backup' / 'candlelight.db'}")

    def reopen(connection: Connection) -> DataKey:
        key_id = connection.scalar(select(log.c.key_id).where(log.c.room == ROOM).limit(1))
        assert key_id is not None
        return KeyRing(tmp_path / "keys").unwrap(key_id, connection)

    with pytest.raises(KeyDestroyed):
        await backup.read(reopen)
    await backup.close()


async def test_sweeping_again_changes_nothing(house: House) -> None:
    await house.sweep(DAY_AFTER)
    assert await house.sweep(DAY_AFTER) == Swept(erased=0, days=[], behind=[], log_cut=True)
    assert await house.snapshots.load(ROOM) == (3, b"state of the room")


async def test_a_room_that_cannot_write_its_snapshot_keeps_its_rows_and_stops_nobody(
    house: House,
) -> None:
    async def renew(room: str) -> None:
        if room == ROOM:
            raise LookupError
        await house.renew(room)

    house.today = LONG_AFTER.date()
    later = OPENED + timedelta(days=30)
    swept = await sweep(house.database, house.keys, renew, later.timestamp())
    assert swept.behind == [ROOM]
    assert await house.rows(ROOM) == [1, 2, 3]
    assert await house.rows(OTHER_ROOM) == []


async def test_but_its_words_die_on_their_day_all_the_same(house: House) -> None:
    async def renew(_room: str) -> None:
        raise LookupError

    key_id = (await house.store.rows_after(ROOM, 0, 1))[0].key_id
    await sweep(house.database, house.keys, renew, DAY_AFTER.timestamp())
    with pytest.raises(KeyDestroyed):
        await house.database.read(lambda c: house.keys.unwrap(key_id, c))


async def test_rows_between_meetings_go_when_their_key_has_gone(house: House) -> None:
    def write(connection: Connection) -> DataKey:
        return resting_key(house.keys, ROOM, OPENED.date(), connection)

    key = await house.database.write(write)
    body = seal(key, ROOM, 4, 0, NEEDLE)
    house.store.append([Append(ROOM, 3, 4, [Row(4, 0, 4, 1, key.id, *body)])])
    await house.sweep(OPENED + timedelta(days=120))
    assert await house.rows(ROOM) == [4]
    await house.sweep(OPENED + timedelta(days=121))
    assert await house.rows(ROOM) == []
    assert await house.snapshots.load(ROOM) == (4, b"state of the room")


async def test_a_snapshot_is_written_anew_a_month_before_its_key_dies(house: House) -> None:
    await house.sweep(OPENED)
    first = await house.store.snapshot(ROOM)
    await house.sweep(OPENED + timedelta(days=89))
    assert await house.store.snapshot(ROOM) == first
    await house.sweep(OPENED + timedelta(days=90))
    second = await house.store.snapshot(ROOM)
    assert first is not None
    assert second is not None
    assert second.key_id != first.key_id


async def test_a_room_that_never_met_is_given_its_first_snapshot_before_its_rows_die(
    house: House,
) -> None:
    new_room = "w8n4rb"
    await house.store.create_room_head(new_room)
    key = await house.database.write(lambda c: resting_key(house.keys, new_room, OPENED.date(), c))
    body = seal(key, new_room, 1, 0, NEEDLE)
    house.store.append([Append(new_room, 0, 1, [Row(1, 0, 1, 1, key.id, *body)])])
    await house.sweep(OPENED + timedelta(days=89))
    assert await house.snapshots.load(new_room) is None
    await house.sweep(OPENED + timedelta(days=90))
    assert await house.snapshots.load(new_room) == (1, b"state of the room")


async def test_no_room_is_lost_in_a_year_of_daily_sweeps(house: House) -> None:
    for day in range(0, 365, 5):
        swept = await house.sweep(OPENED + timedelta(days=day))
        assert swept.behind == []
        assert await house.snapshots.load(ROOM) is not None
    left = await house.database.read(lambda c: c.scalar(select(func.count()).select_from(log)))
    assert left == 0


async def test_a_day_file_overwritten_and_not_yet_removed_is_removed_by_the_next_sweep(
    house: House, tmp_path: Path
) -> None:
    day_file = tmp_path / "keys" / f"{KEPT_TO.date()}.key"
    day_file.write_bytes(b"overwritten and then the power failed"[:32])
    swept = await house.sweep(DAY_AFTER)
    assert swept.days == [KEPT_TO.date()]
    assert not day_file.exists()


SWEEPER = """
import asyncio, os, signal, sys
from pathlib import Path
from server.storage.database import Database
from server.storage.keys import KeyRing
from tests.server.storage.house import DAY_AFTER, House

left = int(sys.argv[2])


def step():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


class Doomed(Database):
    async def write(self, fn):
        step()
        return await super().write(fn)

    async def checkpoint(self):
        step()
        done = await super().checkpoint()
        step()
        return done


class DoomedKeys(KeyRing):
    def destroy_files_before(self, today):
        step()
        return super().destroy_files_before(today)


house = House(Path(sys.argv[1]), Doomed, DoomedKeys)
asyncio.run(house.sweep(DAY_AFTER))
house.database.close_now()
"""


async def test_a_sweep_killed_before_any_of_its_steps_is_finished_by_the_next(
    house: House, tmp_path: Path
) -> None:
    bodies = [row.body for row in await house.store.rows_after(ROOM, 0, 100)]
    house.database.close_now()
    root = Path(__file__).parents[3]
    for steps in range(1, 40):
        folder = tmp_path / f"killed-{steps}"
        for part in ("data", "keys"):
            shutil.copytree(tmp_path / part, folder / part)
        ended = subprocess.run(
            [sys.executable, "-c", SWEEPER, str(folder), str(steps)], cwd=root, check=False
        )
        left_behind = House(folder)
        await left_behind.sweep(DAY_AFTER)
        assert await left_behind.rows(ROOM) == [], steps
        assert await left_behind.rows(OTHER_ROOM) == [1, 2, 3], steps
        assert await left_behind.snapshots.load(ROOM) == (3, b"state of the room"), steps
        assert not (folder / "keys" / f"{KEPT_TO.date()}.key").exists(), steps
        assert not any(body in files_of(left_behind.database) for body in bodies), steps
        left_behind.database.close_now()
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL
    assert steps > 6, "two snapshots, one meeting, keys, key rows and the checkpoint are steps"


async def test_while_key_files_are_destroyed_the_event_loop_goes_on(house: House) -> None:
    class Watched(KeyRing):
        def destroy_files_before(self, today: date) -> list[date]:
            threads.append(threading.get_ident())
            return super().destroy_files_before(today)

    async def renew(_: str) -> None: ...

    threads: list[int] = []
    keys = Watched(house.keys._folder)
    await sweep(house.database, keys, renew, LONG_AFTER.timestamp())
    assert threads
    assert threading.get_ident() not in threads
