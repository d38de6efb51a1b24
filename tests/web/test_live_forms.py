"""Every form of the live room is one command of the wire."""

import pytest

from moderation.actions import MuteMember
from rooms.arriving import Join
from rooms.meetings import ChangeGroundRules
from rooms.on_call import ComeOnCall
from rooms.turns import CallNext
from server.live.protocol import COMMANDS, Malformed
from web.forms import Form
from web.live_forms import SHEETS, VERBS, command

FIELDS = {
    "message": "1",
    "member": "1",
    "other": "1",
    "to": "2",
    "case": "3",
    "minutes": "10",
    "version": "1",
    "mode": "open",
    "country": "NL",
    "level": "2",
    "why": "hurtful",
}
OUTCOMES = {"close-alert": "with_someone", "close-report": "talked"}


def test_every_command_but_coming_in_has_a_form() -> None:
    made = {
        type(command(verb, Form({**FIELDS, "outcome": OUTCOMES.get(verb, "")}))) for verb in VERBS
    }
    # Who comes as a guest has a page of its own for it, and so has who comes on call.
    assert made == set(COMMANDS) - {Join, ComeOnCall}


def test_every_sheet_is_an_act_with_a_reason() -> None:
    for verb in SHEETS:
        act = command(verb, Form({**FIELDS, "reason": "Please rest"}))
        assert getattr(act, "reason", None) == "Please rest", verb


def test_an_address_without_a_command_is_none() -> None:
    assert command("shout", Form(FIELDS)) is None


def test_the_next_hand_is_called_unless_somebody_is_named() -> None:
    assert command("call", Form({})) == CallNext()
    assert command("call", Form({"member": "7"})) == CallNext(member=7)


def test_ground_rules_are_one_a_line_and_empty_lines_are_none() -> None:
    made = command("rules", Form({"lines": "Be kind.\r\n\r\n  \nNo names."}))
    assert made == ChangeGroundRules(lines=["Be kind.", "No names."])


def test_numbers_are_read_as_numbers() -> None:
    made = command("mute", Form({"member": "281474976710655", "minutes": "60", "reason": "Rest"}))
    assert made == MuteMember(member=281_474_976_710_655, minutes=60, reason="Rest")


@pytest.mark.parametrize("number", ["", "one", "-1", "1.5", "٣", "9" * 40])
def test_what_is_no_number_is_refused_and_not_guessed(number: str) -> None:
    with pytest.raises(Malformed):
        command("retract", Form({"message": number}))


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(Malformed):
        command("mode", Form({"mode": "loud"}))
