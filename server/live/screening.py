"""What people send is looked at before any rule sees it: which texts, and together with which.

The door table says which fields are read and how closely. A cry is often typed in pieces, so what
somebody wrote in the two minutes before is read along; it is kept in memory alone, and no longer.
"""

from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from moderation.doors import DOORS, Treatment
from moderation.screening.screen import READ_WITH, Screen
from rooms.kernel import Command
from rooms.room import MemberTag
from rooms.safety import NO_DANGER, Danger

TOGETHER_SECONDS: Final = 120.0
"""How far back the messages of one person are read together (safety.md, section 2.2)."""
TIDIED_AT: Final = 1_000
"""People whose last words may gather before the old ones are thrown away."""


class Look(NamedTuple):
    """What a look found. With `card_only` nobody but the author hears of it."""

    danger: Danger
    card_only: bool


_READ: Final[dict[type[Command], tuple[tuple[str, ...], bool]]] = {
    command: (
        tuple(d.field for d in DOORS if d.command is command and d.treatment is treatment),
        treatment is Treatment.CARD_ONLY,
    )
    for command, treatment in {
        door.command: door.treatment
        for door in DOORS
        if door.treatment is not Treatment.NOT_SCREENED
    }.items()
}


class Screening:
    """Looks at commands. `mono` is the clock that never goes back."""

    def __init__(self, screen: Screen, mono: Callable[[], float]) -> None:
        self._screen = screen
        self._mono = mono
        self._recent: dict[tuple[str, MemberTag], deque[tuple[float, str]]] = {}

    def look(self, room: str, tag: MemberTag, command: Command) -> Look | None:
        """What the texts of a command speak of; None for most, which speak of nothing."""
        return self._look(command, lambda text: self._before(room, tag, text))

    def look_at_stranger(self, command: Command) -> Look | None:
        """The same for somebody whom no room knows, of whom nothing is remembered."""
        return self._look(command, lambda _: [])

    def _look(self, command: Command, before: Callable[[str], list[str]]) -> Look | None:
        read = _READ.get(type(command))
        if read is None:
            return None
        fields, card_only = read
        worst = NO_DANGER
        for field in fields:
            text: str = getattr(command, field)
            if text:
                danger = self._screen.look(text, [] if card_only else before(text))
                if danger.level > worst.level or (danger.craving and not worst.level):
                    worst = danger
        return Look(worst, card_only) if worst.level or worst.craving else None

    def _before(self, room: str, tag: MemberTag, text: str) -> list[str]:
        """What the person wrote just before; the new text is remembered with it."""
        now = self._mono()
        recent = self._recent.get((room, tag))
        if recent is None:
            if len(self._recent) >= TIDIED_AT:
                self._tidy(now)
            recent = self._recent[room, tag] = deque(maxlen=READ_WITH)
        _forget(recent, now)
        before = [said for _, said in recent]
        if not before or before[-1] != text:  # the same command, sent again after a loss
            recent.append((now, text))
        else:
            before.pop()
        return before[-READ_WITH + 1 :]

    def tidy(self) -> None:
        """Forget what is older than two minutes."""
        self._tidy(self._mono())

    def _tidy(self, now: float) -> None:
        for who, recent in list(self._recent.items()):
            _forget(recent, now)
            if not recent:
                del self._recent[who]


def _forget(recent: deque[tuple[float, str]], now: float) -> None:
    while recent and recent[0][0] + TOGETHER_SECONDS < now:
        recent.popleft()
