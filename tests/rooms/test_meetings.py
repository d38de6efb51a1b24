"""A meeting from open to close, its topic, and the ground rules of its room."""

import pytest

from moderation.actions import MuteMember, RemoveMember
from rooms.arriving import ChangePseudonym, ChooseListening, MembersForgotten
from rooms.holds import Freeze
from rooms.meetings import (
    RULES_LIMIT,
    ChangeGroundRules,
    CloseMeeting,
    FoundRoom,
    ListsCleared,
    MeetingClosed,
    OpenMeeting,
    SetTopic,
)
from rooms.presence import Leave
from rooms.room import ROOM, GroundRules, Hold, Meeting, Mode
from rooms.speaking import Speak
from rooms.turns import RaiseHand
from tests.cast import ADA, BO, CY, FAY, KIM, RULES, START, Table

DAY = 86_400.0


@pytest.fixture
def table() -> Table:
    """Fay holds a meeting with Ada and Bo."""
    table = Table()
    table.opens(FAY)
    table.joins(ADA, BO)
    return table


def test_a_room_is_founded_once_with_its_first_rules() -> None:
    table = Table()
    assert table.room.public.rules == GroundRules(version=1, lines=RULES)
    assert table.machine(FoundRoom(rules=["Others."])) == []


def test_a_meeting_is_opened_with_its_mode_and_topic() -> None:
    table = Table()
    table.joins(FAY)
    table.does(FAY, OpenMeeting(mode=Mode.RESPOND, topic="  What helped\n this week?"))
    public = table.room.public
    assert public.meeting == Meeting(number=1, opened_at=START)
    assert (public.mode, public.topic) == (Mode.RESPOND, "What helped this week?")


def test_an_open_meeting_is_not_opened_again(table: Table) -> None:
    assert table.refuses(FAY, OpenMeeting()).code == "meeting_already_open"


def test_only_somebody_in_the_room_opens_a_meeting() -> None:
    table = Table()
    assert table.refuses(FAY, OpenMeeting()).code == "not_a_member"
    table.joins(FAY)
    table.does(FAY, Leave())
    assert table.refuses(FAY, OpenMeeting()).code == "not_here"


def test_at_the_end_the_facilitators_stay_and_everybody_else_has_left(table: Table) -> None:
    table.does(ADA, RaiseHand())
    table.closes(FAY)
    public = table.room.public
    assert [person.pseudonym for person in public.people.values()] == ["Fay"]
    assert (public.hands, public.floor, public.messages) == ([], None, {})
    assert (public.meeting, public.mode, public.topic) == (None, Mode.CLOSED, "")


def test_a_meeting_that_rested_ends_without_its_rest(table: Table) -> None:
    table.does(FAY, Freeze())
    table.closes(FAY)
    assert table.room.public.hold is Hold.NONE


def test_the_end_of_a_meeting_is_told_in_numbers_alone(table: Table) -> None:
    table.does(ADA, Leave())
    happened = table.does(FAY, CloseMeeting())
    assert happened[0] == MeetingClosed(number=1)
    assert happened[1] == ListsCleared(number=1, attendance=3, keep_muted=[])


def test_guests_are_forgotten_unless_they_asked_to_be_remembered(table: Table) -> None:
    ada, bo = table.id(ADA), table.id(BO)
    table.joins(CY, remember=True)
    happened = table.does(FAY, CloseMeeting())
    assert happened[-1] == MembersForgotten(members=[ada, bo], names=[])
    assert CY.tag in table.room.core.tags
    assert ADA.tag not in table.room.core.tags


def test_a_name_somebody_gave_up_is_free_after_the_meeting(table: Table) -> None:
    table.joins(CY, remember=True)
    table.does(CY, ChangePseudonym(pseudonym="Small Lamp"))
    table.closes(FAY)
    assert set(table.room.core.names.values()) == {table.id(CY), table.id(FAY)}
    assert len(table.room.core.names) == 2


def test_a_mute_outlasts_the_meeting_for_the_person_it_is_about(table: Table) -> None:
    table.does(FAY, MuteMember(member=table.id(BO), minutes=120, reason="Why"))
    bo = table.id(BO)
    table.closes(FAY)
    table.waits(600)
    table.opens(FAY, Mode.OPEN)
    table.joins(BO)
    assert table.id(BO) == bo
    assert table.refuses(BO, Speak(text="Hello")).code == "muted"


def test_a_removal_and_listening_end_with_the_meeting(table: Table) -> None:
    table.joins(CY, remember=True)
    table.does(CY, ChooseListening(listening=True))
    table.does(FAY, RemoveMember(member=table.id(CY), reason="Why"))
    table.closes(FAY)
    staff, mine = table.room.staff, table.room.private(table.id(CY))
    assert (staff.removed, staff.listening) == ({}, [])
    assert (mine.removed, mine.listening) == (None, False)
    table.opens(FAY)
    table.joins(CY)
    assert table.sits(CY)


def test_between_meetings_a_guest_hears_nothing_of_the_room(table: Table) -> None:
    table.joins(CY, remember=True)
    table.closes(FAY)
    assert ROOM not in table.room.hears(table.id(CY))
    assert ROOM in table.room.hears(table.id(FAY))


def test_somebody_of_last_week_does_not_hear_this_weeks_meeting_before_coming_in(
    table: Table,
) -> None:
    table.joins(CY, remember=True)
    table.closes(FAY)
    table.opens(FAY)
    assert ROOM not in table.room.hears(table.id(CY))


def test_a_facilitator_who_waits_in_the_room_hears_the_meeting_from_its_opening() -> None:
    table = Table()
    table.joins(KIM)
    number = table.room.number(ROOM)
    table.opens(KIM)
    assert table.room.core.members[table.id(KIM)].hears_from == number
    assert table.room.core.members[table.id(KIM)].meeting == 1


@pytest.mark.parametrize(("days", "known"), [(89, True), (91, False)])
def test_a_remembered_name_is_kept_for_ninety_days(table: Table, days: int, known: bool) -> None:
    table.joins(CY, remember=True)
    table.closes(FAY)
    table.waits(days * DAY)
    table.opens(FAY)
    assert (CY.tag in table.room.core.tags) is known


def test_the_topic_is_one_line_and_can_be_taken_away(table: Table) -> None:
    table.does(FAY, SetTopic(topic="Sleep,\nand what helps"))
    assert table.room.public.topic == "Sleep, and what helps"
    table.does(FAY, SetTopic(topic=""))
    assert table.room.public.topic == ""
    assert table.refuses(FAY, SetTopic(topic="x" * 201)).code == "line_too_long"


def test_new_ground_rules_have_a_new_version(table: Table) -> None:
    table.does(FAY, ChangeGroundRules(lines=["One speaks.", " Nobody  advises. "]))
    rules = table.room.public.rules
    assert (rules.version, rules.lines) == (2, ["One speaks.", "Nobody advises."])


@pytest.mark.parametrize("lines", [[], ["A rule."] * (RULES_LIMIT + 1)])
def test_rules_are_some_and_not_too_many(table: Table, lines: list[str]) -> None:
    assert table.refuses(FAY, ChangeGroundRules(lines=lines)).code == "rules_missing"


def test_a_rule_that_says_nothing_is_none(table: Table) -> None:
    assert table.refuses(FAY, ChangeGroundRules(lines=["A rule.", " "])).code == "text_empty"


def test_rules_can_be_changed_between_meetings(table: Table) -> None:
    table.closes(FAY)
    table.does(FAY, ChangeGroundRules(lines=["Other rules."]))
    assert table.room.public.rules.version == 2
