"""Law 7: what is not for somebody's ears changes nothing for them, not a byte and not a number.

Looked at event by event: whatever happens on `staff`, on `core` or on somebody else's private
stream, a bystander's View, their numbers and their frames are the same before and after.
"""

from collections.abc import Sequence

import msgspec
import pytest

from moderation.actions import Action
from rooms.kernel import At, Command, Recorded, record
from rooms.room import CORE, MemberId, Room, StreamName, view
from server.live import protocol
from tests.cast import EVERYBODY, Table, copy_of, encoded
from tests.story import STORIES, Story, tell

TAGS = [who.tag.encode() for who in EVERYBODY]

Heard = tuple[dict[StreamName, bytes], dict[StreamName, int]]


def heard_by(room: Room, member: MemberId) -> Heard:
    """All that somebody may know now: their View's bytes and their numbers."""
    parts = {stream: encoded(part) for stream, part in view(room, member).items()}
    return parts, {stream: room.number(stream) for stream in parts}


def frame(one: Recorded) -> bytes:
    """An event as those hear it who hear its stream."""
    _, body = protocol.stored(one.event, one.now)
    return protocol.happened("abcdef", one.stream, one.seq, one.now, body)


class Bystanders:
    """Carries out each command's events one by one, and asks everybody after each of them."""

    def __init__(self) -> None:
        self.unmoved = 0
        self._room = Room()

    def before(self, table: Table, command: Command, at: At) -> None:
        self._room = copy_of(table.room)

    def after(self, table: Table, command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        room = self._room
        for one in recorded:
            before = {member: heard_by(room, member) for member in room.core.members}
            record(room, one.event, one.now)
            for member, heard in before.items():
                if one.stream not in heard[0] and member not in one.event.rehears():
                    assert heard_by(room, member) == heard, (type(one.event).__name__, member)
                    self.unmoved += 1
        assert encoded(room) == encoded(table.room)


@pytest.mark.parametrize("story", STORIES)
def test_a_bystander_notices_nothing_of_what_is_not_for_them(story: Story) -> None:
    bystanders = Bystanders()
    tell(story, bystanders)
    assert bystanders.unmoved > 5


class Frames:
    """Looks into everything anybody hears or is shown."""

    def before(self, table: Table, command: Command, at: At) -> None:
        """Nothing to do."""

    def after(self, table: Table, command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        for one in recorded:
            if one.stream != CORE:
                assert not any(tag in frame(one) for tag in TAGS), type(one.event).__name__
            if isinstance(command, Action):
                assert str(at.by).encode() not in frame(one), type(one.event).__name__
        for member in table.room.core.members:
            shown = msgspec.json.encode(view(table.room, member))
            assert not any(tag in shown for tag in TAGS)


@pytest.mark.parametrize("story", STORIES)
def test_nobody_hears_a_tag_and_nobody_hears_who_acted(story: Story) -> None:
    tell(story, Frames())


@pytest.mark.parametrize("story", STORIES)
def test_every_event_writes_the_part_of_its_own_stream_alone(story: Story) -> None:
    log = tell(story).log
    room = Room()
    for one in log:
        before = {name: encoded(getattr(room, name)) for name in ("public", "staff", "core")}
        privates = {member: encoded(part) for member, part in room.privates.items()}
        record(room, one.event, one.now)
        kind = {"room": "public"}.get(one.stream, one.stream)
        for name, part in before.items():
            assert name == kind or encoded(getattr(room, name)) == part
        for member, part in privates.items():
            assert one.stream == f"private:{member}" or encoded(room.privates[member]) == part
