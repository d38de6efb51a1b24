"""Law 6: who may do what in every moment there is, against the table people wrote by hand."""

import pytest

from server.live.protocol import COMMANDS
from tests.laws import committed_table
from tests.laws.committed_table import Line, differences, ruling
from tests.laws.moments import SAMPLES, Moment, answer, moments


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    """The committed table."""
    return committed_table.read("permissions.txt")


@pytest.fixture(scope="module")
def answers() -> dict[tuple[str, ...], str]:
    """What really happens: every command in every moment."""
    return {
        (command.__name__, *moment): answer(command, moment)
        for command in COMMANDS
        for moment in moments()
    }


def test_everybody_is_answered_what_the_table_says(
    lines: list[Line], answers: dict[tuple[str, ...], str]
) -> None:
    wrong, idle = differences(lines, answers)
    assert wrong == []
    assert idle == [], "these lines of the table decide nothing"


def test_no_command_slips_in_under_a_line_for_all_commands(lines: list[Line]) -> None:
    named = {name for line in lines for name in line.cells[0].split("|")}
    assert {command.__name__ for command in COMMANDS} | {"any"} == named
    assert set(SAMPLES) == set(COMMANDS)


def test_every_role_standing_and_meeting_occurs() -> None:
    reached = list(moments())
    assert {m.role for m in reached} == {"stranger", "member", "facilitator", "on_call"}
    assert {m.standing for m in reached} == {"speaking", "listening", "muted", "removed"}
    assert len({m.meeting for m in reached}) == 8
    assert len(reached) > 80


def test_a_new_command_is_undecided() -> None:
    lines = [Line(1, ("any", "stranger"), "not_a_member"), Line(2, ("Speak", "any"), "ok")]
    found: dict[tuple[str, ...], str] = {
        ("Dance", "stranger"): "not_a_member",
        ("Dance", "member"): "ok",
    }
    assert differences(lines, found)[0] == ["Dance member: ok, but no line says UNDECIDED"]


def test_the_last_line_that_covers_a_case_decides_it() -> None:
    lines = [Line(1, ("any", "any"), "no"), Line(2, ("Speak|Yield", "member"), "ok")]
    assert [ruling(lines, case) for case in (("Yield", "member"), ("Yield", "guest"))] == lines[
        ::-1
    ]


def test_a_line_that_decides_nothing_is_found() -> None:
    lines = [Line(1, ("Speak",), "no"), Line(2, ("any",), "ok")]
    assert differences(lines, {("Speak",): "ok"}) == ([], [1])


def test_a_moment_is_what_it_says() -> None:
    moment = Moment("member", "muted", "calm", "old")
    assert moment in set(moments())
    assert Moment("facilitator", "muted", "open", "old") not in set(moments())
