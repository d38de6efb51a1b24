"""The second factor: a code of six digits that a phone shows for half a minute (RFC 6238).

A code is good in its own half minute and the one before and after, because phones' clocks differ,
and it is good once: an Account remembers the last step it took and takes only later ones.
"""

import hmac
import io
import os
import unicodedata
from typing import Final

import pyotp
import segno
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.people.backup_codes import BackupCodes
from server.people.secrets import SECOND_FACTOR, Secrets
from server.people.tags import ACCOUNT_ID_BYTES, AccountId

STEP_S: Final = 30
DIGITS: Final = 6
STEPS_OFF: Final = 1
LONGEST_INPUT: Final = 32
NONCE_BYTES: Final = 12


def new_secret() -> str:
    """A fresh secret of 160 bits, in base32, as RFC 4226 recommends and phones read it."""
    return pyotp.random_base32(32)


def matching_step(secret: str, code: str, now: float, last_step: int) -> int | None:
    """The step that `code` belongs to, if it is within one of now and later than `last_step`.

    Every step is compared in full, so that the time of an answer does not tell how near a guess
    was. `now` is in seconds since the epoch. Spaces and digits of any script are forgiven.
    """
    typed = _digits(code)
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    present = int(now // STEP_S)
    found = None
    for step in range(present - STEPS_OFF, present + STEPS_OFF + 1):
        if hmac.compare_digest(totp.generate_otp(step), typed) and step > last_step:
            found = step
    return found


def address(secret: str, issuer: str) -> str:
    """The `otpauth:` address that a phone's app reads.

    It names `issuer` alone, for an app shows it on the phone: choose something that says nothing.
    """
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).provisioning_uri(issuer_name=issuer)


def picture(secret: str, issuer: str) -> str:
    """The address as a QR code: one `<svg>` element, black on white, without style or script.

    White is drawn and not left open, so that it can be read on a dark page too.
    """
    svg = io.BytesIO()
    segno.make(address(secret, issuer), micro=False).save(
        svg, kind="svg", xmldecl=False, svgns=False, scale=4, dark="#000", light="#fff",
        svgclass=None, lineclass=None, nl=False,
    )  # fmt: skip
    return svg.getvalue().decode()


class SecondFactors:
    """Seals the secrets of second factors for the table of Accounts.

    Whoever reads the database alone can make no codes; and since the Account is authenticated
    with each, a secret copied into somebody else's row does not open there. `backup_codes` are
    what stands in for a phone that is gone.
    """

    def __init__(self, secrets: Secrets) -> None:
        self.backup_codes = BackupCodes(secrets)
        self._cipher = AESGCM(secrets.derive(SECOND_FACTOR))

    def seal(self, secret: str, account_id: AccountId) -> bytes:
        """The secret as bytes to store: twelve random bytes, then AES-GCM."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), _bound_to(account_id))

    def open(self, sealed: bytes, account_id: AccountId) -> str:
        """The secret. Raises `cryptography.exceptions.InvalidTag` if it is not this Account's."""
        nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        return self._cipher.decrypt(nonce, body, _bound_to(account_id)).decode()


def _bound_to(account_id: AccountId) -> bytes:
    return account_id.to_bytes(ACCOUNT_ID_BYTES)


def _digits(code: str) -> str:
    """The typed code in ASCII digits; empty when it is anything but six digits and spaces."""
    typed = [c for c in code[:LONGEST_INPUT] if not c.isspace()]
    if len(typed) != DIGITS or not all(c.isdecimal() for c in typed):
        return ""
    return "".join(str(unicodedata.decimal(c)) for c in typed)
