"""What the rows of two rooms have in common, and what of it says nothing about a person."""

from collections.abc import Iterator
from typing import Final

from tests.security.disk import Value

PIECE: Final = 6
"""Bytes. Among some hundred kilobytes, six random bytes meet by chance once in ten thousand runs;
a MemberId has six."""

ALLOWED: Final = {
    # Time, in whole minutes: everybody who did anything in that minute has it.
    "log.minute": "the minute of an event",
    "audit.minute": "the minute of an action",
    "meetings.opened_minute": "the minute in which a meeting opened",
    "meetings.closed_minute": "the minute in which a meeting closed",
    "rooms.created_minute": "the minute in which a room was founded",
    "sessions.created_minute": "the minute in which staff signed in",
    "sessions.used_minute": "the minute in which staff was last active",
    "data_keys.dies_on": "a day: every key that dies on it",
    # Words of the program: the same in every row of that sort.
    "data_keys.purpose": "meeting or resting",
    "sanctions.kind": "muted or removed",
    "audit.kind": "the kind of an action",
    "roles.role": "the role of staff",
    # Words of the operator about the room, public and before anybody came.
    "rooms.kind": "what sort of meeting it is",
    "rooms.audience": "adults or young",
    "rooms.about": "the room's own page",
    # Staff have accounts, and these are linked to their rooms on purpose; guests have none.
    "accounts.id": "the Account of staff",
    "roles.account_id": "the Account of staff",
    "sessions.account_id": "the Account of staff",
}
"""Columns whose values may be the same in two rooms, each with the reason."""


def shared(found: list[Value], one: str, other: str) -> set[str]:
    """Columns of both places that hold the same value, or the same piece of one."""
    return {
        " and ".join(sorted((a, b)))
        for mine, theirs in ((one, other), (other, one))
        for a, b in _meetings(found, mine, theirs)
        if not {a, b} <= ALLOWED.keys()
    }


def _meetings(found: list[Value], one: str, other: str) -> Iterator[tuple[str, str]]:
    where: dict[bytes, set[str]] = {}
    for value in found:
        if value.place == other:
            for piece in _pieces(value.raw):
                where.setdefault(piece, set()).add(value.column)
    for value in found:
        if value.place == one:
            for piece in _pieces(value.raw):
                for column in where.get(piece, ()):
                    yield value.column, column


def _pieces(raw: bytes) -> Iterator[bytes]:
    yield raw
    yield from (raw[i : i + PIECE] for i in range(len(raw) - PIECE + 1))
