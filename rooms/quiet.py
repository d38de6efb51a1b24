"""A quiet moment: the room reads a few calming lines, and nobody is told why."""

from collections.abc import Iterator
from typing import ClassVar, cast

from rooms.kernel import At, Command, Event, Made, Stamp
from rooms.room import FACILITATORS, ROOM, Mode, Part, Public, Role, Room


class ReadQuietly(Command, frozen=True, kw_only=True):
    """Give the room a quiet moment: mode closed, and a grounding text for everybody. One tap, for a
    facilitator who is needed elsewhere; it says nothing of why."""

    needs: ClassVar[frozenset[Role]] = FACILITATORS

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if not room.public.quiet:
            yield QuietStarted()


class QuietStarted(Event, frozen=True, kw_only=True):
    """A quiet moment: a grounding text is read, until the mode is set again."""

    stream = ROOM

    def apply(self, part: Part, stamp: Stamp) -> None:
        public = cast(Public, part)
        public.mode, public.floor, public.quiet = Mode.CLOSED, None, True
