"""Private words: between a member and a facilitator, read by the two of them and by nobody else."""

from collections.abc import Callable, Sequence
from typing import get_type_hints

import pytest

from moderation.actions import MuteMember, RemoveMember
from moderation.alerts import ClaimAlert, CloseAlert
from rooms.arriving import ChangePseudonym, ChooseListening
from rooms.holds import Freeze
from rooms.kernel import At, Command, Recorded
from rooms.modes import SetMode
from rooms.orders import Call, PageOnCall
from rooms.presence import Leave
from rooms.room import CORE, EVERY_ROLE, STAFF_ROLES, Between, Mode, private
from rooms.safety import ELEVATED, EMERGENCY, Outcome
from rooms.threads import (
    THREAD_LONGEST_SECONDS,
    AnswerPrivately,
    AskForWord,
    EndThread,
    OpenThread,
    PrivatelySaid,
    SayPrivately,
    StopAsking,
    ThreadKeyForgotten,
    ThreadKeyKept,
    ThreadOpened,
    key_name,
    threads_due,
)
from server.live.protocol import COMMANDS
from tests.cast import ADA, BO, FAY, KIM, MAX, START, Cast, Table, encoded
from tests.story import STORIES, Story, tell

WHY = "We do not judge each other"


@pytest.fixture
def table() -> Table:
    """Fay and Kim hold an open talk with Ada and Bo."""
    table = Table()
    table.opens(FAY, Mode.OPEN)
    table.joins(KIM, ADA, BO)
    return table


def opens(table: Table, staff: Cast = FAY, member: Cast = ADA) -> None:
    """A facilitator opens a private word with a member."""
    table.does(staff, OpenThread(member=table.id(member)))


def says(table: Table, who: Cast, to: Cast, text: str = "Between us.") -> list[Recorded]:
    """Somebody says something in private; what was recorded."""
    before = len(table.log)
    kind = SayPrivately if who.role not in STAFF_ROLES else AnswerPrivately
    table.does(who, kind(other=table.id(to), text=text))
    return table.log[before:]


def threads(table: Table, who: Cast) -> list[str]:
    """With whom somebody has a private word."""
    return table.names(table.room.private(table.id(who)).threads)


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


HINDRANCES = (mutes, removes, leaves, listens, freezes, closes_the_mode)
hindered = pytest.mark.parametrize("hinders", HINDRANCES)


# Asking.


def test_a_member_asks_for_a_private_word_and_the_facilitators_hear_it(table: Table) -> None:
    table.does(ADA, AskForWord())
    assert table.room.staff.asked == {table.id(ADA): START}
    assert table.room.private(table.id(ADA)).asked
    assert table.orders == [], "somebody is here: nobody is called"


def test_the_group_does_not_see_that_somebody_asks(table: Table) -> None:
    before = encoded(table.view_of(BO))
    table.does(ADA, AskForWord())
    assert encoded(table.view_of(BO)) == before


@hindered
def test_a_member_can_ask_for_help_whatever_happened(
    table: Table, hinders: Callable[[Table], None]
) -> None:
    hinders(table)
    table.does(ADA, AskForWord())
    opens(table)
    says(table, ADA, FAY)
    says(table, FAY, ADA)
    table.does(ADA, EndThread(other=table.id(FAY)))


@hindered
def test_nothing_that_happens_to_a_member_ends_their_private_word(
    table: Table, hinders: Callable[[Table], None]
) -> None:
    opens(table)
    hinders(table)
    assert threads(table, ADA) == ["Fay"]
    says(table, ADA, FAY)
    says(table, FAY, ADA)


def test_somebody_asks_once(table: Table) -> None:
    table.does(ADA, AskForWord())
    assert table.refuses(ADA, AskForWord()).code == "already_asked"
    opens(table)
    assert table.refuses(ADA, AskForWord()).code == "already_asked"


def test_somebody_can_take_back_that_they_asked(table: Table) -> None:
    table.does(ADA, AskForWord())
    table.does(ADA, StopAsking())
    assert (table.room.staff.asked, table.room.private(table.id(ADA)).asked) == ({}, False)
    assert table.does(ADA, StopAsking()) == []
    table.does(ADA, AskForWord())


def test_where_no_facilitator_is_here_people_on_shift_are_called(table: Table) -> None:
    table.on_call = True
    table.loses(FAY, KIM)
    table.does(ADA, AskForWord())
    assert table.orders == [PageOnCall(why=Call.WORD)]


def test_where_nobody_can_come_it_is_said_so(table: Table) -> None:
    table.loses(FAY, KIM)
    assert table.refuses(ADA, AskForWord()).code == "nobody_there"
    assert table.room.staff.asked == {}


def test_somebody_on_call_beside_the_room_is_somebody_to_ask(table: Table) -> None:
    table.loses(FAY, KIM)
    table.comes_on_call(MAX)
    table.does(ADA, AskForWord())
    assert table.orders == []


def test_an_alert_shows_that_the_person_asked(table: Table) -> None:
    table.writes(ADA, ELEVATED)
    table.does(ADA, AskForWord())
    assert table.room.staff.alerts[table.id(ADA)].asked


# Between whom.


def test_a_facilitator_and_a_member_write_in_private(table: Table) -> None:
    table.does(ADA, AskForWord())
    opens(table)
    assert (threads(table, ADA), threads(table, FAY)) == (["Fay"], ["Ada"])
    assert not table.room.private(table.id(ADA)).asked
    assert table.room.staff.asked == {}
    mine, yours = (one.event for one in says(table, ADA, FAY, "I am not well."))
    ada, fay = table.id(ADA), table.id(FAY)
    assert mine == PrivatelySaid(to=ada, other=fay, mine=True, staff=False, text="I am not well.")
    assert yours == PrivatelySaid(to=fay, other=ada, mine=False, staff=True, text="I am not well.")


def test_an_answer_is_heard_by_both_ends(table: Table) -> None:
    opens(table)
    mine, yours = (one.event for one in says(table, FAY, ADA, "I am here."))
    ada, fay = table.id(ADA), table.id(FAY)
    assert mine == PrivatelySaid(to=fay, other=ada, mine=True, staff=True, text="I am here.")
    assert yours == PrivatelySaid(to=ada, other=fay, mine=False, staff=False, text="I am here.")


def test_private_words_are_read_by_the_two_ends_alone(table: Table) -> None:
    opens(table)
    before = {who: encoded(table.view_of(who)) for who in (BO, KIM)}
    said = [*says(table, ADA, FAY), *says(table, FAY, ADA)]
    assert {one.stream for one in said} == {private(table.id(ADA)), private(table.id(FAY))}
    assert {who: encoded(table.view_of(who)) for who in (BO, KIM)} == before


def test_the_other_facilitators_see_with_whom_and_the_group_sees_nothing(table: Table) -> None:
    before = encoded(table.view_of(BO))
    opens(table)
    assert table.room.staff.threads == [Between(table.id(ADA), table.id(FAY))]
    assert encoded(table.view_of(BO)) == before


def test_two_members_have_no_private_word(table: Table) -> None:
    bo = table.id(BO)
    assert table.refuses(ADA, OpenThread(member=bo)).code == "not_allowed"
    assert table.refuses(ADA, AnswerPrivately(other=bo, text="Hello")).code == "not_allowed"
    assert table.refuses(ADA, SayPrivately(other=bo, text="Hello")).code == "no_such_thread"
    opens(table, FAY, ADA)
    opens(table, KIM, BO)
    assert table.refuses(ADA, SayPrivately(other=bo, text="Hello")).code == "no_such_thread"
    assert table.refuses(ADA, EndThread(other=bo)).code == "no_such_thread"


def test_facilitators_have_no_private_word_with_each_other_or_themselves(table: Table) -> None:
    for who in (FAY, KIM):
        assert table.refuses(FAY, OpenThread(member=table.id(who))).code == "not_with_staff"
    assert table.refuses(FAY, AskForWord()).code == "not_with_staff"


def test_a_facilitator_does_not_speak_as_a_member(table: Table) -> None:
    opens(table)
    words = SayPrivately(other=table.id(ADA), text="Hello")
    assert table.refuses(FAY, words).code == "no_such_thread"


def test_nobody_writes_into_the_private_word_of_others(table: Table) -> None:
    opens(table)
    ada, fay = table.id(ADA), table.id(FAY)
    assert table.refuses(KIM, AnswerPrivately(other=ada, text="Hm")).code == "no_such_thread"
    assert table.refuses(KIM, EndThread(other=ada)).code == "no_such_thread"
    assert table.refuses(BO, SayPrivately(other=fay, text="Hm")).code == "no_such_thread"
    assert table.refuses(KIM, OpenThread(member=ada)).code == "thread_taken"


def test_a_private_word_with_a_stranger_is_not_opened(table: Table) -> None:
    assert table.refuses(FAY, OpenThread(member=4)).code == "no_such_thread"


def test_an_open_private_word_is_not_opened_again(table: Table) -> None:
    opens(table)
    assert table.does(FAY, OpenThread(member=table.id(ADA))) == []


def test_a_private_word_is_checked_like_any_other(table: Table) -> None:
    opens(table)
    assert table.refuses(ADA, SayPrivately(other=table.id(FAY), text="  ")).code == "text_empty"
    long = AnswerPrivately(other=table.id(ADA), text="x" * 100_000)
    assert table.refuses(FAY, long).code == "text_too_long"


class Ends:
    """Looks at the two ends of all that is said and opened in private."""

    def __init__(self) -> None:
        self.pairs = 0

    def before(self, table: Table, command: Command, at: At) -> None:
        """Nothing to do."""

    def after(self, table: Table, command: Command, at: At, recorded: Sequence[Recorded]) -> None:
        for one in recorded:
            if isinstance(one.event, PrivatelySaid | ThreadOpened):
                roles = {
                    table.room.role(end) in STAFF_ROLES for end in (one.event.to, one.event.other)
                }
                assert roles == {True, False}, "one of the staff and one who is not"
                self.pairs += 1


@pytest.mark.parametrize("story", STORIES)
def test_nothing_else_between_two_people_exists(story: Story) -> None:
    tell(story, Ends())


def test_the_stories_have_private_words() -> None:
    ends = Ends()
    for story in STORIES:
        tell(story, ends)
    assert ends.pairs > 10


def test_a_member_has_no_other_way_to_write_to_one_person() -> None:
    to_one = {
        command.__name__
        for command in COMMANDS
        if command.needs is EVERY_ROLE
        and {"text"} <= get_type_hints(command).keys()
        and get_type_hints(command).keys() & {"other", "member", "to"}
    }
    assert to_one == {"SayPrivately", "ReportIt"}


# The key.


def test_the_words_of_both_ends_are_sealed_under_the_threads_own_key(table: Table) -> None:
    opens(table, FAY, ADA)
    opens(table, KIM, BO)
    said = [*says(table, ADA, FAY), *says(table, FAY, ADA)]
    names = {one.event.thread() for one in said if isinstance(one.event, PrivatelySaid)}
    assert names == {key_name(table.id(ADA), table.id(FAY))}
    assert names < table.room.core.thread_keys.keys()
    assert len(set(table.room.core.thread_keys.values())) == 2


def test_a_key_is_told_to_nobody_and_forgotten_with_the_private_word(table: Table) -> None:
    opens(table)
    first = dict(table.room.core.thread_keys)
    table.does(FAY, EndThread(other=table.id(ADA)))
    assert table.room.core.thread_keys == {}
    opens(table)
    assert table.room.core.thread_keys != first, "another word has another key"
    assert (ThreadKeyKept.stream, ThreadKeyForgotten.stream) == (CORE, CORE)


# Under an alert.


def test_under_an_alert_it_is_an_aside_for_the_owner_alone(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    assert table.refuses(FAY, OpenThread(member=table.id(ADA))).code == "thread_taken"
    table.does(FAY, ClaimAlert(member=table.id(ADA)))
    assert table.refuses(KIM, OpenThread(member=table.id(ADA))).code == "thread_taken"
    opens(table)
    assert table.room.private(table.id(ADA)).threads[table.id(FAY)].aside


def test_without_an_alert_it_is_a_private_word(table: Table) -> None:
    opens(table)
    assert not table.room.private(table.id(ADA)).threads[table.id(FAY)].aside


def test_whoever_takes_the_alert_ends_anothers_private_word(table: Table) -> None:
    opens(table, KIM)
    table.writes(ADA, EMERGENCY)
    table.asides(FAY, ADA)
    assert (threads(table, KIM), threads(table, ADA)) == ([], ["Fay"])
    assert table.room.staff.threads == [Between(table.id(ADA), table.id(FAY))]


def test_whoever_has_a_private_word_already_goes_on_with_it_under_the_alert(table: Table) -> None:
    opens(table)
    table.writes(ADA, EMERGENCY)
    table.does(FAY, ClaimAlert(member=table.id(ADA)))
    assert threads(table, ADA) == ["Fay"]
    says(table, FAY, ADA)


def test_ending_an_aside_leaves_the_alert_open(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    table.asides(FAY, ADA)
    before = encoded(table.room.staff.alerts)
    table.does(ADA, EndThread(other=table.id(FAY)))
    assert encoded(table.room.staff.alerts) == before
    opens(table)


def test_closing_the_alert_ends_the_aside(table: Table) -> None:
    table.writes(ADA, ELEVATED)
    table.asides(FAY, ADA)
    table.does(FAY, CloseAlert(member=table.id(ADA), outcome=Outcome.TALKED_SAFE))
    assert (threads(table, ADA), threads(table, FAY), table.room.staff.threads) == ([], [], [])
    assert table.room.core.thread_keys == {}


# The end.


@pytest.mark.parametrize("ends", [ADA, FAY])
def test_either_of_the_two_ends_it_and_both_are_told(table: Table, ends: Cast) -> None:
    opens(table)
    other = FAY if ends is ADA else ADA
    table.does(ends, EndThread(other=table.id(other)))
    assert (threads(table, ADA), threads(table, FAY), table.room.staff.threads) == ([], [], [])
    for who, to in ((ADA, FAY), (FAY, ADA)):
        kind = SayPrivately if who is ADA else AnswerPrivately
        assert (
            table.refuses(who, kind(other=table.id(to), text="One more")).code == "no_such_thread"
        )
    table.does(ADA, AskForWord())


def test_a_private_word_ends_when_its_facilitator_leaves(table: Table) -> None:
    opens(table, FAY, ADA)
    opens(table, KIM, BO)
    table.does(FAY, Leave())
    assert (threads(table, ADA), threads(table, BO)) == ([], ["Kim"])
    table.does(ADA, AskForWord())


def test_a_private_word_lasts_half_a_day_and_a_new_one_can_follow(table: Table) -> None:
    table.writes(ADA, ELEVATED)  # so that it does not end with the meeting
    table.asides(FAY, ADA)
    table.waits(THREAD_LONGEST_SECONDS - 1)
    assert threads(table, ADA) == ["Fay"]
    assert START + THREAD_LONGEST_SECONDS in threads_due(table.room)
    table.waits(1)
    assert (threads(table, ADA), table.room.staff.threads) == ([], [])
    table.asides(FAY, ADA)


def test_a_wish_for_a_private_word_lapses_after_half_a_day(table: Table) -> None:
    table.does(ADA, AskForWord())
    ada = table.id(ADA)
    table.waits(THREAD_LONGEST_SECONDS - 1)
    assert table.room.staff.asked == {ada: START}
    table.waits(1)
    assert (table.room.staff.asked, table.room.private(ada).asked) == ({}, False)


def test_a_private_word_without_an_alert_ends_with_the_meeting(table: Table) -> None:
    opens(table)
    table.closes(FAY)
    assert (table.room.staff.threads, threads(table, FAY)) == ([], [])


def test_somebody_who_still_waits_when_the_meeting_closes_is_not_forgotten(table: Table) -> None:
    table.does(ADA, AskForWord())
    table.closes(FAY)
    assert table.orders == [PageOnCall(why=Call.WORD)]
    opens(table)
    says(table, ADA, FAY, "Thank you for waiting.")


def test_an_aside_outlives_the_meeting(table: Table) -> None:
    table.writes(ADA, EMERGENCY)
    table.asides(FAY, ADA)
    table.closes(FAY, hand_over=True)
    says(table, ADA, FAY)
    says(table, FAY, ADA)


def test_a_new_name_changes_nothing_about_a_private_word(table: Table) -> None:
    opens(table)
    table.does(ADA, ChangePseudonym(pseudonym="Quiet Heron"))
    says(table, ADA, FAY)
    says(table, FAY, ADA)
