"""Law 3: the same room, command and `At` make the same events, however often one asks."""

from collections.abc import Sequence

import pytest

from rooms.kernel import At, Command, Order, Recorded, carry_out
from rooms.refusals import Refused
from rooms.room import Room
from tests.cast import Table, copy_of, encoded
from tests.story import STORIES, Story, tell

Outcome = tuple[list[Recorded], list[Order], bytes] | str


def outcome(room: Room, command: Command, at: At) -> Outcome:
    """What a command makes of a room that is woken from its snapshot for it."""
    other = copy_of(room)
    try:
        recorded, orders = carry_out(other, command, at)
    except Refused as refused:
        return refused.code
    return recorded, orders, encoded(other)


class Twice:
    """Carries out each command on two copies beside the room itself."""

    def __init__(self) -> None:
        self.same = 0
        self._copies: Outcome = ""

    def before(self, table: Table, command: Command, at: At) -> None:
        self._copies = outcome(table.room, command, at)
        assert outcome(table.room, command, at) == self._copies

    def after(self, table: Table, command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        if isinstance(self._copies, str):
            assert list(recorded) == []
        else:
            assert list(recorded) == self._copies[0]
            assert encoded(table.room) == self._copies[2]
        self.same += 1


@pytest.mark.parametrize("story", STORIES)
def test_every_story_happens_the_same_way_twice(story: Story) -> None:
    twice = Twice()
    tell(story, twice)
    assert twice.same >= 10


@pytest.mark.parametrize("story", STORIES)
def test_a_story_told_again_is_the_same_to_the_last_byte(story: Story) -> None:
    assert encoded(tell(story).room) == encoded(tell(story).room)
