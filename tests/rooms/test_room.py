"""The Room's state: standings, streams, and what a View is."""

import pytest

from moderation.actions import MuteMember, RemoveMember
from rooms.arriving import ChooseListening
from rooms.room import Role, Room, Standing, private, view
from tests.cast import ADA, BO, FAY, KIM, Table, encoded


@pytest.fixture
def table() -> Table:
    """Fay holds a meeting with Ada and Bo."""
    table = Table()
    table.opens(FAY)
    table.joins(ADA, BO)
    return table


def test_ada_may_speak_unless_something_stands_against_it(table: Table) -> None:
    assert table.standing(ADA) is Standing.SPEAKING


def test_the_strongest_standing_counts(table: Table) -> None:
    table.does(ADA, ChooseListening(listening=True))
    assert table.standing(ADA) is Standing.LISTENING
    table.does(FAY, MuteMember(member=table.id(ADA), minutes=5, reason="Why"))
    assert table.standing(ADA) is Standing.MUTED
    table.does(FAY, RemoveMember(member=table.id(ADA), reason="Why"))
    assert table.standing(ADA) is Standing.REMOVED


def test_a_mute_ends_to_the_second_even_before_the_clock_has_noticed(table: Table) -> None:
    table.does(FAY, MuteMember(member=table.id(ADA), minutes=1, reason="Why"))
    table.now += 59.9
    assert table.standing(ADA) is Standing.MUTED
    table.now += 0.1
    assert table.standing(ADA) is Standing.SPEAKING


def test_a_member_sees_the_room_and_themselves_and_nothing_else(table: Table) -> None:
    assert table.view_of(ADA) == {
        "room": table.room.public,
        private(table.id(ADA)): table.room.privates[table.id(ADA)],
    }


def test_a_facilitator_sees_the_staff_part_too(table: Table) -> None:
    assert table.view_of(FAY)["staff"] is table.room.staff


def test_no_view_holds_the_core(table: Table) -> None:
    for who in (ADA, BO, FAY):
        assert table.room.core not in table.view_of(who).values()


def test_a_removed_person_hears_only_what_is_for_them_alone(table: Table) -> None:
    table.does(FAY, RemoveMember(member=table.id(BO), reason="Why"))
    assert table.room.hears(table.id(BO)) == (private(table.id(BO)),)


def test_a_stranger_hears_nothing_and_sees_nothing() -> None:
    room = Room()
    assert room.hears(7) == ()
    assert view(room, 7) == {}
    assert room.role(7) is Role.MEMBER


def test_a_part_is_found_by_the_name_of_its_stream(table: Table) -> None:
    room = table.room
    assert room.part("room") is room.public
    assert room.part("staff") is room.staff
    assert room.part("core") is room.core
    assert room.part(private(table.id(ADA))) is room.privates[table.id(ADA)]
    with pytest.raises(KeyError):
        room.part("kitchen:7")


def test_reading_about_a_stranger_leaves_no_trace(table: Table) -> None:
    before = encoded(table.room)
    table.room.private(99)
    table.room.standing(99, table.now)
    view(table.room, 99)
    assert encoded(table.room) == before


def test_two_rooms_share_nothing() -> None:
    one, other = Room(), Room()
    one.public.hands.append(1)
    one.numbers["room"] = 1
    assert other == Room()


def test_the_facilitators_are_those_with_a_place_connected_or_lost(table: Table) -> None:
    table.joins(KIM)
    table.loses(KIM)
    assert [person.pseudonym for person in table.room.facilitators()] == ["Fay", "Kim"]


def test_a_room_does_not_remember_the_private_parts_of_strangers(table: Table) -> None:
    ada = table.id(ADA)
    table.closes(FAY)
    table.room.forget_strangers()
    assert ada not in table.room.privates
    assert private(ada) not in table.room.numbers
    assert table.id(FAY) in table.room.privates
