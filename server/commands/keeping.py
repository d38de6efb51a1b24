"""`candlelight backup` and `candlelight restore`."""

import argparse
import time
from pathlib import Path

from server.commands import opening
from server.restoring import restore
from server.settings import Settings
from server.storage.backups import BackupRefused, back_up, keep_newest
from server.storage.keys import check_apart


def add(commands: opening.Commands) -> None:
    """Add the commands."""
    backup = commands.add_parser("backup", help="copy the database, also while people talk")
    backup.add_argument("folder", type=Path, help="where the copy goes; never the keys folder")
    backup.add_argument(
        "--keep", type=int, metavar="N", help="delete all but the N newest copies there"
    )
    backup.set_defaults(run=_backup)

    restored = commands.add_parser("restore", help="put a copy in the place of the database")
    restored.add_argument("file", type=Path, help="the copy, with its .json beside it")
    restored.add_argument(
        "--replace", action="store_true", help="put a database that is there aside"
    )
    restored.set_defaults(run=_restore)


def _backup(arguments: argparse.Namespace) -> int:
    settings = opening.settings(arguments)
    folder = arguments.folder.absolute()
    if arguments.keep is not None and arguments.keep < 1:
        raise BackupRefused("At least one copy must be kept.")
    try:
        check_apart(settings.keys_dir.absolute(), folder)
    except ValueError:
        raise BackupRefused(
            "A copy must not lie in the keys folder: both together can be read."
        ) from None
    backup = back_up(_database(settings), folder, time.time())
    print(backup)
    if arguments.keep is not None:
        for gone in keep_newest(folder, arguments.keep):
            print(f"deleted {gone}")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    settings = opening.settings(arguments)

    async def put_back() -> int:
        done = await restore(
            arguments.file.absolute(), _database(settings), time.time(), replace=arguments.replace
        )
        print(f"Restored: rooms {done.rooms}.")
        if done.replaced is not None:
            print(f"The database of before is {done.replaced}. Delete it when all is well.")
        print("Staff sign in anew. Invitations that were not used have to be sent again.")
        print("Next: candlelight doctor, then start the server.")
        return 0

    return opening.run(put_back())


def _database(settings: Settings) -> Path:
    return settings.data_dir.absolute() / "candlelight.db"
