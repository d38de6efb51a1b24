"""The growing wait after wrong sign-ins, by sign-in name and in memory alone.

Never a lock: whoever could lock a facilitator out by typing nonsense could close a meeting. From
the third failure on, the next attempt must wait one second, then two, four and so on up to a
minute; the right password opens after any wait. No address is looked at and nothing is written.

It has a limit. Somebody who tries again the moment each wait ends competes with the owner for one
attempt a minute; only a cost on each attempt could end that.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Final

from rooms.refusals import Refused

FREE_FAILURES: Final = 2
LONGEST_S: Final = 60.0
"""The longest wait: long enough to make guessing hopeless, short enough to be no lock."""

FORGOTTEN_S: Final = 60 * 60.0
MOST_NAMES: Final = 10_000


class TooSoon(Refused):
    """The wait after wrong attempts is not over; the fact `retry_after` is what is left, in s."""

    code = "too_soon"
    text = "That was not right a few times. Wait a moment, then try again."
    retry = True

    def __init__(self, seconds: float) -> None:
        super().__init__(retry_after=ceil(seconds))


@dataclass(slots=True)
class _Record:
    failures: int
    last: float

    @property
    def wait_s(self) -> float:
        beyond = self.failures - FREE_FAILURES
        return 0.0 if beyond <= 0 else min(2.0 ** min(beyond - 1, 10), LONGEST_S)


class Delays:
    """Counts failures by name. Unknown names are counted like known ones, so it betrays nobody.

    An attempt is counted as a failure when it begins and taken back when it succeeds: a hundred
    guesses sent at the same moment are a hundred failures, not one.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def begin(self, name: str) -> None:
        """Count an attempt. Raises `TooSoon`, and then it does not count."""
        now = self._clock()
        self._forget(now)
        record = self._records.get(name, _Record(0, now))
        left = record.last + record.wait_s - now
        if left > 0:
            raise TooSoon(left)
        self._records[name] = _Record(record.failures + 1, now)
        self._records.move_to_end(name)

    def succeeded(self, name: str) -> None:
        """Forget the failures of a name: its owner is here."""
        self._records.pop(name, None)

    def unanswered(self, name: str) -> None:
        """Take one attempt back that was neither right nor wrong: no answer could be given."""
        record = self._records.get(name)
        if record is not None:
            record.failures -= 1

    def _forget(self, now: float) -> None:
        """Drop what is an hour old, and the oldest beyond ten thousand names."""
        while self._records:
            oldest = next(iter(self._records.values()))
            if len(self._records) <= MOST_NAMES and now - oldest.last < FORGOTTEN_S:
                break
            self._records.popitem(last=False)
