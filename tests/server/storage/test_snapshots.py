"""A room's state at rest can be read for 120 days, and always under a key with a month to live."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from server.storage.database import Database
from server.storage.keys import KeyDestroyed, KeyRing
from server.storage.sealing import SealBroken
from server.storage.snapshots import Snapshots, resting_key
from server.storage.sqlstore import SqlStore
from server.storage.store import SnapshotRow
from tests.server.storage.samples import OTHER_ROOM, ROOM, files_of

TODAY = date(2027, 1, 1)


@pytest.fixture
def snapshots(database: Database, keys: KeyRing) -> Snapshots:
    return Snapshots(database, keys)


async def test_a_room_comes_back_as_it_was(snapshots: Snapshots) -> None:
    assert await snapshots.load(ROOM) is None
    await snapshots.save(ROOM, 41, b"the room", TODAY)
    assert await snapshots.load(ROOM) == (41, b"the room")


async def test_a_snapshot_that_comes_late_does_not_replace_a_newer_one(
    snapshots: Snapshots,
) -> None:
    await snapshots.save(ROOM, 41, b"newer", TODAY)
    await snapshots.save(ROOM, 40, b"older", TODAY)
    assert await snapshots.load(ROOM) == (41, b"newer")


async def test_nothing_of_the_state_is_readable_on_the_disk(
    snapshots: Snapshots, database: Database
) -> None:
    await snapshots.save(ROOM, 41, b"Ada holds the floor", TODAY)
    assert b"Ada" not in files_of(database)


async def test_a_snapshot_of_one_room_is_not_taken_for_anothers(
    snapshots: Snapshots, database: Database
) -> None:
    await snapshots.save(ROOM, 41, b"the room", TODAY)
    store = SqlStore(database)
    stolen = await store.snapshot(ROOM)
    assert stolen is not None
    await store.put_snapshot(OTHER_ROOM, stolen)
    with pytest.raises(SealBroken):
        await snapshots.load(OTHER_ROOM)
    newer = SnapshotRow(42, stolen.key_id, stolen.nonce, stolen.body)
    await store.put_snapshot(ROOM, newer)
    with pytest.raises(SealBroken):
        await snapshots.load(ROOM)


async def test_the_resting_key_serves_ninety_days_and_then_makes_way(
    database: Database, keys: KeyRing
) -> None:
    async def key_on(day: int) -> int:
        key = await database.write(
            lambda c: resting_key(keys, ROOM, TODAY + timedelta(days=day), c)
        )
        return key.id

    first = await key_on(0)
    assert await key_on(89) == first
    second = await key_on(90)
    assert second != first
    assert await key_on(179) == second
    assert await key_on(180) != second


async def test_a_database_restored_without_its_keys_lets_rooms_begin_anew(
    snapshots: Snapshots, database: Database, tmp_path: Path
) -> None:
    await snapshots.save(ROOM, 41, b"the room", TODAY)
    restored = Snapshots(database, KeyRing(tmp_path / "new-keys"))
    with pytest.raises(KeyDestroyed):
        await restored.load(ROOM)
    await restored.save(ROOM, 42, b"begun anew", TODAY)
    assert await restored.load(ROOM) == (42, b"begun anew")


async def test_a_snapshot_dies_with_its_key(snapshots: Snapshots, keys: KeyRing) -> None:
    await snapshots.save(ROOM, 41, b"the room", TODAY)
    keys.destroy_files_before(TODAY + timedelta(days=120))
    assert await snapshots.load(ROOM) == (41, b"the room")
    keys.destroy_files_before(TODAY + timedelta(days=121))
    with pytest.raises(KeyDestroyed):
        await snapshots.load(ROOM)
