"""What `candlelight hotlines check` finds wrong, old or missing."""

from datetime import date

import msgspec

from moderation.hotline_check import Problem, check
from moderation.hotlines import Country
from moderation.telephone import Phone
from tests.moderation.test_hotlines import EMERGENCY, SHIPPED, line

TODAY = date(2026, 11, 20)


def problems(**facts: object) -> list[Problem]:
    country = Country(name="Xyland", emergency=EMERGENCY, hotlines=(line("a", "youth", **facts),))
    return check({"XY": country}, TODAY)


def test_a_line_checked_today_needs_nobody() -> None:
    assert problems() == []


def test_a_check_is_good_for_180_days() -> None:
    assert problems(last_checked="2026-05-24") == []
    assert [p.text for p in problems(last_checked="2026-05-23")] == [
        "last checked 2026-05-23 (confidence high)"
    ]


def test_a_line_nobody_checked_is_listed_with_what_the_operator_should_know() -> None:
    (problem,) = problems(last_checked=None, confidence="low", caveat="two numbers")
    assert problem.text == "never checked (confidence low; two numbers)"
    assert not problem.grave


def test_a_number_that_cannot_be_dialled_is_grave() -> None:
    assert [p.grave for p in problems(phones=[{"dial": "+1988"}])] == [True]
    assert [p.grave for p in problems(text={"number": "HOME"})] == [True]


def test_an_emergency_number_that_cannot_be_dialled_is_grave() -> None:
    numbers = msgspec.structs.replace(EMERGENCY, general="call us", also_valid=())
    found = check({"XY": Country(name="Xyland", emergency=numbers)}, TODAY)
    assert [p.grave for p in found] == [True]


def test_a_line_with_nothing_to_press_is_grave() -> None:
    assert [p.grave for p in problems(phones=[])] == [True]


def test_an_address_that_is_no_web_address_is_grave() -> None:
    assert [p.grave for p in problems(web="javascript:alert(1)")] == [True]


def test_a_check_that_has_not_happened_yet_is_grave() -> None:
    assert [p.grave for p in problems(last_checked="2027-01-01")] == [True]


def test_two_lines_of_one_name_are_grave() -> None:
    country = Country(name="X", emergency=EMERGENCY, hotlines=(line("a"), line("a")))
    assert [p.grave for p in check({"XY": country}, TODAY)] == [True]


def test_an_unconfirmed_emergency_number_is_listed() -> None:
    numbers = msgspec.structs.replace(EMERGENCY, confidence="low")
    (problem,) = check({"XY": Country(name="Xyland", emergency=numbers)}, TODAY)
    assert "not confirmed" in problem.text


def test_grave_things_come_first_and_the_least_sure_lines_next() -> None:
    lines = (
        line("medium", confidence="medium", last_checked=None),
        line("low", confidence="low", last_checked=None),
        msgspec.structs.replace(line("broken"), phones=(Phone(dial="+1"),)),
    )
    found = check({"XY": Country(name="Xyland", emergency=EMERGENCY, hotlines=lines)}, TODAY)
    assert [p.line for p in found] == ["broken", "low", "medium"]


def test_nothing_we_ship_is_grave() -> None:
    assert [p for p in check(SHIPPED, TODAY) if p.grave] == []
