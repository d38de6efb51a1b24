"""Danger is heard first: the card its author gets, and the alert the facilitators get."""

from collections.abc import Callable

import pytest

from moderation.actions import MuteMember, RemoveMember
from moderation.alerts import AlertRaised, ClaimAlert, CloseAlert
from moderation.danger import (
    ASKED,
    CARD_EVERY_SECONDS,
    CONCERNS_TOGETHER_SECONDS,
    PRESSED_TOGETHER_SECONDS,
    CardOffered,
    ChooseCountry,
    ComeForHelp,
    DangerSaid,
    NeedHelp,
    NoteDanger,
    PutCardAway,
)
from rooms.arriving import ChooseListening
from rooms.holds import Freeze
from rooms.meetings import ChangeGroundRules
from rooms.modes import SetMode
from rooms.orders import CaseKind, PageOnCall, TellDesk
from rooms.presence import Leave
from rooms.room import STAFF, Mode, Private, private
from rooms.safety import (
    CONCERN,
    ELEVATED,
    EMERGENCY,
    NONE,
    Alert,
    Card,
    Category,
    Danger,
    Level,
    Outcome,
    Stage,
    Subject,
)
from rooms.speaking import Said
from tests.cast import ADA, BO, CY, FAY, KIM, MAX, START, Cast, Table, encoded

WHY = "We do not judge each other"
LEVELS = pytest.mark.parametrize("level", [CONCERN, ELEVATED, EMERGENCY])


@pytest.fixture
def table() -> Table:
    """Fay and Kim hold an open talk with Ada and Bo."""
    table = Table()
    table.opens(FAY, Mode.OPEN)
    table.joins(KIM, ADA, BO)
    return table


def mine(table: Table, who: Cast = ADA) -> Private:
    """What somebody hears of themselves."""
    return table.room.private(table.id(who))


def card(table: Table, who: Cast = ADA) -> Card:
    """The card somebody has."""
    found = mine(table, who).card
    assert found is not None
    return found


def alert(table: Table, who: Cast = ADA) -> Alert:
    """The open alert about somebody."""
    return table.room.staff.alerts[table.id(who)]


def cards(table: Table, who: Cast = ADA) -> list[Level]:
    """The levels of all cards somebody has been given."""
    offered = [one.event for one in table.log if isinstance(one.event, CardOffered)]
    return [event.level for event in offered if event.to == table.id(who)]


def mutes(table: Table) -> None:
    table.does(FAY, MuteMember(member=table.id(ADA), minutes=10, reason=WHY))


def removes(table: Table) -> None:
    table.does(FAY, RemoveMember(member=table.id(ADA), reason=WHY))


def leaves(table: Table) -> None:
    table.does(ADA, Leave())


def listens(table: Table) -> None:
    table.does(ADA, ChooseListening(listening=True))


def freezes(table: Table) -> None:
    table.does(FAY, Freeze())


def closes_the_mode(table: Table) -> None:
    table.does(FAY, SetMode(mode=Mode.CLOSED))


def changes_the_rules(table: Table) -> None:
    table.does(FAY, ChangeGroundRules(lines=["No advice."]))


def loses_everybody(table: Table) -> None:
    table.loses(FAY, KIM, ADA, BO)


hindered = pytest.mark.parametrize(
    "hinders",
    [
        mutes,
        removes,
        leaves,
        listens,
        freezes,
        closes_the_mode,
        changes_the_rules,
        loses_everybody,
    ],
)


# What somebody writes.


@LEVELS
def test_words_of_danger_bring_a_card_and_an_alert(table: Table, level: Level) -> None:
    table.writes(ADA, level)
    assert card(table) == Card(
        level=level, category=Category.SUICIDE, subject=Subject.SELF, at=START, person=True
    )
    raised = alert(table)
    assert (raised.level, raised.category, raised.pseudonym) == (level, Category.SUICIDE, "Ada")
    assert (raised.since, raised.shown, raised.asked) == (START, True, False)
    assert [kept.reason.says for kept in raised.reasons] == ["wants to die"]


@hindered
@LEVELS
def test_danger_is_heard_whatever_happened_to_the_person(
    table: Table, level: Level, hinders: Callable[[Table], None]
) -> None:
    hinders(table)
    table.writes(ADA, level)
    assert (card(table).level, alert(table).level) == (level, level)


@LEVELS
def test_the_group_notices_nothing_of_somebodys_danger(table: Table, level: Level) -> None:
    before = encoded(table.view_of(BO))
    table.log.clear()
    table.writes(ADA, level)
    assert encoded(table.view_of(BO)) == before
    assert {one.stream for one in table.log} == {STAFF, private(table.id(ADA))}


def test_a_craving_is_no_danger(table: Table) -> None:
    table.does(ADA, NoteDanger(danger=Danger(craving=True)))
    assert card(table).level == NONE
    assert table.room.staff.alerts == {}


def test_a_quiet_link_does_not_take_the_place_of_an_open_card(table: Table) -> None:
    table.writes(ADA, ELEVATED)
    table.now += CARD_EVERY_SECONDS
    table.does(ADA, NoteDanger(danger=Danger(craving=True)))
    assert card(table).level == ELEVATED
    table.does(ADA, PutCardAway())
    table.does(ADA, NoteDanger(danger=Danger(craving=True)))
    assert card(table).level == NONE


@LEVELS
def test_a_name_at_the_door_gives_a_card_and_raises_no_alarm(table: Table, level: Level) -> None:
    table.log.clear()
    danger = Danger(level=level, category=Category.SUICIDE, subject=Subject.SELF)
    table.does(ADA, NoteDanger(danger=danger, card_only=True))
    assert card(table).level == level
    assert (table.room.staff.alerts, table.orders) == ({}, [])
    assert {one.stream for one in table.log} == {private(table.id(ADA))}


def test_somebody_the_room_does_not_know_is_told_nothing_by_it(table: Table) -> None:
    assert table.does(CY, NoteDanger(danger=Danger(level=EMERGENCY))) == []


def test_the_words_of_an_alert_are_found_in_the_room_once_they_are_said(table: Table) -> None:
    table.writes(ADA, ELEVATED, "Most nights I want to die.")
    table.now += 60
    table.writes(ADA, ELEVATED)
    number = table.says(ADA, "It is me again.")
    table.now += 60
    table.writes(ADA, ELEVATED, "I cannot do this any longer.")
    numbers = [one.seq for one in table.log if isinstance(one.event, Said)]
    assert [kept.message for kept in alert(table).reasons] == [numbers[0], 0, numbers[2]]
    assert number == numbers[1]


def test_words_that_have_their_place_keep_it(table: Table) -> None:
    table.writes(ADA, ELEVATED, "Most nights I want to die.")
    assert table.does(ADA, DangerSaid(message=table.says(ADA, "Sorry."))) == []


def test_words_without_an_alert_point_nowhere(table: Table) -> None:
    assert table.does(ADA, DangerSaid(message=7)) == []


# How often a card comes.


@LEVELS
def test_a_card_of_the_same_level_comes_every_half_hour_at_most(table: Table, level: Level) -> None:
    for seconds in (0, 1, 60, CARD_EVERY_SECONDS - 1):
        table.now = START + seconds
        table.writes(ADA, level)
    assert cards(table) == [level]
    table.now = START + CARD_EVERY_SECONDS
    table.writes(ADA, level)
    assert cards(table) == [level, level]


def test_a_higher_card_comes_always_and_a_lower_one_does_not_take_its_place(table: Table) -> None:
    for level in (CONCERN, ELEVATED, EMERGENCY, ELEVATED, CONCERN):
        table.now += 1
        table.writes(ADA, level)
    assert cards(table) == [CONCERN, ELEVATED, EMERGENCY]
    assert card(table).level == EMERGENCY


@LEVELS
def test_a_card_put_away_does_not_come_back_at_once_and_its_alert_is_told_all_the_same(
    table: Table, level: Level
) -> None:
    table.writes(ADA, level)
    table.does(ADA, PutCardAway())
    table.writes(ADA, level)
    assert cards(table) == [level]
    assert card(table).put_away
    assert len(alert(table).reasons) == 2


def test_one_persons_card_is_not_anothers(table: Table) -> None:
    table.writes(ADA, ELEVATED)
    table.writes(BO, ELEVATED)
    assert (cards(table, ADA), cards(table, BO)) == ([ELEVATED], [ELEVATED])
    assert len(table.room.staff.alerts) == 2


@pytest.mark.parametrize(
    ("here", "on_call", "person"),
    [(True, False, True), (False, True, True), (False, False, False)],
)
def test_a_card_promises_a_person_only_where_one_can_come(
    table: Table, here: bool, on_call: bool, person: bool
) -> None:
    table.on_call = on_call
    if not here:
        table.loses(FAY, KIM)
    table.writes(ADA, ELEVATED)
    assert card(table).person is person


# Two concerns.


def test_two_concerns_within_half_an_hour_are_an_elevated_danger(table: Table) -> None:
    table.writes(ADA, CONCERN)
    table.now += CONCERNS_TOGETHER_SECONDS
    table.writes(ADA, CONCERN)
    assert alert(table).level == ELEVATED


def test_two_concerns_far_apart_are_two_concerns(table: Table) -> None:
    table.writes(ADA, CONCERN)
    table.now += CONCERNS_TOGETHER_SECONDS + 1
    table.writes(ADA, CONCERN)
    assert alert(table).level == CONCERN


def test_two_concerns_of_two_people_are_two_concerns(table: Table) -> None:
    table.writes(ADA, CONCERN)
    table.writes(BO, CONCERN)
    assert (alert(table, ADA).level, alert(table, BO).level) == (CONCERN, CONCERN)


# What somebody of the staff writes of themselves.


@LEVELS
def test_what_a_facilitator_writes_of_themselves_goes_to_the_desk(
    table: Table, level: Level
) -> None:
    table.log.clear()
    table.writes(FAY, level)
    assert card(table, FAY).level == level
    assert table.room.staff.alerts == {}
    assert {one.stream for one in table.log} == {private(table.id(FAY))}
    [told, *called] = table.orders
    assert isinstance(told, TellDesk)
    assert (told.kind, told.about, told.level) == (CaseKind.ALERT, "Fay", level)
    stage = Stage.EVERYBODY if level == EMERGENCY else Stage.ON_CALL
    expected = PageOnCall(level=level, stage=stage, about=FAY.tag)
    assert called == ([expected] if level >= ELEVATED else [])


def test_nobody_on_call_has_an_alert_about_themselves(table: Table) -> None:
    table.comes_on_call(MAX)
    table.does(MAX, NeedHelp())
    assert table.room.staff.alerts == {}
    assert card(table, MAX).level == EMERGENCY
    assert [type(order) for order in table.orders] == [TellDesk, PageOnCall]


# "I need help now".


def test_asking_for_help_is_an_emergency_by_the_persons_own_word(table: Table) -> None:
    table.does(ADA, NeedHelp())
    raised = alert(table)
    assert (raised.level, raised.subject, raised.asked) == (EMERGENCY, Subject.SELF, True)
    assert [kept.reason for kept in raised.reasons] == [ASKED]
    assert card(table).level == EMERGENCY


@hindered
def test_everybody_can_ask_for_help_now(table: Table, hinders: Callable[[Table], None]) -> None:
    hinders(table)
    table.does(ADA, NeedHelp())
    assert (card(table).level, alert(table).level) == (EMERGENCY, EMERGENCY)
    table.does(ADA, ChooseCountry(country="NL"))
    table.does(ADA, PutCardAway())
    assert alert(table).country == "NL"


@pytest.mark.parametrize("who", [ADA, FAY])
def test_a_double_press_makes_one_record(table: Table, who: Cast) -> None:
    table.loses(KIM)
    table.does(who, NeedHelp())
    before = encoded(table.room), len(table.log), list(table.orders)
    table.now += PRESSED_TOGETHER_SECONDS - 1
    assert table.does(who, NeedHelp()) == []
    assert (encoded(table.room), len(table.log), table.orders) == before


def test_pressing_again_later_is_heard_and_is_still_one_alert(table: Table) -> None:
    table.does(ADA, NeedHelp())
    table.now += PRESSED_TOGETHER_SECONDS
    table.does(ADA, NeedHelp())
    assert cards(table) == [EMERGENCY, EMERGENCY]
    assert (len(table.room.staff.alerts), len(alert(table).reasons)) == (1, 2)


def test_whoever_put_the_card_away_and_presses_again_has_it_back(table: Table) -> None:
    table.does(ADA, NeedHelp())
    table.does(ADA, PutCardAway())
    table.does(ADA, NeedHelp())
    assert (card(table).put_away, alert(table).put_away) == (False, False)


def test_pressing_after_grave_words_says_that_the_person_asked(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    table.does(ADA, NeedHelp())
    assert alert(table).asked


def test_pressing_again_after_the_alert_was_closed_raises_another_one(table: Table) -> None:
    table.does(ADA, NeedHelp())
    table.does(FAY, ClaimAlert(member=table.id(ADA)))
    ada = table.id(ADA)
    table.does(FAY, CloseAlert(member=ada, outcome=Outcome.FALSE_ALARM, note="A slip"))
    table.does(ADA, NeedHelp())
    assert alert(table).owner == 0


def test_help_in_a_room_without_anybody_calls_at_once(table: Table) -> None:
    table.loses(FAY, KIM)
    table.does(ADA, NeedHelp())
    assert alert(table).stage is Stage.ON_CALL
    assert table.orders == [PageOnCall(level=EMERGENCY, stage=Stage.ON_CALL)]


# What somebody answers.


def test_putting_the_card_away_leaves_the_alert_open(table: Table) -> None:
    table.writes(ADA, ELEVATED)
    table.does(ADA, PutCardAway())
    assert card(table).put_away
    assert (alert(table).put_away, alert(table).level) == (True, ELEVATED)


def test_a_card_is_put_away_once(table: Table) -> None:
    assert table.does(ADA, PutCardAway()) == []
    table.writes(ADA, ELEVATED)
    table.does(ADA, PutCardAway())
    before = encoded(table.room)
    assert table.does(ADA, PutCardAway()) == []
    assert encoded(table.room) == before


def test_new_words_after_the_card_was_put_away_are_seen_as_new(table: Table) -> None:
    table.writes(ADA, ELEVATED)
    table.does(ADA, PutCardAway())
    table.writes(ADA, ELEVATED)
    assert not alert(table).put_away


def test_the_country_somebody_chose_is_shown_with_their_alert(table: Table) -> None:
    table.does(ADA, ChooseCountry(country="NL"))
    assert table.does(ADA, ChooseCountry(country="NL")) == []
    table.writes(ADA, ELEVATED)
    assert (mine(table).country, alert(table).country) == ("NL", "NL")
    table.does(ADA, ChooseCountry(country="BE"))
    assert alert(table).country == "BE"


def test_a_country_is_told_to_nobody_where_there_is_no_alert(table: Table) -> None:
    table.log.clear()
    table.does(ADA, ChooseCountry(country="NL"))
    assert {one.stream for one in table.log} == {private(table.id(ADA))}


# From a page of Help, with no meeting to be in.


@pytest.fixture
def help_room() -> Table:
    """The one room where nobody meets; somebody is on shift."""
    table = Table()
    table.on_call = True
    return table


def test_a_stranger_who_comes_for_help_has_a_card_an_alert_and_a_call(help_room: Table) -> None:
    help_room.does(CY, ComeForHelp(pseudonym="Cy"))
    assert (card(help_room, CY).level, card(help_room, CY).person) == (EMERGENCY, True)
    raised = alert(help_room, CY)
    assert (raised.level, raised.asked, raised.pseudonym) == (EMERGENCY, True, "Cy")
    assert help_room.room.staff.asked == {help_room.id(CY): START}
    assert help_room.orders == [PageOnCall(level=EMERGENCY, stage=Stage.ON_CALL)]


def test_coming_for_help_twice_is_coming_once(help_room: Table) -> None:
    help_room.does(CY, ComeForHelp(pseudonym="Cy"))
    assert help_room.does(CY, ComeForHelp(pseudonym="Cy")) == []
    assert len(help_room.orders) == 1


def test_somebody_who_comes_for_help_again_is_helped_again(help_room: Table) -> None:
    help_room.does(CY, ComeForHelp(pseudonym="Cy"))
    help_room.comes_on_call(MAX)
    help_room.asides(MAX, CY)
    closes = CloseAlert(member=help_room.id(CY), outcome=Outcome.TALKED_SAFE, note="We wrote")
    help_room.does(MAX, closes)
    happened = help_room.does(CY, ComeForHelp(pseudonym="Cy"))
    assert [type(event) for event in happened] == [CardOffered, AlertRaised]


def test_where_nobody_can_come_nothing_is_promised(help_room: Table) -> None:
    help_room.on_call = False
    assert help_room.refuses(CY, ComeForHelp(pseudonym="Cy")).code == "nobody_there"
    assert help_room.room.core.members == {}
