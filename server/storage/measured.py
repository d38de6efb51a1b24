"""The Store, counting what an operator wants to know: how many batches, how large, how slow."""

import time
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from server.storage.appends import Append
from server.storage.database import Database
from server.storage.errors import StorageUnavailable
from server.storage.sqlstore import SqlStore

BOUNDS_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Upper bounds of the histogram's buckets in seconds; a last one without a bound follows."""


class Meter:
    """Counts since the process began. Written by the writer thread, read by anybody."""

    def __init__(self) -> None:
        self.commands = 0
        self.unavailable = 0
        self.seconds = 0.0
        self.buckets = [0] * (len(BOUNDS_S) + 1)

    @property
    def batches(self) -> int:
        """How many batches became durable."""
        return sum(self.buckets)

    def stored(self, commands: int, seconds: float) -> None:
        """A batch of so many commands became durable in so many seconds."""
        self.commands += commands
        self.seconds += seconds
        self.buckets[bisect_left(BOUNDS_S, seconds)] += 1


class MeasuredStore(SqlStore):
    """A SqlStore with a `meter`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.meter = Meter()

    def append(self, batch: Sequence[Append]) -> None:
        """See `Store.append`."""
        began = time.perf_counter()
        try:
            super().append(batch)
        except StorageUnavailable:
            self.meter.unavailable += 1
            raise
        self.meter.stored(len(batch), time.perf_counter() - began)
