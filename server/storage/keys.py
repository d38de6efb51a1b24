"""Keys and the day they must die.

Every data key is stored wrapped under the key file of the last day of its life, and those files
lie in a folder of their own, outside the data folder and its backups. Deleting one small file
therefore ends every text whose time ends that day: in the database, in its write-ahead log, on
every copy anybody ever made of them.
"""

import os
import threading
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, insert, select, update

from server.storage.sealing import KEY_BYTES, NONCE_BYTES, DataKey
from server.storage.tables import data_keys


class KeyDestroyed(Exception):
    """The key has died with its day; what it sealed can never be read again."""


class KeyRing:
    """The day files in `folder` (made with mode 0700) and the data keys wrapped under them.

    The methods that take a `connection` run in the transaction that first uses the key, so a key
    is durable no later than the row it seals.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cache: dict[int, DataKey] = {}
        self._destroying = threading.Lock()  # no key is unwrapped while its day file is dying
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def new_key(self, room: str, purpose: str, dies_on: date, connection: Connection) -> DataKey:
        """A fresh key for `room`, living until the end of the day `dies_on` (UTC).

        Call it in a write transaction. The key is not remembered before somebody unwraps it: a
        transaction that is rolled back takes it along.
        """
        day = dies_on.isoformat()
        secret, nonce = os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
        key_id = connection.execute(
            insert(data_keys)
            .values(room=room, purpose=purpose, wrapped=b"", nonce=nonce, dies_on=day)
            .returning(data_keys.c.id)
        ).scalar_one()
        wrapper = self._day_file(day) or self._make_day_file(day)
        wrapped = AESGCM(wrapper).encrypt(nonce, secret, _claim(key_id, room, purpose, day))
        connection.execute(
            update(data_keys).where(data_keys.c.id == key_id).values(wrapped=wrapped)
        )
        return DataKey(key_id, secret)

    def unwrap(self, key_id: int, connection: Connection) -> DataKey:
        """The key that rows name `key_id`. Raises `KeyDestroyed`."""
        if (known := self._cache.get(key_id)) is not None:
            return known
        row = connection.execute(select(data_keys).where(data_keys.c.id == key_id)).one_or_none()
        if row is None:
            raise KeyDestroyed("This text has reached its end.")
        claim = _claim(key_id, row.room, row.purpose, row.dies_on)
        with self._destroying:
            wrapper = self._day_file(row.dies_on)
            if wrapper is None:
                raise KeyDestroyed("This text has reached its end.")
            try:
                secret = AESGCM(wrapper).decrypt(row.nonce, row.wrapped, claim)
            except (InvalidTag, ValueError):  # the file was replaced, or cut short
                raise KeyDestroyed("The file of this day is not the one that was used.") from None
            return self._cache.setdefault(key_id, DataKey(key_id, secret))

    def drop_cache(self) -> None:
        """Forget every key in memory; the next use unwraps it again."""
        self._cache.clear()

    def destroy_files_before(self, today: date) -> list[date]:
        """Delete the file of every day before `today`; answers which.

        The order is the promise. The bytes are overwritten and the file is gone from the folder,
        durably, before this returns, and nothing that could fail later brings it back. Overwriting
        is what can be done from here: a solid-state disk may keep an old copy of the block, and
        the memory of a process cannot be wiped from Python, so the operator's disk encryption and
        the server's ban on core dumps belong to this promise.
        """
        with self._destroying:
            ended = [(day, path) for day, path in self._day_files() if day < today]
            for _, path in ended:
                with path.open("r+b", buffering=0) as file:
                    file.write(os.urandom(KEY_BYTES))
                    os.fsync(file.fileno())
                path.unlink()
            if ended:
                _sync_folder(self._folder)
            self._cache.clear()
        return sorted({day for day, _ in ended})

    def forget_keys_before(self, today: date, connection: Connection) -> int:
        """Remove the wrapped keys of days before `today`; answers how many there were."""
        return connection.execute(
            delete(data_keys).where(data_keys.c.dies_on < today.isoformat())
        ).rowcount

    def _day_files(self) -> list[tuple[date, Path]]:
        found = []
        for path in self._folder.iterdir():
            day, dot, rest = path.name.partition(".")
            if dot and rest in ("key", "key.new") and len(day) == 10:
                try:
                    found.append((date.fromisoformat(day), path))
                except ValueError:
                    continue  # not ours: the folder also holds the deployment key
        return found

    def _day_file(self, day: str) -> bytes | None:
        try:
            return (self._folder / f"{day}.key").read_bytes()
        except FileNotFoundError:
            return None

    def _make_day_file(self, day: str) -> bytes:
        """A new day file, on the disk before a first key is wrapped under it.

        A key that lived in memory alone when the power failed would have sealed words for ever.
        It is written under another name first, so a file of half a key never bears the real one.
        """
        wrapper = os.urandom(KEY_BYTES)
        fresh = self._folder / f"{day}.key.new"
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            file.write(wrapper)
            os.fsync(file.fileno())
        fresh.rename(self._folder / f"{day}.key")
        _sync_folder(self._folder)
        return wrapper


def check_apart(data: Path, keys: Path) -> None:
    """Refuse a keys folder inside the data folder. Raises `ValueError`.

    Whoever copies the data folder for a backup must not copy the keys along: a backup that holds
    both can be read for ever, and every promised end of a text would be untrue.
    """
    if keys.resolve().is_relative_to(data.resolve()):
        raise ValueError(
            "The keys folder must not lie inside the data folder, "
            "or every backup of the data would keep the keys that are meant to die."
        )


def _claim(key_id: int, room: str, purpose: str, day: str) -> bytes:
    """Associated data of a wrapped key: it opens only as itself, in its room, on its day."""
    return "\0".join((str(key_id), room, purpose, day)).encode()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
