"""Coming in, being known, being lost and found again, and leaving."""

import pytest

from moderation.actions import ReadmitMember, RemoveMember
from rooms.arriving import (
    Arrived,
    ChangePseudonym,
    ChooseListening,
    Join,
    ListeningChosen,
    MemberNoted,
)
from rooms.holds import Freeze, HoldPlaced
from rooms.meetings import ChangeGroundRules
from rooms.presence import Leave, Left, RoleTaken
from rooms.room import ROOM, Hold, Person, Role, private
from rooms.turns import RaiseHand
from tests.cast import ADA, BO, CY, FAY, KIM, START, Cast, Table, encoded


@pytest.fixture
def table() -> Table:
    """Fay holds a meeting with Ada."""
    table = Table()
    table.opens(FAY)
    table.joins(ADA)
    return table


def test_whoever_comes_in_is_seen_under_their_pseudonym(table: Table) -> None:
    assert table.room.public.people[table.id(ADA)] == Person("Ada", Role.MEMBER, True, START)


def test_a_second_tap_on_come_in_makes_no_ghost(table: Table) -> None:
    before = encoded(table.room)
    assert table.does(ADA, Join(pseudonym="Ada")) == []
    assert table.does(ADA, Join(pseudonym="Another Name")) == []
    assert encoded(table.room) == before


def test_without_a_meeting_only_a_facilitator_comes_in() -> None:
    table = Table()
    assert table.refuses(ADA, Join(pseudonym="Ada")).code == "meeting_not_open"
    table.joins(FAY)
    assert table.sits(FAY)


def test_nobody_comes_into_a_frozen_room_but_facilitators(table: Table) -> None:
    table.does(FAY, Freeze())
    assert table.refuses(BO, Join(pseudonym="Bo")).code == "room_frozen"
    table.joins(KIM)
    assert table.sits(KIM)


def test_rules_that_changed_meanwhile_are_read_again_at_the_door(table: Table) -> None:
    table.does(FAY, ChangeGroundRules(lines=["Other rules."]))
    refused = table.refuses(BO, Join(pseudonym="Bo", rules=1))
    assert (refused.code, refused.facts) == ("rules_changed", {"version": 2})
    table.does(BO, Join(pseudonym="Bo", rules=0))
    assert table.room.private(table.id(BO)).rules_accepted == 0


@pytest.mark.parametrize("name", ["Ada", "ada", "Аda"])
def test_nobody_takes_the_name_of_somebody_who_is_here(table: Table, name: str) -> None:
    code = table.refuses(BO, Join(pseudonym=name)).code
    assert code in ("pseudonym_taken", "pseudonym_mixed_scripts")


def test_nobody_can_take_the_name_of_somebody_who_left_in_this_meeting(table: Table) -> None:
    table.does(ADA, Leave())
    assert table.refuses(BO, Join(pseudonym="Ada")).code == "pseudonym_taken"
    table.joins(ADA)
    assert table.sits(ADA)


def test_nobody_borrows_a_name_somebody_gave_up_in_this_meeting(table: Table) -> None:
    table.does(ADA, ChangePseudonym(pseudonym="Small Lamp"))
    assert table.refuses(BO, Join(pseudonym="Ada")).code == "pseudonym_taken"
    table.does(ADA, ChangePseudonym(pseudonym="Ada"))
    assert table.room.public.people[table.id(ADA)].pseudonym == "Ada"


def test_after_the_meeting_somebody_remembered_holds_only_their_last_name(table: Table) -> None:
    table.joins(BO, remember=True)
    table.does(BO, ChangePseudonym(pseudonym="Small Lamp"))
    table.closes(FAY)
    table.opens(FAY)
    assert table.refuses(CY, Join(pseudonym="Small Lamp")).code == "pseudonym_taken"
    table.does(CY, Join(pseudonym="Bo"))
    assert table.sits(CY)


def test_after_the_meeting_a_guests_name_is_free(table: Table) -> None:
    table.closes(FAY)
    table.opens(FAY)
    table.does(BO, Join(pseudonym="Ada"))
    assert table.sits(BO)


def test_the_same_name_again_is_no_change(table: Table) -> None:
    assert table.does(ADA, ChangePseudonym(pseudonym="Ada")) == []


def test_only_the_facilitators_learn_who_is_new_and_who_listens(table: Table) -> None:
    table.joins(BO, first_meeting=True, listening=True)
    bo = table.id(BO)
    assert (table.room.staff.first_meeting, table.room.staff.listening) == ([bo], [bo])
    assert "first_meeting" not in table.view_of(ADA)[ROOM].__struct_fields__
    mine = table.room.private(bo)
    assert (mine.first_meeting, mine.listening) == (True, True)


def test_what_was_told_at_the_door_is_taken_back_at_the_door(table: Table) -> None:
    table.joins(BO, first_meeting=True)
    table.does(BO, Leave())
    table.joins(BO)
    assert table.room.staff.first_meeting == []


def test_listening_can_be_changed_at_any_time(table: Table) -> None:
    happened = table.does(ADA, ChooseListening(listening=True))
    assert [type(event) for event in happened] == [MemberNoted, ListeningChosen]
    assert table.does(ADA, ChooseListening(listening=True)) == []
    table.does(ADA, ChooseListening(listening=False))
    assert table.room.staff.listening == []


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


def test_late_joiners_hear_from_their_own_arrival_on(table: Table) -> None:
    number = table.room.number(ROOM)
    table.joins(BO)
    assert table.room.core.members[table.id(BO)].hears_from == number


def test_coming_in_again_keeps_the_window_of_this_meeting(table: Table) -> None:
    window = table.room.core.members[table.id(ADA)].hears_from
    table.says(FAY, "While you were away.")
    table.loses(ADA)
    table.joins(ADA)
    assert table.room.core.members[table.id(ADA)].hears_from == window


def test_whoever_is_let_in_again_does_not_hear_what_was_said_meanwhile(table: Table) -> None:
    table.does(FAY, RemoveMember(member=table.id(ADA), reason="Why"))
    table.says(FAY, "Not for Ada.")
    number = table.room.number(ROOM)
    table.does(FAY, ReadmitMember(member=table.id(ADA), reason="Why"))
    assert table.room.core.members[table.id(ADA)].hears_from == number


def test_a_facilitator_hears_nothing_of_a_meeting_they_did_not_come_to() -> None:
    table = Table()
    table.joins(KIM, remember=True)
    table.does(KIM, Leave())
    table.opens(FAY)
    table.says(FAY, "Not for Kim.")
    table.closes(FAY)
    number = table.room.number(ROOM)
    table.joins(KIM)
    assert table.room.core.members[table.id(KIM)].hears_from == number


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


def test_each_person_is_told_alone_what_they_accepted(table: Table) -> None:
    streams = {one.stream for one in table.log if type(one.event).__name__ == "Welcomed"}
    assert streams == {private(table.id(FAY)), private(table.id(ADA))}
