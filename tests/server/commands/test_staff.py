"""Who signs in, what they may be, and what an operator does when a phone is lost."""

import asyncio

import pyotp
import pytest

from server.assemble import Parts, assemble
from server.people.invitations import create_invitation
from server.people.totp import new_secret
from server.settings import read_settings
from tests.server.commands.conftest import Terminal

PASSWORD = "seven grey herons walk"


def hire(terminal: Terminal, login: str, room: str) -> str:
    """Somebody accepts an invitation; answers the token of their session."""

    async def accept() -> str:
        settings = read_settings(
            {"DATA_DIR": f"{terminal.folder}/data", "KEYS_DIR": f"{terminal.folder}/keys"}
        )
        async with assemble(settings) as parts:
            return await accepted(parts, login, room)

    return asyncio.run(accept())


async def accepted(parts: Parts, login: str, room: str) -> str:
    now, secret = parts.wall(), new_secret()
    code = await create_invitation(parts.database, room_id=room, role="facilitator", now=now)
    hidden = parts.enrolment.seal(secret, now)
    digits = pyotp.TOTP(secret).at(int(now))
    return (await parts.invitations.accept(code, login, PASSWORD, hidden, digits)).token


def session_holds(terminal: Terminal, token: str) -> bool:
    async def find() -> bool:
        settings = read_settings(
            {"DATA_DIR": f"{terminal.folder}/data", "KEYS_DIR": f"{terminal.folder}/keys"}
        )
        async with assemble(settings) as parts:
            return await parts.sessions.find(token) is not None

    return asyncio.run(find())


@pytest.fixture
def room(terminal: Terminal) -> str:
    return terminal.found_room()


def test_the_list_says_who_may_be_what(terminal: Terminal, room: str) -> None:
    hire(terminal, "fay", room)
    hire(terminal, "mo", room)
    assert terminal.type("staff", "give-role", "mo", "moderator").code == 0
    assert terminal.type("staff", "disable", "fay").code == 0
    assert terminal.type("staff", "list").out.splitlines() == [
        f"fay (disabled): facilitator in {room}",
        f"mo: moderator, facilitator in {room}",
    ]


def test_a_taken_role_is_gone_and_ends_the_session(terminal: Terminal, room: str) -> None:
    token = hire(terminal, "fay", room)
    assert session_holds(terminal, token)
    assert terminal.type("staff", "take-role", "fay", "facilitator", room).code == 0
    assert terminal.type("staff", "list").out == "fay: no role\n"
    assert not session_holds(terminal, token)


def test_a_reset_prints_a_link_and_ends_the_session(terminal: Terminal, room: str) -> None:
    token = hire(terminal, "fay", room)
    said = terminal.type("staff", "reset", "Fay")
    assert said.out.startswith("/staff/reset#")
    assert len(said.out.splitlines()) == 1
    assert not session_holds(terminal, token)


@pytest.mark.parametrize(
    "words",
    [
        ("reset", "nobody"),
        ("disable", "nobody"),
        ("give-role", "nobody", "moderator"),
        ("give-role", "fay", "facilitator"),
        ("give-role", "fay", "moderator", "k7m2qx"),
        ("take-role", "fay", "facilitator", "nowhere"),
    ],
)
def test_what_cannot_be_done_is_told(terminal: Terminal, room: str, words: tuple[str, ...]) -> None:
    hire(terminal, "fay", room)
    said = terminal.type("staff", *words)
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1
