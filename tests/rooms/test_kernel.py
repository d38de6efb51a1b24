"""The kernel: permission first, then the rule, then the effects; and all of it or nothing."""

from collections.abc import Iterator
from typing import ClassVar

import pytest

from moderation.actions import MuteMember, RemoveMember
from rooms.arriving import ChooseListening
from rooms.kernel import (
    At,
    Command,
    Event,
    Made,
    NotAMember,
    NotHere,
    Order,
    Recorded,
    YouAreListening,
    YouAreMuted,
    YouWereRemoved,
    carry_out,
    permit,
)
from rooms.modes import ModeSet, SetMode
from rooms.presence import Leave
from rooms.room import Mode, Room
from rooms.speaking import Speak
from rooms.turns import HandAlreadyUp, HandRaised, LowerHand, RaiseHand
from tests.cast import ADA, BO, CY, FAY, START, Table, encoded


@pytest.fixture
def table() -> Table:
    """Fay holds a meeting with Ada and Bo."""
    table = Table()
    table.opens(FAY)
    table.joins(ADA, BO)
    return table


def test_an_event_is_counted_in_the_room_and_in_its_stream(table: Table) -> None:
    n, seq = table.room.n, table.room.number("room")
    table.now += 5
    table.does(ADA, RaiseHand())
    event = HandRaised(member=table.id(ADA))
    assert table.log[-1] == Recorded(n + 1, "room", seq + 1, START + 5, event)
    assert (table.room.n, table.room.number("room"), table.room.last) == (n + 1, seq + 1, START + 5)


def test_a_refused_command_leaves_the_room_as_it_was(table: Table) -> None:
    table.does(ADA, RaiseHand())
    before = encoded(table.room)
    assert isinstance(table.refuses(ADA, RaiseHand()), HandAlreadyUp)
    assert encoded(table.room) == before


class Ask(Order, frozen=True, kw_only=True):
    """An order, for these tests alone."""


class Both(Command, frozen=True, kw_only=True):
    """A command that makes an event and an order, and says no when told to."""

    members_only: ClassVar[bool] = False
    at_table: ClassVar[bool] = False
    in_meeting: ClassVar[bool] = False

    last_word: bool

    def decide(self, room: Room, at: At) -> Iterator[Made]:
        yield ModeSet(mode=Mode.OPEN)
        yield Ask()
        if self.last_word:
            raise NotHere()


def test_an_order_is_handed_out_and_changes_nothing() -> None:
    room = Room()
    recorded, orders = carry_out(room, Both(last_word=False), At(START))
    assert [type(one.event) for one in recorded] == [ModeSet]
    assert orders == [Ask()]
    assert room.n == 1


def test_a_rule_that_says_no_at_its_end_has_done_nothing() -> None:
    room = Room()
    with pytest.raises(NotHere):
        carry_out(room, Both(last_word=True), At(START))
    assert room == Room()


def test_a_stranger_is_told_to_come_in_first(table: Table) -> None:
    assert isinstance(table.refuses(CY, RaiseHand()), NotAMember)


def test_a_member_is_not_a_facilitator(table: Table) -> None:
    assert table.refuses(ADA, SetMode(mode=Mode.OPEN)).code == "not_allowed"


def test_whoever_left_is_told_to_come_in_again(table: Table) -> None:
    table.does(ADA, Leave())
    assert isinstance(table.refuses(ADA, RaiseHand()), NotHere)


def test_a_lost_connection_still_has_its_place(table: Table) -> None:
    table.loses(ADA)
    permit(RaiseHand(), table.room, At(table.now, table.id(ADA)))


def test_everybody_is_told_what_stands_against_it(table: Table) -> None:
    table.does(ADA, ChooseListening(listening=True))
    assert isinstance(table.refuses(ADA, Speak(text="Hello")), YouAreListening)
    table.does(FAY, MuteMember(member=table.id(ADA), minutes=5, reason="Why"))
    muted = table.refuses(ADA, Speak(text="Hello"))
    assert isinstance(muted, YouAreMuted)
    assert muted.facts == {"until": int(START) + 300}
    table.does(FAY, RemoveMember(member=table.id(ADA), reason="Why"))
    assert isinstance(table.refuses(ADA, LowerHand()), YouWereRemoved)


def test_a_command_and_an_event_without_a_rule_cannot_be_used() -> None:
    with pytest.raises(NotImplementedError):
        Command().decide(Room(), At(START))
    with pytest.raises(NotImplementedError):
        Event().apply(Room().public, None)  # type: ignore[arg-type]  # it has no effect at all
