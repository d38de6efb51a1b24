"""The kernel: a Command knows its rule, an Event knows its effect.

Both are plain typed structs that are also the wire format, the permission and the reference
documentation. `carry_out` is the one way from a command to a changed room.

The laws (each is a test over all commands, in `tests/laws`):

1. `decide` never changes the room; `apply` never refuses and never yields.
2. Snapshot and tail give the live Room; an old View and the heard events give the fresh View.
3. Time, ids and the acting Member come in through `At`; nothing else comes from outside.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

import msgspec

from rooms.refusals import Refused
from rooms.room import (
    EVERY_ROLE,
    PRIVATE,
    MemberId,
    MemberTag,
    Part,
    Role,
    Room,
    Standing,
    StreamName,
    private,
)


class Stamp(NamedTuple):
    """What an event may know of itself: its number in its stream, and its time (epoch seconds)."""

    seq: int
    now: float


class At(NamedTuple):
    """All that a rule may know of the world outside its room.

    `by` is the acting Member: 0 where there is none (Internal commands, and a Join by somebody
    new). `tag` and `role` say who stands at the door: `role` comes from an Account and only from
    there. `fresh_id` is a MemberId, or the number of a case, that has never been used. `on_call`
    says whether somebody is on shift for this room, `thread_key` is the key for a thread to come.
    """

    now: float
    by: MemberId = 0
    tag: MemberTag = ""
    role: Role = Role.MEMBER
    fresh_id: MemberId = 0
    on_call: bool = False
    thread_key: int = 0


class Event(
    msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type", omit_defaults=True
):
    """Something that has happened. It writes only the part of its own stream."""

    stream: ClassVar[StreamName]

    def heard_on(self) -> StreamName:
        """The stream this event belongs to."""
        return self.stream

    def rehears(self) -> Sequence[MemberId]:
        """The people whose set of streams this event changes; the Hub follows it."""
        return ()

    def apply(self, part: Part, stamp: Stamp) -> None:
        """Change the part. Never refuses, never raises, never looks anywhere else."""
        raise NotImplementedError


class PrivateEvent(Event, frozen=True, kw_only=True):
    """Something that one person alone is told, on all their Connections."""

    stream: ClassVar[StreamName] = PRIVATE
    to: MemberId

    def thread(self) -> str | None:
        """The private thread under whose own key this is kept; None for all others."""
        return None

    def heard_on(self) -> StreamName:
        return private(self.to)


class Order(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type"):
    """What a Command asks of the world outside the room.

    An outbox row in the same transaction as the events; never logged in the room, never applied.
    """


Made = Event | Order


class Command(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag=True,
    tag_field="type",
    forbid_unknown_fields=True,
):
    """Something a person asks for. The class is wire schema, documentation, permission and rule.

    `needs` are the roles it is open to, `standings` the standings it is open to, `in_meeting`
    whether a meeting must be open, `members_only` whether one must have joined, `at_table` whether
    one must have a place in the room now (a lost connection keeps its place for a while), `beside`
    whether a place on call beside the room is enough.
    """

    needs: ClassVar[frozenset[Role]] = EVERY_ROLE
    standings: ClassVar[frozenset[Standing]] = frozenset(
        {Standing.SPEAKING, Standing.LISTENING, Standing.MUTED}
    )
    in_meeting: ClassVar[bool] = True
    members_only: ClassVar[bool] = True
    at_table: ClassVar[bool] = True
    beside: ClassVar[bool] = False

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        """Yield what happens, or raise Refused. Never changes the room."""
        raise NotImplementedError


class Internal(Command, frozen=True, kw_only=True):
    """A command of the machinery. It is not in the wire union: no client can send one."""

    in_meeting: ClassVar[bool] = False
    members_only: ClassVar[bool] = False
    at_table: ClassVar[bool] = False


class NotAMember(Refused):
    """The person has not joined this room, or the room has forgotten them since."""

    code = "not_a_member"
    text = "You are not in this meeting. Come in first, then try again."


class NotHere(Refused):
    """The person has left the table and has not come back to it."""

    code = "not_here"
    text = "You have left this meeting. Come in again, then try once more."


class NotAllowed(Refused):
    """The command takes a role that the person does not hold in this room."""

    code = "not_allowed"
    text = "Only a facilitator of this room can do that."


class MeetingNotOpen(Refused):
    """No meeting is open in this room."""

    code = "meeting_not_open"
    text = "No meeting is open in this room now."


class YouWereRemoved(Refused):
    """A facilitator asked the person to leave this meeting."""

    code = "removed"
    text = "You were asked to leave this meeting. Help now works for you as always."


class YouAreMuted(Refused):
    """A facilitator muted the person for a time; `until` is its end in epoch seconds."""

    code = "muted"
    text = "You are muted for a while. You can read along and use Help now."


class YouAreListening(Refused):
    """The person chose to listen today."""

    code = "listening"
    text = "You chose to listen today. You can change that at any time."


def permit(command: Command, room: Room, at: At) -> None:
    """Check the declared permission of a command. Raises the Refused that says what is missing."""
    if command.members_only and at.by not in room.core.members:
        raise NotAMember()
    if command.needs is not EVERY_ROLE and room.role(at.by) not in command.needs:
        raise NotAllowed()
    if at.by:
        standing = room.standing(at.by, at.now)
        if standing not in command.standings:
            if standing is Standing.REMOVED:
                raise YouWereRemoved()
            if standing is Standing.MUTED:
                raise YouAreMuted(until=int(room.staff.muted[at.by].until))
            raise YouAreListening()
    if command.in_meeting and room.public.meeting is None:
        raise MeetingNotOpen()
    beside = command.beside and at.by in room.staff.on_call
    if command.at_table and at.by not in room.public.people and not beside:
        raise NotHere()


class Recorded(NamedTuple):
    """An event with its place: count in the room, stream, number in the stream, time."""

    n: int
    stream: StreamName
    seq: int
    now: float
    event: Event


def record(room: Room, event: Event, now: float) -> Recorded:
    """Apply one event to its own part and number it."""
    stream = event.heard_on()
    seq = room.number(stream) + 1
    event.apply(room.part(stream), Stamp(seq, now))
    room.n += 1
    room.last = max(room.last, now)
    room.numbers[stream] = seq
    return Recorded(room.n, stream, seq, now, event)


def carry_out(room: Room, command: Command, at: At) -> tuple[list[Recorded], list[Order]]:
    """Permission, rule, effects: what one command makes of a room.

    Raises Refused and then the room is as it was: everything is decided before anything is applied.
    """
    permit(command, room, at)
    made = list(command.decide(room, at))
    orders = [thing for thing in made if isinstance(thing, Order)]
    return [record(room, e, at.now) for e in made if isinstance(e, Event)], orders
