"""What is really on the disk: a room loaded from its files, and every word of it unsealed."""

from dataclasses import dataclass
from typing import Any

import msgspec

from rooms.room import Room
from server.assemble import open_storage
from server.live.loading import Loader
from server.live.scribe import read, stream_name
from server.settings import Settings
from server.storage.sqlstore import SqlStore

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """A room as the next process would find it: its state, and its events by stream and number."""

    room: Room
    streams: dict[str, dict[int, Event]]


async def read_record(settings: Settings, room: str, now: float) -> Record:
    """Load and unseal a room. Loading fails when a number is missing or out of order."""
    database, keys, _ = open_storage(settings)
    try:
        store = SqlStore(database)
        loader = Loader(database, store, keys)
        loaded = await loader.load(room, now)
        rows = await store.rows_after(room, 0, 100_000)
        assert [row.n for row in rows] == list(range(1, len(rows) + 1)), "a hole"
        living = await loader.unwrap({row.key_id for row in rows})
        streams: dict[str, dict[int, Event]] = {}
        for row in rows:
            stream = streams.setdefault(stream_name(row.stream), {})
            assert row.seq == len(stream) + 1, "a number twice, or none"
            _, stream[row.seq] = msgspec.json.decode(read(living[row.key_id], room, row))
    finally:
        await database.close()
    return Record(loaded.room, streams)
