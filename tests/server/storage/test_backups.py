"""A backup is one whole state of the database, made while people talk, with no key in it."""

import asyncio
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from server.storage import backups
from server.storage.backups import BackupRefused
from server.storage.database import Database
from server.storage.errors import StorageUnavailable
from server.storage.migrations import newest
from server.storage.sqlstore import SqlStore
from tests.server.storage.samples import ROOM, append

NOW = 1_800_000_000.0


def rows_in(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as opened:
        return [n for (n,) in opened.execute("SELECT n FROM log ORDER BY n")]


async def test_a_backup_has_everything_that_was_acknowledged(
    database: Database, tmp_path: Path
) -> None:
    store = SqlStore(database)
    await store.create_room_head(ROOM)
    await asyncio.to_thread(store.append, [append(0, b"a", b"b", b"c")])
    backup = backups.back_up(database.path, tmp_path / "copies", NOW)
    assert backup.name == "candlelight-20270115T080000Z.db"
    assert rows_in(backup) == [1, 2, 3]
    manifest = backups.checked(backup)
    assert (manifest.schema, manifest.made) == (newest(), int(NOW))


async def test_a_backup_during_writes_is_one_moment_and_stops_nobody(
    database: Database, tmp_path: Path
) -> None:
    store = SqlStore(database)
    await store.create_room_head(ROOM)
    store.append([append(0, b"x" * 8000)])
    stop = threading.Event()

    def talk() -> int:
        n = 1
        while not stop.is_set():
            store.append([append(n, b"x" * 8000, b"y" * 8000)])
            n += 2
        return n

    talking = asyncio.create_task(asyncio.to_thread(talk))
    for minute in range(5):
        backup = await asyncio.to_thread(
            backups.back_up, database.path, tmp_path / "copies", NOW + 60 * minute
        )
        rows = rows_in(backup)
        with closing(sqlite3.connect(backup)) as opened:
            assert opened.execute("SELECT n FROM heads").fetchone() == (len(rows),)
        assert rows == list(range(1, len(rows) + 1))
        assert len(rows) % 2 == 1, "a batch is in it whole or not at all"
    stop.set()
    assert await talking > 1


def test_a_backup_is_one_file_for_its_owner_alone(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    backup = backups.back_up(database.path, folder, NOW)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} == {
        backup.name, backups.manifest_of(backup).name
    }  # fmt: skip
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_changed_backup_is_told(database: Database, tmp_path: Path) -> None:
    backup = backups.back_up(database.path, tmp_path, NOW)
    with backup.open("r+b") as file:
        file.seek(5000)
        file.write(b"?")
    with pytest.raises(BackupRefused, match="not as it was made"):
        backups.checked(backup)


def test_a_backup_without_its_manifest_is_refused(database: Database, tmp_path: Path) -> None:
    backup = backups.back_up(database.path, tmp_path, NOW)
    manifest = backups.manifest_of(backup)
    manifest.write_text("{}")
    with pytest.raises(BackupRefused, match="not the manifest"):
        backups.checked(backup)
    manifest.write_text('{"format": 2, "made": 1, "schema": "0001", "bytes": 1, "sha256": "00"}')
    with pytest.raises(BackupRefused, match="newer release"):
        backups.checked(backup)
    manifest.unlink()
    with pytest.raises(BackupRefused, match="cannot be read"):
        backups.checked(backup)


def test_two_backups_of_one_second_and_one_of_nothing_are_refused(
    database: Database, tmp_path: Path
) -> None:
    backups.back_up(database.path, tmp_path, NOW)
    with pytest.raises(BackupRefused, match="there already"):
        backups.back_up(database.path, tmp_path, NOW)
    with pytest.raises(BackupRefused, match="no database"):
        backups.back_up(tmp_path / "nothing.db", tmp_path, NOW)


def test_a_damaged_database_leaves_nothing_that_looks_like_a_backup(
    database: Database, tmp_path: Path
) -> None:
    database.close_now()
    with database.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)
    folder = tmp_path / "copies"
    with pytest.raises((BackupRefused, StorageUnavailable)):
        backups.back_up(database.path, folder, NOW)
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackupRefused, match="cannot be written"):
        backups.back_up(database.path, tmp_path / "file", NOW)


def test_the_newest_stay(database: Database, tmp_path: Path) -> None:
    made = [backups.back_up(database.path, tmp_path, NOW + day * 86_400) for day in range(4)]
    other = backups.back_up(database.path, tmp_path, NOW, "before-upgrade")
    assert backups.keep_newest(tmp_path, 2) == made[:2]
    assert sorted(tmp_path.glob("*.db")) == sorted([other, *made[2:]])
    assert sorted(tmp_path.glob("candlelight-*.json")) == [backups.manifest_of(m) for m in made[2:]]
