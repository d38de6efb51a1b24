"""What a form carries between its page and its POST, sealed, so that the server keeps nothing.

Two pages draw something fresh that must come back unchanged: the threshold draws Words, and an
invitation's page draws the secret of a second factor. Both go into a hidden field, readable and
writable by the server alone and only for half an hour. Since the field holds what was drawn, a
form that is sent twice, or sent again because the answer was lost, means the same person twice:
there is no ghost to clean up.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rooms.refusals import Refused
from server.people.secrets import ENROLMENT, THRESHOLD, Secrets
from server.people.words import Words

LIFETIME_S: Final = 30 * 60
NONCE_BYTES: Final = 12
TIME_BYTES: Final = 8


class ThresholdExpired(Refused):
    """The page was open for longer than half an hour before its form was sent."""

    code = "threshold_expired"
    text = "This page was open for a long time. Load it again, then send it."
    retry = True


class ThresholdForged(Refused):
    """The hidden field is not one that this deployment made for this form."""

    code = "threshold_forged"
    text = "This page could not be read. Load it again, then send it."
    retry = True


class HiddenField:
    """Seals bytes for one kind of form: AES-GCM, a random nonce, the form's kind as its data.

    `purpose` is the label of a subkey and is authenticated too, so a field of one form means
    nothing in another.
    """

    def __init__(self, secrets: Secrets, purpose: str) -> None:
        self._cipher = AESGCM(secrets.derive(purpose))
        self._purpose = purpose.encode()

    def seal(self, drawn: bytes, now: float) -> str:
        """`drawn` as text for a hidden field, good for `LIFETIME_S` seconds from `now`."""
        nonce = os.urandom(NONCE_BYTES)
        plain = int(now).to_bytes(TIME_BYTES) + drawn
        return urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, plain, self._purpose)).decode()

    def open(self, token: str, now: float) -> bytes:
        """What was sealed. Raises `ThresholdForged` or `ThresholdExpired`."""
        try:
            raw = urlsafe_b64decode(token.encode())
            plain = self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], self._purpose)
        except (NotBase64, ValueError, InvalidTag):
            raise ThresholdForged() from None
        if int(now) - int.from_bytes(plain[:TIME_BYTES]) > LIFETIME_S:
            raise ThresholdExpired()
        return plain[TIME_BYTES:]


class Threshold:
    """Carries freshly drawn Words through the threshold page's form."""

    def __init__(self, secrets: Secrets) -> None:
        self._field = HiddenField(secrets, THRESHOLD)

    def seal(self, words: Words, now: float) -> str:
        """The hidden field's value; `now` in seconds since the epoch."""
        return self._field.seal(words.drawn, now)

    def open(self, token: str, now: float) -> Words:
        """The words of a hidden field. Raises `ThresholdForged` or `ThresholdExpired`."""
        return Words(self._field.open(token, now))


class Enrolment:
    """Carries the secret of a second factor through an invitation's form."""

    def __init__(self, secrets: Secrets) -> None:
        self._field = HiddenField(secrets, ENROLMENT)

    def seal(self, secret: str, now: float) -> str:
        """The hidden field's value; `now` in seconds since the epoch."""
        return self._field.seal(secret.encode(), now)

    def open(self, token: str, now: float) -> str:
        """The secret of a hidden field. Raises `ThresholdForged` or `ThresholdExpired`."""
        return self._field.open(token, now).decode()
