"""Law 4: what was said is in the log alone; a Room keeps number, author and fate."""

from collections.abc import Sequence

import pytest

from rooms.kernel import At, Command, Recorded
from rooms.room import Room
from rooms.speaking import Said
from tests.cast import FAY, Table, encoded
from tests.story import STORIES, Story, tell


class Needles:
    """Looks for all that was ever said in the state of the room."""

    def __init__(self) -> None:
        self.said: set[str] = set()

    def before(self, table: Table, command: Command, at: At) -> None:
        """Nothing to do."""

    def after(self, table: Table, command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        self.said |= {one.event.text for one in recorded if isinstance(one.event, Said)}
        assert found(self.said, table.room) == []


def found(said: set[str], room: Room) -> list[str]:
    """What was said and is in the room's state, whole or in part."""
    state = encoded(room)
    words = {text[: len(text) // 2] for text in said} | {text[len(text) // 2 :] for text in said}
    return sorted(word for word in words if word.encode() in state)


@pytest.mark.parametrize("story", STORIES)
def test_no_state_of_any_story_holds_what_was_said(story: Story) -> None:
    needles = Needles()
    tell(story, needles)
    assert all(len(text) > 20 for text in needles.said), "a short word may be there by chance"


def test_the_stories_say_something() -> None:
    needles = Needles()
    for story in STORIES:
        tell(story, needles)
    assert len(needles.said) > 10


def test_a_needle_in_the_state_is_found() -> None:
    table = Table()
    table.opens(FAY)
    table.room.public.topic = "I have a needle in my hand."
    assert found({"a needle in my hand."}, table.room) == ["a needle i", "n my hand."]
