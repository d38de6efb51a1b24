"""The Store over SQL."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, and_, delete, false, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from server.storage.appends import Append, Row
from server.storage.batches import write_batch
from server.storage.database import Database
from server.storage.store import (
    Head,
    LeasedOrder,
    MeetingPlace,
    NotCovered,
    SnapshotRow,
    new_epoch,
)
from server.storage.tables import heads, log, meetings, outbox, snapshots, wakes

ROW = (
    log.c.n,
    log.c.stream,
    log.c.seq,
    log.c.minute,
    log.c.key_id,
    log.c.nonce,
    log.c.body,
    log.c.actor,
    log.c.mark,
)


class SqlStore:
    """A `Store` in the tables of `server.storage.tables`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, batch: Sequence[Append]) -> None:
        """See `Store.append`."""
        self._database.write_now(lambda connection: write_batch(connection, batch))

    async def create_room_head(self, room: str) -> str:
        """See `Store.create_room_head`."""

        def create(connection: Connection) -> str:
            fresh = upsert(heads).values(room=room, n=0, epoch=new_epoch())
            connection.execute(fresh.on_conflict_do_nothing())
            epoch: str = connection.execute(
                select(heads.c.epoch).where(heads.c.room == room)
            ).scalar_one()
            return epoch

        return await self._database.write(create)

    async def renew_epochs(self) -> None:
        """See `Store.renew_epochs`."""

        def renew(connection: Connection) -> None:
            for room in connection.scalars(select(heads.c.room)).all():
                connection.execute(
                    update(heads).where(heads.c.room == room).values(epoch=new_epoch())
                )

        await self._database.write(renew)

    async def renew_epoch(self, room: str) -> str:
        """See `Store.renew_epoch`."""
        epoch = new_epoch()
        statement = update(heads).where(heads.c.room == room).values(epoch=epoch)
        await self._database.write(lambda c: c.execute(statement))
        return epoch

    async def head(self, room: str) -> Head | None:
        """See `Store.head`."""
        query = select(heads.c.n, heads.c.epoch).where(heads.c.room == room)
        found = await self._database.read(lambda c: c.execute(query).one_or_none())
        return Head(*found) if found else None

    async def rows_after(self, room: str, n: int, limit: int) -> list[Row]:
        """See `Store.rows_after`."""
        query = select(*ROW).where(log.c.room == room, log.c.n > n).order_by(log.c.n).limit(limit)
        return _rows(await self._database.read(lambda c: c.execute(query).all()))

    async def page(
        self, room: str, from_n: int, wanted: Sequence[tuple[int, int]], limit: int
    ) -> list[Row]:
        """See `Store.page`."""
        heard = [and_(log.c.stream == stream, log.c.seq > after) for stream, after in wanted]
        query = (
            select(*ROW)
            .where(log.c.room == room, log.c.n > from_n, or_(false(), *heard))
            .order_by(log.c.n)
            .limit(limit)
        )
        return _rows(await self._database.read(lambda c: c.execute(query).all()))

    async def snapshot(self, room: str) -> SnapshotRow | None:
        """See `Store.snapshot`."""
        s = snapshots.c
        query = select(s.n, s.key_id, s.nonce, s.body).where(s.room == room)
        found = await self._database.read(lambda c: c.execute(query).one_or_none())
        return SnapshotRow(*found) if found else None

    async def put_snapshot(self, room: str, snapshot: SnapshotRow) -> None:
        """See `Store.put_snapshot`."""
        await self._database.write(lambda c: write_snapshot(c, room, snapshot))

    async def rooms_due(self, now: float) -> list[str]:
        """See `Store.rooms_due`."""
        query = select(wakes.c.room).where(wakes.c.due <= now).order_by(wakes.c.due)
        return list(await self._database.read(lambda c: c.scalars(query).all()))

    async def open_rooms(self) -> list[str]:
        """See `Store.open_rooms`."""
        query = select(meetings.c.room).where(meetings.c.closed_minute.is_(None)).distinct()
        return list(await self._database.read(lambda c: c.scalars(query).all()))

    async def last_meeting(self, room: str) -> MeetingPlace | None:
        """See `Store.last_meeting`."""
        m = meetings.c
        newest = (
            select(m.number, m.key_id, m.first_n)
            .where(m.room == room)
            .order_by(m.number.desc())
            .limit(1)
        )
        row = await self._database.read(lambda c: c.execute(newest).one_or_none())
        return MeetingPlace(*row) if row else None

    async def take_orders(self, now: float, lease: float, limit: int) -> list[LeasedOrder]:
        """See `Store.take_orders`."""
        o = outbox.c
        waiting = (
            select(o.id)
            .where(o.due <= now, o.leased_until <= now, ~o.dead)
            .order_by(o.id)
            .limit(limit)
        )
        take = (
            update(outbox)
            .where(o.id.in_(waiting))
            .values(leased_until=now + lease, attempts=o.attempts + 1)
            .returning(o.id, o.kind, o.room, o.n, o.key_id, o.nonce, o.body, o.attempts)
        )
        taken = await self._database.write(lambda c: c.execute(take).all())
        return sorted((LeasedOrder(*row) for row in taken), key=lambda order: order.id)

    async def order_done(self, order: int) -> None:
        """See `Store.order_done`."""
        forget = delete(outbox).where(outbox.c.id == order)
        await self._database.write(lambda c: c.execute(forget).close())

    async def order_failed(self, order: int, due: float | None) -> None:
        """See `Store.order_failed`."""
        values = {"dead": True} if due is None else {"due": due, "leased_until": 0.0}
        again = update(outbox).where(outbox.c.id == order).values(values)
        await self._database.write(lambda c: c.execute(again).close())

    async def dead_orders(self) -> list[tuple[int, str, str]]:
        """See `Store.dead_orders`."""
        o = outbox.c
        query = select(o.id, o.kind, o.room).where(o.dead).order_by(o.id)
        return [tuple(row) for row in await self._database.read(lambda c: c.execute(query).all())]

    async def erase_rows(self, room: str, first_n: int, last_n: int) -> int:
        """See `Store.erase_rows`."""
        return await self._database.write(lambda c: erase(c, room, first_n, last_n))


def write_snapshot(connection: Connection, room: str, snapshot: SnapshotRow) -> None:
    """Keep `snapshot` unless a newer one is kept already."""
    fresh = upsert(snapshots).values(
        room=room,
        n=snapshot.n,
        key_id=snapshot.key_id,
        nonce=snapshot.nonce,
        body=snapshot.body,
    )
    changed = {name: fresh.excluded[name] for name in ("n", "key_id", "nonce", "body")}
    connection.execute(
        fresh.on_conflict_do_update(["room"], set_=changed, where=snapshots.c.n <= fresh.excluded.n)
    )


def erase(connection: Connection, room: str, first_n: int, last_n: int) -> int:
    """Erase rows `first_n` … `last_n`. Raises `NotCovered` without a snapshot as new as they."""
    kept = connection.scalar(select(snapshots.c.n).where(snapshots.c.room == room))
    if kept is None or kept < last_n:
        raise NotCovered("These rows are still needed to load the room.")
    stretch = and_(log.c.room == room, log.c.n.between(first_n, last_n))
    return connection.execute(delete(log).where(stretch)).rowcount


def _rows(found: Iterable[Sequence[object]]) -> list[Row]:
    return [Row(*values) for values in found]  # type: ignore[arg-type]
