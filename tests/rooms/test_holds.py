"""The room at rest: one tap pauses it, one tap resumes it, and nothing else changes."""

import pytest

from rooms.holds import Freeze, HoldLifted, HoldPlaced, Resume
from rooms.presence import Leave
from rooms.room import Hold, Mode
from rooms.speaking import Speak
from rooms.turns import CallNext, RaiseHand
from tests.cast import ADA, FAY, KIM, START, Table


@pytest.fixture
def table() -> Table:
    """It is Ada's turn in Fay's meeting."""
    table = Table()
    table.opens(FAY)
    table.joins(ADA)
    table.does(ADA, RaiseHand())
    table.does(FAY, CallNext())
    return table


def test_one_tap_pauses_the_room_and_one_tap_resumes_it_where_it_was(table: Table) -> None:
    table.does(FAY, Freeze())
    assert table.refuses(ADA, Speak(text="Hello")).code == "room_resting"
    public = table.room.public
    assert (public.hold, public.hold_since) == (Hold.FROZEN, START)
    assert (public.mode, public.floor) == (Mode.TURNS, table.id(ADA))
    table.does(FAY, Resume())
    assert (public.hold, public.mode, public.floor) == (Hold.NONE, Mode.TURNS, table.id(ADA))
    table.says(ADA, "Where was I?")


def test_a_facilitator_speaks_into_a_paused_room(table: Table) -> None:
    table.does(FAY, Freeze())
    table.says(FAY, "We take a short break.")


def test_a_paused_room_is_not_paused_again(table: Table) -> None:
    table.does(FAY, Freeze())
    assert table.refuses(FAY, Freeze()).code == "already_frozen"


def test_a_room_that_goes_on_is_not_resumed(table: Table) -> None:
    assert table.refuses(FAY, Resume()).code == "not_resting"


def test_a_calm_room_is_resumed_by_the_next_facilitator(table: Table) -> None:
    assert table.does(FAY, Leave())[-1] == HoldPlaced(hold=Hold.CALM)
    table.joins(KIM)
    assert table.room.public.hold is Hold.CALM, "coming in is not yet holding the room"
    assert table.does(KIM, Resume()) == [HoldLifted()]


def test_the_last_facilitator_leaving_a_paused_room_makes_it_calm(table: Table) -> None:
    table.does(FAY, Freeze())
    assert table.does(FAY, Leave())[-1] == HoldPlaced(hold=Hold.CALM)
