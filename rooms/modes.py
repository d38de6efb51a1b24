"""Who may speak: closed, turns, respond, open. Set by a facilitator, visible to everybody."""

from collections.abc import Iterator
from typing import ClassVar, cast

from rooms.kernel import At, Command, Event, Made, Stamp
from rooms.room import FACILITATORS, ROOM, Mode, Part, Public, Role, Room

MODES_WITH_FLOOR = frozenset({Mode.TURNS, Mode.RESPOND})
"""Where somebody has a turn; in the other modes nobody needs the floor."""


class SetMode(Command, frozen=True, kw_only=True):
    """Set who may speak. The floor stays where it is unless nobody needs one in the new mode."""

    needs: ClassVar[frozenset[Role]] = FACILITATORS

    mode: Mode

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if room.public.mode is not self.mode or room.public.quiet:
            yield ModeSet(mode=self.mode)


class ModeSet(Event, frozen=True, kw_only=True):
    """Who may speak has changed."""

    stream = ROOM
    mode: Mode

    def apply(self, part: Part, stamp: Stamp) -> None:
        public = cast(Public, part)
        public.mode, public.quiet = self.mode, False
        if self.mode not in MODES_WITH_FLOOR:
            public.floor = None
