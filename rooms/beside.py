"""The place beside the room, for whoever comes on call: they hear the staff stream, and the group
neither sees nor hears of them."""

from collections.abc import Sequence
from typing import cast

from rooms.kernel import Event, Stamp
from rooms.room import STAFF, MemberId, Part, Person, Role, Staff


class OnCallCame(Event, frozen=True, kw_only=True):
    """Somebody on call is here for the alerts."""

    stream = STAFF
    member: MemberId
    pseudonym: str
    role: Role

    def rehears(self) -> Sequence[MemberId]:
        return (self.member,)

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).on_call[self.member] = Person(
            pseudonym=self.pseudonym, role=self.role, here=True, since=stamp.now
        )


class OnCallSeen(Event, frozen=True, kw_only=True):
    """The connection of somebody on call is lost, or there again."""

    stream = STAFF
    member: MemberId
    here: bool

    def apply(self, part: Part, stamp: Stamp) -> None:
        person = cast(Staff, part).on_call[self.member]
        person.here, person.since = self.here, stamp.now


class OnCallLeft(Event, frozen=True, kw_only=True):
    """Somebody on call has left."""

    stream = STAFF
    member: MemberId

    def rehears(self) -> Sequence[MemberId]:
        return (self.member,)

    def apply(self, part: Part, stamp: Stamp) -> None:
        cast(Staff, part).on_call.pop(self.member, None)
