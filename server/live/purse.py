"""The Purse: what everybody at one room's door has left of their budgets, in memory alone."""

from functools import cache
from typing import Final

from moderation.alerts import AlertCommand
from moderation.budgets import (
    CARE_OF_A_PERSON,
    COMMANDS_OF_A_PERSON,
    JOINS_OF_A_PERSON,
    MESSAGES_OF_A_PERSON,
    MESSAGES_OF_A_ROOM,
    PRIVATE_WORDS_OF_A_PERSON,
    REPORTS_OF_A_PERSON,
    Bucket,
    Budget,
)
from moderation.danger import ChooseCountry, NeedHelp, PutCardAway
from moderation.reporting import RaiseConcern, ReportIt
from rooms.arriving import ChangePseudonym, Join
from rooms.kernel import Command
from rooms.presence import Leave
from rooms.quiet import ReadQuietly
from rooms.room import MemberTag
from rooms.speaking import Speak
from rooms.threads import (
    AnswerPrivately,
    AskForWord,
    EndThread,
    OpenThread,
    SayPrivately,
    StopAsking,
)

ROOM_ITSELF: Final[MemberTag] = ""
TIDIED_AT: Final = 1_000
"""Buckets that may gather before the full ones are thrown away."""

_BUDGETS: Final[dict[type[Command], Budget]] = {
    Speak: MESSAGES_OF_A_PERSON,
    Join: JOINS_OF_A_PERSON,
    ChangePseudonym: JOINS_OF_A_PERSON,
}
_FREE: Final = (Leave, NeedHelp, ReadQuietly, AlertCommand)
"""What costs nothing, ever. Who asks for help again and again changes nothing by it, and those who
look after an alert are staff."""
_APART: Final[dict[type[Command], Budget]] = {
    SayPrivately: PRIVATE_WORDS_OF_A_PERSON,
    AnswerPrivately: PRIVATE_WORDS_OF_A_PERSON,
    PutCardAway: CARE_OF_A_PERSON,
    ChooseCountry: CARE_OF_A_PERSON,
    AskForWord: CARE_OF_A_PERSON,
    StopAsking: CARE_OF_A_PERSON,
    OpenThread: CARE_OF_A_PERSON,
    EndThread: CARE_OF_A_PERSON,
    ReportIt: REPORTS_OF_A_PERSON,
    RaiseConcern: REPORTS_OF_A_PERSON,
}
"""What draws on a budget of its own and on no other."""


def is_apart(command: Command) -> bool:
    """Whether a command is of the crisis path: what else somebody did is never in its way."""
    kind = type(command)
    return kind in _APART or _is_free(kind)


@cache
def _is_free(kind: type[Command]) -> bool:
    return issubclass(kind, _FREE)


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
        what somebody does is written and heard by all.
        """
        kind = type(command)
        if _is_free(kind):
            return
        apart = _APART.get(kind)
        if apart is not None:
            self._bucket(tag, apart, now).spend(now)
            return
        self._bucket(tag, COMMANDS_OF_A_PERSON, now).spend(now)
        budget = _BUDGETS.get(kind)
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
