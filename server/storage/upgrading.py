"""From the tables of an earlier release to those of this one, with a way back.

Before anything is changed, the database is copied as it is. A release that turns out wrong is then
undone with `candlelight restore` and the program of before.
"""

from pathlib import Path
from typing import Final

from server.storage.backups import back_up, keep_newest
from server.storage.database import Database
from server.storage.migrations import FOLDER, check_known, migrate, newest, revision

KEPT: Final = 3
"""Backups of earlier releases that stay; the oldest goes when a fourth is made."""
NAME: Final = "before-upgrade"


def bring_up_to_date(database: Database, now: float, migrations: Path = FOLDER) -> Path | None:
    """Give the database this release's tables; answers the backup that was made before, if any.

    `now` is in seconds since the epoch. An empty or current database is not copied. Blocking.
    Raises `NewerSchema`, `BackupRefused` or `StorageUnavailable`; then nothing was changed.
    """
    found = database.write_now(revision)
    if found == newest(migrations):
        return None
    check_known(found, migrations)
    backup = None
    if found is not None:
        folder = backups_folder(database.path.parent)
        backup = back_up(database.path, folder, now, NAME)
        keep_newest(folder, KEPT, NAME)
    migrate(database, migrations)
    return backup


def backups_folder(data: Path) -> Path:
    """Where the backups before upgrades are, in the data folder."""
    return data / "backups"
