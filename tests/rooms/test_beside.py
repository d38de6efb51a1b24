"""The place beside the room: there for the staff, and not there for the group."""

from rooms.beside import OnCallCame, OnCallLeft, OnCallSeen
from rooms.room import ROOM, STAFF, Mode, Role, private
from tests.cast import ADA, FAY, MAX, Table


def test_the_place_beside_the_room_is_seen_by_the_staff_alone() -> None:
    assert {OnCallCame.stream, OnCallSeen.stream, OnCallLeft.stream} == {STAFF}
    table = Table()
    table.on_call = True
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA)
    table.comes_on_call(MAX)
    assert table.id(MAX) in table.room.staff.on_call
    assert table.id(MAX) not in table.room.public.people
    assert STAFF in table.view_of(FAY)
    assert STAFF not in table.view_of(ADA)


def test_whoever_sits_beside_the_room_hears_the_alerts_and_not_the_group() -> None:
    came = OnCallCame(member=7, pseudonym="Max", role=Role.MODERATOR)
    assert came.rehears() == OnCallLeft(member=7).rehears() == (7,)
    table = Table()
    table.on_call = True
    table.opens(FAY, Mode.OPEN)
    table.comes_on_call(MAX)
    assert set(table.view_of(MAX)) == {STAFF, private(table.id(MAX))}
    assert ROOM not in table.view_of(MAX)
