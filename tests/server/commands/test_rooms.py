"""An operator founds a room and invites somebody to hold it."""

import re

from tests.server.commands.conftest import Terminal


def test_a_room_is_founded_and_a_facilitator_invited(terminal: Terminal) -> None:
    room = terminal.found_room()
    said = terminal.type("invite", room, "--login", "fay")
    assert said.code == 0
    assert re.fullmatch(r"/staff/invitation#[a-z2-7-]{32}\n", said.out)


def test_nobody_is_invited_to_a_room_that_is_not_there(terminal: Terminal) -> None:
    said = terminal.type("invite", "k7m2qx")
    assert (said.code, said.err) == (2, "There is no room k7m2qx.\n")


def test_a_role_that_does_not_exist_is_told(terminal: Terminal) -> None:
    said = terminal.type("invite", terminal.found_room(), "--role", "king")
    assert said.code == 2
    assert said.err.startswith("Choose one of: facilitator")
