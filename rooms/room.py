"""The Room: a small state, one part per audience.

A part is written only by events of its own stream, so what somebody may see is structure and not
care: a View *is* the parts of the streams somebody hears, and there is no second code path.
Nothing here decides anything; the rules are in the feature files beside this one.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import msgspec

from rooms.safety import Alert, Card

MemberId = int
"""A person's place in one Room: random, 48 bits, at least 2**16, never used again."""

MemberTag = str
"""What a Room knows a person by, in hex; derived from the person's key and the room's id."""

StreamName = str
"""`room`, `staff`, `core` or `private:<MemberId>`."""

ROOM: Final = "room"
STAFF: Final = "staff"
CORE: Final = "core"
PRIVATE: Final = "private"


def private(member: MemberId) -> StreamName:
    """The stream that one person hears, on all their Connections."""
    return f"{PRIVATE}:{member}"


class Role(StrEnum):
    """What a person is in one Room. A staff role comes from an Account; that of a moderator holds
    across rooms."""

    MEMBER = "member"
    FACILITATOR = "facilitator"
    MODERATOR = "moderator"


EVERY_ROLE: Final = frozenset(Role)
FACILITATORS: Final = frozenset({Role.FACILITATOR})
STAFF_ROLES: Final = frozenset({Role.FACILITATOR, Role.MODERATOR})


class Standing(StrEnum):
    """What a person may do in one Room now. Computed, never stored; the first that holds counts."""

    REMOVED = "removed"
    MUTED = "muted"
    LISTENING = "listening"
    SPEAKING = "speaking"


class Mode(StrEnum):
    """Who may speak, always visible to everybody."""

    CLOSED = "closed"
    TURNS = "turns"
    RESPOND = "respond"
    OPEN = "open"


class Hold(StrEnum):
    """A rest that lies beside Mode and Floor and leaves them untouched."""

    NONE = "none"
    FROZEN = "frozen"
    CALM = "calm"


class MessageFate(StrEnum):
    """What has become of a Message."""

    SAID = "said"
    RETRACTED = "retracted"
    HIDDEN = "hidden"


class Part(msgspec.Struct):
    """The Room's state for one stream."""


class GroundRules(msgspec.Struct):
    """What the group asks of each other. A new version is accepted before speaking again."""

    version: int = 0
    lines: list[str] = []


class Meeting(msgspec.Struct):
    """One facilitated sitting, from open to close; numbered within its Room."""

    number: int
    opened_at: float


class Person(msgspec.Struct):
    """Somebody in the room, as everybody there sees them.

    `since` is when `here` last changed, in seconds since the epoch.
    """

    pseudonym: str
    role: Role
    here: bool
    since: float


class MessageState(msgspec.Struct):
    """Author and fate of one Message of this meeting. Its text is in the log alone."""

    author: MemberId
    fate: MessageFate = MessageFate.SAID


class Public(Part):
    """What everybody in the room hears. `quiet` is a moment of reading in mode closed."""

    rules: GroundRules = msgspec.field(default_factory=GroundRules)
    meetings_held: int = 0
    meeting: Meeting | None = None
    topic: str = ""
    mode: Mode = Mode.CLOSED
    quiet: bool = False
    hold: Hold = Hold.NONE
    hold_since: float = 0.0
    floor: MemberId | None = None
    floor_since: float = 0.0
    hands: list[MemberId] = []
    people: dict[MemberId, Person] = {}
    messages: dict[int, MessageState] = {}


class Mute(msgspec.Struct):
    """A mute's end (seconds since the epoch) and the reason the person was told."""

    until: float
    reason: str


class Thread(msgspec.Struct, kw_only=True):
    """A private thread as one of its two ends has it: a private word, or an Aside under an alert.

    `pseudonym` is the other end's. `since` is the number of one's own stream at which it opened.
    """

    pseudonym: str
    aside: bool
    opened_at: float
    since: int


class Between(msgspec.Struct, frozen=True):
    """That a thread exists, for the other facilitators: who with whom, and nothing of what."""

    member: MemberId
    staff: MemberId


class Report(msgspec.Struct, kw_only=True):
    """What somebody told the facilitators of a message or a person. Who told it is not here."""

    about: MemberId
    pseudonym: str
    why: str
    text: str
    at: float
    message: int = 0


class Staff(Part):
    """What the facilitators of this room hear beside the room.

    `on_call` are people who came for an alert; the group does not see them. `asked` are members
    who wait for a private word, since when. Alerts are kept by the Member they are about.
    """

    muted: dict[MemberId, Mute] = {}
    removed: dict[MemberId, str] = {}
    first_meeting: list[MemberId] = []
    listening: list[MemberId] = []
    on_call: dict[MemberId, Person] = {}
    alerts: dict[MemberId, Alert] = {}
    asked: dict[MemberId, float] = {}
    threads: list[Between] = []
    reports: dict[int, Report] = {}


class Private(Part):
    """What one person hears of themselves.

    `threads` are kept by the other end's id. `receipts` are their reports and concerns, by case,
    with what became of them: empty while nobody has looked. `country` is where they said they are.
    """

    rules_accepted: int = 0
    first_meeting: bool = False
    listening: bool = False
    muted: Mute | None = None
    removed: str | None = None
    left: bool = False
    card: Card | None = None
    asked: bool = False
    threads: dict[MemberId, Thread] = {}
    receipts: dict[int, str] = {}
    country: str = ""


class Membership(msgspec.Struct):
    """What a Room remembers of a Member and tells nobody.

    `name_key` is what the pseudonym is compared by, `meeting` the last meeting they were part of.
    `hears_from` is the `room` number after which this person hears; `staff_from` the same for the
    `staff` stream of somebody with a role. `last_here` is in seconds since the epoch.
    """

    tag: MemberTag
    pseudonym: str
    name_key: str
    role: Role
    meeting: int
    hears_from: int
    staff_from: int
    remember: bool
    last_here: float


class Core(Part):
    """What is delivered to nobody: tags, roles, windows, and the names that are taken.

    During a meeting somebody holds every name they have carried in it; afterwards their last one.
    `thread_keys` are the keys of private threads, by both ends; `reporters` who made which report.
    """

    members: dict[MemberId, Membership] = {}
    tags: dict[MemberTag, MemberId] = {}
    names: dict[str, MemberId] = {}
    thread_keys: dict[str, int] = {}
    reporters: dict[int, MemberId] = {}


class Room(msgspec.Struct):
    """The standing place of one support group, live: parts, and how far each stream has come.

    `n` counts all events of the room, `last` is the time of the newest one.
    """

    n: int = 0
    last: float = 0.0
    numbers: dict[StreamName, int] = {}
    public: Public = msgspec.field(default_factory=Public)
    staff: Staff = msgspec.field(default_factory=Staff)
    core: Core = msgspec.field(default_factory=Core)
    privates: dict[MemberId, Private] = {}

    def part(self, stream: StreamName) -> Part:
        """The part that events of this stream write. Raises KeyError for an unknown stream."""
        if stream == ROOM:
            return self.public
        if stream == STAFF:
            return self.staff
        if stream == CORE:
            return self.core
        kind, _, member = stream.partition(":")
        if kind != PRIVATE:
            raise KeyError(stream)
        return self.privates.setdefault(int(member), Private())

    def number(self, stream: StreamName) -> int:
        """The number of the newest event of a stream; 0 before the first."""
        return self.numbers.get(stream, 0)

    def private(self, member: MemberId) -> Private:
        """What one person hears of themselves; the empty part for somebody unknown."""
        return self.privates.get(member) or Private()

    def role(self, member: MemberId) -> Role:
        """The role somebody holds here; plain member for everybody unknown."""
        known = self.core.members.get(member)
        return known.role if known else Role.MEMBER

    def standing(self, member: MemberId, now: float) -> Standing:
        """What somebody may do now, from facts with their ends; the first that holds counts."""
        if member in self.staff.removed:
            return Standing.REMOVED
        mute = self.staff.muted.get(member)
        if mute is not None and mute.until > now:
            return Standing.MUTED
        if member in self.staff.listening:
            return Standing.LISTENING
        return Standing.SPEAKING

    def hears(self, member: MemberId) -> tuple[StreamName, ...]:
        """The streams somebody hears: always their own; the room, and for a role the staff stream,
        while they have a place at the table. On call it is the staff stream without the room.
        Whoever left hears nothing more."""
        known = self.core.members.get(member)
        if known is None:
            return ()
        if member in self.staff.on_call:
            return (private(member), STAFF)
        if member not in self.public.people:
            return (private(member),)
        if known.role is Role.MEMBER:
            return (ROOM, private(member))
        return (ROOM, private(member), STAFF)

    def presence(self, member: MemberId) -> Person | None:
        """Somebody's place: at the table, or on call beside it; None for whoever has neither."""
        return self.public.people.get(member) or self.staff.on_call.get(member)

    def watching(self, but: MemberId = 0) -> Iterator[tuple[MemberId, Person]]:
        """Those who hear the staff stream and are connected now, without `but`."""
        at_table = ((m, p) for m, p in self.public.people.items() if p.role in STAFF_ROLES)
        for member, person in (*at_table, *self.staff.on_call.items()):
            if person.here and member != but:
                yield member, person

    def own_alert(self, member: MemberId) -> Alert | None:
        """The open alert about somebody."""
        return self.staff.alerts.get(member)

    def facilitators(self) -> Iterator[Person]:
        """The responsible people who have a place in the room, connected or lost."""
        return (p for p in self.public.people.values() if p.role is Role.FACILITATOR)

    def forget_strangers(self) -> None:
        """Drop private parts and stream numbers of people who are no longer Members.

        Their ids are never used again, so nothing can continue from these numbers. Done to every
        Room that is snapshot or loaded, so that the room does not grow with each evening.
        """
        gone = [m for m in self.privates if m not in self.core.members]
        for member in gone:
            del self.privates[member]
            self.numbers.pop(private(member), None)


View = dict[StreamName, Part]
"""The parts that somebody may hear; nothing else."""


def view(room: Room, member: MemberId) -> View:
    """What a Member may see: the parts of the streams they hear."""
    return {stream: room.part(stream) for stream in room.hears(member)}
