"""The Hub: who hears what. Takes bytes, never objects, and never waits for anybody.

Frames of one room that arrive in one tick of the event loop are joined once and written once to
each Connection; most Connections of a room get the very same bytes. A Connection that is still
catching up collects what happens meanwhile and hears it afterwards, in order and without doubles.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from rooms.room import ROOM, MemberId, StreamName

BACKLOG_LIMIT = 2_048
"""Frames a Connection may collect while it catches up; then it is asked to begin again."""


class Wire(Protocol):
    """One open WebSocket, as the Hub knows it: bounded, and never awaited."""

    def send(self, frames: bytes) -> None:
        """Queue frames, one a line. Too slow a reader is closed with 4008, not waited for."""

    def close(self, code: int) -> None:
        """Close with one of the documented codes; what is queued before is still sent."""

    async def drained(self) -> None:
        """Wait until nothing is queued. For catching up, which may be long and hurries nobody."""


class Frame(NamedTuple):
    """An encoded `happened` with its place."""

    stream: StreamName
    seq: int
    data: bytes


@dataclass(eq=False, slots=True)
class Connection:
    """One Wire attached to one Member's place in one room.

    While `catching_up` is a list, live frames are collected there; afterwards it is None.
    """

    room: str
    member: MemberId
    wire: Wire
    streams: frozenset[StreamName] = frozenset()
    catching_up: list[Frame] | None = field(default_factory=list)


@dataclass(eq=False, slots=True)
class _Table:
    """One room's Connections, and the frames of this tick. `listening` are all of them in a row, as
    every flush asks for them; None when they have changed since."""

    connections: dict[MemberId, set[Connection]] = field(default_factory=dict)
    listening: tuple[Connection, ...] | None = None
    pending: list[Frame] = field(default_factory=list)
    due: bool = False


class Hub:
    """The Connections of this process by room and Member. Make and use it on the event loop.

    `came` and `gone` are called with (room, member) when somebody's first Connection opens and
    when the last one closes.
    """

    def __init__(
        self, came: Callable[[str, MemberId], None], gone: Callable[[str, MemberId], None]
    ) -> None:
        self._came = came
        self._gone = gone
        self._tables: dict[str, _Table] = {}

    def attach(
        self, room: str, member: MemberId, wire: Wire, streams: Iterable[StreamName]
    ) -> Connection:
        """Let a Wire hear these streams from now on. It collects until `caught_up` is called."""
        table = self._tables.setdefault(room, _Table())
        self.flush(room)  # what is pending happened before this Connection
        connection = Connection(room, member, wire, frozenset(streams))
        mine = table.connections.setdefault(member, set())
        mine.add(connection)
        table.listening = None
        if len(mine) == 1:
            self._came(room, member)
        return connection

    def caught_up(self, connection: Connection, heard: dict[StreamName, int]) -> None:
        """End the catch-up: `heard` are the numbers the Connection was told of by other ways."""
        collected, connection.catching_up = connection.catching_up or [], None
        late = [f.data for f in collected if f.seq > heard.get(f.stream, 0)]
        if late:
            connection.wire.send(b"\n".join(late))

    def detach(self, connection: Connection) -> None:
        """Forget a Connection. Harmless when it is forgotten already."""
        table = self._tables.get(connection.room)
        mine = table.connections.get(connection.member) if table else None
        if table is None or mine is None or connection not in mine:
            return
        mine.discard(connection)
        table.listening = None
        if not mine:
            del table.connections[connection.member]
            if not table.connections and not table.pending:
                del self._tables[connection.room]
            self._gone(connection.room, connection.member)

    def rehear(self, room: str, member: MemberId, streams: Iterable[StreamName]) -> None:
        """From the next frame on, a Member hears other streams; until there, the old ones."""
        self.flush(room)
        table = self._tables.get(room)
        for connection in table.connections.get(member, ()) if table else ():
            connection.streams = frozenset(streams)

    def publish(self, room: str, frame: Frame) -> None:
        """Make a committed event heard at the end of this tick."""
        table = self._tables.get(room)
        if table is None:
            return
        table.pending.append(frame)
        if not table.due:
            table.due = True
            asyncio.get_running_loop().call_soon(self.flush, room)

    def connected(self, room: str) -> list[MemberId]:
        """The Members of a room with at least one Connection here."""
        table = self._tables.get(room)
        return list(table.connections) if table else []

    def connections(self, room: str, member: MemberId | None = None) -> list[Connection]:
        """The Connections of a room, or of one Member in it."""
        table = self._tables.get(room)
        if table is None:
            return []
        if member is not None:
            return list(table.connections.get(member, ()))
        return [c for mine in table.connections.values() for c in mine]

    def everybody(self) -> list[Connection]:
        """Every Connection of this process."""
        return [c for room in self._tables for c in self.connections(room)]

    def flush(self, room: str) -> None:
        """Make what is pending heard now, and not at the end of this tick."""
        table = self._tables.get(room)
        if table is None:
            return
        frames, table.pending, table.due = table.pending, [], False
        if not frames:
            return
        joined: dict[frozenset[StreamName], bytes] = {}
        common = b"\n".join(f.data for f in frames if f.stream == ROOM)
        only_room = all(f.stream == ROOM for f in frames)
        if table.listening is None:
            table.listening = tuple(self.connections(room))
        for connection in table.listening:
            if connection.catching_up is not None:
                self._collect(connection, frames)
            elif only_room:
                if ROOM in connection.streams:
                    connection.wire.send(common)
            elif data := _heard(connection.streams, frames, joined):
                connection.wire.send(data)

    def _collect(self, connection: Connection, frames: Sequence[Frame]) -> None:
        backlog = connection.catching_up
        if backlog is None:
            return
        backlog.extend(f for f in frames if f.stream in connection.streams)
        if len(backlog) > BACKLOG_LIMIT:
            connection.wire.close(4008)
            self.detach(connection)


def _heard(
    streams: frozenset[StreamName],
    frames: Sequence[Frame],
    joined: dict[frozenset[StreamName], bytes],
) -> bytes:
    """The frames of these streams, joined once for everybody who hears the same of them."""
    relevant = streams & {f.stream for f in frames}
    data = joined.get(relevant)
    if data is None:
        data = joined[relevant] = b"\n".join(f.data for f in frames if f.stream in relevant)
    return data
