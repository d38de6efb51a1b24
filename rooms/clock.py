"""What happens because time passes: the next deadline of a room, and its Tick.

Deadlines are facts of the room's state, so they survive a restart: whoever loads the room finds the
same ones. After a Tick the next deadline lies ahead, so a wake never spins.
"""

from collections.abc import Container, Iterator
from math import inf
from typing import cast

from rooms.alert_clock import alert_due, given_back, overdue
from rooms.arriving import PSEUDONYM_KEPT_DAYS, MembersForgotten
from rooms.holds import HoldPlaced
from rooms.kernel import At, Event, Internal, Made, PrivateEvent, Stamp
from rooms.meetings import closed, in_care
from rooms.on_call import OnCallLeft
from rooms.presence import Left
from rooms.room import STAFF, Hold, MemberId, Part, Private, Room, Staff
from rooms.threads import members_released, threads_due, threads_over, threads_without
from rooms.turns import FLOOR_KEPT_SECONDS, HAND_KEPT_SECONDS, FloorFreed

FACILITATOR_GRACE_SECONDS = 120.0
"""How long a meeting goes on without a connected facilitator; then it rests (mission F6)."""
CALM_HOLD_SECONDS = 7_200.0
"""How long a meeting rests with nobody holding it; then it is closed, and retention can begin."""
_DAY = 86_400.0
MEETING_LONGEST_SECONDS = 43_200.0
"""The longest meeting: half a day, so that its key outlives it by half a day at least."""


def unheld_since(room: Room) -> float | None:
    """Since when no facilitator has been connected to an open meeting; None while one is."""
    people = list(room.facilitators())
    if any(p.here for p in people):
        return None
    return max((p.since for p in people), default=-inf)


def due(room: Room) -> float:
    """The room's next deadline in seconds since the epoch; infinity when nothing is waiting."""
    return min(_deadlines(room), default=inf)


def _deadlines(room: Room) -> Iterator[float]:
    public = room.public
    yield from (mute.until for mute in room.staff.muted.values())
    yield from (alert_due(room, member) for member in room.staff.alerts)
    yield from threads_due(room)
    for person in room.staff.on_call.values():
        if not person.here:
            yield person.since + HAND_KEPT_SECONDS
    placed = public.people.keys() | room.staff.on_call.keys()
    yield from (known_until(room, m, placed) for m in room.core.members)
    for member, person in public.people.items():
        if not person.here:
            yield person.since + HAND_KEPT_SECONDS
            if member == public.floor:
                yield person.since + FLOOR_KEPT_SECONDS
    if public.meeting is None:
        return
    yield public.meeting.opened_at + MEETING_LONGEST_SECONDS
    since = unheld_since(room)
    if public.hold is Hold.CALM:
        yield public.hold_since + CALM_HOLD_SECONDS
    elif since is not None:
        yield max(since + FACILITATOR_GRACE_SECONDS, 0.0)


def known_until(
    room: Room,
    member: MemberId,
    placed: Container[MemberId],
    released: Container[MemberId] = (),
) -> float:
    """When the room forgets a Member: never while they have a place or are of this meeting, nor
    while somebody looks after them; not before the end of a mute; and not before 90 days where they
    asked to be remembered."""
    known = room.core.members[member]
    meeting = room.public.meeting
    if member in placed or (meeting and known.meeting == meeting.number):
        return inf
    if in_care(room, member) and (member not in released or room.own_alert(member)):
        return inf
    mute = room.staff.muted.get(member)
    kept = known.last_here + PSEUDONYM_KEPT_DAYS * _DAY if known.remember else known.last_here
    return max(kept, mute.until) if mute else kept


class Tick(Internal, frozen=True, kw_only=True):
    """Time has passed: do all that is due."""

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        public = room.public
        placed = public.people.keys() | room.staff.on_call.keys()
        yield from overdue(room, at.now)
        yield from threads_over(room, at.now)
        released = members_released(room, at.now)
        for member, person in room.staff.on_call.items():
            if not person.here and person.since + HAND_KEPT_SECONDS <= at.now:
                placed.remove(member)
                yield from given_back(room, member)
                yield from threads_without(room, member)
                yield OnCallLeft(member=member)
        for member, mute in room.staff.muted.items():
            if mute.until <= at.now:
                yield MuteEnded(member=member)
                yield YourMuteEnded(to=member)
        if public.meeting is not None:
            rested = public.hold is Hold.CALM and public.hold_since + CALM_HOLD_SECONDS <= at.now
            if rested or public.meeting.opened_at + MEETING_LONGEST_SECONDS <= at.now:
                yield from closed(room, at.now)
                return
            since = unheld_since(room)
            unheld = since is not None and since + FACILITATOR_GRACE_SECONDS <= at.now
            if unheld and public.hold is not Hold.CALM:
                yield HoldPlaced(hold=Hold.CALM)
        for member, person in public.people.items():
            if person.here:
                continue
            if person.since + HAND_KEPT_SECONDS <= at.now:
                placed.remove(member)
                yield from given_back(room, member)
                yield from threads_without(room, member)
                yield Left(member=member)
            elif member == public.floor and person.since + FLOOR_KEPT_SECONDS <= at.now:
                yield FloorFreed(member=member, again=True)
        known = ((m, known_until(room, m, placed, released)) for m in room.core.members)
        if gone := [member for member, until in known if until <= at.now]:
            yield MembersForgotten(members=gone, names=[])


class MuteEnded(Event, frozen=True, kw_only=True):
    """A mute is over."""

    stream = STAFF
    member: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).muted.pop(self.member, None)


class YourMuteEnded(PrivateEvent, frozen=True, kw_only=True):
    """You can speak again."""

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).muted = None
