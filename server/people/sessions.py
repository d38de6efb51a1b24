"""Staff sessions: who is signed in, for how long, and how that ends.

A session is a random token of 256 bits in a browser's cookie; the table knows its SHA-256, so a
stolen database opens no session. No address and no browser's name is kept with it. A new token is
made at every sign-in and never taken from the browser, so there is nothing to plant beforehand.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from os import urandom
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select, update

from server.people.tables import sessions
from server.people.tags import AccountId
from server.storage.database import Database
from server.storage.errors import StorageError

SessionHash = bytes
"""SHA-256 of a session's token: 32 bytes. The live engine may keep it beside a Connection."""

TOKEN_BYTES: Final = 32
IDLE_MINUTES: Final = 30
LONGEST_MINUTES: Final = 12 * 60


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A session that holds at this moment."""

    hash: SessionHash
    account_id: AccountId
    created_minute: int


@dataclass(frozen=True, slots=True)
class SessionsEnded:
    """Sessions of one Account that hold no longer; their sockets are to be closed at once."""

    account_id: AccountId
    hashes: frozenset[SessionHash]


class Sessions:
    """Finds and ends sessions.

    `clock` gives seconds since the epoch. `on_end` is called on the event loop after each ending
    is durable, so that whoever holds sockets can close them; it must not raise.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], float],
        on_end: Callable[[SessionsEnded], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._on_end = on_end

    async def find(self, token: str, *, used: bool = True) -> StaffSession | None:
        """The session of `token`, if it holds; None for one unknown, idle too long, or too old.

        It also counts as its use, unless `used` is False. An open live page counts: whoever holds
        a meeting may read for an hour without a click. Raises `StorageUnavailable`.
        """
        now = _minute(self._clock())
        found = await self._database.read(lambda c: _find(c, hash_of(token), now))
        if found is None:
            return None
        session = StaffSession(found.token_hash, found.account_id, found.created_minute)
        if used and found.used_minute < now:
            # A full disk must not sign out the person who holds the room. Unwritten, the use is
            # forgotten, and the session ends early rather than late.
            with suppress(StorageError):
                await self._database.write(lambda c: _use(c, session.hash, now))
        return session

    async def of(self, account_id: AccountId) -> list[StaffSession]:
        """The sessions of one Account that hold, the newest first."""
        now = _minute(self._clock())

        def listed(connection: Connection) -> list[StaffSession]:
            rows = connection.execute(
                select(sessions)
                .where(sessions.c.account_id == account_id, _holds(now))
                .order_by(sessions.c.created_minute.desc())
            ).all()
            return [StaffSession(r.token_hash, r.account_id, r.created_minute) for r in rows]

        return await self._database.read(listed)

    async def end_session(self, session: StaffSession) -> None:
        """Sign one browser out."""
        await self._database.write(
            lambda c: c.execute(delete(sessions).where(sessions.c.token_hash == session.hash))
        )
        self.ended(SessionsEnded(session.account_id, frozenset({session.hash})))

    async def end_all_sessions(self, account_id: AccountId) -> None:
        """Sign one Account out everywhere."""
        self.ended(await self._database.write(lambda c: end_all(c, account_id)))

    async def sweep(self) -> int:
        """Delete the rows of sessions that hold no longer; answers how many there were."""
        now = _minute(self._clock())
        return await self._database.write(
            lambda c: c.execute(delete(sessions).where(~_holds(now))).rowcount
        )

    def ended(self, ended: SessionsEnded) -> None:
        """Say that sessions ended; for services that end them in a transaction of their own."""
        self._on_end(ended)


def hash_of(token: str) -> SessionHash:
    """What the table knows of a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def begin(connection: Connection, account_id: AccountId, now: float) -> str:
    """Write a new session in the caller's transaction; answers its token, which is kept nowhere."""
    token = urlsafe_b64encode(urandom(TOKEN_BYTES)).decode().rstrip("=")
    connection.execute(
        insert(sessions).values(
            token_hash=hash_of(token),
            account_id=account_id,
            created_minute=_minute(now),
            used_minute=_minute(now),
        )
    )
    return token


def end_all(connection: Connection, account_id: AccountId) -> SessionsEnded:
    """Delete one Account's sessions in the caller's transaction; tell `Sessions.ended` after it."""
    hashes = connection.execute(
        delete(sessions).where(sessions.c.account_id == account_id).returning(sessions.c.token_hash)
    ).scalars()
    return SessionsEnded(account_id, frozenset(hashes))


def _minute(now: float) -> int:
    """The minute that `now` is in. Rounded down, so a session may end early and never late."""
    return int(now // 60)


def _holds(now: int) -> ColumnElement[bool]:
    """The condition under which a session holds, in the one place where it is decided."""
    return and_(
        sessions.c.used_minute > now - IDLE_MINUTES,
        sessions.c.created_minute > now - LONGEST_MINUTES,
    )


def _find(connection: Connection, token_hash: SessionHash, now: int) -> Row[Any] | None:
    return connection.execute(
        select(sessions).where(sessions.c.token_hash == token_hash, _holds(now))
    ).one_or_none()


def _use(connection: Connection, token_hash: SessionHash, now: int) -> None:
    connection.execute(
        update(sessions)
        .where(sessions.c.token_hash == token_hash, sessions.c.used_minute < now)
        .values(used_minute=now)
    )
