"""Accounts: the sign-ins of staff, and what each may be in which room.

An Account says nothing about a person but the name they sign in with. Its roles are read anew at
every entrance and never kept in a session; when one changes, the Account's sessions end, so that
no open page and no open socket goes on with what was true before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from precis_i18n import get_profile
from sqlalchemy import ColumnElement, Connection, delete, exists, insert, literal, select, update

from rooms.refusals import Refused
from server.people.sessions import Sessions, SessionsEnded, end_all
from server.people.tables import EVERY_ROOM, accounts, roles
from server.people.tags import AccountId
from server.storage.database import Database

ROOM_ROLES: Final = frozenset({"facilitator", "greeter", "timekeeper", "reader"})
EVERYWHERE_ROLES: Final = frozenset({"moderator", "operator"})

SHORTEST_LOGIN: Final = 2
LONGEST_LOGIN: Final = 40
_PROFILE: Final = get_profile("UsernameCaseMapped")  # RFC 8265


class LoginUnusable(Refused):
    """A sign-in name that cannot be one."""

    code = "login_unusable"
    text = (
        "Use 2 to 40 letters and digits for the sign-in name, without spaces. "
        "Not an e-mail address: we keep none."
    )


class LoginTaken(Refused):
    """Another Account signs in with this name."""

    code = "login_taken"
    text = "Somebody signs in with this name already. Choose another."


@dataclass(frozen=True, slots=True)
class Account:
    """A staff sign-in; without its secrets, which only the services here look at."""

    id: AccountId
    login: str
    disabled: bool


class Accounts:
    """Looks Accounts up, gives and takes their roles, and disables them.

    `role_lost` is called for each room somebody loses a role in, inside the transaction that takes
    it: what the desk decides and what the room hears of it are one thing.
    """

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        clock: Callable[[], float],
        role_lost: Callable[[Connection, AccountId, str], None],
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._clock = clock
        self._role_lost = role_lost

    async def by_login(self, login: str) -> Account | None:
        """The Account that signs in with this name, typed in whatever case."""
        try:
            name = clean_login(login)
        except LoginUnusable:
            return None
        return await self._database.read(lambda c: _account(c, accounts.c.login == name))

    async def by_id(self, account_id: AccountId) -> Account | None:
        """The Account with this number."""
        return await self._database.read(lambda c: _account(c, accounts.c.id == account_id))

    async def everybody(self) -> list[Account]:
        """Every Account, by its sign-in name."""
        query = select(accounts.c.id, accounts.c.login, accounts.c.disabled_minute)
        found = await self._database.read(
            lambda c: c.execute(query.order_by(accounts.c.login)).all()
        )
        return [Account(row.id, row.login, row.disabled_minute is not None) for row in found]

    async def roles_in(self, account_id: AccountId, room_id: str) -> frozenset[str]:
        """What the Account is in this room; `EVERY_ROOM` asks for what it is across rooms.

        Nothing, for an Account that is disabled or unknown.
        """

        def held(connection: Connection) -> frozenset[str]:
            found = connection.execute(
                select(roles.c.role)
                .join(accounts)
                .where(
                    roles.c.account_id == account_id,
                    roles.c.room_id == room_id,
                    accounts.c.disabled_minute.is_(None),
                )
            )
            return frozenset(found.scalars())

        return await self._database.read(held)

    async def rooms_of(self, account_id: AccountId) -> dict[str, frozenset[str]]:
        """The Account's roles by room, for the page where staff choose a room."""

        def held(connection: Connection) -> dict[str, frozenset[str]]:
            found: dict[str, frozenset[str]] = {}
            for room, role in connection.execute(
                select(roles.c.room_id, roles.c.role).where(roles.c.account_id == account_id)
            ):
                found[room] = found.get(room, frozenset()) | {role}
            return found

        return await self._database.read(held)

    async def give_role(self, account_id: AccountId, room_id: str, role: str) -> None:
        """Let the Account be `role` in a room, or in `EVERY_ROOM`. Ends its sessions.

        Raises `ValueError` for a role that does not exist there, and `CannotStore` for an Account
        that does not.
        """
        check_role(room_id, role)
        await self._change(account_id, lambda c: insert_role(c, account_id, room_id, role))

    async def take_role(self, account_id: AccountId, room_id: str, role: str) -> None:
        """End a role, if the Account has it. Ends its sessions."""

        def take(connection: Connection) -> bool:
            taken = connection.execute(
                delete(roles).where(
                    roles.c.account_id == account_id,
                    roles.c.room_id == room_id,
                    roles.c.role == role,
                )
            ).rowcount
            if taken and room_id != EVERY_ROOM:
                self._role_lost(connection, account_id, room_id)
            return bool(taken)

        await self._change(account_id, take)

    async def disable(self, account_id: AccountId) -> None:
        """Close the Account: nobody signs in with it, its sessions end and its sockets close.

        Its roles stay in the table, for the audit, and count for nothing.
        """
        minute = int(self._clock() // 60)

        def close(connection: Connection) -> bool:
            closed = connection.execute(
                update(accounts)
                .where(accounts.c.id == account_id, accounts.c.disabled_minute.is_(None))
                .values(disabled_minute=minute)
            ).rowcount
            held = select(roles.c.room_id).where(roles.c.account_id == account_id).distinct()
            for room_id in connection.scalars(held).all() if closed else ():
                if room_id != EVERY_ROOM:
                    self._role_lost(connection, account_id, room_id)
            return bool(closed)

        await self._change(account_id, close)

    async def _change(self, account_id: AccountId, change: Callable[[Connection], bool]) -> None:
        """Make a change and, where it made a difference, end the sessions in the same commit."""

        def changed(connection: Connection) -> SessionsEnded | None:
            return end_all(connection, account_id) if change(connection) else None

        ended = await self._database.write(changed)
        if ended is not None:
            self._sessions.ended(ended)


def clean_login(typed: str) -> str:
    """The form of a sign-in name that is stored and compared. Raises `LoginUnusable`.

    Its length counts as typed and as kept: the profile takes its time over a megabyte.
    """
    typed = typed.strip()
    if len(typed) > LONGEST_LOGIN:
        raise LoginUnusable()
    try:
        name = _PROFILE.enforce(typed)
    except UnicodeError:
        raise LoginUnusable() from None
    if not SHORTEST_LOGIN <= len(name) <= LONGEST_LOGIN or "@" in name:
        raise LoginUnusable()
    return name


def check_role(room_id: str, role: str) -> None:
    """Raise `ValueError` unless `role` can be held in this room, or across rooms."""
    allowed = EVERYWHERE_ROLES if room_id == EVERY_ROOM else ROOM_ROLES
    if role not in allowed:
        raise ValueError(f"Choose one of: {', '.join(sorted(allowed))}.")


def insert_role(connection: Connection, account_id: AccountId, room_id: str, role: str) -> bool:
    """Write a role in the caller's transaction, unless it is held; answers whether it was new."""
    values = select(literal(account_id), literal(room_id), literal(role)).where(
        ~exists().where(
            roles.c.account_id == account_id, roles.c.room_id == room_id, roles.c.role == role
        )
    )
    return bool(
        connection.execute(
            insert(roles).from_select(["account_id", "room_id", "role"], values)
        ).rowcount
    )


def _account(connection: Connection, condition: ColumnElement[bool]) -> Account | None:
    row = connection.execute(
        select(accounts.c.id, accounts.c.login, accounts.c.disabled_minute).where(condition)
    ).one_or_none()
    return Account(row.id, row.login, row.disabled_minute is not None) if row else None
