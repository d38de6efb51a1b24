"""An alert is passed on until somebody takes it, and comes back when they are gone or still."""

from math import inf

import pytest

from moderation.alerts import (
    AlertRaised,
    CallNow,
    ChangeAlertLevel,
    ClaimAlert,
    HandOverAlert,
    StayWithAlert,
)
from rooms.alert_clock import (
    ANYBODY_ON_CALL,
    AlertLeftToDesk,
    AlertNudged,
    AlertOffered,
    AlertReopened,
    AlertWidened,
    Why,
    alert_due,
)
from rooms.clock import due
from rooms.kernel import Order
from rooms.meetings import CloseMeeting
from rooms.orders import Call, CaseKind, PageOnCall, TellDesk, TellElsewhere
from rooms.presence import Leave
from rooms.room import Mode
from rooms.safety import CONCERN, ELEVATED, EMERGENCY, Alert, Category, Level, Stage, Subject
from rooms.threads import AnswerPrivately, OpenThread, SayPrivately
from rooms.turns import HAND_KEPT_SECONDS
from tests.cast import ADA, BO, FAY, KIM, MAX, START, Cast, Table, copy_of

MINUTE = 60.0
HOUR = 3_600.0
JUST_BEFORE = 1.0
BOTH = pytest.mark.parametrize("level", [ELEVATED, EMERGENCY])


@pytest.fixture
def table() -> Table:
    """Fay and Kim hold an open talk with Ada, and somebody is on shift."""
    table = Table()
    table.on_call = True
    table.opens(FAY, Mode.OPEN)
    table.joins(KIM, ADA)
    return table


def alert(table: Table, about: Cast = ADA) -> Alert:
    """The open alert about somebody."""
    return table.room.staff.alerts[table.id(about)]


def waits(table: Table, seconds: float) -> None:
    """Time passes as in a room that is awake: each deadline is looked at when it comes."""
    until = table.now + seconds
    while (at := due(table.room)) <= until:
        table.waits(max(at - table.now, 0.0))
    table.waits(until - table.now)


def calls(table: Table) -> list[Order]:
    """Who has been called since the last time somebody asked, and nothing else."""
    found: list[Order] = [
        order for order in table.orders if isinstance(order, PageOnCall | TellElsewhere)
    ]
    table.orders.clear()
    return found


def takes(table: Table, who: Cast = FAY) -> None:
    """Somebody takes the alert about Ada."""
    table.does(who, ClaimAlert(member=table.id(ADA)))
    table.orders.clear()


# Who hears of it first.


@pytest.mark.parametrize("level", [CONCERN, ELEVATED, EMERGENCY])
def test_the_facilitators_who_are_here_hear_of_an_alert_first(table: Table, level: Level) -> None:
    table.writes(ADA, level)
    assert (alert(table).stage, calls(table)) == (Stage.ROOM, [])
    assert table.id(ADA) in table.room.staff.alerts


def test_in_an_emergency_with_no_facilitator_connected_people_are_called_at_once(
    table: Table,
) -> None:
    table.loses(FAY, KIM)
    table.writes(ADA, EMERGENCY)
    assert calls(table) == [PageOnCall(level=EMERGENCY, stage=Stage.ON_CALL)]
    table.writes(ADA, EMERGENCY)
    assert calls(table) == [], "and once"


@pytest.mark.parametrize("level", [CONCERN, ELEVATED])
def test_below_an_emergency_nobody_is_called_before_their_time(table: Table, level: Level) -> None:
    table.loses(FAY, KIM)
    table.writes(ADA, level)
    assert calls(table) == []


def test_an_emergency_after_a_lesser_call_is_called_at_once_where_nobody_is_here(
    table: Table,
) -> None:
    table.writes(ADA, ELEVATED)
    table.does(FAY, CallNow(member=table.id(ADA)))
    table.loses(FAY, KIM)
    calls(table)
    table.writes(ADA, EMERGENCY)
    assert calls(table) == [PageOnCall(level=EMERGENCY, stage=Stage.ON_CALL)]


# Nobody takes it: safety.md, section 1.5, row by row.


@pytest.mark.parametrize(("level", "after"), [(EMERGENCY, MINUTE), (ELEVATED, 3 * MINUTE)])
def test_an_alert_nobody_takes_is_told_to_facilitators_elsewhere(
    table: Table, level: Level, after: float
) -> None:
    table.writes(ADA, level)
    waits(table, after - JUST_BEFORE)
    assert calls(table) == []
    waits(table, JUST_BEFORE)
    assert calls(table) == [TellElsewhere(level=level, member=table.id(ADA))]
    assert alert(table).stage is Stage.WIDER


@pytest.mark.parametrize(("level", "after"), [(EMERGENCY, 2 * MINUTE), (ELEVATED, 10 * MINUTE)])
def test_an_alert_nobody_takes_then_calls_whoever_is_on_shift(
    table: Table, level: Level, after: float
) -> None:
    table.writes(ADA, level)
    waits(table, after - JUST_BEFORE)
    calls(table)
    waits(table, JUST_BEFORE)
    assert calls(table) == [PageOnCall(level=level, stage=Stage.ON_CALL)]


@pytest.mark.parametrize(("level", "after"), [(EMERGENCY, 5 * MINUTE), (ELEVATED, 30 * MINUTE)])
def test_an_alert_nobody_takes_then_calls_everybody_every_two_minutes(
    table: Table, level: Level, after: float
) -> None:
    table.writes(ADA, level)
    waits(table, after - JUST_BEFORE)
    calls(table)
    everybody = PageOnCall(level=level, stage=Stage.EVERYBODY)
    waits(table, JUST_BEFORE)
    assert calls(table) == [everybody]
    waits(table, 2 * MINUTE - JUST_BEFORE)
    assert calls(table) == []
    waits(table, JUST_BEFORE)
    assert calls(table) == [everybody]
    waits(table, 20 * MINUTE)
    assert calls(table) == [everybody] * 10, "and again and again, until somebody comes"


@BOTH
def test_whoever_takes_it_ends_the_calls(table: Table, level: Level) -> None:
    table.writes(ADA, level)
    waits(table, HOUR)
    takes(table)
    waits(table, 3 * MINUTE - JUST_BEFORE)
    assert calls(table) == []


def test_a_concern_waits_in_silence_until_the_meeting_ends(table: Table) -> None:
    table.writes(ADA, CONCERN)
    waits(table, 5 * HOUR)
    assert alert_due(table.room, table.id(ADA)) == inf
    assert (calls(table), alert(table).stage) == ([], Stage.ROOM)


def test_an_alert_of_one_person_does_not_wait_for_that_of_another(table: Table) -> None:
    table.joins(BO)
    table.writes(ADA, EMERGENCY)
    table.now += 30
    table.writes(BO, EMERGENCY)
    waits(table, 30)
    assert calls(table) == [TellElsewhere(level=EMERGENCY, member=table.id(ADA))]
    waits(table, 30)
    assert calls(table) == [TellElsewhere(level=EMERGENCY, member=table.id(BO))]


def test_a_level_that_rises_late_gives_those_here_their_minute(table: Table) -> None:
    table.writes(ADA, CONCERN)
    waits(table, HOUR)
    table.writes(ADA, EMERGENCY)
    waits(table, MINUTE - JUST_BEFORE)
    assert calls(table) == []
    waits(table, JUST_BEFORE)
    assert calls(table) == [TellElsewhere(level=EMERGENCY, member=table.id(ADA))]


def test_an_alert_that_rises_is_passed_on_as_fast_as_its_new_level(table: Table) -> None:
    table.writes(ADA, ELEVATED)
    table.does(KIM, ChangeAlertLevel(member=table.id(ADA), level=EMERGENCY))
    waits(table, 2 * MINUTE)
    assert calls(table)[-1] == PageOnCall(level=EMERGENCY, stage=Stage.ON_CALL)


def test_calling_by_hand_does_not_begin_the_ladder_again(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    table.does(FAY, CallNow(member=table.id(ADA)))
    assert calls(table) == [PageOnCall(level=EMERGENCY, stage=Stage.ON_CALL)]
    waits(table, 2 * MINUTE)
    assert calls(table) == []
    waits(table, 3 * MINUTE)
    assert calls(table) == [PageOnCall(level=EMERGENCY, stage=Stage.EVERYBODY)]


# Restarts and downtimes.


def test_the_deadlines_of_an_alert_survive_a_restart(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    waits(table, 90)
    calls(table)
    table.room = copy_of(table.room)
    table.restarts(FAY, KIM, ADA)
    assert alert_due(table.room, table.id(ADA)) == START + 120
    waits(table, 30)
    assert calls(table) == [PageOnCall(level=EMERGENCY, stage=Stage.ON_CALL)]


def test_after_a_downtime_there_is_one_call_that_says_how_long_nobody_came(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    calls(table)
    table.waits(HOUR)
    assert calls(table) == [PageOnCall(level=EMERGENCY, stage=Stage.EVERYBODY, waited=3_600)]
    waits(table, 2 * MINUTE)
    assert calls(table) == [PageOnCall(level=EMERGENCY, stage=Stage.EVERYBODY)]


def test_a_call_that_is_a_moment_late_does_not_speak_of_a_downtime(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    waits(table, MINUTE)
    calls(table)
    table.waits(MINUTE + 59)
    assert calls(table) == [PageOnCall(level=EMERGENCY, stage=Stage.ON_CALL)]


def test_an_owner_who_was_gone_through_a_downtime_is_missed_once(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    takes(table)
    table.loses(FAY, KIM)
    happened = table.waits(HOUR)
    assert [type(one) for one in happened].count(AlertReopened) == 1
    assert calls(table) == [PageOnCall(level=EMERGENCY, stage=Stage.ON_CALL)]


# Somebody has taken it, and nothing is seen of them.


@pytest.mark.parametrize(("level", "after"), [(EMERGENCY, 3 * MINUTE), (ELEVATED, 10 * MINUTE)])
def test_an_owner_who_does_nothing_is_asked_whether_they_are_still_there(
    table: Table, level: Level, after: float
) -> None:
    table.writes(ADA, level)
    takes(table)
    waits(table, after - JUST_BEFORE)
    assert alert(table).nudged == 0.0
    assert table.waits(JUST_BEFORE) == [AlertNudged(member=table.id(ADA))]
    assert table.waits(JUST_BEFORE) == [], "and asked once"
    assert alert(table).owner == table.id(FAY)


@pytest.mark.parametrize(("level", "after"), [(EMERGENCY, 5 * MINUTE), (ELEVATED, 20 * MINUTE)])
def test_an_owner_who_goes_on_doing_nothing_loses_the_alert(
    table: Table, level: Level, after: float
) -> None:
    table.writes(ADA, level)
    waits(table, 30)
    takes(table)
    waits(table, after - JUST_BEFORE)
    assert alert(table).owner == table.id(FAY)
    [opened] = table.waits(JUST_BEFORE)
    assert opened == AlertReopened(member=table.id(ADA), why=Why.NOTHING_DONE, stage=Stage.ROOM)
    assert (alert(table).owner, alert(table).level) == (0, level)
    table.does(KIM, ClaimAlert(member=table.id(ADA)))


@BOTH
@pytest.mark.parametrize(
    "act", ["a private word", "still with them", "another level", "asking another"]
)
def test_an_owner_who_does_something_keeps_the_alert(table: Table, level: Level, act: str) -> None:
    table.writes(ADA, level)
    table.asides(FAY, ADA)
    ada = table.id(ADA)
    acts = {
        "a private word": AnswerPrivately(other=ada, text="I am here."),
        "still with them": StayWithAlert(member=ada),
        "another level": ChangeAlertLevel(member=ada, level=5 - level),
        "asking another": HandOverAlert(member=ada, to=table.id(KIM), summary="Can you?"),
    }
    waits(table, 2 * MINUTE)
    table.does(FAY, acts[act])
    waits(table, 9 * MINUTE)
    assert (alert(table).owner, alert(table).nudged) == (table.id(FAY), 0.0)


def test_only_the_owners_own_acts_count(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    table.asides(FAY, ADA)
    waits(table, 4 * MINUTE)
    table.does(ADA, SayPrivately(other=table.id(FAY), text="Are you there?"))
    table.does(KIM, CallNow(member=table.id(ADA)))
    waits(table, MINUTE)
    assert alert(table).owner == 0


@pytest.mark.parametrize(("level", "silence"), [(EMERGENCY, 10 * MINUTE), (ELEVATED, 20 * MINUTE)])
def test_an_owner_who_falls_silent_is_asked_and_then_the_alert_is_open_again(
    table: Table, level: Level, silence: float
) -> None:
    table.writes(ADA, level)
    takes(table)
    table.does(FAY, StayWithAlert(member=table.id(ADA)))
    assert table.waits(silence - JUST_BEFORE) == []
    assert table.waits(JUST_BEFORE) == [AlertNudged(member=table.id(ADA))]
    assert table.waits(silence - JUST_BEFORE) == []
    [opened] = table.waits(JUST_BEFORE)
    assert isinstance(opened, AlertReopened)


# Somebody has taken it, and is gone.


@pytest.mark.parametrize(("level", "after"), [(EMERGENCY, MINUTE), (ELEVATED, 3 * MINUTE)])
def test_an_owner_who_is_lost_leaves_the_alert_open_at_the_same_level(
    table: Table, level: Level, after: float
) -> None:
    table.writes(ADA, level)
    takes(table)
    table.loses(FAY)
    waits(table, 29)
    assert alert(table).owner == table.id(FAY)
    waits(table, after - 29)
    assert (alert(table).owner, alert(table).level) == (0, level)
    reopened = [one.event for one in table.log if isinstance(one.event, AlertReopened)]
    assert reopened == [AlertReopened(member=table.id(ADA), why=Why.OWNER_LOST, stage=Stage.ROOM)]


def test_an_emergency_is_offered_again_when_its_owner_is_lost_for_thirty_seconds(
    table: Table,
) -> None:
    table.writes(ADA, EMERGENCY)
    takes(table)
    table.loses(FAY)
    waits(table, 30)
    assert alert(table).owner != table.id(FAY) or alert(table).offered


def test_an_owner_who_is_back_in_time_keeps_the_alert(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    takes(table)
    table.loses(FAY)
    waits(table, 20)
    table.finds(FAY)
    waits(table, 2 * MINUTE)
    assert alert(table).owner == table.id(FAY)


def test_an_owner_who_is_back_too_late_takes_it_anew(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    takes(table)
    table.loses(FAY)
    waits(table, MINUTE)
    table.finds(FAY)
    assert alert(table).owner == 0
    takes(table)
    assert alert(table).owner == table.id(FAY)


def test_a_lost_owner_with_nobody_else_here_is_a_call_at_once(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    takes(table)
    table.loses(FAY, KIM)
    waits(table, MINUTE)
    assert calls(table) == [PageOnCall(level=EMERGENCY, stage=Stage.ON_CALL)]


def test_the_timers_of_an_alert_that_is_open_again_begin_again(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    waits(table, HOUR)
    takes(table)
    table.does(FAY, Leave())
    assert (alert(table).owner, alert(table).stage) == (0, Stage.ROOM)
    waits(table, MINUTE - JUST_BEFORE)
    assert calls(table) == []
    waits(table, JUST_BEFORE)
    assert calls(table) == [TellElsewhere(level=EMERGENCY, member=table.id(ADA))]


@BOTH
def test_an_owner_who_leaves_gives_the_alert_back_at_once(table: Table, level: Level) -> None:
    table.writes(ADA, level)
    takes(table)
    happened = table.does(FAY, Leave())
    given = AlertReopened(member=table.id(ADA), why=Why.OWNER_LEFT, stage=Stage.ROOM)
    assert given in happened
    assert (alert(table).owner, alert(table).level) == (0, level)


def test_the_only_facilitator_does_not_leave_an_emergency_to_themselves(table: Table) -> None:
    table.does(KIM, Leave())
    table.writes(ADA, EMERGENCY)
    takes(table)
    table.does(FAY, Leave())
    assert calls(table) == [PageOnCall(level=EMERGENCY, stage=Stage.ON_CALL)]


def test_where_the_only_facilitator_does_nothing_others_are_called(table: Table) -> None:
    table.does(KIM, Leave())
    table.writes(ADA, EMERGENCY)
    takes(table)
    waits(table, 5 * MINUTE)
    assert calls(table) == [PageOnCall(level=EMERGENCY, stage=Stage.ON_CALL)]


def test_somebody_who_leaves_gives_back_their_own_alerts_alone(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    takes(table, KIM)
    table.does(FAY, Leave())
    assert alert(table).owner == table.id(KIM)


@pytest.mark.parametrize("level", [CONCERN, ELEVATED, EMERGENCY])
@pytest.mark.parametrize("owner", [FAY, MAX])
def test_whoever_does_not_come_back_leaves_no_alert_and_no_private_word_behind(
    table: Table, level: Level, owner: Cast
) -> None:
    table.comes_on_call(MAX)
    table.writes(ADA, level)
    table.asides(owner, ADA)
    table.loses(owner)
    waits(table, HAND_KEPT_SECONDS)
    assert (alert(table).owner, alert(table).level) == (0, level)
    assert table.room.staff.threads == []


def test_a_hand_over_that_nobody_accepts_does_not_keep_an_alert_for_ever(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    takes(table)
    ada = table.id(ADA)
    table.does(FAY, HandOverAlert(member=ada, to=table.id(KIM), summary="I have to go"))
    table.loses(FAY)
    waits(table, MINUTE)
    assert (alert(table).owner, alert(table).offered) == (0, 0)


# The end of a meeting.


@pytest.mark.parametrize("level", [CONCERN, ELEVATED, EMERGENCY])
def test_a_meeting_does_not_close_over_an_open_alert(table: Table, level: Level) -> None:
    table.writes(ADA, level)
    refused = table.refuses(FAY, CloseMeeting())
    assert (refused.code, refused.facts) == ("alerts_open", {"count": 1})
    assert table.room.public.meeting is not None
    takes(table)
    assert table.refuses(FAY, CloseMeeting()).code == "alerts_open"


@BOTH
def test_closing_over_an_alert_nobody_has_calls_whoever_is_on_shift(
    table: Table, level: Level
) -> None:
    table.writes(ADA, level)
    calls(table)
    table.closes(FAY, hand_over=True)
    assert calls(table) == [PageOnCall(level=level, stage=Stage.ON_CALL)]
    assert (alert(table).stage, alert(table).level) == (Stage.ON_CALL, level)
    assert due(table.room) < inf


def test_closing_over_an_alert_that_people_were_called_for_calls_them_no_second_time(
    table: Table,
) -> None:
    table.writes(ADA, EMERGENCY)
    waits(table, 2 * MINUTE)
    calls(table)
    table.closes(FAY, hand_over=True)
    assert calls(table) == []
    waits(table, 3 * MINUTE)
    assert calls(table) == [PageOnCall(level=EMERGENCY, stage=Stage.EVERYBODY)]


@BOTH
def test_closing_over_an_alert_offers_it_and_its_owner_stays_responsible(
    table: Table, level: Level
) -> None:
    table.writes(ADA, level)
    takes(table)
    table.closes(FAY, hand_over=True)
    assert calls(table) == [PageOnCall(why=Call.HAND_OVER, level=level)]
    assert (alert(table).owner, alert(table).offered) == (table.id(FAY), ANYBODY_ON_CALL)


def test_a_concern_nobody_looked_at_goes_to_the_desk_with_the_meeting(table: Table) -> None:
    table.writes(ADA, CONCERN)
    ada = table.id(ADA)
    table.closes(FAY, hand_over=True)
    assert table.room.staff.alerts == {}
    assert [order for order in table.orders if isinstance(order, TellDesk)] == [
        TellDesk(
            kind=CaseKind.UNSEEN,
            about="Ada",
            level=CONCERN,
            category=Category.SUICIDE,
            subject=Subject.SELF,
            at=START,
        )
    ]
    assert AlertLeftToDesk(member=ada) in [one.event for one in table.log]


def test_a_meeting_that_ends_by_itself_lets_no_alert_die(table: Table) -> None:
    table.writes(ADA, ELEVATED)
    takes(table)
    waits(table, 12 * HOUR)
    assert table.room.public.meeting is None
    assert alert(table).level == ELEVATED
    assert any(isinstance(order, PageOnCall) for order in calls(table))
    waits(table, HOUR)
    assert PageOnCall(level=ELEVATED, stage=Stage.EVERYBODY) in calls(table)


def test_an_alert_whose_owner_was_lost_when_the_meeting_closed_is_open_at_once(
    table: Table,
) -> None:
    table.writes(ADA, EMERGENCY)
    takes(table)
    table.loses(FAY)
    table.closes(KIM, hand_over=True)
    table.waits(0)
    assert alert(table).owner == 0
    table.does(KIM, ClaimAlert(member=table.id(ADA)))


def test_an_alert_goes_on_in_an_empty_house(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    calls(table)
    table.closes(FAY, hand_over=True)
    for who in (FAY, KIM):
        table.does(who, Leave())
    calls(table)
    waits(table, 24 * HOUR)
    assert len(calls(table)) > 700, "every two minutes, a day and a night"
    table.comes_on_call(MAX)
    table.does(MAX, ClaimAlert(member=table.id(ADA)))
    table.does(MAX, OpenThread(member=table.id(ADA)))


def test_every_event_of_the_clock_is_for_the_facilitators_alone(table: Table) -> None:
    kinds = (AlertRaised, AlertWidened, AlertNudged, AlertReopened, AlertOffered, AlertLeftToDesk)
    assert {kind.stream for kind in kinds} == {"staff"}
