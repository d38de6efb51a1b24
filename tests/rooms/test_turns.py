"""The hand, the floor and the turn."""

import pytest

from moderation.actions import MuteMember
from rooms.arriving import ChooseListening
from rooms.modes import SetMode
from rooms.presence import Leave
from rooms.room import Mode
from rooms.turns import CallNext, FloorFreed, FloorGiven, HandLowered, LowerHand, RaiseHand, Yield
from tests.cast import ADA, BO, CY, FAY, START, Table


@pytest.fixture
def table() -> Table:
    """Fay holds a meeting in turns with Ada, Bo and Cy."""
    table = Table()
    table.opens(FAY)
    table.joins(ADA, BO, CY)
    return table


def hands(table: Table) -> list[str]:
    """Whose hands are up, in order."""
    return table.names(table.room.public.hands)


def floor(table: Table) -> list[str]:
    """Whose turn it is, if anybody's."""
    floor = table.room.public.floor
    return [] if floor is None else table.names([floor])


def test_hands_are_called_in_the_order_they_were_raised(table: Table) -> None:
    for who in (BO, ADA, CY):
        table.does(who, RaiseHand())
    assert hands(table) == ["Bo", "Ada", "Cy"]
    turns = []
    for _ in range(3):
        table.does(FAY, CallNext())
        turns += floor(table)
    assert turns == ["Bo", "Ada", "Cy"]
    assert hands(table) == []
    assert table.refuses(FAY, CallNext()).code == "nobody_to_call"


def test_a_hand_is_raised_once(table: Table) -> None:
    table.does(ADA, RaiseHand())
    assert table.refuses(ADA, RaiseHand()).code == "hand_already_up"
    assert hands(table) == ["Ada"]


def test_a_hand_is_taken_down_without_a_word(table: Table) -> None:
    table.does(ADA, RaiseHand())
    assert table.does(ADA, LowerHand()) == [HandLowered(member=table.id(ADA))]
    assert table.refuses(ADA, LowerHand()).code == "hand_not_up"


def test_whoever_has_the_floor_needs_no_hand(table: Table) -> None:
    table.does(FAY, CallNext(member=table.id(ADA)))
    assert table.refuses(ADA, RaiseHand()).code == "you_have_the_floor"


def test_a_turn_has_its_beginning(table: Table) -> None:
    table.does(ADA, RaiseHand())
    table.now += 40
    assert table.does(FAY, CallNext()) == [FloorGiven(member=table.id(ADA))]
    assert table.room.public.floor_since == START + 40


def test_a_muted_member_can_still_raise_a_hand(table: Table) -> None:
    table.does(FAY, MuteMember(member=table.id(ADA), minutes=5, reason="Why"))
    table.does(ADA, RaiseHand())
    assert hands(table) == ["Ada"]


def test_a_mute_does_not_lower_a_hand_and_the_turn_comes_when_it_ends(table: Table) -> None:
    for who in (ADA, BO):
        table.does(who, RaiseHand())
    table.does(FAY, MuteMember(member=table.id(ADA), minutes=5, reason="Why"))
    table.does(FAY, CallNext())
    assert (floor(table), hands(table)) == (["Bo"], ["Ada"])
    table.waits(300)
    table.does(FAY, CallNext())
    assert floor(table) == ["Ada"]


def test_whoever_listens_is_not_called_and_keeps_their_hand(table: Table) -> None:
    table.does(ADA, RaiseHand())
    table.does(ADA, ChooseListening(listening=True))
    assert table.refuses(FAY, CallNext()).code == "nobody_to_call"
    table.does(ADA, LowerHand())
    assert table.refuses(ADA, RaiseHand()).code == "listening"


def test_whoever_is_lost_is_passed_over_and_called_when_they_are_back(table: Table) -> None:
    for who in (ADA, BO):
        table.does(who, RaiseHand())
    table.loses(ADA)
    table.does(FAY, CallNext())
    assert floor(table) == ["Bo"]
    table.finds(ADA)
    table.does(FAY, CallNext())
    assert floor(table) == ["Ada"]


def test_a_facilitator_can_call_somebody_out_of_order_or_without_a_hand(table: Table) -> None:
    for who in (ADA, BO):
        table.does(who, RaiseHand())
    table.does(FAY, CallNext(member=table.id(BO)))
    assert (floor(table), hands(table)) == (["Bo"], ["Ada"])
    table.does(FAY, CallNext(member=table.id(CY)))
    assert (floor(table), hands(table)) == (["Cy"], ["Ada"])


def test_somebody_who_is_not_there_cannot_be_called(table: Table) -> None:
    cy = table.id(CY)
    table.does(CY, Leave())
    assert table.refuses(FAY, CallNext(member=cy)).code == "nobody_to_call"
    assert table.refuses(FAY, CallNext(member=4)).code == "nobody_to_call"


@pytest.mark.parametrize("mode", [Mode.CLOSED, Mode.OPEN])
def test_where_nobody_needs_the_floor_it_is_not_given(table: Table, mode: Mode) -> None:
    table.does(ADA, RaiseHand())
    table.does(FAY, SetMode(mode=mode))
    assert table.refuses(FAY, CallNext()).code == "no_turns_now"
    assert hands(table) == ["Ada"]


def test_a_turn_is_given_back_by_whoever_has_it(table: Table) -> None:
    table.does(FAY, CallNext(member=table.id(ADA)))
    assert table.refuses(BO, Yield()).code == "floor_not_yours"
    assert table.does(ADA, Yield()) == [FloorFreed(member=table.id(ADA))]
    assert (floor(table), hands(table)) == ([], [])
    assert table.refuses(ADA, Yield()).code == "floor_not_yours"


def test_somebody_who_turned_to_listening_can_give_the_floor_back(table: Table) -> None:
    table.does(FAY, CallNext(member=table.id(ADA)))
    table.does(ADA, ChooseListening(listening=True))
    table.does(ADA, Yield())
    assert floor(table) == []


def test_leaving_frees_the_floor_and_lowers_the_hand(table: Table) -> None:
    table.does(FAY, CallNext(member=table.id(ADA)))
    table.does(BO, RaiseHand())
    for who in (ADA, BO):
        table.does(who, Leave())
    assert (floor(table), hands(table)) == ([], [])
