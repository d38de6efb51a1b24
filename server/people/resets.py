"""A reset: the way back for staff who lost their phone, and the end of what was on it.

Whoever has the phone may have the password too, saved in its browser. So a reset does not wait for
its link to be used: from this moment the old sign-in opens nothing.
"""

from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from rooms.refusals import Refused
from server.people import backup_codes, link_codes
from server.people.accounts import LoginUnusable, clean_login
from server.people.secrets import STAFF_TAG, Secrets
from server.people.sessions import end_all
from server.people.tables import EVERY_ROOM, accounts, invitations
from server.people.tags import AccountId, staff_tag
from server.storage.database import Database
from server.storage.sealing import DIGEST_BYTES
from server.storage.tables import audit

LIFETIME_MINUTES: Final = 24 * 60
PAGE: Final = "/staff/reset"
KIND: Final = "StaffReset"
ALL_STEPS_SPENT: Final = 2**31 - 1
"""A later step than any phone will show: the code of half a minute is the time over thirty."""


class NoSuchAccount(Refused):
    """Nobody signs in with this name, or the Account is disabled. For operators alone."""

    code = "no_such_account"
    text = "Nobody signs in with this name. `candlelight staff list` shows who does."


async def reset(database: Database, secrets: Secrets, login: str, now: float) -> str:
    """Close an Account's old sign-in and answer the code that opens it anew, once, for a day.

    Sessions end (open pages notice within a minute), the phone's codes and backup codes are void,
    roles stay. The audit notes it by a keyed digest. Raises `NoSuchAccount` or `StorageError`.
    """
    try:
        name = clean_login(login)
    except LoginUnusable:
        raise NoSuchAccount() from None
    code = link_codes.draw()
    minute = int(now // 60)

    def write(connection: Connection) -> None:
        account_id = _close(connection, name)
        connection.execute(delete(invitations).where(invitations.c.account_id == account_id))
        connection.execute(
            insert(invitations).values(
                code_hash=link_codes.hash_of(code),
                login=name,
                account_id=account_id,
                expires_minute=minute + LIFETIME_MINUTES,
            )
        )
        target = staff_tag(secrets.derive(STAFF_TAG), account_id, EVERY_ROOM)[:DIGEST_BYTES]
        connection.execute(
            insert(audit).values(room=EVERY_ROOM, n=0, kind=KIND, target=target, minute=minute)
        )

    await database.write(write)
    return code


def reset_path(code: str) -> str:
    """The link to send, from the address of the deployment on."""
    return f"{PAGE}#{code}"


def _close(connection: Connection, name: str) -> AccountId:
    account_id: AccountId | None = connection.execute(
        select(accounts.c.id).where(accounts.c.login == name, accounts.c.disabled_minute.is_(None))
    ).scalar_one_or_none()
    if account_id is None:
        raise NoSuchAccount()
    connection.execute(
        update(accounts).where(accounts.c.id == account_id).values(last_totp_step=ALL_STEPS_SPENT)
    )
    backup_codes.forget(connection, account_id)
    end_all(connection, account_id)
    return account_id
