"""Being here: lost and found again, leaving, and a role that was taken."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, cast

from rooms.alert_clock import given_back
from rooms.arriving import Arrived, MemberKnown, MembersForgotten
from rooms.beside import OnCallLeft, OnCallSeen
from rooms.holds import HoldPlaced
from rooms.kernel import At, Command, Event, Internal, Made, PrivateEvent, Stamp
from rooms.room import (
    ROOM,
    Hold,
    MemberId,
    MemberTag,
    Part,
    Private,
    Public,
    Role,
    Room,
    Standing,
)
from rooms.threads import threads_without


class Leave(Command, frozen=True, kw_only=True):
    """Leave the meeting. Nobody is told why. When the only facilitator leaves, the room rests."""

    in_meeting: ClassVar[bool] = False
    at_table: ClassVar[bool] = False
    standings: ClassVar[frozenset[Standing]] = frozenset(Standing)

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if room.presence(at.by) is not None:
            yield YouLeft(to=at.by)
            yield from left(room, at.by)


class YouLeft(PrivateEvent, frozen=True, kw_only=True):
    """You left this meeting, on all your pages. Come in again whenever you like."""

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).left = True


def left(room: Room, member: MemberId) -> Iterator[Made]:
    """Somebody's place is free; without the only facilitator the room rests. Their alerts are open
    for others, and their private threads with members end."""
    yield from given_back(room, member)
    yield from threads_without(room, member)
    if member in room.staff.on_call:
        yield OnCallLeft(member=member)
        return
    yield Left(member=member)
    others = [
        m for m, p in room.public.people.items() if p.role is Role.FACILITATOR and m != member
    ]
    if room.public.meeting and room.public.hold is not Hold.CALM and not others:
        yield HoldPlaced(hold=Hold.CALM)


class Left(Event, frozen=True, kw_only=True):
    """Somebody is no longer in the room; their hand is down and the floor they held is free."""

    stream = ROOM
    member: MemberId

    def rehears(self) -> Sequence[MemberId]:
        return (self.member,)

    def apply(self, part: Part, stamp: Stamp) -> None:
        public = cast(Public, part)
        public.people.pop(self.member, None)
        if self.member in public.hands:
            public.hands.remove(self.member)
        if public.floor == self.member:
            public.floor = None


class Lost(Internal, frozen=True, kw_only=True):
    """The last Connection of a Member is gone. Their place and their hand are kept for a while."""

    member: MemberId

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        person = room.presence(self.member)
        if person is None or not person.here:
            return
        if self.member in room.staff.on_call:
            yield OnCallSeen(member=self.member, here=False)
        else:
            yield PersonLost(member=self.member)


class PersonLost(Event, frozen=True, kw_only=True):
    """Somebody's connection is lost; their place is kept."""

    stream = ROOM
    member: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        person = cast(Public, part).people[self.member]
        person.here, person.since = False, stamp.now


class Returned(Internal, frozen=True, kw_only=True):
    """A Member is connected again. Somebody whose place was cleared away gets it back; somebody
    who left or was removed does not."""

    member: MemberId

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        membership = room.core.members.get(self.member)
        away = self.member in room.staff.removed or room.private(self.member).left
        if membership is None or away:
            return
        person = room.presence(self.member)
        if person is not None and not person.here:
            if self.member in room.staff.on_call:
                yield OnCallSeen(member=self.member, here=True)
            else:
                yield PersonReturned(member=self.member)
        number = room.public.meeting.number if room.public.meeting else 0
        if person is None and membership.meeting == number:
            yield Arrived(member=self.member, pseudonym=membership.pseudonym, role=membership.role)


class PersonReturned(Event, frozen=True, kw_only=True):
    """Somebody is connected again."""

    stream = ROOM
    member: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        person = cast(Public, part).people[self.member]
        person.here, person.since = True, stamp.now


class HostResumed(Internal, frozen=True, kw_only=True):
    """A node became host of this room: everybody who is not connected to it is lost."""

    connected: list[MemberId]

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        here = set(self.connected)
        if any(p.here != (m in here) for m, p in room.public.people.items()):
            yield PresenceReset(here=sorted(here & room.public.people.keys()))
        for member, person in room.staff.on_call.items():
            if person.here != (member in here):
                yield OnCallSeen(member=member, here=member in here)


class PresenceReset(Event, frozen=True, kw_only=True):
    """The server was away for a moment: these people are connected, the others are lost."""

    stream = ROOM
    here: list[MemberId]

    def apply(self, part: Part, stamp: Stamp) -> None:
        here = set(self.here)
        for member, person in cast(Public, part).people.items():
            if person.here != (member in here):
                person.here, person.since = member in here, stamp.now


class RoleTaken(Internal, frozen=True, kw_only=True):
    """The desk took somebody's role, or disabled their Account: they leave the room at once.

    During a meeting the room goes on knowing them, as anybody, so that nobody borrows their name
    and what they said can still be hidden. Their tag opens no door any more: it takes the role.
    """

    tag: MemberTag

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        member = room.core.tags.get(self.tag)
        if member is None:
            return
        known = room.core.members[member]
        if known.role is Role.MEMBER:
            return
        if room.public.meeting is None:
            yield MembersForgotten(members=[member], names=[])
        else:
            yield MemberKnown.again(
                member,
                known,
                role=Role.MEMBER,
                meeting=known.meeting,
                hears_from=known.hears_from,
                staff_from=known.staff_from,
            )
            yield YouLeft(to=member)
        if room.presence(member) is not None:
            yield from left(room, member)
