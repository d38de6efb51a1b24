"""A server's two folders with two meetings in them, for the tests of retention."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from server.storage.appends import Append, Row
from server.storage.database import Database
from server.storage.keys import KeyRing
from server.storage.projections import MeetingClosedRow, MeetingOpenedRow, Projected
from server.storage.retention import Swept, sweep
from server.storage.sealing import DataKey, seal
from server.storage.snapshots import Snapshots
from server.storage.sqlstore import SqlStore

OPENED = datetime(2027, 1, 4, 19, 0, tzinfo=UTC)
KEPT_TO = OPENED + timedelta(days=7)
DAY_AFTER = datetime(2027, 1, 12, 0, 0, tzinfo=UTC)
LONG_AFTER = OPENED + timedelta(days=29)
NEEDLE = b"only-ada-knows-this"


class House:
    """One data folder and one keys folder, with a meeting of three sealed messages in each room.

    The meeting of ROOM is kept for 7 days, that of OTHER_ROOM for 30. Both are closed.
    """

    def __init__(
        self,
        folder: Path,
        database: Callable[[str], Database] = Database,
        keys: Callable[[Path], KeyRing] = KeyRing,
    ) -> None:
        self.database = database(f"sqlite:///{folder / 'data' / 'candlelight.db'}")
        self.keys = keys(folder / "keys")
        self.store = SqlStore(self.database)
        self.snapshots = Snapshots(self.database, self.keys)

    async def hold_meeting(self, room: str, kept_to: datetime) -> DataKey:
        await self.store.create_room_head(room)

        def write(connection: Connection) -> DataKey:
            return self.keys.new_key(room, "meeting", kept_to.date(), connection)

        key = await self.database.write(write)
        minute = int(OPENED.timestamp() // 60)
        sealed = [seal(key, room, n, 0, NEEDLE) for n in (1, 2, 3)]
        rows = [Row(n, 0, n, minute, key.id, *body) for n, body in enumerate(sealed, 1)]
        last = int(kept_to.timestamp() // 60)
        numbers: list[Projected] = [
            MeetingOpenedRow(room, 1, minute, key.id, first_n=1),
            MeetingClosedRow(room, 1, minute + 60, attendance=7, last_n=3, delete_after=last),
        ]
        self.store.append([Append(room, 0, 3, rows, projected=numbers)])
        return key

    async def renew(self, room: str) -> None:
        head = await self.store.head(room)
        assert head is not None
        await self.snapshots.save(room, head.n, b"state of the room", self.today)

    async def sweep(self, now: datetime) -> Swept:
        self.today = now.date()
        return await sweep(self.database, self.keys, self.renew, now.timestamp())

    async def rows(self, room: str) -> list[int]:
        return [row.n for row in await self.store.rows_after(room, 0, 100)]
