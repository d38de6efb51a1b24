"""Writing a batch of appends: the few statements every message waits for."""

from collections.abc import Iterable, Sequence
from itertools import chain

from sqlalchemy import Connection, Insert, Update, bindparam, delete, insert, update
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.dialects.sqlite import insert as upsert

from server.storage.appends import Append, HeadMoved
from server.storage.tables import heads, log, outbox, wakes


def _compiled(statement: Insert | Update) -> str:
    return str(statement.compile(dialect=dialect()))


# Compiled once and executed with plain tuples: these are the statements every message waits for.
INSERT_ROWS = _compiled(insert(log))
INSERT_ORDERS = _compiled(
    insert(outbox).values({c.name: bindparam(c.name) for c in outbox.c if c.name != "id"})
)
_wake = upsert(wakes)
SET_WAKES = _compiled(
    _wake.on_conflict_do_update(
        ["room"], set_={"due": _wake.excluded.due}, where=wakes.c.due != _wake.excluded.due
    )
)
MOVE_HEAD = _compiled(
    update(heads)
    .where(heads.c.room == bindparam("room_"), heads.c.n == bindparam("expected"))
    .values(n=bindparam("new"))
)


def write_batch(connection: Connection, batch: Sequence[Append]) -> None:
    """Write all of `batch` in the connection's transaction.

    Raises `HeadMoved`; the transaction is then worth nothing and must be rolled back.
    """
    moves: dict[str, tuple[int, int]] = {}
    for append in batch:
        expected, at = moves.get(append.room, (append.expected, append.expected))
        if at != append.expected:
            raise HeadMoved(append.room)
        moves[append.room] = (expected, append.new)
    if moves:
        claims = [(new, room, expected) for room, (expected, new) in moves.items()]
        if connection.exec_driver_sql(MOVE_HEAD, claims).rowcount != len(claims):
            raise HeadMoved(*moves)
    _insert(connection, INSERT_ROWS, chain.from_iterable(map(_log_values, batch)))
    _insert(connection, INSERT_ORDERS, chain.from_iterable(map(_order_values, batch)))
    for projected in chain.from_iterable(append.projected for append in batch):
        projected.execute(connection)
    due = {append.room: append.due for append in batch}  # a room's last word counts
    _insert(connection, SET_WAKES, ((room, at) for room, at in due.items() if at is not None))
    idle = [room for room, at in due.items() if at is None]
    if idle:
        connection.execute(delete(wakes).where(wakes.c.room.in_(idle)))


def _insert(connection: Connection, statement: str, values: Iterable[tuple[object, ...]]) -> None:
    if rows := list(values):
        connection.exec_driver_sql(statement, rows)


def _log_values(append: Append) -> list[tuple[object, ...]]:
    """In the order of the columns of `log`."""
    room = append.room
    return [
        (room, r.n, r.stream, r.seq, r.minute, r.key_id, r.nonce, r.body, r.actor, r.mark)
        for r in append.rows
    ]


def _order_values(append: Append) -> list[tuple[object, ...]]:
    """In the order of the columns of `outbox` after its id."""
    return [
        (o.kind, append.room, append.new, o.key_id, o.nonce, o.body, o.due, 0, 0.0, False)
        for o in append.orders
    ]
