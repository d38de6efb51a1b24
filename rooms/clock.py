"""What happens because time passes: the next deadline of a room, and its Tick.

Deadlines are facts of the room's state, so they survive a restart: whoever loads the room finds the
same ones. After a Tick the next deadline lies ahead, so a wake never spins.
"""

from collections.abc import Container, Iterator
from math import inf
from typing import cast

from rooms.alert_clock import alert_due, given_back, overdue
from rooms.arriving import PSEUDONYM_KEPT_DAYS, MembersForgotten
from rooms.beside import OnCallLeft
from rooms.holds import HoldPlaced
from rooms.kernel import At, Event, Internal, Made, PrivateEvent, Stamp
from rooms.meetings import closed, in_care
from rooms.presence import Left
from rooms.room import STAFF, STAFF_ROLES, Hold, MemberId, Part, Private, Room, Staff
from rooms.threads import members_released, threads_due, threads_over
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
        for member, mute in room.staff.muted.items():
            if mute.until <= at.now:
                yield MuteEnded(member=member)
                yield YourMuteEnded(to=member)
        if _ends(room, at.now):
            yield from closed(room, at.now)
            return
        going = list(_going(room, at.now))
        # Who goes now gives their alerts back; they are not missed a second time.
        yield from overdue(room, at.now, but=going)
        staff = [member for member in going if room.role(member) in STAFF_ROLES]
        yield from threads_over(room, at.now, without=staff)
        yield from _unheld(room, at.now)
        for member in going:
            yield from given_back(room, member)
            at_table = member in room.public.people
            yield Left(member=member) if at_table else OnCallLeft(member=member)
        yield from _floor_freed(room, at.now, going)
        placed = (room.public.people.keys() | room.staff.on_call.keys()) - {*going}
        released = members_released(room, at.now)
        known = ((m, known_until(room, m, placed, released)) for m in room.core.members)
        if gone := [member for member, until in known if until <= at.now]:
            yield MembersForgotten(members=gone, names=[])


def _ends(room: Room, now: float) -> bool:
    """Whether the meeting has lasted, or rested, as long as one may."""
    public = room.public
    if public.meeting is None:
        return False
    rested = public.hold is Hold.CALM and public.hold_since + CALM_HOLD_SECONDS <= now
    return rested or public.meeting.opened_at + MEETING_LONGEST_SECONDS <= now


def _going(room: Room, now: float) -> Iterator[MemberId]:
    """Those whose place was kept long enough for them to come back."""
    for places in (room.staff.on_call, room.public.people):
        for member, person in places.items():
            if not person.here and person.since + HAND_KEPT_SECONDS <= now:
                yield member


def _unheld(room: Room, now: float) -> Iterator[Made]:
    """A meeting that nobody holds rests."""
    if room.public.meeting is None or room.public.hold is Hold.CALM:
        return
    since = unheld_since(room)
    if since is not None and since + FACILITATOR_GRACE_SECONDS <= now:
        yield HoldPlaced(hold=Hold.CALM)


def _floor_freed(room: Room, now: float, going: Container[MemberId]) -> Iterator[Made]:
    """The floor of somebody whose connection is lost is not kept as long as their place."""
    floor = room.public.floor
    person = room.public.people.get(floor) if floor is not None else None
    if floor is None or person is None or person.here or floor in going:
        return
    if person.since + FLOOR_KEPT_SECONDS <= now:
        yield FloorFreed(member=floor, again=True)


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
