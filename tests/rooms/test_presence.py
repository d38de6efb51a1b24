"""Being here: lost and found again, leaving, and a role that was taken."""

import pytest

from moderation.actions import RemoveMember
from rooms.arriving import (
    Arrived,
    Join,
)
from rooms.holds import HoldPlaced
from rooms.presence import Leave, Left, RoleTaken
from rooms.room import ROOM, Hold, Role, private
from rooms.turns import RaiseHand
from tests.cast import ADA, BO, FAY, KIM, START, Cast, Table, encoded


@pytest.fixture
def table() -> Table:
    """Fay holds a meeting with Ada."""
    table = Table()
    table.opens(FAY)
    table.joins(ADA)
    return table


def test_the_group_sees_only_that_somebody_left(table: Table) -> None:
    table.does(ADA, RaiseHand())
    ada = table.id(ADA)
    table.log.clear()
    table.does(ADA, Leave())
    assert [one.event for one in table.log if one.stream == ROOM] == [Left(member=ada)]
    assert table.room.public.hands == []
    assert table.does(ADA, Leave()) == []


def test_when_the_only_facilitator_leaves_the_room_rests_at_once(table: Table) -> None:
    happened = table.does(FAY, Leave())
    assert happened[-1] == HoldPlaced(hold=Hold.CALM)


def test_with_another_facilitator_there_the_room_goes_on(table: Table) -> None:
    table.joins(KIM)
    table.does(FAY, Leave())
    assert table.room.public.hold is Hold.NONE


def test_a_lost_phone_keeps_its_place_and_finds_it_again(table: Table) -> None:
    table.does(ADA, RaiseHand())
    table.now += 10
    table.loses(ADA)
    person = table.room.public.people[table.id(ADA)]
    assert (person.here, person.since) == (False, START + 10)
    table.loses(ADA)
    table.now += 350
    table.finds(ADA)
    assert (person.here, person.since) == (True, START + 360)
    assert table.room.public.hands == [table.id(ADA)]


def test_whoever_was_cleared_away_gets_their_place_back_in_the_same_meeting(table: Table) -> None:
    table.loses(ADA)
    table.waits(600)
    assert not table.sits(ADA)
    table.finds(ADA)
    assert table.sits(ADA)


@pytest.mark.parametrize("who", [ADA, FAY])
def test_a_lost_facilitator_or_member_coming_in_again_is_the_same_person(
    table: Table, who: Cast
) -> None:
    member = table.id(who)
    table.loses(who)
    happened = table.does(who, Join(pseudonym=who.name))
    assert Arrived(member=member, pseudonym=who.name, role=who.role) in happened
    assert table.id(who) == member


def test_whoever_was_removed_does_not_come_back_by_connecting(table: Table) -> None:
    table.does(FAY, RemoveMember(member=table.id(ADA), reason="Why"))
    table.finds(ADA)
    assert not table.sits(ADA)
    assert table.refuses(ADA, Join(pseudonym="Ada")).code == "removed"


def test_after_the_meeting_nobody_comes_back_by_connecting(table: Table) -> None:
    table.joins(BO, remember=True)
    table.closes(FAY)
    table.finds(BO)
    assert not table.sits(BO)


def test_after_a_restart_whoever_is_not_connected_is_lost(table: Table) -> None:
    table.joins(BO)
    table.now += 7
    table.restarts(FAY, BO)
    people = table.room.public.people
    assert [(p.pseudonym, p.here, p.since) for p in people.values()] == [
        ("Fay", True, START),
        ("Ada", False, START + 7),
        ("Bo", True, START),
    ]
    before = encoded(table.room)
    table.restarts(FAY, BO)
    assert encoded(table.room) == before


def test_whoever_loses_the_role_leaves_at_once_and_is_nobody_special(table: Table) -> None:
    fay = table.id(FAY)
    table.machine(RoleTaken(tag=FAY.tag))
    assert table.room.role(fay) is Role.MEMBER
    assert table.room.hears(fay) == (private(fay),)
    assert table.room.public.hold is Hold.CALM
    assert table.machine(RoleTaken(tag=FAY.tag)) == []


def test_nobody_borrows_the_name_of_a_facilitator_who_lost_the_role(table: Table) -> None:
    table.machine(RoleTaken(tag=FAY.tag))
    assert table.refuses(BO, Join(pseudonym="Fay")).code == "pseudonym_taken"


def test_between_meetings_whoever_loses_the_role_is_a_stranger(table: Table) -> None:
    table.closes(FAY)
    table.machine(RoleTaken(tag=FAY.tag))
    assert FAY.tag not in table.room.core.tags


def test_whoever_left_hears_nothing_more_of_the_room(table: Table) -> None:
    ada = table.id(ADA)
    table.does(ADA, Leave())
    assert table.room.hears(ada) == (private(ada),)
    table.finds(ADA)
    assert not table.sits(ADA), "who left is not brought back by a page that is still open"
    table.joins(ADA)
    assert table.room.hears(ada) == (ROOM, private(ada))
