"""The room at rest: frozen by a facilitator, or calm because nobody holds it. One tap resumes."""

from collections.abc import Iterator
from typing import ClassVar, cast

from rooms.kernel import At, Command, Event, Made, Stamp
from rooms.refusals import Refused
from rooms.room import FACILITATORS, ROOM, Hold, Part, Public, Role, Room


class NotResting(Refused):
    """The room does not rest."""

    code = "not_resting"
    text = "The room is not resting."


class AlreadyFrozen(Refused):
    """The room is frozen already."""

    code = "already_frozen"
    text = "The room is paused already."


class Freeze(Command, frozen=True, kw_only=True):
    """Pause the room at once: only facilitators speak, nobody enters. Says nothing of why."""

    needs: ClassVar[frozenset[Role]] = FACILITATORS

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if room.public.hold is Hold.FROZEN:
            raise AlreadyFrozen()
        yield HoldPlaced(hold=Hold.FROZEN)


class HoldPlaced(Event, frozen=True, kw_only=True):
    """The room rests. Mode and Floor stay as they are."""

    stream = ROOM
    hold: Hold

    def apply(self, part: Part, stamp: Stamp) -> None:
        public = cast(Public, part)
        public.hold = self.hold
        public.hold_since = stamp.now


class Resume(Command, frozen=True, kw_only=True):
    """Lift the rest: Mode and Floor are as they were."""

    needs: ClassVar[frozenset[Role]] = FACILITATORS

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if room.public.hold is Hold.NONE:
            raise NotResting()
        yield HoldLifted()


class HoldLifted(Event, frozen=True, kw_only=True):
    """The room goes on where it was."""

    stream = ROOM

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Public, part).hold = Hold.NONE
