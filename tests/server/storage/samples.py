"""Small pieces of a room's log for the tests of storage: opaque bodies, honest numbers."""

from collections.abc import Sequence
from pathlib import Path

from server.storage.appends import Append, OutboxRow, Row
from server.storage.database import Database
from server.storage.migrations import migrate
from server.storage.projections import Projected

ROOM = "k7m2qx"
OTHER_ROOM = "p3t9wz"


def fresh_database(folder: Path) -> Database:
    """A real SQLite file with this release's tables."""
    database = Database(f"sqlite:///{folder / 'data' / 'candlelight.db'}")
    migrate(database)
    return database


def row(n: int, *, stream: int = 0, seq: int | None = None, body: bytes = b"sealed") -> Row:
    return Row(
        n=n,
        stream=stream,
        seq=n if seq is None else seq,
        minute=29_400_000,
        key_id=1,
        nonce=b"n" * 12,
        body=body,
    )


def append(
    expected: int,
    *bodies: bytes,
    room: str = ROOM,
    orders: Sequence[OutboxRow] = (),
    projected: Sequence[Projected] = (),
    due: float | None = None,
) -> Append:
    """The events after number `expected`, one for each body."""
    rows = [row(expected + i, body=body) for i, body in enumerate(bodies, 1)]
    return Append(room, expected, expected + len(rows), rows, orders, projected, due)


def order(kind: str = "page_on_call", due: float = 0.0) -> OutboxRow:
    return OutboxRow(kind=kind, key_id=1, nonce=b"n" * 12, body=b"sealed", due=due)


def files_of(database: Database) -> bytes:
    """Every byte of the database file, its write-ahead log and its index."""
    return b"".join(
        path.read_bytes() for path in sorted(database.path.parent.iterdir()) if path.is_file()
    )
