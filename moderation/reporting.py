"""Telling the facilitators: a report of a message or a person, and worry about somebody.

Both are silent to the room. A report about somebody with a role never reaches them: it goes to the
desk and to whoever is on call. Who told it is known to the room's core alone, so that they can be
told what became of it; no facilitator reads it, and the person it is about reads nothing.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import ClassVar, Final, cast

from moderation.alerts import AlertRaised
from moderation.danger import WORRIED_ABOUT
from rooms import texts
from rooms.alert_clock import calls, first_stage
from rooms.kernel import At, Command, Event, Made, PrivateEvent, Stamp
from rooms.orders import Call, CaseKind, PageOnCall, TellDesk
from rooms.refusals import Refused
from rooms.room import (
    CORE,
    STAFF,
    STAFF_ROLES,
    Core,
    MemberId,
    Membership,
    Part,
    Private,
    Report,
    Role,
    Room,
    Staff,
    Standing,
)
from rooms.safety import ELEVATED, Stage, Subject
from rooms.threads import EVERY_STANDING

REPORT_LIMIT: Final = 300
"""Graphemes in what somebody writes with a report."""
WORRY: Final = "worry"
"""What stands in the place of an outcome for a worry: what becomes of it stays between the
facilitators and that person."""
MOST_REPORTS: Final = 200
"""Reports that are open in a room; more would not be read."""


class ReportWhy(StrEnum):
    """What a report is about."""

    HURTFUL = "hurtful"
    CONTACT = "contact"
    OUTING = "outing"
    SOURCING = "sourcing"
    OTHER = "other"


class ReportOutcome(StrEnum):
    """What became of a report, as its author is told."""

    ACTED = "acted"
    TALKED = "talked"
    NO_RULE_BROKEN = "no_rule_broken"
    PASSED_ON = "passed_on"


class NobodyToReport(Refused):
    """The message or the person is not of this meeting."""

    code = "nobody_to_report"
    text = "That message or person is not there any more. You can still ask for a private word."


class NotAboutYourself(Refused):
    """A report or a worry is about somebody else."""

    code = "not_about_yourself"
    text = "This is for somebody else. For yourself there is Help now, and a private word."


class TooManyReports(Refused):
    """More reports are open in this room than anybody reads (`limit`)."""

    code = "too_many_reports"
    text = "Many reports are waiting already. Ask a facilitator for a private word."


class NoSuchReport(Refused):
    """There is no open report with this number."""

    code = "no_such_report"
    text = "This report has been dealt with already."


def whom(room: Room, at: At, member: MemberId, message: int) -> tuple[MemberId, Membership]:
    """Whom a report or a worry is about: the author of a message, or a person. Raises Refused."""
    if message:
        state = room.public.messages.get(message)
        member = state.author if state else 0
    known = room.core.members.get(member)
    if known is None:
        raise NobodyToReport()
    if member == at.by:
        raise NotAboutYourself()
    return member, known


class ReportIt(Command, frozen=True, kw_only=True):
    """Report a message, or a person, to the facilitators. Nobody is told that it was you."""

    standings: ClassVar[frozenset[Standing]] = EVERY_STANDING
    at_table: ClassVar[bool] = False

    why: ReportWhy
    member: MemberId = 0
    message: int = 0
    text: str = ""

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        member, known = whom(room, at, self.member, self.message)
        text = texts.line(self.text, REPORT_LIMIT) if self.text else ""
        if known.role in STAFF_ROLES:
            yield TellDesk(
                kind=CaseKind.REPORT,
                about=known.pseudonym,
                tag=known.tag,
                why=self.why,
                words=text,
                case=at.fresh_id,
                at=at.now,
            )
            yield PageOnCall(why=Call.REPORT, about=known.tag)
        else:
            if len(room.staff.reports) >= MOST_REPORTS:
                raise TooManyReports(limit=MOST_REPORTS)
            yield ReporterKept(case=at.fresh_id, member=at.by)
            yield ReportMade(
                case=at.fresh_id,
                about=member,
                pseudonym=known.pseudonym,
                why=self.why,
                text=text,
                message=self.message,
            )
        yield ReportReceived(to=at.by, case=at.fresh_id)


class RaiseConcern(Command, frozen=True, kw_only=True):
    """ "I'm worried about this person". The facilitators look after them; they are not told of you,
    and you do not have to fix it alone."""

    standings: ClassVar[frozenset[Standing]] = EVERY_STANDING
    at_table: ClassVar[bool] = False

    member: MemberId = 0
    message: int = 0

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        member, known = whom(room, at, self.member, self.message)
        if known.role in STAFF_ROLES:
            yield TellDesk(
                kind=CaseKind.CONCERN,
                about=known.pseudonym,
                tag=known.tag,
                level=ELEVATED,
                case=at.fresh_id,
                at=at.now,
            )
            yield PageOnCall(level=ELEVATED, about=known.tag)
        else:
            alert = room.own_alert(member)
            stage = first_stage(room, ELEVATED, but=at.by)
            yield AlertRaised(
                member=member,
                pseudonym=known.pseudonym,
                level=ELEVATED,
                subject=Subject.SELF,
                because=(WORRIED_ABOUT,),
                country=room.private(member).country,
                stage=stage,
            )
            if stage is not Stage.ROOM and alert is None:
                yield from calls(stage, ELEVATED, member, 0)
        yield ConcernReceived(to=at.by, case=at.fresh_id)


class ReporterKept(Event, frozen=True, kw_only=True):
    """Who is to be told what became of a report. Delivered to nobody."""

    stream = CORE
    case: int
    member: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Core, part).reporters[self.case] = self.member


class ReporterForgotten(Event, frozen=True, kw_only=True):
    """They were told. Delivered to nobody."""

    stream = CORE
    case: int

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Core, part).reporters.pop(self.case, None)


class ReportMade(Event, frozen=True, kw_only=True):
    """Somebody has reported a message or a person."""

    stream = STAFF
    case: int
    about: MemberId
    pseudonym: str
    why: ReportWhy
    text: str = ""
    message: int = 0

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).reports[self.case] = Report(
            about=self.about,
            pseudonym=self.pseudonym,
            why=self.why.value,
            text=self.text,
            at=stamp.now,
            message=self.message,
        )


class ReportReceived(PrivateEvent, frozen=True, kw_only=True):
    """Your report is with the facilitators, or with those above them. You will read here what
    became of it."""

    case: int

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).receipts[self.case] = ""


class ConcernReceived(PrivateEvent, frozen=True, kw_only=True):
    """The facilitators know that you worry about somebody. You do not have to fix it alone."""

    case: int

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).receipts[self.case] = WORRY


class CloseReport(Command, frozen=True, kw_only=True):
    """Say what became of a report. Whoever made it reads the outcome."""

    needs: ClassVar[frozenset[Role]] = STAFF_ROLES
    in_meeting: ClassVar[bool] = False
    beside: ClassVar[bool] = True

    case: int
    outcome: ReportOutcome

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if self.case not in room.staff.reports:
            raise NoSuchReport()
        yield ReportClosed(case=self.case, outcome=self.outcome)
        reporter = room.core.reporters.get(self.case, 0)
        if reporter in room.core.members:
            yield ReportAnswered(to=reporter, case=self.case, outcome=self.outcome)
        yield ReporterForgotten(case=self.case)


class ReportClosed(Event, frozen=True, kw_only=True):
    """One of the facilitators has dealt with a report."""

    stream = STAFF
    case: int
    outcome: ReportOutcome

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).reports.pop(self.case, None)


class ReportAnswered(PrivateEvent, frozen=True, kw_only=True):
    """What became of your report."""

    case: int
    outcome: ReportOutcome

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).receipts[self.case] = self.outcome.value
