"""`candlelight staff`: who signs in, what they may be, and what to do when a phone is lost."""

import argparse
import sys
import time
from collections.abc import Awaitable, Callable

from server.assemble import staff_accounts
from server.commands import opening
from server.people import resets
from server.people.accounts import EVERYWHERE_ROLES, ROOM_ROLES, Account, Accounts
from server.people.directory import Directory
from server.people.tables import EVERY_ROOM

Change = Callable[[Accounts, Account], Awaitable[None]]


def add(commands: opening.Commands) -> None:
    """Add the commands."""
    group = commands.add_parser("staff", help="staff sign-ins: list, reset, disable, roles")
    actions = group.add_subparsers(required=True, metavar="action")

    listing = actions.add_parser("list", help="who signs in, and what they may be where")
    listing.set_defaults(run=_list)

    reset = actions.add_parser("reset", help="a link to sign in anew; the old way in is shut now")
    reset.add_argument("login", help="the sign-in name")
    reset.set_defaults(run=_reset)

    disable = actions.add_parser("disable", help="let nobody sign in with this name any more")
    disable.add_argument("login", help="the sign-in name")
    disable.set_defaults(run=_disable)

    for name, run, words in (
        ("give-role", _give, "let somebody be something in a room"),
        ("take-role", _take, "end that"),
    ):
        change = actions.add_parser(name, help=words)
        change.add_argument("login", help="the sign-in name")
        change.add_argument(
            "role",
            help=f"{', '.join(sorted(ROOM_ROLES))}; without a room: "
            f"{', '.join(sorted(EVERYWHERE_ROLES))}",
        )
        change.add_argument("room", nargs="?", default=EVERY_ROOM, help="the room's six letters")
        change.set_defaults(run=run)


def _list(arguments: argparse.Namespace) -> int:
    settings = opening.settings(arguments)

    async def show() -> int:
        async with opening.storage(settings) as (database, keys, secrets):
            accounts = staff_accounts(database, keys, secrets)
            for account in await accounts.everybody():
                held = await accounts.rooms_of(account.id)
                places = [
                    f"{role} in {room}" if room else role
                    for room, names in sorted(held.items())
                    for role in sorted(names)
                ]
                state = " (disabled)" if account.disabled else ""
                print(f"{account.login}{state}: {', '.join(places) or 'no role'}")
        return 0

    return opening.run(show())


def _reset(arguments: argparse.Namespace) -> int:
    settings = opening.settings(arguments)

    async def reset() -> int:
        async with opening.storage(settings) as (database, _, secrets):
            code = await resets.reset(database, secrets, arguments.login, time.time())
        print(f"{settings.origin}{resets.reset_path(code)}")
        print("Good once, for a day. Hand it over in person or by a call.", file=sys.stderr)
        return 0

    return opening.run(reset())


def _disable(arguments: argparse.Namespace) -> int:
    return _change(arguments, lambda accounts, who: accounts.disable(who.id))


def _give(arguments: argparse.Namespace) -> int:
    return _change(
        arguments, lambda accounts, who: accounts.give_role(who.id, arguments.room, arguments.role)
    )


def _take(arguments: argparse.Namespace) -> int:
    return _change(
        arguments, lambda accounts, who: accounts.take_role(who.id, arguments.room, arguments.role)
    )


def _change(arguments: argparse.Namespace, change: Change) -> int:
    settings = opening.settings(arguments)
    room = getattr(arguments, "room", EVERY_ROOM)

    async def make() -> int:
        async with opening.storage(settings) as (database, keys, secrets):
            if room and await Directory(database, keys, time.time).room(room) is None:
                print(f"There is no room {room}.", file=sys.stderr)
                return 2
            accounts = staff_accounts(database, keys, secrets)
            account = await accounts.by_login(arguments.login)
            if account is None:
                raise resets.NoSuchAccount()
            await change(accounts, account)
        return 0

    return opening.run(make())
