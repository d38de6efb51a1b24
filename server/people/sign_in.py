"""Sign-in of staff: name, password and code in one step, with one answer for every mistake.

The code is what the phone shows, or one of the backup codes for who has no phone any more.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select, update

from rooms.refusals import Refused
from server.people import backup_codes
from server.people.accounts import LoginUnusable, clean_login
from server.people.delays import Delays
from server.people.passwords import PasswordPoolBusy, Passwords
from server.people.sessions import Sessions, SessionsEnded, begin, hash_of
from server.people.tables import accounts, sessions
from server.people.tags import AccountId
from server.people.totp import SecondFactors, matching_step, new_secret
from server.storage.database import Database
from server.storage.errors import StorageError

_NOBODYS_SECRET: Final = new_secret()
NOBODY: Final[AccountId] = 0
"""The number of no Account."""


class SignInRefused(Refused):
    """The name, the password or the code is wrong, or the code was used, or the Account disabled.

    Nobody is told which: each of these alone would tell a stranger something.
    """

    code = "sign_in_refused"
    text = (
        "That did not match. Check the name, the password and the code. "
        "A code works once; for the next try, wait until your phone shows a new one."
    )


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that worked. `token` belongs in the session cookie and nowhere else."""

    account_id: AccountId
    token: str


class SignIn:
    """The door for staff."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        factors: SecondFactors,
        sessions: Sessions,
        clock: Callable[[], float],
        delays: Delays | None = None,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._factors = factors
        self._sessions = sessions
        self._clock = clock
        self._delays = delays or Delays()

    async def attempt(
        self, login: str, password: str, code: str, previous: str | None = None
    ) -> SignedIn:
        """Sign somebody in.

        `previous` is the session's token that the browser came with, if any: it dies, whoever it
        was of. Raises `SignInRefused`, `TooSoon`, `PasswordTooLong`, `PasswordPoolBusy` or
        `StorageUnavailable`.
        """
        name = _name(login)
        self._delays.begin(name)
        try:
            signed_in = await self._check(name, password, code, previous)
        except (PasswordPoolBusy, StorageError):
            self._delays.unanswered(name)
            raise
        self._delays.succeeded(name)
        return signed_in

    async def _check(self, name: str, password: str, code: str, previous: str | None) -> SignedIn:
        # Every path from here to a refusal takes the same steps, whoever is asked for: one read,
        # one Argon2, three codes compared, one digest looked for among as many as there can be.
        # What differs, a write, happens only when all is right.
        now = self._clock()
        row, digests = await self._database.read(lambda c: _find(c, name))
        matches = await self._passwords.matches(password, row.password_hash if row else None)
        secret = self._factors.open(row.totp_sealed, row.id) if row else _NOBODYS_SECRET
        last_step = row.last_totp_step if row else 0
        step = matching_step(secret, code, now, last_step)
        digest = self._factors.backup_codes.digest(code, row.id if row else NOBODY)
        backup = _among(digest, digests)
        if row is None or not matches or (step is None and not backup):
            raise SignInRefused()

        def spend(connection: Connection) -> bool:
            if step is None:
                return backup_codes.spend(connection, row.id, digest, row.password_hash)
            return spend_step(connection, row.id, step, row.password_hash)

        def enter(connection: Connection) -> tuple[SignedIn, SessionsEnded | None]:
            if not spend(connection):
                raise SignInRefused()
            ended = _end(connection, previous)
            return SignedIn(row.id, begin(connection, row.id, now)), ended

        signed_in, ended = await self._database.write(enter)
        if ended is not None:
            self._sessions.ended(ended)
        await self._renew_hash(row.id, password, row.password_hash)
        return signed_in

    async def _renew_hash(self, account_id: AccountId, password: str, stored: str) -> None:
        """Store the password under today's pepper and costs, if it is not; else at the next time.

        Only over the very hash that was checked: a password changed meanwhile stays changed.
        """
        if not self._passwords.needs_rehash(stored):
            return
        try:
            renewed = await self._passwords.hash(password)
            await self._database.write(
                lambda c: c.execute(
                    update(accounts)
                    .where(accounts.c.id == account_id, accounts.c.password_hash == stored)
                    .values(password_hash=renewed)
                )
            )
        except (PasswordPoolBusy, StorageError):
            return


def spend_step(connection: Connection, account_id: AccountId, step: int, checked: str) -> bool:
    """Take a code's step, once, in the caller's transaction; answers whether it could be taken.

    The condition and the change are one statement. Of two requests that carry the same code at
    the same moment both have found it right, and one finds here that it is spent. The Account
    must also still be open and still have the password that was `checked`.
    """
    taken = connection.execute(
        update(accounts)
        .where(
            accounts.c.id == account_id,
            accounts.c.last_totp_step < step,
            accounts.c.disabled_minute.is_(None),
            accounts.c.password_hash == checked,
        )
        .values(last_totp_step=step)
    )
    return taken.rowcount == 1


def _name(login: str) -> str:
    """The name that attempts are counted by; what cannot be a name is counted by its digest."""
    try:
        return clean_login(login)
    except LoginUnusable:
        return sha256(login.encode("utf-8", "surrogatepass")).hexdigest() + "@"


def _find(connection: Connection, name: str) -> tuple[Row[Any] | None, frozenset[bytes]]:
    row = connection.execute(select(accounts).where(accounts.c.login == name)).one_or_none()
    return row, backup_codes.held(connection, row.id if row else NOBODY)


def _among(digest: bytes, digests: frozenset[bytes]) -> bool:
    """Whether a digest is one of these, with as many comparisons whatever there is."""
    padded = [*digests, *[bytes(32)] * (backup_codes.HOW_MANY - len(digests))]
    return sum([hmac.compare_digest(digest, one) for one in padded]) > 0


def _end(connection: Connection, token: str | None) -> SessionsEnded | None:
    if token is None:
        return None
    account_id = connection.execute(
        delete(sessions)
        .where(sessions.c.token_hash == hash_of(token))
        .returning(sessions.c.account_id)
    ).scalar_one_or_none()
    if account_id is None:
        return None
    return SessionsEnded(account_id, frozenset({hash_of(token)}))
