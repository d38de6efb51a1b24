"""Putting a backup in the place of the database, and making what it remembers harmless.

What came after the backup is lost, and everybody must notice. So every room gets a new epoch: no
client goes on counting from numbers that mean other words now. And whatever could be used a second
time is void: staff sign in anew, and old invitations and links to renew a sign-in open nothing.
"""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, func, select

from server.calling.tables import calls
from server.people.tables import help_room, invitations, sessions
from server.storage.backups import BackupRefused, check_whole, checked
from server.storage.database import Database
from server.storage.migrations import FOLDER, check_known, migrate
from server.storage.occupied import FolderInUse, alone
from server.storage.sqlstore import SqlStore
from server.storage.tables import rooms

WORKSHOP: Final = ".restoring"
BESIDE: Final = ("", "-wal", "-shm")
"""What a database consists of: the file, its write-ahead log, and that log's index."""


class Restored:
    """What a restore did: how many rooms of groups there are, and where the old database lies."""

    def __init__(self, rooms: int, replaced: Path | None) -> None:
        self.rooms = rooms
        self.replaced = replaced


async def restore(
    backup: Path, database: Path, now: float, *, replace: bool = False, migrations: Path = FOLDER
) -> Restored:
    """Put `backup` where `database` is, upgraded to this release where it is older.

    Refused while anybody uses the data folder, and where a database is there already, unless
    `replace`: then that one is put aside under another name. The keys folder is not touched, so
    words whose key has died stay unreadable. Raises `BackupRefused`, `NewerSchema` or
    `StorageUnavailable`; until the last step nothing has changed.
    """
    manifest = checked(backup)
    check_known(manifest.schema or None, migrations)
    data = database.parent
    workshop = data / WORKSHOP
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(data):
            _check_empty(database, replace=replace)
            shutil.rmtree(workshop, ignore_errors=True)
            try:
                made = _copied(backup, workshop / database.name)
                rooms = await _made_harmless(made, migrations)
                replaced = _put_aside(database, now)
                made.rename(database)
                _sync(data)
            finally:
                shutil.rmtree(workshop, ignore_errors=True)
    except FolderInUse:
        raise BackupRefused("The server is running on this data folder. Stop it first.") from None
    except OSError as why:
        raise BackupRefused(f"{data} cannot be written: {why.strerror}.") from None
    return Restored(rooms, replaced)


def _check_empty(database: Path, *, replace: bool) -> None:
    if database.exists() and not replace:
        raise BackupRefused(f"There is a database at {database}. Add --replace to put it aside.")


def _copied(backup: Path, made: Path) -> Path:
    made.parent.mkdir(mode=0o700)
    os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    shutil.copyfile(backup, made)
    check_whole(made)
    return made


async def _made_harmless(made: Path, migrations: Path) -> int:
    database = Database(f"sqlite:///{made}")
    try:
        migrate(database, migrations)
        await SqlStore(database).renew_epochs()
        await database.write(_void_what_opens_doors)
        groups = rooms.c.id.not_in(select(help_room.c.room))
        count = select(func.count()).select_from(rooms).where(groups)
        return await database.read(lambda c: c.execute(count).scalar_one())
    finally:
        await database.close()  # the last to close also empties the write-ahead log


def _void_what_opens_doors(connection: Connection) -> None:
    connection.execute(delete(sessions))
    connection.execute(delete(invitations))
    connection.execute(delete(calls))  # whoever was called then is not called for it once more


def _put_aside(database: Path, now: float) -> Path | None:
    if not database.exists():
        return None
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    aside = database.with_name(f"replaced-{stamp}.db")
    with suppress(sqlite3.Error), closing(sqlite3.connect(database)) as old:
        # A file without its write-ahead log would look whole and not be: so it gets the log first.
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    for suffix in BESIDE:
        part = Path(f"{database}{suffix}")
        if part.exists():
            part.rename(f"{aside}{suffix}")
    return aside


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
