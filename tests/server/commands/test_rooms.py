"""An operator founds a room and invites somebody to hold it."""

import asyncio
import re

import pyotp
import pytest

from server.assemble import assemble
from server.people.totp import new_secret
from server.settings import read_settings
from tests.server.commands.conftest import Terminal


def test_a_room_is_founded_and_a_facilitator_invited(terminal: Terminal) -> None:
    room = terminal.found_room()
    said = terminal.type("invite", room, "--login", "fay")
    assert said.code == 0
    assert re.fullmatch(r"/staff/invitation#[a-z2-7-]{32}\n", said.out)


def test_nobody_is_invited_to_a_room_that_is_not_there(terminal: Terminal) -> None:
    said = terminal.type("invite", "k7m2qx")
    assert (said.code, said.err) == (2, "There is no room k7m2qx.\n")


@pytest.mark.parametrize(("room", "first"), [(True, "facilitator"), (False, "moderator")])
def test_a_role_that_does_not_exist_is_told(terminal: Terminal, room: bool, first: str) -> None:
    place = [terminal.found_room()] if room else []
    said = terminal.type("invite", *place, "--role", "king")
    assert said.code == 2
    assert said.err.startswith(f"Choose one of: {first}")


@pytest.mark.parametrize("role", ["moderator", "operator"])
def test_somebody_is_invited_to_a_role_across_rooms_before_there_is_a_room(
    terminal: Terminal, role: str
) -> None:
    said = terminal.type("invite", "--role", role)
    assert said.code == 0, said.err
    accept(terminal, said.out.strip().partition("#")[2], "max")
    assert terminal.type("staff", "list").out == f"max: {role}\n"


def test_a_moderator_is_not_invited_to_one_room(terminal: Terminal) -> None:
    said = terminal.type("invite", terminal.found_room(), "--role", "moderator")
    assert (said.code, said.out) == (2, "")
    assert said.err == "The role moderator is held across rooms: leave out the room.\n"


@pytest.mark.parametrize("words", [[], ["--role", "facilitator"]])
def test_a_facilitator_is_not_invited_without_a_room(terminal: Terminal, words: list[str]) -> None:
    said = terminal.type("invite", *words)
    assert (said.code, said.out) == (2, "")
    assert said.err == "The role facilitator is held in one room: give the room's six letters.\n"


def accept(terminal: Terminal, code: str, login: str) -> None:
    """Somebody accepts the invitation that was printed."""

    async def accepting() -> None:
        settings = read_settings(
            {"DATA_DIR": f"{terminal.folder}/data", "KEYS_DIR": f"{terminal.folder}/keys"}
        )
        async with assemble(settings) as parts:
            now, secret = parts.wall(), new_secret()
            hidden, digits = parts.enrolment.seal(secret, now), pyotp.TOTP(secret).at(int(now))
            await parts.invitations.accept(code, login, "seven grey herons walk", hidden, digits)

    asyncio.run(accepting())
