"""Laws 9 and 10: somebody responsible holds the room, or it rests; and after a Tick the next
deadline lies ahead. Asked of every moment of every story, and of the hours after it."""

from collections.abc import Sequence
from math import inf

import pytest

from moderation.alerts import ClaimAlert, CloseAlert
from rooms.clock import FACILITATOR_GRACE_SECONDS, Tick, due
from rooms.kernel import At, Command, Recorded, carry_out
from rooms.presence import Leave
from rooms.room import Hold, Mode, Role, Room
from rooms.safety import Outcome
from tests.cast import FAY, MAX, Table, copy_of
from tests.story import STORIES, Story, tell

LATER = (0.0, 1.0, 59.0, 60.0, 119.0, 120.0, 121.0, 599.0, 600.0, 7_199.0, 7_200.0, 43_200.0, 1e6)
"""Seconds after a moment of a story: on both sides of every deadline there is."""


def held(room: Room, now: float) -> bool:
    """Law 9: whether the room rests or somebody responsible is there, within the grace time."""
    public = room.public
    if public.mode is Mode.CLOSED or public.hold is not Hold.NONE:
        return True
    return any(
        person.here or now < person.since + FACILITATOR_GRACE_SECONDS
        for person in public.people.values()
        if person.role is Role.FACILITATOR
    )


class Waiting:
    """After each command, waits on a copy of the room, longer and longer, and asks both laws."""

    def __init__(self, later: Sequence[float] = LATER) -> None:
        self.asked = 0
        self._later = later

    def before(self, table: Table, command: Command, at: At) -> None:
        """Nothing to do."""

    def after(self, table: Table, command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        waiting = copy_of(table.room)
        for seconds in self._later:
            now = table.now + seconds
            for room in (copy_of(table.room), waiting):
                carry_out(room, Tick(), At(now))
                assert held(room, now), (type(command).__name__, seconds)
                assert due(room) > now, (type(command).__name__, seconds)
                assert carry_out(room, Tick(), At(now)) == ([], []), "one Tick does all that is due"
                self.asked += 1


@pytest.mark.parametrize("story", STORIES)
def test_the_room_is_held_or_rests_and_the_next_deadline_lies_ahead(story: Story) -> None:
    waiting = Waiting()
    tell(story, waiting)
    assert waiting.asked > 100


@pytest.mark.parametrize("story", STORIES)
def test_a_room_that_is_left_alone_comes_to_its_end(story: Story) -> None:
    table = tell(story)
    room = table.room
    ticks = 0
    while (now := due(room)) != inf:
        carry_out(room, Tick(), At(now))
        ticks += 1
        if ticks == 20 and room.staff.alerts:
            table.now = now
            somebody_sees_to_the_alerts(table)
        assert ticks < 40
    assert room.public.meeting is None
    assert not room.staff.alerts


def somebody_sees_to_the_alerts(table: Table) -> None:
    """An alert never ends by itself: it calls until a person has closed it."""
    table.comes_on_call(MAX)
    for member in list(table.room.staff.alerts):
        if table.room.staff.alerts[member].owner != table.id(MAX):
            table.room.staff.alerts[member].owner = 0
            table.does(MAX, ClaimAlert(member=member))
        table.does(MAX, CloseAlert(member=member, outcome=Outcome.LEFT_NO_CONTACT, note="Gone"))
    table.does(MAX, Leave())


def test_a_room_that_nobody_holds_is_found() -> None:
    table = Table()
    table.opens(FAY)
    assert held(table.room, table.now)
    del table.room.public.people[table.id(FAY)]
    assert not held(table.room, table.now)
