"""What a Room knows of danger: levels, categories, reasons, and how an alert can end."""

import json

import msgspec
import pytest

from moderation.alerts import ChangeAlertLevel, CloseAlert
from moderation.danger import ChooseCountry
from rooms.kernel import Command
from rooms.room import Mode
from rooms.safety import (
    CONCERN,
    ELEVATED,
    EMERGENCY,
    MOST_REASONS,
    NO_DANGER,
    NONE,
    Category,
    Danger,
    Outcome,
    Reason,
    Stage,
    Subject,
)
from tests.cast import ADA, FAY, Table


def reads(command: type[Command], **fields: object) -> Command:
    """A command as it comes in from a page."""
    return msgspec.json.decode(json.dumps({"type": command.__name__, **fields}), type=command)


def test_the_levels_are_a_ladder_from_nothing_to_an_emergency() -> None:
    assert [NONE, CONCERN, ELEVATED, EMERGENCY] == [0, 1, 2, 3]


@pytest.mark.parametrize("level", [-1, 4, 2.5, "3", None])
def test_a_level_that_is_none_of_the_four_does_not_come_in(level: object) -> None:
    reads(ChangeAlertLevel, member=7, level=EMERGENCY)
    with pytest.raises(msgspec.ValidationError):
        reads(ChangeAlertLevel, member=7, level=level)


@pytest.mark.parametrize("country", ["", "nl", "NLD", "N", "NL\n", " NL", "ÄÖ", "N1", "112"])
def test_a_country_is_two_capital_letters_and_nothing_else(country: str) -> None:
    assert reads(ChooseCountry, country="NL") == ChooseCountry(country="NL")
    with pytest.raises(msgspec.ValidationError):
        reads(ChooseCountry, country=country)


def test_an_alert_ends_in_one_of_ten_ways() -> None:
    assert [outcome.value for outcome in Outcome] == (
        "talked_safe accepted_resource declined_resource emergency_called_by_member "
        "emergency_called_by_staff with_someone left_no_contact referred false_alarm duplicate"
    ).split()


@pytest.mark.parametrize("outcome", ["", "solved", "TALKED_SAFE", None])
def test_an_alert_is_not_closed_with_an_outcome_of_ones_own(outcome: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        reads(CloseAlert, member=7, outcome=outcome, note="Well")


def test_an_alert_is_not_closed_without_an_outcome() -> None:
    with pytest.raises(msgspec.ValidationError):
        reads(CloseAlert, member=7, note="Well")


def test_no_danger_is_nothing_at_all() -> None:
    assert Danger() == NO_DANGER
    assert (NO_DANGER.level, NO_DANGER.because, NO_DANGER.craving) == (NONE, (), False)


def test_an_answer_travels_as_it_is() -> None:
    danger = Danger(
        level=EMERGENCY,
        category=Category.OVERDOSE,
        subject=Subject.OTHER,
        because=(Reason(concept="not-waking", says="does not wake", around=("now",), end=9),),
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(danger), type=Danger) == danger


def test_whoever_was_asked_to_come_stays_asked_as_an_alert_is_passed_on() -> None:
    assert list(Stage) == sorted(Stage)
    assert [stage.name for stage in Stage] == ["ROOM", "WIDER", "ON_CALL", "EVERYBODY"]


def test_an_alert_keeps_its_newest_reasons() -> None:
    table = Table()
    table.opens(FAY, Mode.OPEN)
    table.joins(ADA)
    for _ in range(MOST_REASONS + 3):
        table.now += 10
        table.writes(ADA, ELEVATED)
    reasons = table.room.staff.alerts[table.id(ADA)].reasons
    assert [table.now - reason.at for reason in reasons] == [
        10.0 * n for n in reversed(range(MOST_REASONS))
    ]
