"""The Scribe: how one room's events look where they are kept, and where they are heard.

An event is encoded once. The same bytes go sealed into the log and open into the frame that the
people of its stream hear after the commit.
"""

from typing import NamedTuple

import msgspec

from rooms.kernel import Order, Recorded
from rooms.orders import RemindStaff
from rooms.room import CORE, PRIVATE, ROOM, STAFF, MemberId, StreamName, private
from rooms.threads import PrivatelySaid
from server.live import protocol
from server.live.hub import Frame
from server.storage.appends import OutboxRow, Row
from server.storage.sealing import ORDER, DataKey, Sealed, digest, seal, unseal

_NUMBERED = {ROOM: 0, STAFF: 1, CORE: 2}
_NAMED = {number: name for name, number in _NUMBERED.items()}


def stream_number(stream: StreamName) -> int:
    """The number a stream is stored under: a Member's own stream has the number of the Member."""
    kind, _, member = stream.partition(":")
    return int(member) if kind == PRIVATE else _NUMBERED[stream]


def stream_name(number: int) -> StreamName:
    """The stream that is stored under a number."""
    return _NAMED.get(number) or private(number)


class Mark(NamedTuple):
    """A command's key as it is stored: who sent which key, and what with. Means nothing without
    the meeting's key."""

    sent: bytes
    body: bytes

    def stored(self) -> bytes:
        """The 24 bytes of the log's column."""
        return self.sent + self.body

    @classmethod
    def of(cls, stored: bytes) -> "Mark":
        """The mark in a row."""
        return cls(stored[:16], stored[16:])


class Scribe:
    """Writes for one room under one key at a time: the meeting's, or between meetings the resting
    key. What is said in a private thread is written under the thread's own, from `threads`."""

    def __init__(self, room: str, key: DataKey) -> None:
        self.room = room
        self.key = key
        self.threads: dict[str, DataKey] = {}
        self._actors: dict[tuple[int, MemberId], bytes] = {}

    def mark(self, tag: str, key: str, body: bytes) -> Mark:
        """The mark of a command's key and body, sent by the person with this tag."""
        sent = digest(self.key, b"key", tag.encode(), key.encode())
        return Mark(sent, digest(self.key, b"command", body)[:8])

    def actor(self, member: MemberId) -> bytes | None:
        """A Member as the `actor` column and the audit have them; None for the machinery."""
        if not member:
            return None
        known = self._actors.get((self.key.id, member))
        if known is None:
            known = digest(self.key, b"actor", member.to_bytes(8))
            self._actors[self.key.id, member] = known
        return known

    def write(
        self, recorded: Recorded, actor: bytes | None, mark: Mark | None
    ) -> tuple[Row, Frame | None]:
        """One event as a sealed row, and as the frame for those who hear its stream."""
        plain, body = protocol.stored(recorded.event, recorded.now)
        number = stream_number(recorded.stream)
        key = self.key
        if type(recorded.event) is PrivatelySaid:
            key = self.threads[recorded.event.thread()]
        sealed = seal(key, self.room, recorded.n, number, plain)
        row = Row(
            n=recorded.n,
            stream=number,
            seq=recorded.seq,
            minute=int(recorded.now // 60),
            key_id=key.id,
            nonce=sealed.nonce,
            body=sealed.body,
            actor=actor,
            mark=mark.stored() if mark else None,
        )
        if recorded.stream == CORE:
            return row, None
        data = protocol.happened(self.room, recorded.stream, recorded.seq, recorded.now, body)
        return row, Frame(recorded.stream, recorded.seq, data)

    def order(self, order: Order, n: int, now: float, resting: DataKey) -> OutboxRow:
        """An Order as it waits in the outbox. It is sealed with the resting key: a reminder a day
        later must still be readable when the meeting's words are not."""
        sealed = seal(resting, self.room, n, ORDER, msgspec.json.encode(order))
        due = now + order.after if isinstance(order, RemindStaff) else now
        return OutboxRow(type(order).__name__, resting.id, sealed.nonce, sealed.body, due)


def read(key: DataKey, room: str, row: Row) -> bytes:
    """The plain body of a stored row. Raises `SealBroken`."""
    return unseal(key, room, row.n, row.stream, Sealed(row.nonce, row.body))
