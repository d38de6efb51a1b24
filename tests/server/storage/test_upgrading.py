"""From an earlier release to this one: nothing is changed before there is a way back."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from server.storage import backups
from server.storage.database import Database
from server.storage.errors import StorageError
from server.storage.migrations import FOLDER, NewerSchema, newest, revision
from server.storage.upgrading import bring_up_to_date
from tests.server.storage.samples import fresh_database

NOW = 1_800_000_000.0
NEXT = '''"""The release after this one."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{newest}"


def upgrade() -> None:
    {broken}op.add_column("rooms", sa.Column("colour", sa.Text(), nullable=True))
'''


def next_release(folder: Path, broken: str = "") -> Path:
    """The migrations of a release that comes after this one."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    version = folder / "versions" / "9999_next.py"
    version.write_text(NEXT.format(newest=newest(), broken=broken))
    return folder


def columns(connection: Connection) -> set[str]:
    return {row[1] for row in connection.execute(text("PRAGMA table_info(rooms)"))}


async def test_an_upgrade_makes_a_copy_first(tmp_path: Path) -> None:
    database = fresh_database(tmp_path)
    backup = bring_up_to_date(database, NOW, next_release(tmp_path / "next"))
    assert await database.read(revision) == "9999"
    assert "colour" in await database.read(columns)
    await database.close()
    assert backup is not None
    assert backups.checked(backup).schema == newest()


async def test_a_failed_upgrade_changes_nothing_and_leaves_the_copy(tmp_path: Path) -> None:
    database = fresh_database(tmp_path)
    folder = next_release(tmp_path / "next", 'op.drop_table("log"); op.execute("nonsense"); ')
    with pytest.raises(StorageError):
        bring_up_to_date(database, NOW, folder)
    assert await database.read(revision) == newest()
    assert await database.read(lambda c: c.execute(text("SELECT count(*) FROM log")).scalar()) == 0
    await database.close()
    assert len(list((database.path.parent / "backups").glob("*.db"))) == 1


async def test_the_newest_three_copies_stay(tmp_path: Path) -> None:
    database = fresh_database(tmp_path)
    folder = database.path.parent / "backups"
    made = [backups.back_up(database.path, folder, NOW + n, "before-upgrade") for n in range(3)]
    newest_copy = bring_up_to_date(database, NOW + 9, next_release(tmp_path / "next"))
    await database.close()
    assert sorted(folder.glob("*.db")) == [*made[1:], newest_copy]


async def test_a_new_or_current_database_is_not_copied(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'data' / 'candlelight.db'}")
    assert bring_up_to_date(database, NOW) is None
    assert bring_up_to_date(database, NOW) is None
    await database.close()
    assert not (tmp_path / "data" / "backups").exists()


async def test_a_database_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    database = fresh_database(tmp_path)
    bring_up_to_date(database, NOW, next_release(tmp_path / "next"))
    with pytest.raises(NewerSchema, match="newer release"):
        bring_up_to_date(database, NOW)
    assert await database.read(revision) == "9999"
    await database.close()
