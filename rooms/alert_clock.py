"""What time does to an alert: it is passed on until somebody takes it, and comes back when the one
who took it is gone or still.

The deadlines are facts of the room's state, like every deadline: they survive a restart, and the
room's own Tick does what is due.
"""

from collections.abc import Container, Iterator
from enum import StrEnum
from math import inf
from typing import Final, NamedTuple, cast

from rooms.kernel import Event, Made, Order, Stamp
from rooms.orders import Call, CaseKind, PageOnCall, TellDesk, TellElsewhere
from rooms.room import STAFF, MemberId, Part, Room, Staff
from rooms.safety import CONCERN, ELEVATED, EMERGENCY, Alert, Level, Stage


class Timers(NamedTuple):
    """Seconds for one level. `wider`, `on_call` and `everybody` count from the alert; `repeat` from
    the last call; `nudge` and `reopen` from the claim, while the owner has done nothing; `silence`
    from their last act, and twice that reopens; `lost` from the loss of their connection."""

    wider: float
    on_call: float
    everybody: float
    repeat: float
    nudge: float
    reopen: float
    silence: float
    lost: float


TIMERS: Final[dict[Level, Timers]] = {
    EMERGENCY: Timers(60, 120, 300, 120, 180, 300, 600, 30),
    ELEVATED: Timers(180, 600, 1_800, 120, 600, 1_200, 1_200, 180),
}
"""safety.md, section 1.5; a lost owner of an emergency is missed after half a minute, not a whole
one, as tests.md (M4) asks. A concern has no timers: it is looked at before the meeting ends, or
lies on the desk then."""

ANYBODY_ON_CALL: Final = 1
"""Whom an alert is offered to when whoever comes on call may take it. No Member has this id."""

CONCERN_WAITS_SECONDS: Final = 1_800.0
"""How long a concern waits for somebody to look at it where no meeting's end will lay it on the
desk."""

LATE_SECONDS: Final = 60.0
"""An alert whose deadline is so long past when it is looked at was overdue while nobody could."""


class Why(StrEnum):
    """Why an alert is open again."""

    NOTHING_DONE = "nothing_done"
    OWNER_LOST = "owner_lost"
    OWNER_LEFT = "owner_left"


class AlertWidened(Event, frozen=True, kw_only=True):
    """Nobody has taken the alert yet: more people are asked."""

    stream = STAFF
    member: MemberId
    stage: Stage

    def apply(self, part: Part, stamp: Stamp) -> None:
        alert = cast(Staff, part).alerts[self.member]
        alert.stage, alert.widened = max(alert.stage, self.stage), stamp.now


class AlertNudged(Event, frozen=True, kw_only=True):
    """Its owner is asked whether they are still with the person."""

    stream = STAFF
    member: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).alerts[self.member].nudged = stamp.now


class AlertReopened(Event, frozen=True, kw_only=True):
    """The alert has no owner any more, at the same level; its timers begin again."""

    stream = STAFF
    member: MemberId
    why: Why
    stage: Stage

    def apply(self, part: Part, stamp: Stamp) -> None:
        alert = cast(Staff, part).alerts[self.member]
        alert.owner, alert.offered, alert.helped = 0, 0, False
        alert.since, alert.stage, alert.widened = stamp.now, self.stage, stamp.now


class AlertOffered(Event, frozen=True, kw_only=True):
    """The owner of an alert asks somebody else to take it; until they accept it is still theirs."""

    stream = STAFF
    member: MemberId
    to: MemberId
    summary: str = ""

    def apply(self, part: Part, stamp: Stamp) -> None:
        alert = cast(Staff, part).alerts[self.member]
        alert.offered, alert.summary = self.to, self.summary
        alert.acted, alert.helped = stamp.now, True


class AlertLeftToDesk(Event, frozen=True, kw_only=True):
    """Nobody looked at a concern before the meeting ended, or for half an hour where there was
    none: it lies on the desk now, where a person closes it."""

    stream = STAFF
    member: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).alerts.pop(self.member, None)


def alert_due(room: Room, member: MemberId) -> float:
    """The next deadline of one alert, in seconds since the epoch; infinity for a concern that
    somebody has, or a meeting's end will look after."""
    alert = room.staff.alerts[member]
    timers = TIMERS.get(alert.level)
    if timers is None:
        kept = room.public.meeting is not None or room.presence(alert.owner) is not None
        return inf if kept else alert.since + CONCERN_WAITS_SECONDS
    if not alert.owner:
        return _next_call(alert, timers)
    nudge, reopen = _patience(alert, timers)
    gone = _gone(room, alert, timers)
    return min(inf if alert.nudged >= alert.acted + nudge else alert.acted + nudge, gone, reopen)


def overdue(room: Room, now: float, but: Container[MemberId] = ()) -> Iterator[Made]:
    """All that is due for the alerts of a room, without those whose owner is among `but`."""
    for member, alert in room.staff.alerts.items():
        timers = TIMERS.get(alert.level)
        if alert.owner in but or alert_due(room, member) > now:
            continue
        if timers is None:
            yield from _laid_down(member, alert, now)
            continue
        if not alert.owner:
            yield from _passed_on(member, alert, timers, now)
            continue
        nudge, reopen = _patience(alert, timers)
        if _gone(room, alert, timers) <= now:
            yield from reopened(room, member, Why.OWNER_LOST)
        elif reopen <= now:
            yield from reopened(room, member, Why.NOTHING_DONE)
        elif alert.acted + nudge <= now:
            yield AlertNudged(member=member)


def reopened(room: Room, member: MemberId, why: Why) -> Iterator[Made]:
    """Give an alert back to everybody, without its owner."""
    alert = room.staff.alerts[member]
    stage = first_stage(room, alert.level, but=alert.owner)
    yield AlertReopened(member=member, why=why, stage=stage)
    yield from calls(stage, alert.level, member, 0)


def handed_on(room: Room, now: float, leaving: Container[MemberId]) -> Iterator[Made]:
    """What a meeting that ends does with its open alerts: whoever is on call is asked to take them,
    and concerns that nobody looked at go to the desk. None of them ends here, and nothing of them
    is overdue afterwards. `leaving` are those whose place ends with it."""
    for member, alert in room.staff.alerts.items():
        if alert.level == CONCERN:
            yield from _laid_down(member, alert, now)
            continue
        timers = TIMERS[alert.level]
        if alert.owner and (alert.owner in leaving or _missed(room, alert, timers, now)):
            left = Why.OWNER_LEFT if alert.owner in leaving else Why.OWNER_LOST
            yield AlertReopened(member=member, why=left, stage=Stage.ON_CALL)
            yield PageOnCall(level=alert.level)
        elif alert.owner:
            yield AlertOffered(member=member, to=ANYBODY_ON_CALL)
            yield PageOnCall(why=Call.HAND_OVER, level=alert.level)
        elif alert.stage < Stage.ON_CALL or alert_due(room, member) <= now:
            yield from _passed_on(member, alert, timers, now, least=Stage.ON_CALL)


def _laid_down(member: MemberId, alert: Alert, now: float) -> Iterator[Made]:
    """A concern that nobody looked at, on the desk."""
    yield AlertLeftToDesk(member=member)
    yield TellDesk(
        kind=CaseKind.UNSEEN,
        about=alert.pseudonym,
        level=alert.level,
        category=alert.category,
        subject=alert.subject,
        at=now,
    )


def _missed(room: Room, alert: Alert, timers: Timers, now: float) -> bool:
    """Whether the owner of an alert is gone, or still, for longer than it can wait."""
    _, reopen = _patience(alert, timers)
    return min(_gone(room, alert, timers), reopen) <= now


def given_back(room: Room, owner: MemberId) -> Iterator[Made]:
    """What becomes of somebody's alerts when they go."""
    for member, alert in room.staff.alerts.items():
        if alert.owner == owner:
            yield from reopened(room, member, Why.OWNER_LEFT)


def first_stage(room: Room, level: Level, but: MemberId = 0) -> Stage:
    """Who hears of an alert first: the facilitators here; in an emergency with none here, whoever
    is on call, at once."""
    here = any(True for _ in room.watching(but))
    return Stage.ON_CALL if level == EMERGENCY and not here else Stage.ROOM


def calls(stage: Stage, level: Level, member: MemberId, waited: int) -> Iterator[Order]:
    """The Orders that go with a stage."""
    if stage is Stage.WIDER:
        yield TellElsewhere(level=level, member=member)
    elif stage is not Stage.ROOM:
        yield PageOnCall(level=level, stage=stage, waited=waited)


def _next_call(alert: Alert, timers: Timers) -> float:
    if alert.stage is Stage.EVERYBODY:
        return alert.widened + timers.repeat
    return alert.since + timers[alert.stage]


def _passed_on(
    member: MemberId, alert: Alert, timers: Timers, now: float, least: Stage = Stage.ROOM
) -> Iterator[Made]:
    """To the stage it should have reached by now: after a downtime one call, and not three."""
    reached = [stage for stage in Stage if stage and alert.since + timers[stage - 1] <= now]
    stage = max([alert.stage, least, *reached])
    late = now - _next_call(alert, timers)
    yield AlertWidened(member=member, stage=stage)
    waited = int(now - alert.since) if late > LATE_SECONDS else 0
    yield from calls(stage, alert.level, member, waited)


def _patience(alert: Alert, timers: Timers) -> tuple[float, float]:
    """How long after their last act an owner is nudged, and when the alert is open again."""
    if alert.helped:
        return timers.silence, alert.acted + 2 * timers.silence
    return timers.nudge, alert.acted + timers.reopen


def _gone(room: Room, alert: Alert, timers: Timers) -> float:
    """When the alert of an owner who is not connected is open again; infinity while they are."""
    person = room.presence(alert.owner)
    if person is None:
        return 0.0
    return inf if person.here else person.since + timers.lost
