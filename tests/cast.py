"""The people of the tests, and a table they sit at: a Room made live by the rules alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from moderation.alerts import ClaimAlert
from moderation.danger import DangerSaid, NoteDanger
from rooms.arriving import AcceptGroundRules, Join
from rooms.clock import Tick
from rooms.kernel import At, Command, Event, Internal, Order, Recorded, carry_out
from rooms.meetings import CloseMeeting, FoundRoom, OpenMeeting
from rooms.on_call import ComeOnCall
from rooms.presence import HostResumed, Lost, Returned
from rooms.refusals import Refused
from rooms.room import MemberId, MemberTag, Mode, Role, Room, Standing, View, view
from rooms.safety import Category, Danger, Reason, Subject
from rooms.speaking import Said, Speak
from rooms.threads import OpenThread

START: Final = 1_800_000_000.0
"""When every story begins, in seconds since the epoch."""
RULES: Final = ["We speak about ourselves, and what is said here stays here."]


@dataclass(frozen=True)
class Cast:
    """Somebody of the tests: how they are called, how a room knows them, what they are in it."""

    name: str
    tag: MemberTag
    role: Role = Role.MEMBER


ADA: Final = Cast("Ada", b"ada".hex().ljust(64, "a"))
BO: Final = Cast("Bo", b"bo".hex().ljust(64, "b"))
CY: Final = Cast("Cy", b"cy".hex().ljust(64, "c"))
FAY: Final = Cast("Fay", b"fay".hex().ljust(64, "f"), Role.FACILITATOR)
KIM: Final = Cast("Kim", b"kim".hex().ljust(64, "e"), Role.FACILITATOR)
MAX: Final = Cast("Max", b"max".hex().ljust(64, "d"), Role.MODERATOR)
EVERYBODY: Final = (ADA, BO, CY, FAY, KIM, MAX)
MACHINERY: Final = Cast("the machinery", "")
"""Who sends Internal commands."""


class Witness(Protocol):
    """Somebody who looks on while a story happens: what a law is made of."""

    def before(self, table: "Table", command: Command, at: At) -> None:
        """A command is about to be carried out."""

    def after(self, table: "Table", command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        """It was carried out; `recorded` is empty where the rules said no."""


class Table:
    """A Room, the people at it, and its own clock. `log` holds all that has happened."""

    def __init__(self, *witnesses: Witness) -> None:
        self.room = Room()
        self.now = START
        self.log: list[Recorded] = []
        self.orders: list[Order] = []
        self.on_call = False
        self._witnesses = witnesses
        self._fresh_id = 1 << 40
        self.machine(FoundRoom(rules=list(RULES)))

    def does(self, who: Cast, command: Command) -> list[Event]:
        """Carry out a command in somebody's name; what happened. Raises Refused."""
        self._fresh_id += 1
        by = self.room.core.tags.get(who.tag, 0)
        at = At(
            now=self.now,
            by=by,
            tag=who.tag,
            role=who.role,
            fresh_id=self._fresh_id,
            on_call=self.on_call,
            thread_key=self._fresh_id,
        )
        recorded: list[Recorded] = []
        for witness in self._witnesses:
            witness.before(self, command, at)
        try:
            recorded, orders = carry_out(self.room, command, at)
            self.orders += orders
        finally:
            self.log += recorded
            for witness in self._witnesses:
                witness.after(self, command, at, recorded)
        return [one.event for one in recorded]

    def refuses(self, who: Cast, command: Command) -> Refused:
        """The refusal somebody gets. Fails when the rules say yes."""
        try:
            happened = self.does(who, command)
        except Refused as refused:
            return refused
        raise AssertionError(f"{type(command).__name__} was not refused, but made {happened}")

    def machine(self, command: Internal) -> list[Event]:
        """Carry out a command of the machinery; what happened."""
        return self.does(MACHINERY, command)

    def joins(
        self,
        *people: Cast,
        accept: bool = True,
        first_meeting: bool = False,
        listening: bool = False,
        remember: bool = False,
    ) -> None:
        """People come in under their own names, and accept the rules unless they do not."""
        for who in people:
            join = Join(
                pseudonym=who.name,
                rules=self.room.public.rules.version if accept else 0,
                first_meeting=first_meeting,
                listening=listening,
                remember=remember,
            )
            self.does(who, join)

    def opens(self, who: Cast = FAY, mode: Mode = Mode.TURNS) -> None:
        """A facilitator opens the meeting, coming in first where needed."""
        if not self.sits(who):
            self.joins(who)
        self.does(who, OpenMeeting(mode=mode))

    def closes(self, who: Cast = FAY, *, hand_over: bool = False) -> None:
        """A facilitator closes the meeting."""
        self.does(who, CloseMeeting(hand_over=hand_over))

    def writes(self, who: Cast, level: int, text: str = "") -> None:
        """Somebody writes of danger, and says it to the room where `text` is given."""
        danger = Danger(
            level=level,
            category=Category.SUICIDE,
            subject=Subject.SELF,
            because=(Reason(concept="wants-to-die", says="wants to die", start=0, end=3),),
        )
        self.does(who, NoteDanger(danger=danger))
        if text:
            number = self.says(who, text)
            self.does(who, DangerSaid(message=number))

    def comes_on_call(self, who: Cast = MAX) -> None:
        """Somebody comes beside the room for an alert."""
        self.does(who, ComeOnCall(pseudonym=who.name))

    def asides(self, staff: Cast, member: Cast) -> None:
        """Somebody takes the alert about a member, and writes with them in private."""
        self.does(staff, ClaimAlert(member=self.id(member)))
        self.does(staff, OpenThread(member=self.id(member)))

    def accepts(self, *people: Cast) -> None:
        """People accept the ground rules that hold now."""
        for who in people:
            self.does(who, AcceptGroundRules(version=self.room.public.rules.version))

    def says(self, who: Cast, text: str) -> int:
        """Somebody says something; the message's number."""
        self.does(who, Speak(text=text))
        said = [one.seq for one in self.log if isinstance(one.event, Said)]
        return said[-1]

    def loses(self, *people: Cast) -> None:
        """The connections of these people are gone."""
        for who in people:
            self.machine(Lost(member=self.id(who)))

    def finds(self, *people: Cast) -> None:
        """These people are connected again."""
        for who in people:
            self.machine(Returned(member=self.id(who)))

    def restarts(self, *connected: Cast) -> None:
        """The server was away; these people are connected to it again already."""
        self.machine(HostResumed(connected=[self.id(who) for who in connected]))

    def waits(self, seconds: float) -> list[Event]:
        """Time passes, and the room's clock does what is due."""
        self.now += seconds
        return self.machine(Tick())

    def id(self, who: Cast) -> MemberId:
        """Somebody's MemberId. Raises KeyError for a stranger."""
        return self.room.core.tags[who.tag]

    def sits(self, who: Cast) -> bool:
        """Whether somebody has a place in the room now."""
        return self.room.core.tags.get(who.tag, 0) in self.room.public.people

    def standing(self, who: Cast) -> Standing:
        """What somebody may do now."""
        return self.room.standing(self.id(who), self.now)

    def view_of(self, who: Cast) -> View:
        """What somebody may see now."""
        return view(self.room, self.id(who))

    def names(self, members: Iterable[MemberId]) -> list[str]:
        """Who these ids are, by the names of the cast."""
        known = {self.room.core.tags.get(who.tag): who.name for who in EVERYBODY}
        return [known[member] for member in members]


def encoded(thing: object) -> bytes:
    """A state as bytes, for comparing it with itself at another moment."""
    return msgspec.msgpack.encode(thing)


def copy_of(room: Room) -> Room:
    """The same room once more, sharing nothing."""
    return msgspec.msgpack.decode(encoded(room), type=Room)
