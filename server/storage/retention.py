"""Retention: what was promised to end, ends; every day, in an order no interruption can harm.

1. Rooms whose state still hangs on rows or keys about to go are asked for a new snapshot.
2. Rows of meetings past their time are erased, once a snapshot as new as they is stored.
3. The key files of past days are deleted: the end of everything sealed under them, wherever it is.
4. Wrapped keys without a file, and the covered rows they sealed, are cleared away.
5. The write-ahead log is cut, so that nothing erased lingers in it.

Each step is complete or undone, none relies on having run before, and running all of it again
changes nothing: after a kill at any point the next sweep finishes the work.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from server.storage.database import Database
from server.storage.keys import KeyRing
from server.storage.snapshots import RENEWED_BEFORE, RESTING
from server.storage.sqlstore import erase
from server.storage.tables import data_keys, log, meetings, snapshots

Renew = Callable[[str], Awaitable[None]]
"""Writes a fresh snapshot of a room; raises when the room cannot be loaded or written."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did. `behind` are rooms whose snapshot could not be renewed."""

    erased: int
    days: list[date]
    behind: list[str]
    log_cut: bool


async def sweep(database: Database, keys: KeyRing, renew: Renew, now: float) -> Swept:
    """Bring the data to where it was promised to be at `now` (seconds since the epoch).

    A room that cannot write its snapshot stops nobody else's end: its own rows wait, but only
    until the day of their key, which dies on its day whatever happens. Raises `StorageUnavailable`.
    """
    today = datetime.fromtimestamp(now, UTC).date()
    behind = await _renew_snapshots(database, renew, today)
    ended = await database.read(lambda c: _ended_meetings(c, int(now // 60)))
    erased = 0
    for room, number in ended:
        erased += await database.write(partial(_erase_meeting, room, number))
    # It waits for the disk, and on the event loop everybody would wait with it.
    days = await asyncio.to_thread(keys.destroy_files_before, today)
    await database.write(lambda c: keys.forget_keys_before(today, c))
    for room in await database.read(_rooms_with_dead_rows):
        erased += await database.write(partial(_clear_dead_rows, room))
    return Swept(erased, days, behind, log_cut=await database.checkpoint())


async def _renew_snapshots(database: Database, renew: Renew, today: date) -> list[str]:
    behind = []
    for room in await database.read(lambda c: _rooms_to_renew(c, today)):
        try:
            await renew(room)
        except Exception:  # noqa: BLE001 - whatever it is, the other rooms' promises still stand
            behind.append(room)
    return behind


def _rooms_to_renew(connection: Connection, today: date) -> list[str]:
    """Rooms whose snapshot dies within 30 days, or is older than a closed meeting, or is missing.

    Rows after the snapshot are sealed with the same resting key or a later one, so a snapshot that
    is renewed in time covers them too.
    """
    soon = (today + RENEWED_BEFORE).isoformat()
    resting = and_(data_keys.c.purpose == RESTING, data_keys.c.dies_on <= soon)
    dying = select(snapshots.c.room).join(
        data_keys, and_(data_keys.c.id == snapshots.c.key_id, data_keys.c.dies_on <= soon)
    )
    uncovered = (
        select(meetings.c.room)
        .outerjoin(snapshots, snapshots.c.room == meetings.c.room)
        .where(or_(snapshots.c.n.is_(None), snapshots.c.n < meetings.c.last_n))
        .where(meetings.c.last_n.is_not(None))
    )
    bare = (
        select(data_keys.c.room)
        .outerjoin(snapshots, snapshots.c.room == data_keys.c.room)
        .where(resting, snapshots.c.n.is_(None))
    )
    return sorted(set(connection.scalars(dying.union(uncovered, bare))))


def _ended_meetings(connection: Connection, minute: int) -> list[tuple[str, int]]:
    """Meetings past their retention, whose rows a stored snapshot covers."""
    m = meetings.c
    query = (
        select(m.room, m.number)
        .join(snapshots, and_(snapshots.c.room == m.room, snapshots.c.n >= m.last_n))
        .where(m.delete_after <= minute, m.first_n.is_not(None))
    )
    return [(room, number) for room, number in connection.execute(query)]


def _erase_meeting(room: str, number: int, connection: Connection) -> int:
    """Erase a meeting's rows and leave its numbers: when, how long, how many."""
    this = and_(meetings.c.room == room, meetings.c.number == number)
    stretch = connection.execute(select(meetings.c.first_n, meetings.c.last_n).where(this)).one()
    if stretch.first_n is None:  # another sweep was here since we looked
        return 0
    erased = erase(connection, room, stretch.first_n, stretch.last_n)
    connection.execute(
        update(meetings)
        .where(this)
        .values(key_id=None, first_n=None, last_n=None, delete_after=None)
    )
    return erased


def _dead_rows() -> ColumnElement[bool]:
    """Rows that no key opens any more and that a stored snapshot covers."""
    covered = select(snapshots.c.n).where(snapshots.c.room == log.c.room).scalar_subquery()
    return and_(log.c.n <= covered, log.c.key_id.not_in(select(data_keys.c.id)))


def _rooms_with_dead_rows(connection: Connection) -> list[str]:
    """Looked for by a reader, because it reads the whole log and nobody's message may wait."""
    return list(connection.scalars(select(log.c.room).where(_dead_rows()).distinct()))


def _clear_dead_rows(room: str, connection: Connection) -> int:
    return connection.execute(delete(log).where(log.c.room == room, _dead_rows())).rowcount
