"""Coming for an alert from outside the meeting: seen by the facilitators, unseen by the group."""

import pytest

from moderation.alerts import ClaimAlert
from rooms.beside import OnCallCame, OnCallLeft
from rooms.clock import due
from rooms.on_call import ComeOnCall, HearElsewhere, NeededElsewhere
from rooms.presence import Leave
from rooms.room import ROOM, STAFF, Mode, private
from rooms.safety import EMERGENCY
from rooms.speaking import Speak
from rooms.threads import AnswerPrivately, OpenThread, SayPrivately
from rooms.turns import HAND_KEPT_SECONDS
from tests.cast import ADA, BO, FAY, KIM, MAX, Cast, Table, encoded


@pytest.fixture
def table() -> Table:
    """Fay holds an open talk with Ada and Bo; Ada is in danger."""
    table = Table()
    table.on_call = True
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA, BO)
    table.writes(ADA, EMERGENCY)
    return table


def test_whoever_comes_on_call_is_seen_by_the_facilitators_and_not_by_the_group(
    table: Table,
) -> None:
    before = encoded(table.view_of(BO)), encoded(table.view_of(ADA))
    table.log.clear()
    table.comes_on_call(MAX)
    assert (encoded(table.view_of(BO)), encoded(table.view_of(ADA))) == before
    assert ROOM not in {one.stream for one in table.log}
    assert table.names(table.room.staff.on_call) == ["Max"]
    assert not table.sits(MAX)


def test_whoever_is_on_call_hears_the_alerts_and_not_the_group(table: Table) -> None:
    table.comes_on_call(MAX)
    assert set(table.view_of(MAX)) == {STAFF, private(table.id(MAX))}
    assert table.refuses(MAX, Speak(text="Hello all")).code == "not_here"


@pytest.mark.parametrize("who", [FAY, KIM, MAX])
def test_anybody_of_the_staff_can_come_on_call(who: Cast) -> None:
    table = Table()
    table.comes_on_call(who)
    assert table.names(table.room.staff.on_call) == [who.name]


def test_a_member_does_not_come_on_call(table: Table) -> None:
    for who in (ADA, BO):
        assert table.refuses(who, ComeOnCall(pseudonym=who.name)).code == "not_allowed"
    assert table.room.staff.on_call == {}


def test_coming_twice_is_coming_once(table: Table) -> None:
    table.comes_on_call(MAX)
    assert table.does(MAX, ComeOnCall(pseudonym="Max")) == []


def test_a_facilitator_at_the_table_needs_not_come_on_call(table: Table) -> None:
    assert table.does(FAY, ComeOnCall(pseudonym="Fay")) == []


def test_nobody_on_call_takes_the_name_of_somebody_here(table: Table) -> None:
    assert table.refuses(MAX, ComeOnCall(pseudonym="Ada")).code == "pseudonym_taken"


def test_whoever_is_on_call_looks_after_the_person(table: Table) -> None:
    table.comes_on_call(MAX)
    table.asides(MAX, ADA)
    table.does(MAX, AnswerPrivately(other=table.id(ADA), text="I am here."))
    table.does(ADA, SayPrivately(other=table.id(MAX), text="Thank you."))
    assert table.room.staff.alerts[table.id(ADA)].owner == table.id(MAX)


def test_whoever_has_left_hears_no_alerts_and_does_nothing_for_them(table: Table) -> None:
    table.comes_on_call(MAX)
    happened = table.does(MAX, Leave())
    assert OnCallLeft(member=table.id(MAX)) in happened
    assert set(table.view_of(MAX)) == {private(table.id(MAX))}
    assert table.refuses(MAX, ClaimAlert(member=table.id(ADA))).code == "not_here"
    table.comes_on_call(MAX)
    table.does(MAX, ClaimAlert(member=table.id(ADA)))


def test_a_lost_connection_keeps_the_place_beside_the_room_for_a_while(table: Table) -> None:
    table.comes_on_call(MAX)
    table.loses(MAX)
    assert not table.room.staff.on_call[table.id(MAX)].here
    table.waits(HAND_KEPT_SECONDS - 1)
    table.finds(MAX)
    assert table.room.staff.on_call[table.id(MAX)].here
    table.loses(MAX)
    table.waits(HAND_KEPT_SECONDS)
    assert table.room.staff.on_call == {}
    assert due(table.room) > table.now


def test_whoever_goes_gives_the_alert_and_the_private_word_back(table: Table) -> None:
    table.comes_on_call(MAX)
    table.asides(MAX, ADA)
    table.does(MAX, Leave())
    assert table.room.staff.alerts[table.id(ADA)].owner == 0
    assert (table.room.staff.threads, table.room.private(table.id(ADA)).threads) == ([], {})
    table.does(FAY, ClaimAlert(member=table.id(ADA)))
    table.does(FAY, OpenThread(member=table.id(ADA)))


def test_a_restart_finds_those_on_call_who_are_connected(table: Table) -> None:
    table.comes_on_call(MAX)
    table.restarts(FAY, ADA, BO)
    assert not table.room.staff.on_call[table.id(MAX)].here
    table.restarts(FAY, ADA, BO, MAX)
    assert table.room.staff.on_call[table.id(MAX)].here


def test_whoever_is_on_call_stays_when_the_meeting_closes(table: Table) -> None:
    table.comes_on_call(MAX)
    table.closes(FAY, hand_over=True)
    assert table.names(table.room.staff.on_call) == ["Max"]
    table.asides(MAX, ADA)
    table.does(ADA, SayPrivately(other=table.id(MAX), text="Are you still there?"))


def test_a_facilitator_who_came_on_call_can_sit_down_at_the_table(table: Table) -> None:
    table.comes_on_call(KIM)
    table.joins(KIM)
    assert set(table.view_of(KIM)) == {ROOM, STAFF, private(table.id(KIM))}
    table.does(KIM, Leave())
    assert not table.sits(KIM)
    assert set(table.view_of(KIM)) == {private(table.id(KIM))}


def test_somebody_here_is_told_that_another_room_needs_them(table: Table) -> None:
    table.comes_on_call(MAX)
    for who in (FAY, MAX):
        elsewhere = HearElsewhere(member=table.id(who), room="k7m2qx", level=EMERGENCY)
        assert table.machine(elsewhere) == [
            NeededElsewhere(to=table.id(who), room="k7m2qx", level=EMERGENCY)
        ]


def test_somebody_who_is_not_here_is_not_told_of_another_room(table: Table) -> None:
    table.comes_on_call(MAX)
    table.does(MAX, Leave())
    assert table.machine(HearElsewhere(member=table.id(MAX), room="k7m2qx", level=3)) == []


def test_who_came_on_call_is_told_on_the_facilitators_stream() -> None:
    assert (OnCallCame.stream, OnCallLeft.stream) == (STAFF, STAFF)
