"""A meeting from open to close, its topic, and the ground rules of its room."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, cast

from rooms import texts
from rooms.alert_clock import handed_on
from rooms.arriving import MemberKnown, MembersForgotten
from rooms.beside import OnCallLeft
from rooms.kernel import At, Command, Event, Internal, Made, PrivateEvent, Stamp
from rooms.orders import Call, CaseKind, PageOnCall, TellDesk
from rooms.refusals import Refused
from rooms.room import (
    CORE,
    FACILITATORS,
    ROOM,
    STAFF,
    STAFF_ROLES,
    Core,
    GroundRules,
    Hold,
    Meeting,
    MemberId,
    Mode,
    Part,
    Person,
    Private,
    Public,
    Role,
    Room,
    Staff,
)
from rooms.safety import CONCERN
from rooms.threads import members_released, threads_over

TOPIC_LIMIT = 200
"""Graphemes in a topic: one question that fits on a phone."""
RULE_LIMIT = 300
"""Graphemes in one ground rule."""
RULES_LIMIT = 20
"""Ground rules in one version; more are not read."""


class MeetingAlreadyOpen(Refused):
    """A meeting is open already."""

    code = "meeting_already_open"
    text = "The meeting is open already."


class RulesMissing(Refused):
    """A version of the ground rules has no lines, or too many (`limit`)."""

    code = "rules_missing"
    text = "Write at least one ground rule, and not more than twenty."


class AlertsOpen(Refused):
    """Alerts are open (`count`): they are closed first, or handed to whoever is on call."""

    code = "alerts_open"
    text = (
        "Somebody here may still need help. Close the alerts, or hand them to the people on call."
    )


class FoundRoom(Internal, frozen=True, kw_only=True):
    """The desk opened this Room with its first ground rules. Heard once; later ones do nothing."""

    rules: list[str]

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if room.public.rules.version == 0:
            yield GroundRulesChanged(version=1, lines=self.rules)


class OpenMeeting(Command, frozen=True, kw_only=True):
    """Open a meeting in the given Mode, with a topic or without."""

    needs: ClassVar[frozenset[Role]] = FACILITATORS
    in_meeting: ClassVar[bool] = False

    mode: Mode = Mode.CLOSED
    topic: str = ""

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if room.public.meeting is not None:
            raise MeetingAlreadyOpen()
        topic = texts.line(self.topic, TOPIC_LIMIT) if self.topic else ""
        number = room.public.meetings_held + 1
        yield MeetingOpened(number=number, mode=self.mode, topic=topic)
        for member in room.public.people:
            yield MemberKnown.again(
                member,
                room.core.members[member],
                meeting=number,
                hears_from=room.number(ROOM),
                staff_from=room.number(STAFF),
            )


class MeetingOpened(Event, frozen=True, kw_only=True):
    """A meeting is open."""

    stream = ROOM
    number: int
    mode: Mode
    topic: str = ""

    def apply(self, part: Part, stamp: Stamp) -> None:
        public = cast(Public, part)
        public.meeting = Meeting(number=self.number, opened_at=stamp.now)
        public.meetings_held = self.number
        public.mode, public.topic, public.quiet = self.mode, self.topic, False
        public.hold, public.hold_since = Hold.NONE, stamp.now


class CloseMeeting(Command, frozen=True, kw_only=True):
    """Close the meeting. The words of the room are kept no longer than the room page says. Over an
    open alert it closes only with `hand_over`: the people on call are asked to take it."""

    needs: ClassVar[frozenset[Role]] = FACILITATORS

    hand_over: bool = False

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if room.staff.alerts and not self.hand_over:
            raise AlertsOpen(count=len(room.staff.alerts))
        yield from closed(room, at.now)


def in_care(room: Room, member: MemberId) -> bool:
    """Whether somebody looks after a Member, or is asked to: an alert, a private word."""
    mine = room.private(member)
    return mine.asked or room.own_alert(member) is not None or bool(mine.threads)


def _goes_on(room: Room, member: MemberId, now: float) -> bool:
    """Whether the end of a meeting leaves somebody in care. A word with no alert ends with it, and
    the desk has a concern then."""
    alert = room.own_alert(member)
    if alert is not None and alert.level != CONCERN:
        return True
    return room.private(member).asked and member not in members_released(room, now)


def closed(room: Room, now: float) -> Iterator[Made]:
    """What the end of a meeting is for each audience. Guests are forgotten, unless they asked to
    be remembered or a mute of theirs still runs; whoever is kept keeps their last name alone."""
    number = room.public.meetings_held
    placed = (*room.public.people.items(), *room.staff.on_call.items())
    leaving = {m for m, person in placed if person.role in STAFF_ROLES and not stays(person)}
    cared_for = {m for m in room.core.members if _goes_on(room, m, now)}
    let_go = {m for m, known in room.core.members.items() if known.role is Role.MEMBER} - cared_for
    yield MeetingClosed(number=number)
    yield from handed_on(room, now, leaving)
    yield from threads_over(room, now, without=leaving | let_go)
    if room.staff.asked:
        yield PageOnCall(why=Call.WORD)
    for member in room.staff.on_call.keys() & leaving:
        yield OnCallLeft(member=member)
    for case, report in room.staff.reports.items():
        yield TellDesk(
            kind=CaseKind.UNSEEN,
            about=report.pseudonym,
            why=report.why,
            words=report.text,
            case=case,
            at=now,
        )
    if room.core.reporters:
        yield ReportersForgotten(cases=sorted(room.core.reporters))
    kept = {
        m
        for m, known in room.core.members.items()
        if known.remember
        or m in cared_for
        or (m in room.staff.on_call and room.staff.on_call[m].here)
        or (m in room.staff.muted and room.staff.muted[m].until > now)
        or (m in room.public.people and stays(room.public.people[m]))
    }
    yield ListsCleared(
        number=number,
        attendance=sum(known.meeting == number for known in room.core.members.values()),
        keep_muted=sorted(kept & room.staff.muted.keys()),
    )
    for member in room.core.members:
        yield MeetingEndedForYou(to=member, in_care=member in cared_for)
    gone = [m for m in room.core.members if m not in kept]
    carried = [k for k, m in room.core.names.items() if m in kept]
    current = {room.core.members[m].name_key for m in kept}
    old_names = [key for key in carried if key not in current]
    if gone or old_names:
        yield MembersForgotten(members=gone, names=old_names)


def stays(person: Person) -> bool:
    """Whether somebody keeps their place when a meeting closes: a facilitator who is connected."""
    return person.here and person.role is not Role.MEMBER


class MeetingClosed(Event, frozen=True, kw_only=True):
    """The meeting is over. Facilitators who are here stay at the table; all others have left it."""

    stream = ROOM
    number: int

    def apply(self, part: Part, stamp: Stamp) -> None:
        public = cast(Public, part)
        public.meeting = None
        public.topic = ""
        public.mode, public.hold, public.quiet = Mode.CLOSED, Hold.NONE, False
        public.floor = None
        public.hands = []
        public.messages = {}
        public.people = {m: p for m, p in public.people.items() if stays(p)}


class ReportersForgotten(Event, frozen=True, kw_only=True):
    """Nobody will be told here any more what became of these reports. Delivered to nobody."""

    stream = CORE
    cases: list[int]

    def apply(self, part: Part, stamp: Stamp) -> None:
        for case in self.cases:
            cast(Core, part).reporters.pop(case, None)


class ListsCleared(Event, frozen=True, kw_only=True):
    """The meeting in numbers alone. The facilitators' lists are empty again, but for mutes that
    still run."""

    stream = STAFF
    number: int
    attendance: int
    keep_muted: list[MemberId]

    def apply(self, part: Part, stamp: Stamp) -> None:
        staff = cast(Staff, part)
        staff.muted = {m: mute for m, mute in staff.muted.items() if m in self.keep_muted}
        staff.removed, staff.first_meeting, staff.listening, staff.reports = {}, [], [], {}


class MeetingEndedForYou(PrivateEvent, frozen=True, kw_only=True):
    """The meeting is over for you too: what was noted for this meeting alone is gone. `in_care`:
    somebody still looks after you, and what belongs to that stays."""

    in_care: bool = False

    def rehears(self) -> Sequence[MemberId]:
        return (self.to,)

    def apply(self, part: Part, stamp: Stamp) -> None:
        mine = cast(Private, part)
        mine.listening = mine.first_meeting = mine.left = False
        mine.removed, mine.receipts = None, {}
        if not self.in_care:
            mine.card, mine.country = None, ""


class SetTopic(Command, frozen=True, kw_only=True):
    """Set the question or topic that stands above the room; empty takes it away."""

    needs: ClassVar[frozenset[Role]] = FACILITATORS

    topic: str

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        yield TopicSet(topic=texts.line(self.topic, TOPIC_LIMIT) if self.topic else "")


class TopicSet(Event, frozen=True, kw_only=True):
    """The topic changed."""

    stream = ROOM
    topic: str = ""

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Public, part).topic = self.topic


class ChangeGroundRules(Command, frozen=True, kw_only=True):
    """Give the room a new version of its ground rules. Everybody can go on reading and is asked to
    accept it before they speak again; whoever has the floor finishes this turn first."""

    needs: ClassVar[frozenset[Role]] = FACILITATORS
    in_meeting: ClassVar[bool] = False

    lines: list[str]

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if not 1 <= len(self.lines) <= RULES_LIMIT:
            raise RulesMissing(limit=RULES_LIMIT)
        lines = [texts.line(line, RULE_LIMIT) for line in self.lines]
        yield GroundRulesChanged(version=room.public.rules.version + 1, lines=lines)


class GroundRulesChanged(Event, frozen=True, kw_only=True):
    """The ground rules have a new version."""

    stream = ROOM
    version: int
    lines: list[str]

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Public, part).rules = GroundRules(version=self.version, lines=list(self.lines))
