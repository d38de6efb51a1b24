"""The Bus: carries what was committed to wherever it is heard.

With one process it is a function call. With many it may lose, but never reorders within a stream;
a gap shows in the numbers and is healed from the Store. Every implementation passes
`tests/contracts/test_bus.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rooms.room import MemberId, StreamName
from server.live.hub import Frame, Hub


@dataclass(frozen=True, slots=True)
class Rehear:
    """From here on a Member hears these streams."""

    member: MemberId
    streams: tuple[StreamName, ...]


Step = Frame | Rehear
"""One thing that listeners are told, in order."""


class Bus(Protocol):
    """What a Host publishes to, after the commit and never before."""

    def publish(self, room: str, steps: Sequence[Step]) -> None:
        """Pass on what one command made, in order. Never waits and never raises."""


class LocalBus:
    """The Bus of one process: straight to its Hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def publish(self, room: str, steps: Sequence[Step]) -> None:
        """See `Bus.publish`."""
        for step in steps:
            if isinstance(step, Rehear):
                self._hub.rehear(room, step.member, step.streams)
            else:
                self._hub.publish(room, step)
