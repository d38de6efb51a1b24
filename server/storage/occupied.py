"""Who uses a data folder: any number of processes at once, or one restore alone.

A lock on the folder itself (flock), beside SQLite's own locks on the file in it: a restore puts
another file in the place of this one, which SQLite cannot see. The kernel gives the lock back when
a process ends, however it ends.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.storage.errors import StorageUnavailable


class FolderInUse(Exception):
    """A process has the database of this folder open."""


class Use:
    """One process's use of a data folder, until `end`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def end(self) -> None:
        """Give the folder back. May be repeated."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def use(folder: Path) -> Use:
    """Use a folder together with others. Raises `StorageUnavailable` while it is restored."""
    try:
        return Use(_locked(folder, fcntl.LOCK_SH))
    except BlockingIOError:
        raise StorageUnavailable("a backup is being restored") from None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Have a folder to oneself. Raises `FolderInUse` when anybody uses it."""
    try:
        mine = Use(_locked(folder, fcntl.LOCK_EX))
    except BlockingIOError:
        raise FolderInUse("Something uses this data folder, most likely the server.") from None
    try:
        yield
    finally:
        mine.end()


def _locked(folder: Path, kind: int) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
