"""The Purse: what everybody at one room's door has left of their budgets, in memory alone."""

from typing import Final

from moderation.budgets import (
    COMMANDS_OF_A_PERSON,
    JOINS_OF_A_PERSON,
    MESSAGES_OF_A_PERSON,
    MESSAGES_OF_A_ROOM,
    Bucket,
    Budget,
)
from rooms.arriving import ChangePseudonym, Join
from rooms.kernel import Command
from rooms.presence import Leave
from rooms.room import MemberTag
from rooms.speaking import Speak

ROOM_ITSELF: Final[MemberTag] = ""
TIDIED_AT: Final = 1_000
"""Buckets that may gather before the full ones are thrown away."""

_BUDGETS: Final[dict[type[Command], Budget]] = {
    Speak: MESSAGES_OF_A_PERSON,
    Join: JOINS_OF_A_PERSON,
    ChangePseudonym: JOINS_OF_A_PERSON,
}


class Purse:
    """The buckets of one live Room.

    Anybody can draw words of their own and so come to the door as somebody new, again and again. A
    bucket that is full again says nothing, so it is not kept.
    """

    def __init__(self) -> None:
        self._buckets: dict[tuple[MemberTag, Budget], Bucket] = {}
        self._tidied_at = TIDIED_AT

    def __len__(self) -> int:
        return len(self._buckets)

    def spend(self, tag: MemberTag, command: Command, now: float) -> None:
        """Draw on the budgets of a person and of the room. Raises TooFast.

        Every command counts, whether a socket brings it or a form, and on however many of them:
        what somebody does is written and heard by all. To leave costs nothing, ever.
        """
        if isinstance(command, Leave):
            return
        self._bucket(tag, COMMANDS_OF_A_PERSON, now).spend(now)
        budget = _BUDGETS.get(type(command))
        if budget is not None:
            self._bucket(tag, budget, now).spend(now)
        if budget is MESSAGES_OF_A_PERSON:
            self._bucket(ROOM_ITSELF, MESSAGES_OF_A_ROOM, now).spend(now)

    def _bucket(self, tag: MemberTag, budget: Budget, now: float) -> Bucket:
        bucket = self._buckets.get((tag, budget))
        if bucket is None:
            if len(self._buckets) >= self._tidied_at:
                self._tidy(now)
            bucket = self._buckets[tag, budget] = Bucket.full(budget, now)
        return bucket

    def _tidy(self, now: float) -> None:
        """Each look at all of them is paid for by as many new ones as were left by the last."""
        self._buckets = {k: b for k, b in self._buckets.items() if not b.is_full(now)}
        self._tidied_at = max(TIDIED_AT, 2 * len(self._buckets))
