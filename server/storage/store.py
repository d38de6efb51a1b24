"""The Store: what a live room needs of the database, and the promises every kind of it keeps.

An append is all or nothing; the compare-and-set on the room's head refuses whoever decided on an
older state; reading goes in pages. tests/contracts/test_store.py holds every implementation to it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from server.storage.appends import Append, Row


@dataclass(slots=True, frozen=True)
class Head:
    """The number of a room's last event, and the room's random mark, new after a restore."""

    n: int
    epoch: str


@dataclass(slots=True, frozen=True)
class SnapshotRow:
    """A room's state after event `n`, sealed."""

    n: int
    key_id: int
    nonce: bytes
    body: bytes


@dataclass(slots=True, frozen=True)
class MeetingPlace:
    """Meeting `number` began with event `first_n` under the key `key_id`.

    Key and place are None once retention has been there and only numbers stay.
    """

    number: int
    key_id: int | None
    first_n: int | None


@dataclass(slots=True, frozen=True)
class LeasedOrder:
    """An Order taken for delivery; `attempts` counts this one."""

    id: int
    kind: str
    room: str
    n: int
    key_id: int
    nonce: bytes
    body: bytes
    attempts: int


class Store(Protocol):
    """Blocking where the writer thread calls it (`append`), awaitable everywhere else.

    Every method raises `StorageUnavailable` while the database cannot be used.
    """

    def append(self, batch: Sequence[Append]) -> None:
        """Store all of `batch` in one transaction, or nothing of it.

        Raises `HeadMoved` when a room's head is not where an append expects it, `CannotStore` when
        the database refuses a value.
        """

    async def create_room_head(self, room: str) -> str:
        """Give a room its head at 0 and its epoch, once; answers the epoch it has."""

    async def renew_epochs(self) -> None:
        """Give every room a new epoch, after a restore: numbers known to clients are void."""

    async def renew_epoch(self, room: str) -> str:
        """Give one room a new epoch, after events of it were lost for good; answers it."""

    async def head(self, room: str) -> Head | None:
        """Where the room stands; None for a room that never had a head."""

    async def rows_after(self, room: str, n: int, limit: int) -> list[Row]:
        """The room's first `limit` rows after number `n`, in order."""

    async def page(
        self, room: str, from_n: int, wanted: Sequence[tuple[int, int]], limit: int
    ) -> list[Row]:
        """The first `limit` rows after `from_n` of the wanted (stream, after seq), in order."""

    async def snapshot(self, room: str) -> SnapshotRow | None:
        """The room's newest snapshot."""

    async def put_snapshot(self, room: str, snapshot: SnapshotRow) -> None:
        """Keep this snapshot in place of an older one; an older one than kept is ignored."""

    async def rooms_due(self, now: float) -> list[str]:
        """Rooms whose deadline has come (seconds since the epoch), the most overdue first."""

    async def open_rooms(self) -> list[str]:
        """Rooms with a Meeting that was opened and not closed."""

    async def last_meeting(self, room: str) -> MeetingPlace | None:
        """Where the room's newest Meeting stands; None for a room that never had one."""

    async def take_orders(self, now: float, lease: float, limit: int) -> list[LeasedOrder]:
        """Take due Orders, oldest first, for `lease` seconds; after that they are due again."""

    async def order_done(self, order: int) -> None:
        """Forget an Order that was carried out."""

    async def order_failed(self, order: int, due: float | None) -> None:
        """Try the Order again at `due`; None: never again, but keep it where it can be seen."""

    async def dead_orders(self) -> list[tuple[int, str, str]]:
        """The (id, kind, room) of every Order that was given up."""

    async def erase_rows(self, room: str, first_n: int, last_n: int) -> int:
        """Erase a stretch of a room's log and answer how many rows it had.

        Raises `NotCovered` unless a snapshot at `last_n` or later is stored: without it, the room
        could never be loaded again.
        """


class NotCovered(Exception):
    """No stored snapshot is as new as the rows that were to be erased."""


def new_epoch() -> str:
    """A room's random mark: 16 hexadecimal digits."""
    return secrets.token_hex(8)
