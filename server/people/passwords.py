"""Passwords of staff Accounts: peppered Argon2id in a small pool of its own.

One hash takes 64 MiB and a core for about an eighth of a second. So it never runs on the event
loop, never more than two run at a time, at most twenty wait, and the next one is told to come back:
a storm of sign-ins cannot take memory or time from the people who are talking.
"""

import asyncio
import hmac
import threading
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rooms.refusals import Refused

T = TypeVar("T")

SHORTEST: Final = 15
"""Characters of a new password; OWASP ASVS 5.0, 6.2.1."""

LONGEST_BYTES: Final = 128
"""Bytes in UTF-8. Whatever is longer is refused before it is hashed."""

FEWEST_DIFFERENT: Final = 5
"""Different characters a new password needs."""

RUNNING: Final = 2
WAITING: Final = 20

RECOMMENDED: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
"""Argon2id with 64 MiB and three passes: well above OWASP's floor (19 MiB, two passes)."""


class PasswordPoolBusy(Refused):
    """Two passwords are being checked and twenty wait; the web answers 503."""

    code = "password_pool_busy"
    text = "Many people are signing in at this moment. Try again in a few seconds."
    retry = True


class PasswordTooLong(Refused):
    """More than 128 bytes."""

    code = "password_too_long"
    text = "This password is too long. Use a shorter one."


class PasswordTooWeak(Refused):
    """A new password is short, repeats a few characters, or holds the sign-in name."""

    code = "password_too_weak"
    text = (
        "Use at least 15 characters, not the same few again and again, and not your sign-in name. "
        "Four or five words in a row are good."
    )


class Passwords:
    """Makes and checks password hashes.

    `peppers` are secret keys by number; the highest is used for new hashes, and an older one stays
    for as long as hashes under it exist. A stored hash reads `<pepper's number>:<argon2 hash>`.
    """

    def __init__(self, peppers: Mapping[int, bytes], hasher: PasswordHasher = RECOMMENDED) -> None:
        self._peppers = dict(peppers)
        self._current = max(self._peppers)
        self._hasher = hasher
        self._nobodys_hash = _hash_of_no_password(hasher)
        self._pool = ThreadPoolExecutor(RUNNING, thread_name_prefix="passwords")
        self._places = threading.BoundedSemaphore(RUNNING + WAITING)

    async def hash(self, password: str) -> str:
        """A hash to store. Raises `PasswordTooLong` or `PasswordPoolBusy`."""
        peppered = self._peppered(password, self._current)
        return f"{self._current}:{await self._in_pool(lambda: self._hasher.hash(peppered))}"

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether `password` is the one that `stored` was made of; never, where it is None.

        None stands for an Account that does not exist. It costs the same one
        Argon2 as any other answer, against a hash that no password has: the time an answer takes
        must not tell a stranger who works here. Raises `PasswordTooLong` or `PasswordPoolBusy`.
        """
        number, _, argon2_hash = (stored or "").partition(":")
        pepper = int(number) if number.isdecimal() else self._current
        if pepper not in self._peppers:  # its key is gone, so nothing can match it any more
            pepper, argon2_hash = self._current, ""
        peppered = self._peppered(password, pepper)
        return await self._in_pool(
            lambda: self._verify(argon2_hash or self._nobodys_hash, peppered)
        )

    def needs_rehash(self, stored: str) -> bool:
        """Whether `stored` was made with another pepper or other costs than are used now."""
        number, _, argon2_hash = stored.partition(":")
        return number != str(self._current) or self._hasher.check_needs_rehash(argon2_hash)

    def close(self) -> None:
        """End the threads; waits for the hash that each is at, an eighth of a second at most."""
        self._pool.shutdown(cancel_futures=True)

    def _peppered(self, password: str, pepper: int) -> bytes:
        plain = _plain(password)
        return hmac.digest(self._peppers[pepper], plain, "sha256")

    def _verify(self, argon2_hash: str, peppered: bytes) -> bool:
        try:
            return self._hasher.verify(argon2_hash, peppered)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_pool(self, job: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise PasswordPoolBusy()
        try:
            future = self._pool.submit(job)
        except RuntimeError:  # the pool is closed: this process is going away
            self._places.release()
            raise PasswordPoolBusy() from None
        # The place is given back when the thread is done, not when somebody stops waiting: else
        # a client that hangs up and calls again could fill the pool without end.
        future.add_done_callback(self._give_back)
        return await asyncio.wrap_future(future)

    def _give_back(self, _done: Future[T]) -> None:
        self._places.release()


def check_new(password: str, login: str) -> None:
    """Raise `PasswordTooWeak` or `PasswordTooLong` if nobody should start using `password`."""
    _plain(password)
    plain = unicodedata.normalize("NFC", password).casefold()
    if len(plain) < SHORTEST or len(set(plain)) < FEWEST_DIFFERENT or login.casefold() in plain:
        raise PasswordTooWeak()


def _plain(password: str) -> bytes:
    """The password's bytes, the same on every keyboard.

    The length is looked at twice: before normalising, so that a megabyte costs nothing, and after,
    because normalising may lengthen. Lone surrogates are bytes like any other here.
    """
    if len(password) > LONGEST_BYTES:
        raise PasswordTooLong()
    plain = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    if len(plain) > LONGEST_BYTES:
        raise PasswordTooLong()
    return plain


def _hash_of_no_password(hasher: PasswordHasher) -> str:
    """A well-formed hash with the costs of `hasher` that no password has.

    Written by hand instead of made, so that starting costs no Argon2 and the first stranger to
    try an unknown name does not pay for two.
    """
    salt, digest = (
        b64encode(b"\0" * length).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"
