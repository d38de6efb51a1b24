"""`candlelight room` founds one, and `candlelight invite` finds people for it, or to moderate."""

import argparse
import sys
import time

from server.commands import opening
from server.people.accounts import EVERYWHERE_ROLES, ROOM_ROLES
from server.people.directory import Directory
from server.people.invitations import create_invitation, invitation_path
from server.people.tables import EVERY_ROOM


def add(commands: opening.Commands) -> None:
    """Add the commands."""
    invite = commands.add_parser("invite", help="invite somebody to hold a room, or to moderate")
    invite.add_argument("room", nargs="?", default=EVERY_ROOM, help="the room's six letters")
    invite.add_argument("--login", help="the sign-in name they must take")
    invite.add_argument(
        "--role",
        default="facilitator",
        help=f"facilitator by default; without a room: {', '.join(sorted(EVERYWHERE_ROLES))}",
    )
    invite.set_defaults(run=_invite)

    room = commands.add_parser("room", help="found a room")
    room.add_argument("name", help="its name, as people will read it")
    room.add_argument("--about", required=True, help="what it is and for whom")
    room.add_argument("--runs", required=True, help="how a meeting runs")
    room.add_argument("--kind", default="Peer group", help="such as Twelve-step or Secular")
    room.add_argument("--language", default="en", help="its language, such as en or es")
    room.add_argument("--young", action="store_true", help="for young people, not adults")
    room.add_argument(
        "--mandated-reporter",
        action="store_true",
        help="a facilitator must by law report some of what they read",
    )
    room.set_defaults(run=_room)


def _invite(arguments: argparse.Namespace) -> int:
    settings = opening.settings(arguments)
    room, role = arguments.room, arguments.role
    if wrong := _misplaced(room, role):
        print(wrong, file=sys.stderr)
        return 2

    async def invite() -> int:
        async with opening.storage(settings) as (database, keys, _):
            if room and await Directory(database, keys, time.time).room(room) is None:
                print(f"There is no room {room}.", file=sys.stderr)
                return 2
            code = await create_invitation(
                database,
                room_id=room,
                role=role,
                login=arguments.login,
                now=time.time(),
            )
        print(f"{settings.origin}{invitation_path(code)}")
        return 0

    return opening.run(invite())


def _misplaced(room: str, role: str) -> str:
    """What is wrong with a role that is held across rooms, or in one, and was asked for otherwise;
    nothing where it is right, or no role at all."""
    if room and role in EVERYWHERE_ROLES:
        return f"The role {role} is held across rooms: leave out the room."
    if not room and role in ROOM_ROLES:
        return f"The role {role} is held in one room: give the room's six letters."
    return ""


def _room(arguments: argparse.Namespace) -> int:
    settings = opening.settings(arguments)

    async def found() -> int:
        async with opening.storage(settings) as (database, keys, _):
            card = await Directory(database, keys, time.time).create_room(
                arguments.name,
                arguments.about,
                arguments.runs,
                kind=arguments.kind,
                language=arguments.language,
                audience="young" if arguments.young else "adults",
                mandated_reporter=arguments.mandated_reporter,
            )
        print(f"{settings.origin}/rooms/{card.id}")
        return 0

    return opening.run(found())
