"""Every limit on how often something may be done: one named line each, in words.

Danger is heard first. Screening comes before every budget; to ask for help and to look after an
alert cost nothing; and what else belongs to the crisis path draws on budgets of its own, so that
nothing somebody did before can be in its way.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

from rooms.refusals import Refused


@dataclass(frozen=True, slots=True, eq=False)
class Budget:
    """`burst` at once, and `rate` more each second. Each is itself alone: two that allow the same
    are drawn on apart."""

    burst: float
    rate: float


COMMANDS_OF_A_CONNECTION: Final = Budget(burst=10, rate=5)
"""Everything one open page may ask for."""
HELP_OF_A_CONNECTION: Final = Budget(burst=100, rate=20)
"""The crisis path of one open page: no person comes near it, a machine that floods meets it."""
COMMANDS_OF_A_PERSON: Final = Budget(burst=30, rate=10)
"""Everything one person may ask for in a room: what two pages may, however many are open."""
MESSAGES_OF_A_PERSON: Final = Budget(burst=10, rate=20 / 60)
"""What one person may say in a room: twenty messages a minute, ten of them at once."""
MESSAGES_OF_A_ROOM: Final = Budget(burst=100, rate=50)
"""What a whole room may say; more cannot be read by anybody."""
PRIVATE_WORDS_OF_A_PERSON: Final = Budget(burst=30, rate=1)
"""What one person may say in private: more than can be typed, and apart from all else."""
CARE_OF_A_PERSON: Final = Budget(burst=30, rate=1)
"""How often one person may ask for a private word, change their mind, or say where they are."""
REPORTS_OF_A_PERSON: Final = Budget(burst=10, rate=10 / 3600)
"""How often one person may report or worry; each is read by a human being."""
JOINS_OF_A_PERSON: Final = Budget(burst=5, rate=5 / 60)
"""How often one person may come in or change their name."""


class TooFast(Refused):
    """More than the budget allows; `after` says in how many seconds it will be allowed again."""

    code = "too_fast"
    text = "That was a lot at once. Try again in a moment; nothing is lost."
    retry = True


@dataclass(slots=True)
class Bucket:
    """What is left of a Budget for one person, room or Connection. Time is handed in (seconds)."""

    budget: Budget
    left: float
    at: float

    @classmethod
    def full(cls, budget: Budget, now: float) -> "Bucket":
        """A bucket nobody has drawn from."""
        return cls(budget, budget.burst, now)

    def is_full(self, now: float) -> bool:
        """Whether nothing is missing, so that a new one would be the same."""
        return self.left + (now - self.at) * self.budget.rate >= self.budget.burst

    def spend(self, now: float) -> None:
        """Draw one. Raises TooFast and draws nothing when it is empty."""
        budget, left = self.budget, self.left
        if now > self.at:
            left += (now - self.at) * budget.rate
            left = min(left, budget.burst)
            self.at = now
        if left < 1:
            self.left = left
            raise TooFast(after=ceil((1 - left) / budget.rate))
        self.left = left - 1
