"""Who may speak: closed, turns, respond, open."""

import pytest

from rooms.modes import MODES_WITH_FLOOR, ModeSet, SetMode
from rooms.room import Mode
from rooms.turns import CallNext, RaiseHand
from tests.cast import ADA, FAY, Table


@pytest.fixture
def table() -> Table:
    """It is Ada's turn in Fay's meeting."""
    table = Table()
    table.opens(FAY)
    table.joins(ADA)
    table.does(ADA, RaiseHand())
    table.does(FAY, CallNext())
    return table


@pytest.mark.parametrize("mode", Mode)
def test_the_floor_stays_where_it_is_unless_nobody_needs_one(table: Table, mode: Mode) -> None:
    table.does(FAY, SetMode(mode=mode))
    assert table.room.public.mode is mode
    kept = mode in MODES_WITH_FLOOR
    assert table.room.public.floor == (table.id(ADA) if kept else None)


def test_setting_the_same_mode_is_no_event(table: Table) -> None:
    assert table.does(FAY, SetMode(mode=Mode.TURNS)) == []
    assert table.does(FAY, SetMode(mode=Mode.OPEN)) == [ModeSet(mode=Mode.OPEN)]


def test_hands_stay_up_in_every_mode(table: Table) -> None:
    table.does(FAY, SetMode(mode=Mode.CLOSED))
    table.does(ADA, RaiseHand())
    for mode in Mode:
        table.does(FAY, SetMode(mode=mode))
        assert table.room.public.hands == [table.id(ADA)]


def test_a_member_does_not_set_the_mode(table: Table) -> None:
    assert table.refuses(ADA, SetMode(mode=Mode.OPEN)).code == "not_allowed"
