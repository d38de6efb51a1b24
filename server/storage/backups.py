"""Backups: one consistent file of the database beside what tells whether it is whole.

A backup never holds a key. Words in it stay readable until the key of their day is destroyed, as
they do in the database itself, and no longer: nothing in an old backup outlives its promise.
"""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Final

import msgspec

from server.storage.errors import StorageUnavailable

FORMAT: Final = 1


class BackupRefused(Exception):
    """A backup cannot be made there or used here; the message is a sentence for the operator."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written beside a backup: when, from which schema, and how to tell it is whole.

    `made` is in seconds since the epoch.
    """

    format: int = FORMAT
    made: int
    schema: str
    bytes: int
    sha256: str


def back_up(source: Path, folder: Path, now: float, name: str = "candlelight") -> Path:
    """Copy the database at `source`, also while it is written to; answers the backup's path.

    The copy is one state of the database, readable by its owner alone, and bears its name only when
    it is whole and on the disk. Blocking. Raises `BackupRefused` or `StorageUnavailable`.
    """
    if not source.exists():
        raise BackupRefused(f"There is no database at {source}.")
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    backup = folder / f"{name}-{stamp}.db"
    draft = backup.with_suffix(".part")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if backup.exists():
            raise BackupRefused(f"{backup} is there already.")
        draft.unlink(missing_ok=True)  # left of a backup that was cut short
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as why:
        raise BackupRefused(f"{folder} cannot be written: {why.strerror}.") from None
    try:
        schema = _copy(source, draft)
        manifest = Manifest(
            made=int(now), schema=schema, bytes=draft.stat().st_size, sha256=_digest(draft)
        )
        # The manifest first: a backup that bears its name can always be checked.
        _write(manifest_of(backup), msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
        draft.rename(backup)
        _sync(folder)
    except OSError as why:
        raise BackupRefused(f"{folder} cannot be written: {why.strerror}.") from None
    finally:
        draft.unlink(missing_ok=True)
        if not backup.exists():
            manifest_of(backup).unlink(missing_ok=True)
    return backup


def checked(backup: Path) -> Manifest:
    """The manifest of a backup, once the file fits it to the last bit. Raises `BackupRefused`."""
    try:
        manifest = msgspec.json.decode(manifest_of(backup).read_bytes(), type=Manifest)
        size, digest = backup.stat().st_size, _digest(backup)
    except OSError as why:
        raise BackupRefused(f"{why.filename} cannot be read: {why.strerror}.") from None
    except msgspec.MsgspecError:
        raise BackupRefused(f"{manifest_of(backup)} is not the manifest of a backup.") from None
    if manifest.format != FORMAT:
        raise BackupRefused("This backup was made by a newer release.")
    if (size, digest) != (manifest.bytes, manifest.sha256):
        raise BackupRefused(f"{backup} is not as it was made. Take another backup.")
    return manifest


def keep_newest(folder: Path, kept: int, name: str = "candlelight") -> list[Path]:
    """Delete all but the `kept` newest backups of this name; answers which are gone."""
    found = sorted(folder.glob(f"{name}-????????T??????Z.db"))
    gone = found[: max(0, len(found) - kept)]
    for backup in gone:
        backup.unlink()
        manifest_of(backup).unlink(missing_ok=True)
    return gone


def manifest_of(backup: Path) -> Path:
    """Where the manifest of a backup is."""
    return backup.with_suffix(".json")


def check_whole(path: Path) -> None:
    """Let SQLite read every page of a database at rest. Raises `BackupRefused`."""
    try:
        with closing(_open(path)) as database:
            found = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
            orphans = database.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        found, orphans = getattr(error, "sqlite_errorname", "unreadable"), None
    if found != "ok" or orphans is not None:
        raise BackupRefused(f"{path} is damaged. Take another backup.")


def _copy(source: Path, target: Path) -> str:
    """Copy with SQLite's online backup; answers the schema's revision."""
    try:
        with closing(_open(source)) as reading, closing(sqlite3.connect(target)) as writing:
            # In one step, hence under one read lock: a copy in several would begin anew whenever
            # another process writes, and never end on a busy evening. Nobody waits for a reader.
            reading.backup(writing, pages=-1)
            # The copy shall be one file, without a write-ahead log that a mover could forget.
            writing.execute("PRAGMA journal_mode=DELETE")
            row = writing.execute("SELECT version_num FROM alembic_version").fetchone()
        with target.open("rb") as file:
            os.fsync(file.fileno())
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", type(error).__name__)
        raise StorageUnavailable(code) from None
    check_whole(target)
    return str(row[0]) if row else ""


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _write(path: Path, text: bytes) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        file.write(text)
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
