"""Invitations: the only way to become staff, and the way back for staff who lost their phone.

An invitation is a code (`link_codes.py`) for one role in one room, good once and for seven days; or
for an Account that was reset (`resets.py`). Nothing is written before the code of the new second
factor is right.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from rooms.refusals import Refused
from server.people import backup_codes, link_codes
from server.people.accounts import LoginTaken, check_role, clean_login, insert_role
from server.people.passwords import Passwords, check_new
from server.people.sessions import begin
from server.people.sign_in import SignedIn
from server.people.tables import accounts, invitations
from server.people.tags import AccountId
from server.people.threshold import Enrolment
from server.people.totp import SecondFactors, matching_step
from server.storage.database import Database

LIFETIME_MINUTES: Final = 7 * 24 * 60
PAGE: Final = "/staff/invitation"


class InvitationRefused(Refused):
    """The code is unknown, used, revoked or too old, or meant for another sign-in name.

    Which of these it was is not told.
    """

    code = "invitation_refused"
    text = "This invitation does not work, or no longer. Ask for a new one."


class SecondFactorRefused(Refused):
    """The six digits are not those of the secret on the page."""

    code = "second_factor_refused"
    text = "The six digits did not match. Type the ones your phone shows now."
    retry = True


@dataclass(frozen=True, slots=True)
class _Invitation:
    """Either `account_id` is whose sign-in is renewed, or `room_id` and `role` are offered."""

    login: str | None
    account_id: AccountId | None
    room_id: str | None
    role: str | None


class Invitations:
    """Makes, revokes and accepts invitations. `clock` gives seconds since the epoch."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        factors: SecondFactors,
        enrolment: Enrolment,
        clock: Callable[[], float],
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._factors = factors
        self._enrolment = enrolment
        self._clock = clock

    async def revoke(self, code: str) -> bool:
        """End an invitation before it is used; answers whether there was one."""
        hashed = link_codes.hash_of(code)
        return bool(
            await self._database.write(
                lambda c: (
                    c.execute(delete(invitations).where(invitations.c.code_hash == hashed)).rowcount
                )
            )
        )

    async def accept(
        self, code: str, login: str, password: str, enrolment: str, digits: str
    ) -> SignedIn:
        """Make the invited Account with its role, or renew one that was reset, and sign it in, all
        at once or not at all.

        `enrolment` is the page's hidden field with the secret of the second factor, and `digits`
        what the phone shows for it. Of two requests with one code one wins. Raises
        `InvitationRefused`, `LoginUnusable`, `LoginTaken`, `PasswordTooWeak`, `PasswordTooLong`,
        `SecondFactorRefused`, `ThresholdExpired`, `ThresholdForged`, `PasswordPoolBusy` or
        `StorageUnavailable`; after any of them the invitation is as good as before.
        """
        now = self._clock()
        hashed = link_codes.hash_of(code)
        # The invitation is looked at before anything else: whoever has none learns nothing about
        # sign-in names here, and cannot make the server hash passwords.
        invitation = await self._database.read(lambda c: _find(c, hashed, now))
        if invitation is None:
            raise InvitationRefused()
        name = clean_login(login)
        if invitation.login not in (None, name):
            raise InvitationRefused()
        check_new(password, name)
        secret = self._enrolment.open(enrolment, now)
        step = matching_step(secret, digits, now, last_step=0)
        if step is None:
            raise SecondFactorRefused()
        password_hash = await self._passwords.hash(password)
        account_id = invitation.account_id or new_account_id()
        credentials = {
            "password_hash": password_hash,
            "totp_sealed": self._factors.seal(secret, account_id),
            "last_totp_step": step,
        }

        def settle(connection: Connection) -> SignedIn:
            # Taken by deleting it: of two that found it, the second deletes nothing.
            taken = connection.execute(delete(invitations).where(invitations.c.code_hash == hashed))
            if taken.rowcount != 1:
                raise InvitationRefused()
            if invitation.account_id is None:
                _make(connection, invitation, {"id": account_id, "login": name, **credentials})
            else:
                _renew(connection, account_id, credentials)
            return SignedIn(account_id, begin(connection, account_id, now))

        return await self._database.write(settle)


async def create_invitation(
    database: Database,
    *,
    room_id: str,
    role: str,
    now: float,
    login: str | None = None,
) -> str:
    """Write an invitation and answer its code, which is kept nowhere. Old ones are deleted.

    `room_id` is a room's slug, or `EVERY_ROOM` for a role across rooms. With `login` only that
    sign-in name can be chosen. Raises `ValueError` for a role that does not exist there,
    `LoginUnusable`, and `LoginTaken` where the Account exists: give it the role instead.
    """
    check_role(room_id, role)
    name = None if login is None else clean_login(login)
    code = link_codes.draw()

    def write(connection: Connection) -> None:
        connection.execute(
            delete(invitations).where(invitations.c.expires_minute <= int(now // 60))
        )
        if name is not None and _login_taken(connection, name):
            raise LoginTaken()
        connection.execute(
            insert(invitations).values(
                code_hash=link_codes.hash_of(code),
                login=name,
                room_id=room_id,
                role=role,
                expires_minute=int(now // 60) + LIFETIME_MINUTES,
            )
        )

    await database.write(write)
    return code


def invitation_path(code: str) -> str:
    """The link to send, from the address of the deployment on."""
    return f"{PAGE}#{code}"


def new_account_id() -> AccountId:
    """A random number of 48 bits, so that it tells neither how many Accounts there are nor when."""
    return int.from_bytes(os.urandom(6)) or 1


def _make(connection: Connection, invitation: _Invitation, account: dict[str, Any]) -> None:
    if _login_taken(connection, account["login"]):
        raise LoginTaken()  # and the invitation is there again: nothing is committed
    connection.execute(insert(accounts).values(account))
    if invitation.room_id is not None and invitation.role is not None:
        insert_role(connection, account["id"], invitation.room_id, invitation.role)


def _renew(connection: Connection, account_id: AccountId, credentials: dict[str, Any]) -> None:
    """Give an Account its new password and second factor. The codes on old paper are void."""
    renewed = connection.execute(
        update(accounts)
        .where(accounts.c.id == account_id, accounts.c.disabled_minute.is_(None))
        .values(credentials)
    )
    if renewed.rowcount != 1:
        raise InvitationRefused()
    backup_codes.forget(connection, account_id)


def _find(connection: Connection, hashed: str, now: float) -> _Invitation | None:
    i = invitations.c
    row = connection.execute(
        select(i.login, i.account_id, i.room_id, i.role).where(
            i.code_hash == hashed, i.expires_minute > int(now // 60)
        )
    ).one_or_none()
    return _Invitation(*row) if row else None


def _login_taken(connection: Connection, name: str) -> bool:
    found = connection.execute(select(accounts.c.id).where(accounts.c.login == name))
    return found.first() is not None
