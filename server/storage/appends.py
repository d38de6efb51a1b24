"""What one command asks to be stored, all of it or nothing.

`Row` and `Append` are made with every message, so they are not frozen: that would double the cost
of making them. Nobody changes one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from server.storage.projections import Projected


@dataclass(slots=True)
class Row:
    """One event of the log as it is stored: its place in clear, everything else sealed."""

    n: int
    stream: int
    seq: int
    minute: int
    key_id: int
    nonce: bytes
    body: bytes
    actor: bytes | None = None
    mark: bytes | None = None


@dataclass(slots=True, frozen=True)
class OutboxRow:
    """One Order as it waits; `due` in seconds since the epoch, the body sealed as `ORDER`."""

    kind: str
    key_id: int
    nonce: bytes
    body: bytes
    due: float


@dataclass(slots=True)
class Append:
    """The rows `expected` + 1 … `new` of a room, and what goes with them.

    `due` is the room's next deadline in seconds since the epoch; None when it has none.
    Raises `ValueError` when the rows do not fill the numbers: a hole could never be healed.
    """

    room: str
    expected: int
    new: int
    rows: Sequence[Row] = ()
    orders: Sequence[OutboxRow] = ()
    projected: Sequence[Projected] = ()
    due: float | None = None

    def __post_init__(self) -> None:
        if [row.n for row in self.rows] != list(range(self.expected + 1, self.new + 1)):
            raise ValueError("The rows of an append must carry the numbers it claims.")


class HeadMoved(Exception):
    """Somebody else has written to one of these rooms; what was decided on its old head is void."""

    def __init__(self, *rooms: str) -> None:
        super().__init__("The head of a room has moved.")
        self.rooms = rooms
