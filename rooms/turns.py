"""The hand, the floor and the turn. The order of hands is the server's: one queue for everybody."""

from collections.abc import Iterator
from typing import ClassVar, cast

from rooms.kernel import At, Command, Event, Made, Stamp
from rooms.modes import MODES_WITH_FLOOR
from rooms.refusals import Refused
from rooms.room import FACILITATORS, ROOM, MemberId, Part, Public, Role, Room, Standing

HAND_KEPT_SECONDS = 600.0
"""How long the place and the hand of a lost connection are kept: a phone that slept six minutes."""
FLOOR_KEPT_SECONDS = 60.0
"""How long the floor waits for a lost connection; then the turn is called again later."""


class HandAlreadyUp(Refused):
    """The hand is up already."""

    code = "hand_already_up"
    text = "Your hand is up already."


class HandNotUp(Refused):
    """The hand is not up."""

    code = "hand_not_up"
    text = "Your hand is not up."


class YouHaveTheFloor(Refused):
    """Whoever has the floor needs no hand."""

    code = "you_have_the_floor"
    text = "You have the floor already."


class FloorIsNotYours(Refused):
    """Somebody else has the floor, or nobody."""

    code = "floor_not_yours"
    text = "The floor is not with you now."


class NoTurnsNow(Refused):
    """In this mode nobody needs the floor, so it cannot be given."""

    code = "no_turns_now"
    text = "There are no turns just now. Set the mode to turns first."


class NobodyToCall(Refused):
    """No hand is up of anybody who is here and may speak."""

    code = "nobody_to_call"
    text = "No hand is up of anybody who can speak now."


class RaiseHand(Command, frozen=True, kw_only=True):
    """Ask for a turn. Hands are called in the order they were raised; a mute does not lower one."""

    standings: ClassVar[frozenset[Standing]] = frozenset({Standing.SPEAKING, Standing.MUTED})

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if at.by in room.public.hands:
            raise HandAlreadyUp()
        if at.by == room.public.floor:
            raise YouHaveTheFloor()
        yield HandRaised(member=at.by)


class HandRaised(Event, frozen=True, kw_only=True):
    """A member is waiting for a turn."""

    stream = ROOM
    member: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Public, part).hands.append(self.member)


class LowerHand(Command, frozen=True, kw_only=True):
    """Take the hand down. Nobody is told why."""

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if at.by not in room.public.hands:
            raise HandNotUp()
        yield HandLowered(member=at.by)


class HandLowered(Event, frozen=True, kw_only=True):
    """A member no longer waits for a turn."""

    stream = ROOM
    member: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Public, part).hands.remove(self.member)


class CallNext(Command, frozen=True, kw_only=True):
    """Give the floor to the first hand, or to `member`. Whoever is lost or muted keeps their place
    and is called when they can speak."""

    needs: ClassVar[frozenset[Role]] = FACILITATORS

    member: MemberId | None = None

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if room.public.mode not in MODES_WITH_FLOOR:
            raise NoTurnsNow()
        waiting = room.public.hands if self.member is None else [self.member]
        for member in waiting:
            person = room.public.people.get(member)
            if (
                person is not None
                and person.here
                and member != room.public.floor
                and room.standing(member, at.now) is Standing.SPEAKING
            ):
                yield FloorGiven(member=member)
                return
        raise NobodyToCall()


class FloorGiven(Event, frozen=True, kw_only=True):
    """Somebody has the floor: it is their turn."""

    stream = ROOM
    member: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        public = cast(Public, part)
        public.floor, public.floor_since = self.member, stamp.now
        if self.member in public.hands:
            public.hands.remove(self.member)


class Yield(Command, frozen=True, kw_only=True):
    """Give the floor back: "I'm done". A muted or listening person can do so too."""

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if room.public.floor != at.by:
            raise FloorIsNotYours()
        yield FloorFreed(member=at.by)


class FloorFreed(Event, frozen=True, kw_only=True):
    """The floor is free again. With `again` the turn was missed and stands first in the queue."""

    stream = ROOM
    member: MemberId
    again: bool = False

    def apply(self, part: Part, stamp: Stamp) -> None:
        public = cast(Public, part)
        public.floor = None
        if self.again:
            public.hands.insert(0, self.member)
