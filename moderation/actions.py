"""What a facilitator can do about a message or a person: one class each, target and reason always.

The same shape for all of them: a staff event that carries the audit row, a private event that tells
the person what and why and until when, and at most one neutral line for the room. Nobody acts on a
peer or on themselves. Who acted is a column of the log, seen in no event.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import ClassVar, cast

from rooms import texts
from rooms.arriving import MemberKnown
from rooms.kernel import At, Command, Event, Made, PrivateEvent, Stamp
from rooms.presence import Left
from rooms.refusals import Refused
from rooms.room import (
    FACILITATORS,
    ROOM,
    STAFF,
    MemberId,
    MessageFate,
    Mute,
    Part,
    Private,
    Public,
    Role,
    Room,
    Staff,
)
from rooms.speaking import standing_message
from rooms.turns import FloorFreed

REASON_LIMIT = 200
"""Graphemes in a reason: one sentence, read by the person it is about."""
LONGEST_MUTE_MINUTES = 24 * 60
"""The longest mute of the ladder (safety.md section 5)."""


class ActionKind(StrEnum):
    """The kinds of Action, as the audit names them."""

    HIDE = "hide"
    MUTE = "mute"
    UNMUTE = "unmute"
    REMOVE = "remove"
    READMIT = "readmit"


class NotOnYourself(Refused):
    """Nobody acts on themselves."""

    code = "not_on_yourself"
    text = "You cannot do that to yourself."


class NotOnPeers(Refused):
    """Facilitators do not act on facilitators."""

    code = "not_on_peers"
    text = "You cannot do that to another facilitator."


class NoSuchMember(Refused):
    """Nobody of this meeting has this id."""

    code = "no_such_member"
    text = "That person is not in this meeting any more."


class MuteTooLong(Refused):
    """A mute lasts from one minute to `limit` minutes."""

    code = "mute_too_long"
    text = "A mute lasts from one minute to 24 hours."


class NotMuted(Refused):
    """The person is not muted."""

    code = "not_muted"
    text = "That person is not muted."


class AlreadyRemoved(Refused):
    """The person was removed from this meeting already."""

    code = "already_removed"
    text = "That person was asked to leave already."


class NotRemoved(Refused):
    """The person was not removed from this meeting."""

    code = "not_removed"
    text = "That person was not asked to leave."


class Action(Command, frozen=True, kw_only=True):
    """What every Action has: a facilitator, and a reason that the person will read."""

    needs: ClassVar[frozenset[Role]] = FACILITATORS

    reason: str

    def because(self) -> str:
        """The reason as one clean line. Raises Refused when it is empty or too long."""
        return texts.line(self.reason, REASON_LIMIT)


class ActionTaken(Event, frozen=True, kw_only=True):
    """What every Action leaves on the staff stream; audit rows are projected from these events."""

    stream = STAFF
    kind: ClassVar[ActionKind]
    member: MemberId
    reason: str


def target(room: Room, at: At, member: MemberId) -> MemberId:
    """A person of this meeting one may act on. Raises the Refused that says why not."""
    if member == at.by:
        raise NotOnYourself()
    known = room.core.members.get(member)
    if known is None or known.meeting != room.public.meetings_held:
        raise NoSuchMember()
    if room.role(member) is not Role.MEMBER:
        raise NotOnPeers()
    return member


class HideMessage(Action, frozen=True, kw_only=True):
    """Hide a message: the room sees that a facilitator hid it, its author reads why."""

    message: int

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        reason = self.because()
        author = target(room, at, standing_message(room, self.message).author)
        yield MessageHidden(message=self.message)
        yield HideNoted(member=author, message=self.message, reason=reason)
        yield YourMessageHidden(to=author, message=self.message, reason=reason)


class MessageHidden(Event, frozen=True, kw_only=True):
    """A message was hidden by a facilitator."""

    stream = ROOM
    message: int

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Public, part).messages[self.message].fate = MessageFate.HIDDEN


class HideNoted(ActionTaken, frozen=True, kw_only=True):
    """A facilitator hid a message, and why."""

    kind = ActionKind.HIDE
    message: int

    def apply(self, part: Part, stamp: Stamp) -> None:
        """Nothing to remember: the message's fate stands in the room's own part."""


class YourMessageHidden(PrivateEvent, frozen=True, kw_only=True):
    """A facilitator hid your message, and why."""

    message: int
    reason: str

    def apply(self, part: Part, stamp: Stamp) -> None:
        """Said once; the message's fate stands in the room's own part."""


class MuteMember(Action, frozen=True, kw_only=True):
    """Mute somebody for a time. They read along, keep their hand, and Help works as always."""

    member: MemberId
    minutes: int

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        reason = self.because()
        member = target(room, at, self.member)
        if not 1 <= self.minutes <= LONGEST_MUTE_MINUTES:
            raise MuteTooLong(limit=LONGEST_MUTE_MINUTES)
        until = at.now + self.minutes * 60.0
        yield MemberMuted(member=member, reason=reason, until=until)
        yield YouWereMuted(to=member, reason=reason, until=until)
        if room.public.floor == member:
            yield FloorFreed(member=member)


class MemberMuted(ActionTaken, frozen=True, kw_only=True):
    """A facilitator muted somebody: why, and until when."""

    kind = ActionKind.MUTE
    until: float

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).muted[self.member] = Mute(until=self.until, reason=self.reason)


class YouWereMuted(PrivateEvent, frozen=True, kw_only=True):
    """You are muted: why, and until when."""

    reason: str
    until: float

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).muted = Mute(until=self.until, reason=self.reason)


class UnmuteMember(Action, frozen=True, kw_only=True):
    """Lift a mute before its end."""

    member: MemberId

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        reason = self.because()
        member = target(room, at, self.member)
        if member not in room.staff.muted:
            raise NotMuted()
        yield MemberUnmuted(member=member, reason=reason)
        yield YouWereUnmuted(to=member, reason=reason)


class MemberUnmuted(ActionTaken, frozen=True, kw_only=True):
    """A facilitator lifted a mute."""

    kind = ActionKind.UNMUTE

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).muted.pop(self.member, None)


class YouWereUnmuted(PrivateEvent, frozen=True, kw_only=True):
    """You can speak again."""

    reason: str

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).muted = None


class RemoveMember(Action, frozen=True, kw_only=True):
    """Remove somebody from this meeting. The room sees only that they left."""

    member: MemberId

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        reason = self.because()
        member = target(room, at, self.member)
        if member in room.staff.removed:
            raise AlreadyRemoved()
        yield MemberRemoved(member=member, reason=reason)
        yield YouWereRemovedBecause(to=member, reason=reason)
        if member in room.public.people:
            yield Left(member=member)


class MemberRemoved(ActionTaken, frozen=True, kw_only=True):
    """A facilitator removed somebody from this meeting, and why."""

    kind = ActionKind.REMOVE

    def rehears(self) -> tuple[MemberId, ...]:
        return (self.member,)

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).removed[self.member] = self.reason


class YouWereRemovedBecause(PrivateEvent, frozen=True, kw_only=True):
    """You were asked to leave this meeting, and why."""

    reason: str

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).removed = self.reason


class ReadmitMember(Action, frozen=True, kw_only=True):
    """Let somebody back in. They hear from now on: what was said meanwhile stays unheard."""

    member: MemberId

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        reason = self.because()
        member = target(room, at, self.member)
        if member not in room.staff.removed:
            raise NotRemoved()
        known = room.core.members[member]
        yield MemberReadmitted(member=member, reason=reason)
        yield MemberKnown.again(
            member,
            known,
            meeting=known.meeting,
            hears_from=room.number(ROOM),
            staff_from=known.staff_from,
        )
        yield YouWereReadmitted(to=member, reason=reason)


class MemberReadmitted(ActionTaken, frozen=True, kw_only=True):
    """A facilitator let somebody back in."""

    kind = ActionKind.READMIT

    def rehears(self) -> tuple[MemberId, ...]:
        return (self.member,)

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).removed.pop(self.member, None)


class YouWereReadmitted(PrivateEvent, frozen=True, kw_only=True):
    """You can come back in."""

    reason: str

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).removed = None
