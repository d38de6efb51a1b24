"""Backup codes: ten ways in for a facilitator whose phone is gone, each good once.

A code takes the place of the six digits, never of the password. It is drawn and never chosen: 20
decimal digits, 66 bits, so that a phone's number pad can type it. The table knows an HMAC of each
under a subkey of the deployment, bound to the Account: a stolen database alone opens nothing and
gives nothing to guess at.
"""

import hmac
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, delete, exists, func, insert, select

from server.people.secrets import BACKUP_CODES, BACKUP_CODES_FIELD, Secrets
from server.people.tables import accounts, backup_codes
from server.people.tags import ACCOUNT_ID_BYTES, AccountId
from server.people.threshold import HiddenField, ThresholdForged

HOW_MANY: Final = 10
DIGITS: Final = 20
LONGEST_INPUT: Final = 64
_PER_GROUP: Final = 4


def draw() -> list[str]:
    """Ten new codes, as they are shown: five groups of four digits."""
    return [_spelled(f"{secrets.randbelow(10**DIGITS):0{DIGITS}}") for _ in range(HOW_MANY)]


class BackupCodes:
    """Recognises codes, and carries drawn ones through the form that says they are written down.

    Nothing is stored when the codes are shown. So codes that nobody saw, because the answer was
    lost, never take the place of those on somebody's paper.
    """

    def __init__(self, given: Secrets) -> None:
        self._secret = given.derive(BACKUP_CODES)
        self._field = HiddenField(given, BACKUP_CODES_FIELD)

    def digest(self, typed: str, account_id: AccountId) -> bytes:
        """What the table knows of a code of this Account. Spaces, hyphens and scripts of digits do
        not matter; what cannot be a code has a digest that no code has."""
        account = account_id.to_bytes(ACCOUNT_ID_BYTES)
        return hmac.digest(self._secret, account + _digits(typed).encode(), "sha256")

    def seal(self, codes: Sequence[str], account_id: AccountId, now: float) -> str:
        """The hidden field of the page that shows `codes` to this Account."""
        plain = "".join(_digits(code) for code in codes).encode()
        return self._field.seal(account_id.to_bytes(ACCOUNT_ID_BYTES) + plain, now)

    def open(self, token: str, account_id: AccountId, now: float) -> list[str]:
        """The codes of a hidden field. Raises `ThresholdForged`, also for a field that was made for
        somebody else, or `ThresholdExpired`."""
        raw = self._field.open(token, now)
        if raw[:ACCOUNT_ID_BYTES] != account_id.to_bytes(ACCOUNT_ID_BYTES):
            raise ThresholdForged()
        plain = raw[ACCOUNT_ID_BYTES:].decode()
        return [_spelled(plain[at : at + DIGITS]) for at in range(0, len(plain), DIGITS)]

    def replace(self, connection: Connection, account_id: AccountId, codes: Iterable[str]) -> None:
        """Make these the Account's codes, in the caller's transaction; the ones before are void."""
        forget(connection, account_id)
        digests = {self.digest(code, account_id) for code in codes}
        if digests:
            rows = [{"account_id": account_id, "code_digest": digest} for digest in digests]
            connection.execute(insert(backup_codes), rows)


def spend(connection: Connection, account_id: AccountId, digest: bytes, checked: str) -> bool:
    """Take a code, once, in the caller's transaction; answers whether it could be taken.

    One statement, as with the steps of the phone's codes: of two requests with the same code one
    finds here that it is gone. The Account must still be open and still have the password that was
    `checked`.
    """
    still = exists().where(
        accounts.c.id == account_id,
        accounts.c.disabled_minute.is_(None),
        accounts.c.password_hash == checked,
    )
    taken = connection.execute(
        delete(backup_codes).where(
            backup_codes.c.account_id == account_id, backup_codes.c.code_digest == digest, still
        )
    )
    return taken.rowcount == 1


def held(connection: Connection, account_id: AccountId) -> frozenset[bytes]:
    """The digests of the Account's codes that are left."""
    query = select(backup_codes.c.code_digest).where(backup_codes.c.account_id == account_id)
    return frozenset(connection.scalars(query))


def left(connection: Connection, account_id: AccountId) -> int:
    """How many codes the Account has left."""
    count = select(func.count()).where(backup_codes.c.account_id == account_id)
    return connection.execute(count).scalar_one()


def forget(connection: Connection, account_id: AccountId) -> None:
    """Void every code of the Account, in the caller's transaction."""
    connection.execute(delete(backup_codes).where(backup_codes.c.account_id == account_id))


def _spelled(digits: str) -> str:
    groups = range(0, DIGITS, _PER_GROUP)
    return " ".join(digits[at : at + _PER_GROUP] for at in groups)


def _digits(typed: str) -> str:
    """The typed code in ASCII digits; empty when it is anything but a code."""
    bare = [c for c in typed[:LONGEST_INPUT] if not c.isspace() and c not in "-‐‑–"]
    if len(bare) != DIGITS or not all(c.isdecimal() for c in bare):
        return ""
    return "".join(str(unicodedata.decimal(c)) for c in bare)
