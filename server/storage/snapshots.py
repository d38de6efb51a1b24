"""A room's state at rest: sealed under the room's resting key, which lives 120 days.

A new resting key takes over 30 days before the old one dies, so that retention has a month to have
every room's snapshot written anew before the old key takes the old snapshot along.
"""

from contextlib import suppress
from datetime import date, timedelta

from sqlalchemy import Connection, select

from server.storage.database import Database
from server.storage.keys import KeyDestroyed, KeyRing
from server.storage.sealing import SNAPSHOT, DataKey, Sealed, seal, unseal
from server.storage.sqlstore import write_snapshot
from server.storage.store import SnapshotRow
from server.storage.tables import data_keys, snapshots

RESTING_LIFE = timedelta(days=120)
RENEWED_BEFORE = timedelta(days=30)
RESTING = "resting"


class Snapshots:
    """Seals and opens the rooms' snapshots."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self._database = database
        self._keys = keys

    async def save(self, room: str, n: int, state: bytes, today: date) -> None:
        """Store `state` as the room after event `n`, in one transaction with the key it needs.

        An older snapshot than the stored one is ignored. Raises `StorageUnavailable`.
        """

        def store(connection: Connection) -> None:
            key = resting_key(self._keys, room, today, connection)
            sealed = seal(key, room, n, SNAPSHOT, state)
            write_snapshot(connection, room, SnapshotRow(n, key.id, sealed.nonce, sealed.body))

        await self._database.write(store)

    async def load(self, room: str) -> tuple[int, bytes] | None:
        """The number and state of the newest snapshot; None when there never was one.

        Raises `KeyDestroyed`, `SealBroken` or `StorageUnavailable`.
        """

        def find(connection: Connection) -> tuple[int, bytes] | None:
            row = connection.execute(
                select(snapshots).where(snapshots.c.room == room)
            ).one_or_none()
            if row is None:
                return None
            key = self._keys.unwrap(row.key_id, connection)
            return row.n, unseal(key, room, row.n, SNAPSHOT, Sealed(row.nonce, row.body))

        return await self._database.read(find)


def resting_key(keys: KeyRing, room: str, today: date, connection: Connection) -> DataKey:
    """The key for what this room writes today between meetings; made when none lives long enough.

    Call it in a write transaction. `today` is the date in UTC.
    """
    known = known_resting_key(keys, room, today, connection)
    return known or keys.new_key(room, RESTING, today + RESTING_LIFE, connection)


def known_resting_key(
    keys: KeyRing, room: str, today: date, connection: Connection
) -> DataKey | None:
    """The resting key that is there already and lives long enough; any transaction will do."""
    k = data_keys.c
    newest = connection.execute(
        select(k.id, k.dies_on)
        .where(k.room == room, k.purpose == RESTING)
        .order_by(k.id.desc())
        .limit(1)
    ).one_or_none()
    if newest and date.fromisoformat(newest.dies_on) > today + RENEWED_BEFORE:
        # A database restored without its keys folder still lets its rooms begin anew.
        with suppress(KeyDestroyed):
            return keys.unwrap(newest.id, connection)
    return None
