"""Alerts: raised once per person and meeting, taken by one of the staff, closed by a person alone.

Taking one is atomic, because the room decides one command after the other. Whoever hands an alert
over stays responsible until the other accepts. A level is lowered by a person, never by a rule.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final, cast

from rooms import texts
from rooms.alert_clock import ANYBODY_ON_CALL, AlertOffered, AlertWidened
from rooms.kernel import At, Command, Event, Made, Stamp
from rooms.orders import Call, CaseKind, PageOnCall, RemindStaff, TellDesk
from rooms.refusals import Refused
from rooms.room import STAFF, STAFF_ROLES, MemberId, Part, Role, Room, Staff
from rooms.safety import (
    EMERGENCY,
    MOST_REASONS,
    Alert,
    AlertReason,
    Category,
    Level,
    Outcome,
    Reason,
    Stage,
    Subject,
)
from rooms.threads import AlertTended, ended

SUMMARY_LIMIT: Final = 200
"""Graphemes in the summary of a hand-over: one line."""
NOTE_LIMIT: Final = 600
"""Graphemes in the note on a closed alert: facts and own actions."""
FOLLOW_UP_SECONDS: Final = 86_400.0
"""When to look again how the person is (safety.md, section 1.5)."""


class NoSuchAlert(Refused):
    """There is no open alert about that person."""

    code = "no_such_alert"
    text = "This alert is closed already."


class AlertTaken(Refused):
    """Somebody else has the alert (`owner`)."""

    code = "alert_taken"
    text = "Somebody else has this already."


class NotYourAlert(Refused):
    """One has to take the alert first."""

    code = "not_your_alert"
    text = "Take this alert first."


class AlertAboutYou(Refused):
    """Nobody looks after themselves."""

    code = "alert_about_you"
    text = "This is about you, and somebody else looks after it. Help now is there for you."


class NotOfferedToYou(Refused):
    """The alert is not being handed over to this person."""

    code = "not_offered_to_you"
    text = "This alert is not being handed over to you."


class NobodyToHandTo(Refused):
    """The other person is not here, or may not take it."""

    code = "nobody_to_hand_to"
    text = "That person cannot take it now."


class NoteNeeded(Refused):
    """An emergency is closed with a note."""

    code = "note_needed"
    text = "Write one line on what was done before you close an emergency."


class AlertCommand(Command, frozen=True, kw_only=True):
    """What every act on an alert has: staff beside the room, and the person it is about."""

    needs: ClassVar[frozenset[Role]] = STAFF_ROLES
    in_meeting: ClassVar[bool] = False
    beside: ClassVar[bool] = True

    member: MemberId


def alert_of(room: Room, at: At, member: MemberId) -> Alert:
    """The open alert about a Member, for somebody else. Raises NoSuchAlert or AlertAboutYou."""
    alert = room.own_alert(member)
    if alert is None:
        raise NoSuchAlert()
    if member == at.by:
        raise AlertAboutYou()
    return alert


def own_alert_of(room: Room, at: At, member: MemberId) -> Alert:
    """The open alert about a Member that the acting person has taken. Raises Refused."""
    alert = alert_of(room, at, member)
    if alert.owner != at.by:
        raise NotYourAlert()
    return alert


class AlertRaised(Event, frozen=True, kw_only=True):
    """Somebody may be in danger. Merges with the alert that is open about them: the level never
    falls by itself."""

    stream = STAFF
    member: MemberId
    pseudonym: str
    level: Level
    category: Category | None = None
    subject: Subject | None = None
    because: Sequence[Reason] = ()
    shown: bool = False
    asked: bool = False
    country: str = ""
    stage: Stage = Stage.ROOM

    def apply(self, part: Part, stamp: Stamp) -> None:
        alerts = cast(Staff, part).alerts
        alert = alerts.get(self.member)
        if alert is None:
            alert = alerts[self.member] = Alert(
                level=self.level,
                category=self.category,
                subject=self.subject,
                pseudonym=self.pseudonym,
                since=stamp.now,
                stage=self.stage,
                widened=stamp.now,
            )
        elif self.level > alert.level:
            alert.level, alert.category, alert.subject = self.level, self.category, self.subject
            alert.since = stamp.now  # nobody has let somebody wait for what nobody knew of
        if self.stage > alert.stage:
            alert.stage, alert.widened = self.stage, stamp.now
        alert.pseudonym = self.pseudonym
        alert.put_away = False
        alert.shown = alert.shown or self.shown
        alert.asked = alert.asked or self.asked
        alert.country = self.country or alert.country
        new = [AlertReason(reason=reason, at=stamp.now) for reason in self.because]
        alert.reasons = [*alert.reasons, *new][-MOST_REASONS:]


class AlertWordsSaid(Event, frozen=True, kw_only=True):
    """The words of an alert's newest reasons are in the room, as this message."""

    stream = STAFF
    member: MemberId
    message: int

    def apply(self, part: Part, stamp: Stamp) -> None:
        reasons = cast(Staff, part).alerts[self.member].reasons
        for reason in reasons:
            if reason.at == reasons[-1].at:
                reason.message = self.message


class ClaimAlert(AlertCommand, frozen=True, kw_only=True):
    """ "I'll take this". One person has it; the others see who."""

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        alert = alert_of(room, at, self.member)
        if alert.owner == at.by:
            return
        if alert.owner:
            raise AlertTaken(owner=alert.owner)
        yield from taken(room, at, self.member)


def taken(room: Room, at: At, member: MemberId) -> Iterator[Made]:
    """Somebody new looks after a person: a thread that another one had with them has ended."""
    for between in list(room.staff.threads):
        if between.member == member and between.staff != at.by:
            yield from ended(between)
    yield AlertClaimed(member=member, owner=at.by)


class AlertClaimed(Event, frozen=True, kw_only=True):
    """Somebody has taken the alert."""

    stream = STAFF
    member: MemberId
    owner: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        alert = cast(Staff, part).alerts[self.member]
        alert.owner, alert.acted, alert.helped, alert.offered = self.owner, stamp.now, False, 0


class StayWithAlert(AlertCommand, frozen=True, kw_only=True):
    """ "Still with them": the owner is there although nothing can be seen of it."""

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        own_alert_of(room, at, self.member)
        yield AlertTended(member=self.member)


class HandOverAlert(AlertCommand, frozen=True, kw_only=True):
    """Ask somebody else to take it, with one line on how things are. `to` is 1 for whoever is on
    call. You stay responsible until they accept."""

    to: MemberId
    summary: str

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        alert = own_alert_of(room, at, self.member)
        summary = texts.line(self.summary, SUMMARY_LIMIT)
        others = {member for member, _ in room.watching(but=at.by)}
        if self.to != ANYBODY_ON_CALL and (self.to not in others or self.to == self.member):
            raise NobodyToHandTo()
        yield AlertOffered(member=self.member, to=self.to, summary=summary)
        if self.to == ANYBODY_ON_CALL:
            yield PageOnCall(why=Call.HAND_OVER, level=alert.level)


class CallNow(AlertCommand, frozen=True, kw_only=True):
    """Call the people on call at once: nobody has to wait for a timer who sees that they need
    somebody, and nobody can do two of these at a time."""

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        alert = alert_of(room, at, self.member)
        stage = max(alert.stage, Stage.ON_CALL)
        yield AlertWidened(member=self.member, stage=stage)
        yield PageOnCall(level=alert.level, stage=stage)


class AcceptAlert(AlertCommand, frozen=True, kw_only=True):
    """Accept an alert that is being handed over to you, or to whoever is on call."""

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        alert = alert_of(room, at, self.member)
        anybody = alert.offered == ANYBODY_ON_CALL and at.by != alert.owner
        if not anybody and alert.offered != at.by:
            raise NotOfferedToYou()
        yield from taken(room, at, self.member)


class ChangeAlertLevel(AlertCommand, frozen=True, kw_only=True):
    """Say how grave it is. Anybody of the staff may raise a level; whoever has the alert may lower
    it, and no rule ever does."""

    level: Level

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        alert = alert_of(room, at, self.member)
        if not self.level or (self.level < alert.level and alert.owner != at.by):
            raise NotYourAlert()
        if self.level != alert.level:
            yield AlertLevelChanged(member=self.member, level=self.level)
            if alert.owner == at.by:
                yield AlertTended(member=self.member)


class AlertLevelChanged(Event, frozen=True, kw_only=True):
    """One of the staff has said how grave it is."""

    stream = STAFF
    member: MemberId
    level: Level

    def apply(self, part: Part, stamp: Stamp) -> None:
        alert = cast(Staff, part).alerts[self.member]
        if self.level > alert.level:
            alert.since = stamp.now
        alert.level = self.level


class CloseAlert(AlertCommand, frozen=True, kw_only=True):
    """Close an alert with its outcome. The note is for the desk: facts and own actions, no
    diagnosis. `remind` asks for a reminder a day later."""

    outcome: Outcome
    note: str = ""
    remind: bool = False

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        alert = own_alert_of(room, at, self.member)
        note = texts.line(self.note, NOTE_LIMIT) if self.note else ""
        if alert.level == EMERGENCY and not note:
            raise NoteNeeded()
        yield AlertClosed(member=self.member, outcome=self.outcome)
        for between in list(room.staff.threads):
            if between.member == self.member:
                yield from ended(between)
        yield TellDesk(
            kind=CaseKind.NOTE,
            about=alert.pseudonym,
            level=alert.level,
            category=alert.category,
            subject=alert.subject,
            outcome=self.outcome,
            words=note,
            case=at.fresh_id,
            at=at.now,
        )
        if self.remind:
            yield RemindStaff(tag=at.tag, after=FOLLOW_UP_SECONDS)


class AlertClosed(Event, frozen=True, kw_only=True):
    """A person has closed the alert, with its outcome."""

    stream = STAFF
    member: MemberId
    outcome: Outcome

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).alerts.pop(self.member, None)
