"""What happens because time passes, and when it is due."""

from math import inf

import pytest

from moderation.actions import MuteMember
from rooms.clock import (
    CALM_HOLD_SECONDS,
    FACILITATOR_GRACE_SECONDS,
    MEETING_LONGEST_SECONDS,
    MuteEnded,
    YourMuteEnded,
    due,
    unheld_since,
)
from rooms.holds import Freeze, HoldPlaced, Resume
from rooms.presence import Leave, Left
from rooms.room import Hold, Room
from rooms.turns import FLOOR_KEPT_SECONDS, HAND_KEPT_SECONDS, CallNext, FloorFreed, RaiseHand
from tests.cast import ADA, BO, FAY, KIM, START, Table, copy_of


@pytest.fixture
def table() -> Table:
    """Fay holds a meeting in turns with Ada and Bo."""
    table = Table()
    table.opens(FAY)
    table.joins(ADA, BO)
    return table


def test_a_room_without_a_meeting_waits_for_nothing() -> None:
    table = Table()
    assert due(table.room) == inf
    table.joins(FAY)
    assert due(table.room) == inf
    assert table.waits(1e9) == []


def test_a_facilitator_lost_between_meetings_is_cleared_away_and_forgotten() -> None:
    table = Table()
    table.joins(FAY)
    fay = table.id(FAY)
    table.loses(FAY)
    assert [type(e).__name__ for e in table.waits(600)] == ["Left", "MembersForgotten"]
    assert fay not in table.room.core.members


def test_a_remembered_name_is_kept_for_ninety_days_and_no_longer(table: Table) -> None:
    table.does(ADA, Leave())
    table.joins(ADA, remember=True)
    ada = table.id(ADA)
    table.closes(FAY)
    table.waits(89 * 86_400)
    assert ada in table.room.core.members
    table.waits(86_400)
    assert ada not in table.room.core.members


def test_a_guest_kept_for_a_mute_alone_is_forgotten_with_it(table: Table) -> None:
    bo = table.id(BO)
    table.does(FAY, MuteMember(member=bo, minutes=60, reason="Three replies"))
    table.closes(FAY)
    assert bo in table.room.core.members
    table.waits(3_600)
    assert bo not in table.room.core.members


def test_a_lost_phone_keeps_its_hand_for_ten_minutes(table: Table) -> None:
    table.does(ADA, RaiseHand())
    table.loses(ADA)
    assert HAND_KEPT_SECONDS == 600
    assert due(table.room) == START + 600
    assert table.waits(599) == []
    assert table.names(table.room.public.hands) == ["Ada"]
    assert table.waits(1) == [Left(member=table.id(ADA))]
    assert table.room.public.hands == []


def test_the_floor_waits_a_minute_for_a_lost_phone_and_its_turn_comes_first_again(
    table: Table,
) -> None:
    for who in (ADA, BO):
        table.does(who, RaiseHand())
    table.does(FAY, CallNext())
    table.loses(ADA)
    assert FLOOR_KEPT_SECONDS == 60
    assert due(table.room) == START + 60
    assert table.waits(59) == []
    assert table.waits(1) == [FloorFreed(member=table.id(ADA), again=True)]
    assert table.names(table.room.public.hands) == ["Ada", "Bo"]


def test_a_phone_that_is_back_in_time_keeps_the_floor(table: Table) -> None:
    table.does(FAY, CallNext(member=table.id(ADA)))
    table.loses(ADA)
    table.waits(59)
    table.finds(ADA)
    table.waits(60)
    assert table.room.public.floor == table.id(ADA)


def test_without_a_facilitator_for_two_minutes_the_room_rests(table: Table) -> None:
    table.loses(FAY)
    assert FACILITATOR_GRACE_SECONDS == 120
    assert due(table.room) == START + 120
    assert table.waits(119) == []
    assert table.waits(1) == [HoldPlaced(hold=Hold.CALM)]


def test_a_facilitator_who_is_back_in_time_changes_nothing(table: Table) -> None:
    table.loses(FAY)
    table.waits(119)
    table.finds(FAY)
    assert table.waits(1_000) == []
    assert table.room.public.hold is Hold.NONE


def test_one_connected_facilitator_holds_the_room(table: Table) -> None:
    table.joins(KIM)
    table.loses(FAY)
    assert unheld_since(table.room) is None
    table.waits(599)
    assert table.room.public.hold is Hold.NONE


def test_the_grace_counts_from_the_last_facilitator_who_was_there(table: Table) -> None:
    table.joins(KIM)
    table.loses(FAY)
    table.waits(100)
    table.loses(KIM)
    assert unheld_since(table.room) == START + 100
    assert table.waits(119) == []
    assert table.waits(1) == [HoldPlaced(hold=Hold.CALM)]


def test_a_paused_room_that_nobody_holds_becomes_calm(table: Table) -> None:
    table.does(FAY, Freeze())
    table.loses(FAY)
    assert table.waits(120) == [HoldPlaced(hold=Hold.CALM)]


def test_nobody_can_wake_a_calm_room_from_afar(table: Table) -> None:
    """Resuming with the connection still lost makes the room calm again at the next Tick."""
    table.loses(FAY)
    table.waits(120)
    table.does(FAY, Resume())
    assert due(table.room) <= table.now
    assert table.waits(0) == [HoldPlaced(hold=Hold.CALM)]


def test_a_meeting_that_rests_for_two_hours_is_closed(table: Table) -> None:
    table.does(FAY, Leave())
    assert CALM_HOLD_SECONDS == 7_200
    table.waits(7_199)
    assert table.room.public.meeting is not None
    table.waits(1)
    assert table.room.public.meeting is None
    assert due(table.room) == inf


def test_no_meeting_is_longer_than_half_a_day(table: Table) -> None:
    assert MEETING_LONGEST_SECONDS == 43_200
    assert due(table.room) == START + 43_200
    table.waits(43_200)
    assert table.room.public.meeting is None


def test_a_mute_ends_and_the_person_is_told(table: Table) -> None:
    table.does(FAY, MuteMember(member=table.id(ADA), minutes=1, reason="Why"))
    ada = table.id(ADA)
    assert due(table.room) == START + 60
    assert table.waits(59) == []
    assert table.waits(1) == [MuteEnded(member=ada), YourMuteEnded(to=ada)]
    assert table.room.private(ada).muted is None


def test_a_mute_ends_between_meetings_too(table: Table) -> None:
    table.does(FAY, MuteMember(member=table.id(ADA), minutes=60, reason="Why"))
    table.closes(FAY)
    assert due(table.room) == START + 3_600
    table.waits(3_600)
    assert table.room.staff.muted == {}


def test_after_a_long_sleep_everything_that_is_due_is_done_at_once(table: Table) -> None:
    table.does(FAY, CallNext(member=table.id(ADA)))
    table.loses(ADA, BO, FAY)
    happened = table.waits(600)
    assert happened[0] == HoldPlaced(hold=Hold.CALM)
    assert {type(event) for event in happened[1:]} == {Left}
    assert table.room.public.people == {}
    assert due(table.room) == START + 600 + CALM_HOLD_SECONDS


def test_deadlines_survive_a_restart(table: Table) -> None:
    table.loses(ADA)
    woken: Room = copy_of(table.room)
    assert due(woken) == due(table.room) == START + 600
