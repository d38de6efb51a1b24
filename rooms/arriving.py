"""Coming in under a pseudonym, and being known to the room."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Self, cast

from rooms import pseudonyms
from rooms.beside import OnCallLeft
from rooms.kernel import (
    At,
    Command,
    Event,
    Made,
    MeetingNotOpen,
    NotAllowed,
    PrivateEvent,
    Stamp,
)
from rooms.refusals import Refused
from rooms.room import (
    CORE,
    ROOM,
    STAFF,
    Core,
    Hold,
    MemberId,
    Membership,
    MemberTag,
    Part,
    Person,
    Private,
    Public,
    Role,
    Room,
    Staff,
)

PSEUDONYM_KEPT_DAYS = 90
"""How long the name of somebody who chose "remember me" is held after their last presence."""


class RoomIsFrozen(Refused):
    """The facilitator froze the room: nobody enters until it is lifted."""

    code = "room_frozen"
    text = "The facilitator has paused the room. Nobody can come in or write just now."
    retry = True


class RulesHaveChanged(Refused):
    """The version somebody accepted is not the one that holds now; `version` is."""

    code = "rules_changed"
    text = "The ground rules have changed. Please read them again."


class Join(Command, frozen=True, kw_only=True):
    """Come into the room under a pseudonym. A second tap, or a lost answer, makes no second person.

    `rules` is the version of the ground rules the person accepts (0 for none: they can listen, and
    accept later). `first_meeting` and `listening` are seen by the facilitators alone. `remember`
    keeps the pseudonym for 90 days after the last visit.
    """

    in_meeting: ClassVar[bool] = False
    members_only: ClassVar[bool] = False
    at_table: ClassVar[bool] = False

    pseudonym: str
    rules: int = 0
    first_meeting: bool = False
    listening: bool = False
    remember: bool = False

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if at.role is Role.MODERATOR:
            raise NotAllowed()  # a moderator comes for an alert, unseen by the group
        if room.public.meeting is None and at.role is Role.MEMBER:
            raise MeetingNotOpen()
        if at.by and at.by in room.public.people and room.public.people[at.by].here:
            return
        if room.public.hold is Hold.FROZEN and at.role is Role.MEMBER:
            raise RoomIsFrozen()
        if self.rules not in (0, room.public.rules.version):
            raise RulesHaveChanged(version=room.public.rules.version)
        member = at.by or at.fresh_id
        name = pseudonyms.display(self.pseudonym)
        yield from known(room, at, member, at.tag, at.role, name, remember=self.remember)
        staff = room.staff
        noted = member in staff.first_meeting or member in staff.listening
        if noted or self.first_meeting or self.listening:
            yield MemberNoted(
                member=member, first_meeting=self.first_meeting, listening=self.listening
            )
        yield Welcomed(
            to=member,
            rules_accepted=self.rules,
            first_meeting=self.first_meeting,
            listening=self.listening,
        )
        if member in room.staff.on_call:
            yield OnCallLeft(member=member)
        yield Arrived(member=member, pseudonym=name, role=at.role)


def known(
    room: Room, at: At, member: MemberId, tag: MemberTag, role: Role, name: str, *, remember: bool
) -> Iterator[Made]:
    """The core's memory of somebody who comes in: their window opens now, once in each meeting.

    Raises PseudonymTaken for a name that looks like one somebody else has had in this meeting.
    """
    key = pseudonyms.compare_key(name)
    if room.core.names.get(key, member) != member:
        raise pseudonyms.PseudonymTaken()
    before = room.core.members.get(member)
    number = room.public.meeting.number if room.public.meeting else 0
    # Between meetings nothing is continued: a window from before could show a meeting in between.
    same = before is not None and room.public.meeting is not None and before.meeting == number
    yield MemberKnown(
        member=member,
        tag=tag,
        role=role,
        pseudonym=name,
        name_key=key,
        meeting=number,
        hears_from=before.hears_from if before and same else room.number(ROOM),
        staff_from=before.staff_from if before and same else room.number(STAFF),
        remember=remember,
    )


class MemberKnown(Event, frozen=True, kw_only=True):
    """The room has a place for a tag. Delivered to nobody."""

    stream = CORE
    member: MemberId
    tag: MemberTag
    role: Role
    pseudonym: str
    name_key: str
    meeting: int
    hears_from: int
    staff_from: int
    remember: bool = False

    @classmethod
    def again(
        cls,
        member: MemberId,
        known: Membership,
        *,
        meeting: int,
        hears_from: int,
        staff_from: int,
        role: Role | None = None,
    ) -> Self:
        """The same person with another window (they hear what comes after these numbers), or with
        another role."""
        return cls(
            member=member,
            tag=known.tag,
            role=known.role if role is None else role,
            pseudonym=known.pseudonym,
            name_key=known.name_key,
            meeting=meeting,
            hears_from=hears_from,
            staff_from=staff_from,
            remember=known.remember,
        )

    def rehears(self) -> Sequence[MemberId]:
        return (self.member,)

    def apply(self, part: Part, stamp: Stamp) -> None:
        core = cast(Core, part)
        core.tags[self.tag] = self.member
        core.names[self.name_key] = self.member
        core.members[self.member] = Membership(
            tag=self.tag,
            pseudonym=self.pseudonym,
            name_key=self.name_key,
            role=self.role,
            meeting=self.meeting,
            hears_from=self.hears_from,
            staff_from=self.staff_from,
            remember=self.remember,
            last_here=stamp.now,
        )


class MembersForgotten(Event, frozen=True, kw_only=True):
    """The room no longer knows these people; their tags and names are free, and so are `names`, by
    the keys they are compared by. Delivered to nobody."""

    stream = CORE
    members: list[MemberId]
    names: list[str]

    def rehears(self) -> Sequence[MemberId]:
        return self.members

    def apply(self, part: Part, stamp: Stamp) -> None:
        core = cast(Core, part)
        gone = set(self.members)
        for member in gone:
            membership = core.members.pop(member, None)
            if membership is not None:
                core.tags.pop(membership.tag, None)
        core.names = {
            key: m for key, m in core.names.items() if m not in gone and key not in self.names
        }


class MemberNoted(Event, frozen=True, kw_only=True):
    """What somebody told the facilitators at the door: first meeting here, listening today."""

    stream = STAFF
    member: MemberId
    first_meeting: bool = False
    listening: bool = False

    def apply(self, part: Part, stamp: Stamp) -> None:
        staff = cast(Staff, part)
        for chosen, people in (
            (self.first_meeting, staff.first_meeting),
            (self.listening, staff.listening),
        ):
            if chosen and self.member not in people:
                people.append(self.member)
            elif not chosen and self.member in people:
                people.remove(self.member)


class Welcomed(PrivateEvent, frozen=True, kw_only=True):
    """You are in: the rules you accepted and what you told the facilitators."""

    rules_accepted: int = 0
    first_meeting: bool = False
    listening: bool = False

    def apply(self, part: Part, stamp: Stamp) -> None:
        mine = cast(Private, part)
        mine.left = False
        mine.rules_accepted = max(mine.rules_accepted, self.rules_accepted)
        mine.first_meeting = self.first_meeting
        mine.listening = self.listening


class Arrived(Event, frozen=True, kw_only=True):
    """Somebody came into the room."""

    stream = ROOM
    member: MemberId
    pseudonym: str
    role: Role

    def rehears(self) -> Sequence[MemberId]:
        return (self.member,)

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Public, part).people[self.member] = Person(
            pseudonym=self.pseudonym, role=self.role, here=True, since=stamp.now
        )


class AcceptGroundRules(Command, frozen=True, kw_only=True):
    """Accept the ground rules in the version that holds now. Needed before speaking."""

    in_meeting: ClassVar[bool] = False

    version: int

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if self.version != room.public.rules.version:
            raise RulesHaveChanged(version=room.public.rules.version)
        if room.private(at.by).rules_accepted < self.version:
            yield GroundRulesAccepted(to=at.by, version=self.version)


class GroundRulesAccepted(PrivateEvent, frozen=True, kw_only=True):
    """You accepted this version of the ground rules."""

    version: int

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).rules_accepted = self.version


class ChangePseudonym(Command, frozen=True, kw_only=True):
    """Take another name. The old one stays yours until the meeting ends: nobody borrows it."""

    in_meeting: ClassVar[bool] = False

    pseudonym: str

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        membership = room.core.members[at.by]
        name = pseudonyms.display(self.pseudonym)
        if name == membership.pseudonym:
            return
        yield from known(
            room, at, at.by, membership.tag, membership.role, name, remember=membership.remember
        )
        yield Renamed(member=at.by, pseudonym=name)


class Renamed(Event, frozen=True, kw_only=True):
    """Somebody took another name."""

    stream = ROOM
    member: MemberId
    pseudonym: str

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Public, part).people[self.member].pseudonym = self.pseudonym


class ChooseListening(Command, frozen=True, kw_only=True):
    """Only listen, or speak after all. The facilitators see it; nobody else does."""

    listening: bool

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if (at.by in room.staff.listening) is self.listening:
            return
        yield MemberNoted(
            member=at.by,
            first_meeting=at.by in room.staff.first_meeting,
            listening=self.listening,
        )
        yield ListeningChosen(to=at.by, listening=self.listening)


class ListeningChosen(PrivateEvent, frozen=True, kw_only=True):
    """You listen today, or you speak after all."""

    listening: bool

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).listening = self.listening
