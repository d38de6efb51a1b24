"""A quiet moment: one tap, a calming text for everybody, and nobody is told why."""

import msgspec
import pytest

from rooms.modes import SetMode
from rooms.quiet import QuietStarted, ReadQuietly
from rooms.room import Hold, Mode
from rooms.speaking import Speak
from rooms.turns import CallNext, RaiseHand
from tests.cast import ADA, BO, FAY, KIM, Table, encoded


@pytest.fixture
def table() -> Table:
    """Fay and Kim hold a meeting in turns with Ada and Bo; it is Ada's turn, Bo waits for his."""
    table = Table()
    table.opens(FAY, Mode.TURNS)
    table.joins(KIM, ADA, BO)
    table.does(BO, RaiseHand())
    table.does(FAY, CallNext(member=table.id(ADA)))
    return table


def test_one_tap_gives_everybody_a_quiet_moment(table: Table) -> None:
    table.does(FAY, ReadQuietly())
    public = table.room.public
    assert (public.quiet, public.mode, public.floor) == (True, Mode.CLOSED, None)
    assert public.hold is Hold.NONE
    assert table.refuses(ADA, Speak(text="And then")).code == "facilitator_speaking"


def test_a_quiet_moment_says_nothing_of_why() -> None:
    assert msgspec.structs.fields(QuietStarted) == ()
    assert QuietStarted().heard_on() == "room"


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_quiet_moment_is_the_same_whether_or_not_somebody_is_in_danger(
    table: Table, level: int
) -> None:
    calm = Table()
    calm.opens(FAY, Mode.TURNS)
    calm.joins(KIM, ADA, BO)
    calm.does(BO, RaiseHand())
    calm.does(FAY, CallNext(member=calm.id(ADA)))
    table.writes(ADA, level)
    assert table.does(KIM, ReadQuietly()) == calm.does(KIM, ReadQuietly()) == [QuietStarted()]
    assert encoded(table.view_of(BO)["room"]) == encoded(calm.view_of(BO)["room"])


def test_a_second_tap_does_nothing(table: Table) -> None:
    table.does(FAY, ReadQuietly())
    assert table.does(KIM, ReadQuietly()) == []


@pytest.mark.parametrize("mode", list(Mode))
def test_a_quiet_moment_ends_with_the_next_mode(table: Table, mode: Mode) -> None:
    table.does(FAY, ReadQuietly())
    table.does(FAY, SetMode(mode=mode))
    assert (table.room.public.quiet, table.room.public.mode) == (False, mode)


def test_hands_wait_through_a_quiet_moment(table: Table) -> None:
    table.does(FAY, ReadQuietly())
    table.does(FAY, SetMode(mode=Mode.TURNS))
    table.does(FAY, CallNext())
    assert table.room.public.floor == table.id(BO)


def test_a_facilitator_reads_aloud_in_a_quiet_moment(table: Table) -> None:
    table.does(FAY, ReadQuietly())
    table.says(FAY, "Feel your feet on the floor.")


def test_a_quiet_moment_is_over_with_the_meeting(table: Table) -> None:
    table.does(FAY, ReadQuietly())
    table.closes(FAY)
    assert not table.room.public.quiet
    table.opens(FAY, Mode.OPEN)
    assert not table.room.public.quiet


def test_only_a_facilitator_gives_a_quiet_moment(table: Table) -> None:
    assert table.refuses(ADA, ReadQuietly()).code == "not_allowed"
