"""Making a Room live again: the newest snapshot, and the events after it.

What a key that has died once sealed can never be read again, and must not stop the room: such
events are passed over by their numbers, an open meeting that lost them is over, and a new epoch
tells every client that its numbers mean nothing any more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal, NamedTuple

import msgspec
from sqlalchemy import Connection

from rooms.kernel import record
from rooms.room import Room, StreamName
from server.live import protocol
from server.live.host import Numbers
from server.live.scribe import Mark, Scribe, read, stream_name
from server.storage.appends import Row
from server.storage.database import Database
from server.storage.keys import KeyDestroyed, KeyRing
from server.storage.sealing import DataKey
from server.storage.snapshots import Snapshots, known_resting_key, resting_key
from server.storage.store import Store

Purpose = Literal["meeting", "thread"]
"""What is said under a key: to the room in one meeting, or in one private thread."""

PAGE = 1_000
"""Rows read at a time."""


class RoomBroken(Exception):
    """What is stored of a room does not fit together; an operator has to look."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A Room as it was stored, and what its Host needs to go on."""

    room: Room
    epoch: str
    scribe: Scribe
    resting: DataKey
    stored: dict[bytes, tuple[bytes, Numbers]]
    forgotten: bool


class Loader:
    """Loads rooms from the Store."""

    def __init__(self, database: Database, store: Store, keys: KeyRing) -> None:
        self._database = database
        self._store = store
        self._keys = keys
        self._snapshots = Snapshots(database, keys)

    async def load(self, room_id: str, now: float) -> Loaded:
        """The Room after its last stored event; `now` in seconds since the epoch.

        Raises NoSuchRoom, RoomBroken or StorageUnavailable.
        """
        head = await self._store.head(room_id)
        if head is None:
            raise protocol.NoSuchRoom()
        today = datetime.fromtimestamp(now, UTC).date()
        resting = await self.resting_key(room_id, today)
        room, forgotten = await self._snapshot(room_id)
        snapshot_n = room.n
        marks: list[_Marked] = []
        while rows := await self._store.rows_after(room_id, room.n, PAGE):
            keys = await self.unwrap({row.key_id for row in rows})
            for row in rows:
                if row.n != room.n + 1:
                    raise RoomBroken("A number is missing.")
                stream = stream_name(row.stream)
                key = keys.get(row.key_id)
                if key is None:
                    forgotten = True
                    room.n, room.numbers[stream] = row.n, row.seq
                    continue
                at, event = protocol.recall(read(key, room_id, row))
                if record(room, event, at).seq != row.seq:
                    raise RoomBroken("A number is out of order.")
                marks += _marks(row)
        if room.n != head.n:
            raise RoomBroken("The log ends before its head.")
        epoch = head.epoch
        if forgotten:
            epoch = await self._store.renew_epoch(room_id)
        place = await self._store.last_meeting(room_id)
        room.public.meetings_held = place.number if place else 0
        room.forget_strangers()
        scribe = Scribe(room_id, resting)
        threads = room.core.thread_keys
        living = await self.unwrap(set(threads.values())) if threads else {}
        scribe.threads = {name: living[key] for name, key in threads.items() if key in living}
        if room.public.meeting and place and place.key_id is not None:
            # The key may have died under a meeting nobody closed; the next Tick closes it.
            scribe.key = (await self.unwrap({place.key_id})).get(place.key_id, resting)
            n = (place.first_n or 1) - 1
            while n < snapshot_n and (rows := await self._store.rows_after(room_id, n, PAGE)):
                marks += (mark for row in rows if row.n <= snapshot_n for mark in _marks(row))
                n = rows[-1].n
        elif snapshot_n:
            # The end of a meeting left its marks before the snapshot it forced.
            rows = await self._store.rows_after(room_id, max(0, snapshot_n - PAGE), PAGE)
            marks += (mark for row in rows if row.n <= snapshot_n for mark in _marks(row))
        stored = {} if forgotten else _answers(room, scribe, marks)
        return Loaded(room, epoch, scribe, resting, stored, forgotten)

    async def resting_key(self, room_id: str, today: date) -> DataKey:
        """The key for what a room writes between meetings; durable when this returns."""

        def find(connection: Connection) -> DataKey | None:
            return known_resting_key(self._keys, room_id, today, connection)

        def make(connection: Connection) -> DataKey:
            return resting_key(self._keys, room_id, today, connection)

        # A room that can be read but not written must still load.
        known = await self._database.read(find)
        return await self._database.write(make) if known is None else known

    async def words_key(self, room_id: str, purpose: Purpose, dies_on: date) -> DataKey:
        """A new key for what is said, living until the end of `dies_on`; durable already."""

        def make(connection: Connection) -> DataKey:
            return self._keys.new_key(room_id, purpose, dies_on, connection)

        return await self._database.write(make)

    async def save(self, room_id: str, n: int, state: bytes, now: float) -> None:
        """Store a snapshot. Call it when everything up to and with event `n` is durable."""
        today = datetime.fromtimestamp(now, UTC).date()
        await self._snapshots.save(room_id, n, state, today)

    async def _snapshot(self, room_id: str) -> tuple[Room, bool]:
        """The Room in its snapshot, and whether the key of that has died. Then an empty room goes
        on from its number: the rows before it may have been erased long ago."""
        try:
            found = await self._snapshots.load(room_id)
        except KeyDestroyed:
            dead = await self._store.snapshot(room_id)
            return Room(n=dead.n if dead else 0), True
        return (msgspec.msgpack.decode(found[1], type=Room) if found else Room()), False

    async def unwrap(self, key_ids: set[int]) -> dict[int, DataKey]:
        """The keys with these numbers that still live. Raises StorageUnavailable."""

        def unwrap(connection: Connection) -> dict[int, DataKey]:
            living = {}
            for key_id in key_ids:
                try:
                    living[key_id] = self._keys.unwrap(key_id, connection)
                except KeyDestroyed:
                    continue
            return living

        return await self._database.read(unwrap)


class _Marked(NamedTuple):
    """A row that a command with a key left: the mark, who sent it, and the event's number."""

    mark: Mark
    actor: bytes
    stream: StreamName
    seq: int


def _marks(row: Row) -> Iterator[_Marked]:
    if row.mark and row.actor:
        yield _Marked(Mark.of(row.mark), row.actor, stream_name(row.stream), row.seq)


def _answers(
    room: Room, scribe: Scribe, marks: list[_Marked]
) -> dict[bytes, tuple[bytes, Numbers]]:
    """What the accepted keys of this meeting were answered, from the marks of their rows."""
    members = {scribe.actor(m): m for m in room.core.members}
    stored: dict[bytes, tuple[bytes, Numbers]] = {}
    for mark, actor, stream, seq in marks:
        _, numbers = stored.setdefault(mark.sent, (mark.body, {}))
        member = members.get(actor)
        if member is not None and stream in room.hears(member):
            numbers[stream] = seq
    return stored
