"""Law 2: snapshot and tail give the live Room; an old View and what was heard give a fresh one."""

from collections.abc import Sequence

import msgspec
import pytest

from rooms.kernel import At, Command, Recorded, Stamp, record
from rooms.room import MemberId, Part, Private, Public, Room, Staff, StreamName, view
from server.live import protocol
from tests.cast import ADA, FAY, Table, copy_of, encoded
from tests.story import STORIES, Story, tell


class Snapshots:
    """Takes a snapshot after each command, as a server does before it sleeps."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    def before(self, table: Table, command: Command, at: At) -> None:
        """Nothing to do."""

    def after(self, table: Table, command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        self.taken.append(encoded(table.room))


def woken(snapshot: bytes) -> Room:
    """The room as it is after a night on disk."""
    room = msgspec.msgpack.decode(snapshot, type=Room)
    room.forget_strangers()
    return room


def tail_is_live(snapshots: Snapshots, table: Table) -> bool:
    """Whether every snapshot, and the events after it as they are stored, give the live room."""
    live = copy_of(table.room)
    live.forget_strangers()
    for snapshot in snapshots.taken:
        room = woken(snapshot)
        for one in table.log[room.n :]:
            now, event = protocol.recall(protocol.stored(one.event, one.now)[0])
            again = record(room, event, now)
            assert (again.n, again.stream) == (one.n, one.stream)
        room.forget_strangers()
        assert room == live
        assert list(room.public.people) == list(live.public.people)
    return len(snapshots.taken) > 0


@pytest.mark.parametrize("story", STORIES)
def test_a_room_from_any_snapshot_and_its_tail_is_the_live_room(story: Story) -> None:
    snapshots = Snapshots()
    assert tail_is_live(snapshots, tell(story, snapshots))


def part_of(stream: StreamName, encoded_part: bytes) -> Part:
    """A part as it comes out of a snapshot frame."""
    kinds: dict[str, type[Part]] = {"room": Public, "staff": Staff, "private": Private}
    return msgspec.msgpack.decode(encoded_part, type=kinds[stream.partition(":")[0]])


class Listeners:
    """Everybody's own View: a part is taken fresh when its stream is new to them, and from then on
    it changes by what they hear and by nothing else."""

    def __init__(self) -> None:
        self.views: dict[MemberId, dict[StreamName, Part]] = {}
        self.compared = 0

    def before(self, table: Table, command: Command, at: At) -> None:
        """Nothing to do."""

    def after(self, table: Table, command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        taken: set[tuple[MemberId, StreamName]] = set()
        for one in recorded:
            for member, mine in self.views.items():
                if one.stream in mine and (member, one.stream) not in taken:
                    one.event.apply(mine[one.stream], Stamp(one.seq, one.now))
            for member in one.event.rehears():
                taken |= self._rehear(table.room, member)
        assert self.views.keys() == table.room.core.members.keys()
        for member, mine in self.views.items():
            fresh = view(table.room, member)
            assert mine.keys() == fresh.keys(), (type(command).__name__, member)
            for stream, part in fresh.items():
                assert encoded(mine[stream]) == encoded(part), (type(command).__name__, stream)
                self.compared += 1

    def _rehear(self, room: Room, member: MemberId) -> set[tuple[MemberId, StreamName]]:
        """Follow what somebody hears now; the streams whose part was taken fresh."""
        fresh = view(room, member)
        mine = self.views.setdefault(member, {})
        new = fresh.keys() - mine.keys()
        for stream in mine.keys() - fresh.keys():
            del mine[stream]
        mine |= {stream: part_of(stream, encoded(fresh[stream])) for stream in new}
        if not mine:
            del self.views[member]
        return {(member, stream) for stream in new}


@pytest.mark.parametrize("story", STORIES)
def test_everybodys_old_view_and_what_they_heard_is_their_fresh_view(story: Story) -> None:
    listeners = Listeners()
    tell(story, listeners)
    assert listeners.compared > 30


def test_a_view_that_misses_an_event_is_found() -> None:
    listeners = Listeners()
    table = Table(listeners)
    table.opens(FAY)
    listeners.views[table.id(FAY)]["room"] = Public()
    with pytest.raises(AssertionError, match="Join"):
        table.joins(ADA)
