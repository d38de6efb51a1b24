"""Coming for an alert from outside the meeting: seen by the facilitators, unseen by the group."""

from collections.abc import Iterator
from typing import ClassVar

from rooms.arriving import Welcomed, known
from rooms.beside import OnCallCame
from rooms.kernel import At, Command, Internal, Made, NotAllowed, PrivateEvent, Stamp
from rooms.pseudonyms import display
from rooms.room import STAFF_ROLES, MemberId, Part, Room
from rooms.safety import Level


class ComeOnCall(Command, frozen=True, kw_only=True):
    """Come beside the room for an alert. The group does not see it; you do not hear the group."""

    in_meeting: ClassVar[bool] = False
    members_only: ClassVar[bool] = False
    at_table: ClassVar[bool] = False

    pseudonym: str

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if at.role not in STAFF_ROLES:
            raise NotAllowed()
        if at.by and room.presence(at.by) is not None:
            return
        member = at.by or at.fresh_id
        name = display(self.pseudonym)
        yield from known(room, at, member, at.tag, at.role, name, remember=False)
        yield Welcomed(to=member)
        yield OnCallCame(member=member, pseudonym=name, role=at.role)


class HearElsewhere(Internal, frozen=True, kw_only=True):
    """An alert of another room waits, and this Member of staff, who is here, may take it."""

    member: MemberId
    room: str
    level: Level

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        if room.presence(self.member) is not None:
            yield NeededElsewhere(to=self.member, room=self.room, level=self.level)


class NeededElsewhere(PrivateEvent, frozen=True, kw_only=True):
    """An alert of another room of yours waits for somebody."""

    room: str
    level: Level

    def apply(self, part: Part, stamp: Stamp) -> None:
        """Said once: the alert itself is in its own room."""
