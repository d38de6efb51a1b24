"""Alerts: one per person and meeting, taken by one of the staff, closed by a person alone."""

from collections.abc import Callable, Sequence

import pytest

from moderation.actions import HideMessage, MuteMember, ReadmitMember, RemoveMember
from moderation.alerts import (
    FOLLOW_UP_SECONDS,
    NOTE_LIMIT,
    SUMMARY_LIMIT,
    AcceptAlert,
    AlertClaimed,
    AlertClosed,
    AlertCommand,
    AlertRaised,
    CallNow,
    ChangeAlertLevel,
    ClaimAlert,
    CloseAlert,
    HandOverAlert,
    StayWithAlert,
)
from moderation.danger import NeedHelp, NoteDanger
from moderation.reporting import RaiseConcern
from rooms.alert_clock import ANYBODY_ON_CALL, AlertLeftToDesk, AlertReopened
from rooms.arriving import ChangePseudonym, ChooseListening
from rooms.kernel import At, Command, Recorded
from rooms.orders import Call, CaseKind, PageOnCall, RemindStaff, TellDesk
from rooms.presence import Leave
from rooms.room import STAFF, MemberId, Mode, Staff
from rooms.safety import (
    CONCERN,
    ELEVATED,
    EMERGENCY,
    Alert,
    Category,
    Danger,
    Level,
    Outcome,
    Stage,
    Subject,
)
from rooms.speaking import Retract
from rooms.threads import EndThread, OpenThread
from tests.cast import ADA, BO, FAY, KIM, MAX, START, Cast, Table, encoded
from tests.story import STORIES, Story, tell

WHY = "We do not judge each other"
LEVELS = (CONCERN, ELEVATED, EMERGENCY)


@pytest.fixture
def table() -> Table:
    """Fay and Kim hold an open talk with Ada and Bo; Ada is in danger."""
    table = Table()
    table.on_call = True
    table.opens(FAY, Mode.OPEN)
    table.joins(KIM, ADA, BO)
    table.writes(ADA, ELEVATED)
    return table


def alert(table: Table) -> Alert:
    """The open alert about Ada."""
    return table.room.staff.alerts[table.id(ADA)]


def owner(table: Table) -> list[str]:
    """Who has Ada's alert, if anybody."""
    return table.names([alert(table).owner]) if alert(table).owner else []


def takes(table: Table, who: Cast = FAY) -> None:
    """Somebody takes Ada's alert."""
    table.does(who, ClaimAlert(member=table.id(ADA)))


def closes(
    table: Table, outcome: Outcome = Outcome.TALKED_SAFE, note: str = "", *, remind: bool = False
) -> CloseAlert:
    """Closing Ada's alert."""
    return CloseAlert(member=table.id(ADA), outcome=outcome, note=note, remind=remind)


def every_act(table: Table, about: Cast = ADA) -> list[AlertCommand]:
    """All that can be done about an alert."""
    member = table.id(about)
    return [
        ClaimAlert(member=member),
        StayWithAlert(member=member),
        HandOverAlert(member=member, to=table.id(KIM), summary="Her sister comes"),
        CallNow(member=member),
        AcceptAlert(member=member),
        ChangeAlertLevel(member=member, level=EMERGENCY),
        CloseAlert(member=member, outcome=Outcome.TALKED_SAFE, note="We wrote"),
    ]


# Who may do anything about one.


def test_no_act_on_an_alert_is_left_out(table: Table) -> None:
    assert {type(act) for act in every_act(table)} == set(AlertCommand.__subclasses__())


@pytest.mark.parametrize("who", [ADA, BO])
def test_members_do_nothing_about_alerts_their_own_or_anothers(table: Table, who: Cast) -> None:
    codes = {table.refuses(who, act).code for act in every_act(table)}
    assert codes == {"not_allowed"}
    takes(table)
    assert {table.refuses(who, act).code for act in every_act(table)} == {"not_allowed"}


def test_nobody_acts_on_an_alert_that_is_not_there(table: Table) -> None:
    for about in (BO, FAY, KIM):
        codes = {table.refuses(FAY, act).code for act in every_act(table, about)}
        assert codes == {"no_such_alert"}


def test_the_group_and_the_person_notice_nothing_of_what_is_done_about_an_alert(
    table: Table,
) -> None:
    before = encoded(table.view_of(ADA)), encoded(table.view_of(BO))
    table.log.clear()
    takes(table)
    table.does(FAY, HandOverAlert(member=table.id(ADA), to=table.id(KIM), summary="I must go"))
    table.does(KIM, AcceptAlert(member=table.id(ADA)))
    table.does(KIM, ChangeAlertLevel(member=table.id(ADA), level=EMERGENCY))
    table.does(KIM, CallNow(member=table.id(ADA)))
    table.does(KIM, closes(table, note="We wrote"))
    assert {one.stream for one in table.log} == {STAFF}
    assert (encoded(table.view_of(ADA)), encoded(table.view_of(BO))) == before


# One person, one alert.


def test_there_is_one_open_alert_for_one_person(table: Table) -> None:
    for level in LEVELS:
        table.writes(ADA, level)
    table.does(ADA, NeedHelp())
    table.does(BO, RaiseConcern(member=table.id(ADA)))
    assert table.names(table.room.staff.alerts) == ["Ada"]
    assert len(alert(table).reasons) == 6


@pytest.mark.parametrize("first", LEVELS)
@pytest.mark.parametrize("second", LEVELS)
def test_merging_keeps_the_higher_level(first: Level, second: Level) -> None:
    table = Table()
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA)
    table.writes(ADA, first)
    table.now += 7_200
    table.writes(ADA, second)
    assert alert(table).level == max(first, second)
    assert alert(table).since == START or second > first


def test_the_graver_words_say_what_it_is_about(table: Table) -> None:
    def writes(level: Level, category: Category, subject: Subject) -> None:
        danger = Danger(level=level, category=category, subject=subject)
        table.does(ADA, NoteDanger(danger=danger))

    writes(EMERGENCY, Category.OVERDOSE, Subject.OTHER)
    assert (alert(table).category, alert(table).subject) == (Category.OVERDOSE, Subject.OTHER)
    writes(ELEVATED, Category.SELFHARM, Subject.SELF)
    assert (alert(table).category, alert(table).subject) == (Category.OVERDOSE, Subject.OTHER)


def test_new_words_leave_an_alert_with_the_one_who_has_it(table: Table) -> None:
    takes(table)
    table.writes(ADA, EMERGENCY)
    assert (owner(table), alert(table).level) == (["Fay"], EMERGENCY)


def test_new_words_after_an_alert_was_closed_raise_another_one(table: Table) -> None:
    takes(table)
    table.does(FAY, closes(table))
    table.writes(ADA, ELEVATED)
    assert (owner(table), len(alert(table).reasons)) == ([], 1)


# Taking one.


def test_of_two_who_take_an_alert_the_second_is_told_who_has_it(table: Table) -> None:
    assert table.does(FAY, ClaimAlert(member=table.id(ADA))) == [
        AlertClaimed(member=table.id(ADA), owner=table.id(FAY))
    ]
    refused = table.refuses(KIM, ClaimAlert(member=table.id(ADA)))
    assert (refused.code, refused.facts) == ("alert_taken", {"owner": table.id(FAY)})
    assert owner(table) == ["Fay"]


def test_everybody_of_the_staff_sees_who_has_it(table: Table) -> None:
    table.comes_on_call(MAX)
    takes(table)
    for who in (FAY, KIM, MAX):
        staff = table.view_of(who)[STAFF]
        assert isinstance(staff, Staff)
        assert staff.alerts[table.id(ADA)].owner == table.id(FAY)


def test_taking_it_twice_is_taking_it_once(table: Table) -> None:
    takes(table)
    before = encoded(table.room)
    table.now += 10
    assert table.does(FAY, ClaimAlert(member=table.id(ADA))) == []
    assert encoded(table.room) == before


def test_an_alert_that_is_open_again_can_be_taken_by_another(table: Table) -> None:
    takes(table)
    table.does(FAY, Leave())
    takes(table, KIM)
    assert owner(table) == ["Kim"]


def test_one_of_the_staff_can_have_several_alerts(table: Table) -> None:
    table.writes(BO, EMERGENCY)
    for who in (ADA, BO):
        table.does(FAY, ClaimAlert(member=table.id(who)))
    assert {kept.owner for kept in table.room.staff.alerts.values()} == {table.id(FAY)}


def test_whoever_has_not_taken_it_cannot_hand_it_over_close_it_or_lower_it(table: Table) -> None:
    ada = table.id(ADA)
    acts = [
        StayWithAlert(member=ada),
        HandOverAlert(member=ada, to=table.id(FAY), summary="Take this"),
        ChangeAlertLevel(member=ada, level=CONCERN),
        closes(table),
    ]
    for _ in range(2):
        assert {table.refuses(KIM, act).code for act in acts} == {"not_your_alert"}
        table.does(FAY, ClaimAlert(member=ada))


# Handing it over.


def hands_over(table: Table, to: MemberId, summary: str = "She is alone") -> HandOverAlert:
    """Handing Ada's alert over."""
    return HandOverAlert(member=table.id(ADA), to=to, summary=summary)


def test_the_owner_stays_responsible_until_the_other_accepts(table: Table) -> None:
    takes(table)
    table.does(FAY, hands_over(table, table.id(KIM)))
    assert (owner(table), alert(table).offered) == (["Fay"], table.id(KIM))
    assert alert(table).summary == "She is alone"
    table.does(FAY, StayWithAlert(member=table.id(ADA)))
    table.does(FAY, ChangeAlertLevel(member=table.id(ADA), level=EMERGENCY))
    table.does(KIM, AcceptAlert(member=table.id(ADA)))
    assert (owner(table), alert(table).offered) == (["Kim"], 0)
    assert table.refuses(FAY, closes(table)).code == "not_your_alert"


def test_an_owner_whose_hand_over_nobody_accepted_still_closes_the_alert(table: Table) -> None:
    takes(table)
    table.does(FAY, hands_over(table, table.id(KIM)))
    table.does(FAY, closes(table))
    assert table.refuses(KIM, AcceptAlert(member=table.id(ADA))).code == "no_such_alert"


def test_only_the_one_who_is_asked_accepts(table: Table) -> None:
    table.comes_on_call(MAX)
    takes(table)
    accepts = AcceptAlert(member=table.id(ADA))
    for who in (FAY, KIM, MAX):
        assert table.refuses(who, accepts).code == "not_offered_to_you"
    table.does(FAY, hands_over(table, table.id(KIM)))
    for who in (FAY, MAX):
        assert table.refuses(who, accepts).code == "not_offered_to_you"


def test_asking_another_takes_the_first_asking_back(table: Table) -> None:
    table.comes_on_call(MAX)
    takes(table)
    table.does(FAY, hands_over(table, table.id(KIM)))
    table.does(FAY, hands_over(table, table.id(MAX), "Kim is busy"))
    assert table.refuses(KIM, AcceptAlert(member=table.id(ADA))).code == "not_offered_to_you"
    table.does(MAX, AcceptAlert(member=table.id(ADA)))
    assert owner(table) == ["Max"]


def test_handing_over_to_whoever_is_on_call_calls_them(table: Table) -> None:
    takes(table)
    table.orders.clear()
    table.does(FAY, hands_over(table, ANYBODY_ON_CALL))
    assert table.orders == [PageOnCall(why=Call.HAND_OVER, level=ELEVATED)]
    assert owner(table) == ["Fay"]
    assert table.refuses(FAY, AcceptAlert(member=table.id(ADA))).code == "not_offered_to_you"
    table.comes_on_call(MAX)
    table.does(MAX, AcceptAlert(member=table.id(ADA)))
    assert owner(table) == ["Max"]


def test_an_alert_is_handed_to_somebody_of_the_staff_who_is_here(table: Table) -> None:
    takes(table)
    table.loses(KIM)
    for to in (0, 4, table.id(ADA), table.id(BO), table.id(FAY), table.id(KIM)):
        assert table.refuses(FAY, hands_over(table, to)).code == "nobody_to_hand_to"
    assert alert(table).offered == 0


@pytest.mark.parametrize(
    ("summary", "code"),
    [("", "text_empty"), ("  ", "text_empty"), ("x" * (SUMMARY_LIMIT + 1), "line_too_long")],
)
def test_a_hand_over_says_how_things_are_in_one_line(table: Table, summary: str, code: str) -> None:
    takes(table)
    assert table.refuses(FAY, hands_over(table, table.id(KIM), summary)).code == code
    assert alert(table).offered == 0


def test_whoever_accepts_begins_to_look_after_the_person(table: Table) -> None:
    table.asides(FAY, ADA)
    table.now += 60
    table.does(FAY, hands_over(table, table.id(KIM)))
    table.now += 60
    table.does(KIM, AcceptAlert(member=table.id(ADA)))
    assert (alert(table).acted, alert(table).helped) == (table.now, False)
    assert table.room.staff.threads == [], "the private word of the one before has ended"
    table.does(KIM, OpenThread(member=table.id(ADA)))


# How grave it is.


@pytest.mark.parametrize("who", [FAY, KIM, MAX])
def test_anybody_of_the_staff_may_raise_the_level(table: Table, who: Cast) -> None:
    table.comes_on_call(MAX)
    table.does(who, ChangeAlertLevel(member=table.id(ADA), level=EMERGENCY))
    assert alert(table).level == EMERGENCY


@pytest.mark.parametrize("owned_by_kim", [False, True])
def test_only_the_one_who_has_it_may_lower_the_level(table: Table, owned_by_kim: bool) -> None:
    lower = ChangeAlertLevel(member=table.id(ADA), level=CONCERN)
    if owned_by_kim:
        takes(table, KIM)
    assert table.refuses(FAY, lower).code == "not_your_alert"
    assert alert(table).level == ELEVATED
    if not owned_by_kim:
        takes(table, KIM)
    table.does(KIM, lower)
    assert alert(table).level == CONCERN


def test_nobody_lowers_an_alert_to_nothing(table: Table) -> None:
    takes(table)
    nothing = ChangeAlertLevel(member=table.id(ADA), level=0)
    assert table.refuses(FAY, nothing).code == "not_your_alert"
    assert alert(table).level == ELEVATED


def test_a_level_that_is_what_it_was_changes_nothing(table: Table) -> None:
    same = ChangeAlertLevel(member=table.id(ADA), level=ELEVATED)
    assert table.does(KIM, same) == []


def test_calling_now_calls_people_and_changes_neither_level_nor_owner(table: Table) -> None:
    takes(table)
    table.orders.clear()
    table.does(KIM, CallNow(member=table.id(ADA)))
    assert table.orders == [PageOnCall(level=ELEVATED, stage=Stage.ON_CALL)]
    assert (owner(table), alert(table).level) == (["Fay"], ELEVATED)


def test_calling_now_never_asks_fewer_people_than_were_asked_before(table: Table) -> None:
    table.waits(1_800)
    table.orders.clear()
    table.does(KIM, CallNow(member=table.id(ADA)))
    assert table.orders == [PageOnCall(level=ELEVATED, stage=Stage.EVERYBODY)]


# Closing it.


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_alert_closes_with_the_outcome_a_person_gives_it(table: Table, outcome: Outcome) -> None:
    takes(table)
    table.orders.clear()
    table.now += 60
    ada = table.id(ADA)
    assert table.does(FAY, closes(table, outcome, "Facts alone"))[0] == AlertClosed(
        member=ada, outcome=outcome
    )
    assert table.room.staff.alerts == {}
    [told] = table.orders
    assert isinstance(told, TellDesk)
    assert (told.kind, told.about, told.level) == (CaseKind.NOTE, "Ada", ELEVATED)
    assert (told.outcome, told.words, told.at) == (outcome, "Facts alone", START + 60)
    assert (told.category, told.subject) == (Category.SUICIDE, Subject.SELF)


def test_an_alert_is_closed_once(table: Table) -> None:
    takes(table)
    table.does(FAY, closes(table))
    assert table.refuses(FAY, closes(table)).code == "no_such_alert"


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_emergency_is_closed_with_a_note(table: Table, outcome: Outcome) -> None:
    table.writes(ADA, EMERGENCY)
    takes(table)
    assert table.refuses(FAY, closes(table, outcome)).code == "note_needed"
    assert table.refuses(FAY, closes(table, outcome, "  ")).code == "text_empty"
    assert alert(table).level == EMERGENCY
    table.does(FAY, closes(table, outcome, "Her sister is with her"))


def test_a_note_is_short(table: Table) -> None:
    takes(table)
    long = closes(table, note="x" * (NOTE_LIMIT + 1))
    assert table.refuses(FAY, long).code == "line_too_long"
    assert owner(table) == ["Fay"]


def test_whoever_closes_an_alert_can_be_reminded_a_day_later(table: Table) -> None:
    takes(table)
    table.orders.clear()
    table.does(FAY, closes(table, remind=True))
    assert RemindStaff(tag=FAY.tag, after=FOLLOW_UP_SECONDS) in table.orders
    assert FOLLOW_UP_SECONDS == 24 * 3_600


def test_closing_one_alert_leaves_those_of_others_and_their_private_words(table: Table) -> None:
    table.writes(BO, EMERGENCY)
    for who in (ADA, BO):
        table.asides(FAY, who)
    table.does(FAY, closes(table))
    assert table.names(table.room.staff.alerts) == ["Bo"]
    assert table.names(between.member for between in table.room.staff.threads) == ["Bo"]


# Nothing else ends one.


class Keepers:
    """Looks at how alerts end and how their level falls, whatever happens."""

    def __init__(self) -> None:
        self.ended = 0
        self._alerts: dict[MemberId, Level] = {}
        self._orders = 0

    def before(self, table: Table, command: Command, at: At) -> None:
        self._alerts = {m: alert.level for m, alert in table.room.staff.alerts.items()}
        self._orders = len(table.orders)

    def after(self, table: Table, command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        told = [one for one in table.orders[self._orders :] if isinstance(one, TellDesk)]
        left = [one.event for one in recorded if isinstance(one.event, AlertLeftToDesk)]
        for member, level in self._alerts.items():
            now = table.room.own_alert(member)
            if now is None:
                self.ended += 1
                by_a_person = isinstance(command, CloseAlert) and command.member == member
                to_the_desk = AlertLeftToDesk(member=member) in left and level == CONCERN
                assert by_a_person or to_the_desk, type(command).__name__
                assert told, "and the desk knows of it"
            elif now.level < level:
                assert isinstance(command, ChangeAlertLevel), type(command).__name__


@pytest.mark.parametrize("story", STORIES)
def test_no_alert_ends_without_the_outcome_of_a_person_or_the_desk(story: Story) -> None:
    tell(story, Keepers())


def test_the_stories_end_some_alerts() -> None:
    keepers = Keepers()
    for story in STORIES:
        tell(story, keepers)
    assert keepers.ended >= 2


def leaves(table: Table) -> None:
    table.does(ADA, Leave())


def leaves_and_returns(table: Table) -> None:
    table.does(ADA, Leave())
    table.joins(ADA)


def retracts(table: Table) -> None:
    number = table.says(ADA, "I should not have said that.")
    table.does(ADA, Retract(message=number))


def has_it_hidden(table: Table) -> None:
    number = table.says(ADA, "You all know the bridge.")
    table.does(KIM, HideMessage(message=number, reason=WHY))


def is_muted(table: Table) -> None:
    table.does(KIM, MuteMember(member=table.id(ADA), minutes=10, reason=WHY))


def is_removed(table: Table) -> None:
    table.does(KIM, RemoveMember(member=table.id(ADA), reason=WHY))


def is_removed_and_let_in_again(table: Table) -> None:
    is_removed(table)
    table.does(KIM, ReadmitMember(member=table.id(ADA), reason=WHY))
    table.joins(ADA)


def is_lost_and_found(table: Table) -> None:
    table.loses(ADA)
    table.finds(ADA)


def listens(table: Table) -> None:
    table.does(ADA, ChooseListening(listening=True))


def ends_the_aside(table: Table) -> None:
    table.does(ADA, EndThread(other=table.id(FAY)))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "happens",
    [
        leaves,
        leaves_and_returns,
        retracts,
        has_it_hidden,
        is_muted,
        is_removed,
        is_removed_and_let_in_again,
        is_lost_and_found,
        listens,
        ends_the_aside,
    ],
)
def test_what_happens_to_the_person_changes_nothing_about_their_alert(
    level: Level, happens: Callable[[Table], None]
) -> None:
    table = Table()
    table.opens(FAY, Mode.OPEN)
    table.joins(KIM, ADA, BO)
    table.writes(ADA, level)
    table.asides(FAY, ADA)
    before = encoded(alert(table))
    happens(table)
    assert encoded(alert(table)) == before


@pytest.mark.parametrize("level", [ELEVATED, EMERGENCY])
def test_an_alert_about_somebody_long_gone_is_still_closed_by_a_person(level: Level) -> None:
    table = Table()
    table.opens(FAY, Mode.OPEN)
    table.joins(KIM, ADA)
    table.writes(ADA, level)
    table.loses(ADA)
    table.waits(600)
    assert not table.sits(ADA)
    table.closes(FAY, hand_over=True)
    takes(table, KIM)
    table.does(KIM, closes(table, Outcome.LEFT_NO_CONTACT, "She did not come back"))


def test_a_new_name_is_the_one_the_alert_shows_next(table: Table) -> None:
    table.does(ADA, ChangePseudonym(pseudonym="Quiet Heron"))
    assert alert(table).pseudonym == "Ada"
    table.writes(ADA, ELEVATED)
    assert alert(table).pseudonym == "Quiet Heron"


def test_all_that_is_told_of_alerts_is_for_the_facilitators_alone() -> None:
    kinds = (AlertRaised, AlertClaimed, AlertClosed, AlertReopened)
    assert {kind.stream for kind in kinds} == {STAFF}
