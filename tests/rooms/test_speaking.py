"""Saying something to the room, and taking it back."""

import pytest

from rooms.arriving import AcceptGroundRules, ChangePseudonym
from rooms.holds import Freeze
from rooms.kernel import Stamp
from rooms.meetings import ChangeGroundRules
from rooms.modes import SetMode
from rooms.room import MessageFate, MessageState, Mode, Public
from rooms.speaking import RESPONSE_LIMIT, Retract, Said, Speak, Withheld
from rooms.turns import CallNext, RaiseHand, Yield
from tests.cast import ADA, BO, CY, FAY, Table


@pytest.fixture
def table() -> Table:
    """Fay holds an open talk with Ada and Bo."""
    table = Table()
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA, BO)
    return table


def has_the_floor(table: Table) -> None:
    """It is Ada's turn."""
    table.does(FAY, SetMode(mode=Mode.TURNS))
    table.does(ADA, RaiseHand())
    table.does(FAY, CallNext())


def test_a_message_is_said_under_the_name_of_that_moment(table: Table) -> None:
    number = table.says(ADA, "  Good evening.\r\n")
    table.does(ADA, ChangePseudonym(pseudonym="Small Lamp"))
    [said] = [one for one in table.log if isinstance(one.event, Said)]
    assert said.event == Said(member=table.id(ADA), pseudonym="Ada", text="Good evening.")
    assert said.seq == number


def test_the_room_keeps_author_and_fate_and_not_a_word(table: Table) -> None:
    number = table.says(ADA, "Good evening.")
    assert table.room.public.messages == {number: MessageState(author=table.id(ADA))}


def test_a_message_too_long_is_refused_whole(table: Table) -> None:
    refused = table.refuses(ADA, Speak(text="x" * 2_001))
    assert (refused.code, refused.facts) == ("text_too_long", {"limit": 2_000})
    assert table.room.public.messages == {}


def test_in_a_closed_room_the_facilitator_speaks(table: Table) -> None:
    table.does(FAY, SetMode(mode=Mode.CLOSED))
    assert table.refuses(ADA, Speak(text="Hello")).code == "facilitator_speaking"
    table.says(FAY, "Welcome.")


def test_in_turns_only_whoever_has_the_floor_speaks(table: Table) -> None:
    has_the_floor(table)
    table.says(ADA, "My turn.")
    assert table.refuses(BO, Speak(text="Mine too")).code == "not_your_turn"
    table.does(ADA, Yield())
    assert table.refuses(ADA, Speak(text="One more thing")).code == "not_your_turn"


def test_while_a_share_stands_answers_are_short(table: Table) -> None:
    has_the_floor(table)
    table.does(FAY, SetMode(mode=Mode.RESPOND))
    table.says(BO, "é" * RESPONSE_LIMIT)
    refused = table.refuses(BO, Speak(text="é" * (RESPONSE_LIMIT + 1)))
    assert (refused.code, refused.facts) == ("response_too_long", {"limit": RESPONSE_LIMIT})
    table.says(ADA, "x" * (RESPONSE_LIMIT + 1))
    table.says(FAY, "x" * (RESPONSE_LIMIT + 1))


def test_a_room_at_rest_loses_nothing_and_says_so(table: Table) -> None:
    table.does(FAY, Freeze())
    refused = table.refuses(ADA, Speak(text="Hello"))
    assert (refused.code, refused.retry) == ("room_resting", True)


def test_nobody_speaks_before_accepting_the_rules(table: Table) -> None:
    table.joins(CY, accept=False)
    refused = table.refuses(CY, Speak(text="Hello"))
    assert (refused.code, refused.facts) == ("rules_not_accepted", {"version": 1})
    table.does(CY, AcceptGroundRules(version=1))
    table.says(CY, "Hello, everybody.")


def test_facilitators_accept_the_rules_too(table: Table) -> None:
    table.does(FAY, ChangeGroundRules(lines=["Other rules."]))
    assert table.refuses(FAY, Speak(text="Hello")).code == "rules_not_accepted"


def test_whoever_has_the_floor_finishes_the_turn_under_the_old_rules(table: Table) -> None:
    has_the_floor(table)
    table.does(FAY, ChangeGroundRules(lines=["Other rules."]))
    table.says(ADA, "Let me finish.")
    table.does(ADA, Yield())
    assert table.refuses(ADA, Speak(text="And then")).code == "rules_not_accepted"


def test_the_floor_is_no_way_around_the_rules(table: Table) -> None:
    table.joins(CY, accept=False)
    table.does(FAY, SetMode(mode=Mode.TURNS))
    table.does(FAY, CallNext(member=table.id(CY)))
    assert table.refuses(CY, Speak(text="Hello")).code == "rules_not_accepted"


def test_accepting_an_old_version_is_no_acceptance(table: Table) -> None:
    table.does(FAY, ChangeGroundRules(lines=["Other rules."]))
    refused = table.refuses(ADA, AcceptGroundRules(version=1))
    assert (refused.code, refused.facts) == ("rules_changed", {"version": 2})
    table.does(ADA, AcceptGroundRules(version=2))
    assert table.does(ADA, AcceptGroundRules(version=2)) == []


def test_a_message_is_taken_back_by_its_author_alone_and_once(table: Table) -> None:
    number = table.says(ADA, "I take this back.")
    assert table.refuses(BO, Retract(message=number)).code == "not_your_message"
    assert table.refuses(FAY, Retract(message=number)).code == "not_your_message"
    table.does(ADA, Retract(message=number))
    assert table.room.public.messages[number].fate is MessageFate.RETRACTED
    assert table.refuses(ADA, Retract(message=number)).code == "no_such_message"


def test_a_message_of_the_last_meeting_is_gone(table: Table) -> None:
    number = table.says(FAY, "Good night.")
    table.closes(FAY)
    table.opens(FAY)
    assert table.refuses(FAY, Retract(message=number)).code == "no_such_message"


def test_a_tombstone_stands_where_words_were(table: Table) -> None:
    public = Public()
    fate = MessageFate.HIDDEN
    Withheld(member=7, pseudonym="Ada", fate=fate).apply(public, Stamp(12, 0.0))
    assert public.messages == {12: MessageState(author=7, fate=fate)}
