"""Rows that are written beside the log, in the same transaction, for those who read no log.

The Host chooses them from a command's events. Each is one small statement; times are minutes.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, Protocol

from sqlalchemy import Connection, and_, delete, insert, not_, update

from server.storage.tables import audit, meetings, sanctions

MUTED: Final = "muted"
REMOVED: Final = "removed"
"""The kinds of Sanction."""


class Projected(Protocol):
    """Something an append writes besides its events."""

    def execute(self, connection: Connection) -> None:
        """Write it, inside the append's transaction."""


@dataclass(frozen=True, slots=True)
class SanctionRow:
    """A Sanction stands from event `n` of `room`, until a minute or (None) until it is lifted."""

    room: str
    n: int
    member: int
    kind: str
    until_minute: int | None

    def execute(self, connection: Connection) -> None:
        """Insert it."""
        connection.execute(insert(sanctions).values(asdict(self)))


@dataclass(frozen=True, slots=True)
class SanctionLifted:
    """The Sanction of this kind that `member` had in `room` stands no longer."""

    room: str
    member: int
    kind: str

    def execute(self, connection: Connection) -> None:
        """Delete its row."""
        s = sanctions.c
        connection.execute(
            delete(sanctions).where(
                s.room == self.room, s.member == self.member, s.kind == self.kind
            )
        )


@dataclass(frozen=True, slots=True)
class SanctionsEnded:
    """A meeting of `room` is over and its Sanctions with it, but for mutes of `keep_muted`."""

    room: str
    keep_muted: Sequence[int]

    def execute(self, connection: Connection) -> None:
        """Delete their rows."""
        s = sanctions.c
        kept = and_(s.kind == MUTED, s.member.in_(self.keep_muted))
        connection.execute(delete(sanctions).where(s.room == self.room, not_(kept)))


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An Action for the audit: who and whom as keyed digests, no words."""

    room: str
    n: int
    kind: str
    actor: bytes | None
    target: bytes | None
    minute: int
    until_minute: int | None

    def execute(self, connection: Connection) -> None:
        """Insert it."""
        connection.execute(insert(audit).values(asdict(self)))


@dataclass(frozen=True, slots=True)
class MeetingOpenedRow:
    """Meeting `number` of `room` begins with event `first_n` under the key `key_id`."""

    room: str
    number: int
    opened_minute: int
    key_id: int
    first_n: int

    def execute(self, connection: Connection) -> None:
        """Insert it."""
        connection.execute(insert(meetings).values(asdict(self)))


@dataclass(frozen=True, slots=True)
class MeetingClosedRow:
    """Meeting `number` ended with event `last_n`; its rows may be erased after `delete_after`."""

    room: str
    number: int
    closed_minute: int
    attendance: int
    last_n: int
    delete_after: int

    def execute(self, connection: Connection) -> None:
        """Complete the meeting's row."""
        connection.execute(
            update(meetings)
            .where(meetings.c.room == self.room, meetings.c.number == self.number)
            .values(
                closed_minute=self.closed_minute,
                attendance=self.attendance,
                last_n=self.last_n,
                delete_after=self.delete_after,
            )
        )
