"""Private threads: a private word between a member and a facilitator, or an Aside under an alert.

Nothing else between two people exists here, and never anything between two members. Each word is
two events, one on each end's own stream, sealed under the thread's own key. The other facilitators
see that a thread exists and with whom; what is said in it, nobody but the two.
"""

from collections.abc import Container, Iterator
from typing import ClassVar, Final, cast

from rooms import texts
from rooms.kernel import At, Command, Event, Made, PrivateEvent, Stamp
from rooms.orders import Call, PageOnCall
from rooms.refusals import Refused
from rooms.room import (
    CORE,
    STAFF,
    STAFF_ROLES,
    Between,
    Core,
    MemberId,
    Part,
    Private,
    Role,
    Room,
    Staff,
    Standing,
    Thread,
)

THREAD_LONGEST_SECONDS: Final = 43_200.0
"""The longest thread: half a day, so that its key outlives it. A new one can be opened at once."""


class NobodyThere(Refused):
    """No facilitator is here and nobody is on call."""

    code = "nobody_there"
    text = "No facilitator can be reached just now. Help now shows who answers."


class AlreadyAsked(Refused):
    """The person waits for a private word already, or has one."""

    code = "already_asked"
    text = "You have asked already. Somebody will write to you here."


class NoSuchThread(Refused):
    """There is no open thread with that person."""

    code = "no_such_thread"
    text = "This private word has ended. You can ask for another one."


class ThreadTaken(Refused):
    """Somebody else is with that person already."""

    code = "thread_taken"
    text = "Somebody is writing with that person already."


class NotWithStaff(Refused):
    """Facilitators have no private word with each other here, nor with themselves."""

    code = "not_with_staff"
    text = "A private word is between a member and a facilitator."


EVERY_STANDING: Final = frozenset(Standing)


def key_name(member: MemberId, staff: MemberId) -> str:
    """What the key of a thread is kept under."""
    return f"{member}:{staff}"


def reachable(room: Room, at: At) -> bool:
    """Whether somebody of this place can come: a facilitator here, or people on call."""
    return at.on_call or any(True for _ in room.watching(but=at.by))


class AskForWord(Command, frozen=True, kw_only=True):
    """Ask for a private word with a facilitator. Muted, removed or gone, everybody can."""

    standings: ClassVar[frozenset[Standing]] = EVERY_STANDING
    in_meeting: ClassVar[bool] = False
    at_table: ClassVar[bool] = False

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if room.role(at.by) in STAFF_ROLES:
            raise NotWithStaff()
        if room.private(at.by).asked or room.private(at.by).threads:
            raise AlreadyAsked()
        if not reachable(room, at):
            raise NobodyThere()
        pseudonym = room.core.members[at.by].pseudonym
        yield WordAsked(member=at.by, pseudonym=pseudonym)
        yield YouAsked(to=at.by)
        if not any(True for _ in room.watching()):
            yield PageOnCall(why=Call.WORD)


class WordAsked(Event, frozen=True, kw_only=True):
    """Somebody asks for a private word."""

    stream = STAFF
    member: MemberId
    pseudonym: str

    def apply(self, part: Part, stamp: Stamp) -> None:
        staff = cast(Staff, part)
        staff.asked[self.member] = stamp.now
        if self.member in staff.alerts:
            staff.alerts[self.member].asked = True


class YouAsked(PrivateEvent, frozen=True, kw_only=True):
    """You asked for a private word. Nobody has accepted yet."""

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).asked = True


class StopAsking(Command, frozen=True, kw_only=True):
    """Take back that you asked for a private word."""

    standings: ClassVar[frozenset[Standing]] = EVERY_STANDING
    in_meeting: ClassVar[bool] = False
    at_table: ClassVar[bool] = False

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if room.private(at.by).asked:
            yield WordNoLongerAsked(member=at.by)
            yield YouStoppedAsking(to=at.by)


class WordNoLongerAsked(Event, frozen=True, kw_only=True):
    """Somebody no longer asks for a private word."""

    stream = STAFF
    member: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).asked.pop(self.member, None)


class YouStoppedAsking(PrivateEvent, frozen=True, kw_only=True):
    """You no longer ask for a private word."""

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).asked = False


class OpenThread(Command, frozen=True, kw_only=True):
    """Write with a member in private. Under an open alert it is an Aside, for its owner alone."""

    needs: ClassVar[frozenset[Role]] = STAFF_ROLES
    in_meeting: ClassVar[bool] = False
    beside: ClassVar[bool] = True

    member: MemberId

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        known = room.core.members.get(self.member)
        if known is None:
            raise NoSuchThread()
        if known.role in STAFF_ROLES:
            raise NotWithStaff()
        theirs = room.private(self.member).threads
        if at.by in theirs:
            return
        alert = room.own_alert(self.member)
        if theirs or (alert is not None and alert.owner != at.by):
            raise ThreadTaken()
        yield from opened(room, at, self.member, aside=alert is not None)


def opened(room: Room, at: At, member: MemberId, *, aside: bool) -> Iterator[Made]:
    """A thread between a member and the acting member of staff, for all who hear of it."""
    mine, theirs = room.core.members[at.by].pseudonym, room.core.members[member].pseudonym
    yield ThreadKeyKept(name=key_name(member, at.by), key=at.thread_key)
    yield ThreadNoted(member=member, staff=at.by)
    yield ThreadOpened(to=member, other=at.by, pseudonym=mine, aside=aside)
    yield ThreadOpened(to=at.by, other=member, pseudonym=theirs, aside=aside)


class ThreadKeyKept(Event, frozen=True, kw_only=True):
    """A private thread has its key. Delivered to nobody."""

    stream = CORE
    name: str
    key: int

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Core, part).thread_keys[self.name] = self.key


class ThreadKeyForgotten(Event, frozen=True, kw_only=True):
    """A private thread has ended. Delivered to nobody."""

    stream = CORE
    name: str

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Core, part).thread_keys.pop(self.name, None)


class ThreadNoted(Event, frozen=True, kw_only=True):
    """A facilitator and a member write in private."""

    stream = STAFF
    member: MemberId
    staff: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        staff = cast(Staff, part)
        staff.asked.pop(self.member, None)
        staff.threads.append(Between(self.member, self.staff))


class ThreadOpened(PrivateEvent, frozen=True, kw_only=True):
    """A private thread is open. You two read it, and nobody else."""

    other: MemberId
    pseudonym: str
    aside: bool

    def apply(self, part: Part, stamp: Stamp) -> None:
        mine = cast(Private, part)
        mine.asked = False
        mine.threads[self.other] = Thread(
            pseudonym=self.pseudonym, aside=self.aside, opened_at=stamp.now, since=stamp.seq
        )


class SayPrivately(Command, frozen=True, kw_only=True):
    """Say something to the facilitator you have a private word with."""

    standings: ClassVar[frozenset[Standing]] = EVERY_STANDING
    in_meeting: ClassVar[bool] = False
    at_table: ClassVar[bool] = False

    other: MemberId
    text: str

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if room.role(at.by) in STAFF_ROLES or self.other not in room.private(at.by).threads:
            raise NoSuchThread()
        yield from said(at.by, self.other, texts.message(self.text), member=at.by)


class AnswerPrivately(Command, frozen=True, kw_only=True):
    """Say something to a member in private, as staff."""

    needs: ClassVar[frozenset[Role]] = STAFF_ROLES
    in_meeting: ClassVar[bool] = False
    beside: ClassVar[bool] = True

    other: MemberId
    text: str

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if self.other not in room.private(at.by).threads:
            raise NoSuchThread()
        yield from said(at.by, self.other, texts.message(self.text), member=self.other)
        alert = room.own_alert(self.other)
        if alert is not None and alert.owner == at.by:
            yield AlertTended(member=self.other)


def said(by: MemberId, to: MemberId, text: str, *, member: MemberId) -> Iterator[Made]:
    """A private word, for its two ends. `member` is the end that is not staff."""
    for end, other in ((by, to), (to, by)):
        yield PrivatelySaid(to=end, other=other, mine=end == by, staff=end != member, text=text)


class PrivatelySaid(PrivateEvent, frozen=True, kw_only=True):
    """A word of a private thread: yours (`mine`) or the other's. `staff`: you are its staff."""

    other: MemberId
    mine: bool
    staff: bool
    text: str

    def thread(self) -> str:
        return key_name(self.other, self.to) if self.staff else key_name(self.to, self.other)

    def apply(self, part: Part, stamp: Stamp) -> None:
        """Nothing to remember: what was said is in the log alone."""


class AlertTended(Event, frozen=True, kw_only=True):
    """The owner of an alert has done something for the person."""

    stream = STAFF
    member: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        alert = cast(Staff, part).alerts[self.member]
        alert.acted, alert.helped = stamp.now, True


class EndThread(Command, frozen=True, kw_only=True):
    """End a private word. An alert that is open stays open."""

    standings: ClassVar[frozenset[Standing]] = EVERY_STANDING
    in_meeting: ClassVar[bool] = False
    at_table: ClassVar[bool] = False

    other: MemberId

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if self.other not in room.private(at.by).threads:
            raise NoSuchThread()
        staff = room.role(at.by) in STAFF_ROLES
        pair = (self.other, at.by) if staff else (at.by, self.other)
        yield from ended(Between(*pair))


def ended(between: Between) -> Iterator[Made]:
    """The end of a thread, for all who heard of it."""
    yield ThreadGone(member=between.member, staff=between.staff)
    yield ThreadEnded(to=between.member, other=between.staff)
    yield ThreadEnded(to=between.staff, other=between.member)
    yield ThreadKeyForgotten(name=key_name(between.member, between.staff))


class ThreadGone(Event, frozen=True, kw_only=True):
    """A facilitator and a member no longer write in private."""

    stream = STAFF
    member: MemberId
    staff: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        staff = cast(Staff, part)
        staff.threads = [t for t in staff.threads if t != Between(self.member, self.staff)]


class ThreadEnded(PrivateEvent, frozen=True, kw_only=True):
    """A private word has ended."""

    other: MemberId

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Private, part).threads.pop(self.other, None)


def _lasts(room: Room, between: Between) -> float:
    thread = room.private(between.member).threads.get(between.staff)
    return thread.opened_at + THREAD_LONGEST_SECONDS if thread else 0.0


def threads_due(room: Room) -> Iterator[float]:
    """When each open thread, and each wish for one, has lasted long enough (epoch seconds)."""
    yield from (_lasts(room, between) for between in room.staff.threads)
    yield from (since + THREAD_LONGEST_SECONDS for since in room.staff.asked.values())


def threads_over(room: Room, now: float, without: Container[MemberId] = ()) -> Iterator[Made]:
    """The end of threads, and of wishes for one, that have lasted long enough; and of the threads
    that go on `without` one of the two."""
    for between in list(room.staff.threads):
        alone = between.member in without or between.staff in without
        if alone or _lasts(room, between) <= now:
            yield from ended(between)
    for member, since in room.staff.asked.items():
        if since + THREAD_LONGEST_SECONDS <= now:
            yield WordNoLongerAsked(member=member)
            yield YouStoppedAsking(to=member)


def members_released(room: Room, now: float) -> set[MemberId]:
    """The members whose thread, or wish for one, ends now."""
    over = {between.member for between in room.staff.threads if _lasts(room, between) <= now}
    return over | {m for m, at in room.staff.asked.items() if at + THREAD_LONGEST_SECONDS <= now}


def threads_without(room: Room, staff: MemberId) -> Iterator[Made]:
    """The end of the threads of somebody who goes."""
    for between in list(room.staff.threads):
        if between.staff == staff:
            yield from ended(between)
