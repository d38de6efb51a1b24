"""Coming in, being known, being lost and found again, and leaving."""

import pytest

from moderation.actions import ReadmitMember, RemoveMember
from rooms.arriving import (
    ChangePseudonym,
    ChooseListening,
    Join,
    ListeningChosen,
    MemberNoted,
)
from rooms.holds import Freeze
from rooms.meetings import ChangeGroundRules
from rooms.presence import Leave
from rooms.room import ROOM, Person, Role, private
from tests.cast import ADA, BO, CY, FAY, KIM, START, Table, encoded


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


def test_each_person_is_told_alone_what_they_accepted(table: Table) -> None:
    streams = {one.stream for one in table.log if type(one.event).__name__ == "Welcomed"}
    assert streams == {private(table.id(FAY)), private(table.id(ADA))}
