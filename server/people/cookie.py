"""The two cookies: a person's words, and a staff session.

In production both names begin with `__Host-`: a browser then takes the cookie only over TLS, only
from this very host and for all of it, so that nobody on a sister domain can plant one. Over
loopback http, outside production, a browser would refuse such a cookie; there the names have no
prefix and Secure is left out (`secure=False`).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import Final

from server.people.words import Words, WordsDoNotMatch

REMEMBERED_S: Final = 90 * 24 * 60 * 60
"""As long as a Room holds the pseudonym of somebody who asked to be remembered."""

# Lax: with Strict, a link followed from a messenger arrives without the cookie, and the person
# would be taken for somebody new. Nothing changes on a GET, so Lax gives nothing away.
_WORDS: Final = ("words", "Lax")
# Strict: staff can do harm by a click, and can sign in again.
_SESSION: Final = ("sid", "Strict")
LONGEST_VALUE: Final = 128


def words_cookie(words: Words, remember: bool, secure: bool) -> str:
    """The `Set-Cookie` value that gives a browser its words.

    For the browser's session, or for 90 days where the person asked to be remembered on this
    device. To be sent only in answer to a POST with which somebody asked for it.
    """
    value = urlsafe_b64encode(words.sealed).decode().rstrip("=")
    return _set(_WORDS, value, secure, max_age=REMEMBERED_S if remember else None)


def read_words(cookies: str | Mapping[str, str] | None, secure: bool) -> Words | None:
    """The words in a request's cookies: its `Cookie` header or the parsed names and values.

    Anything that `words_cookie` did not write, to the last bit, is None: a guest without words.
    """
    value = _find(cookies, _WORDS, secure)
    if value is None:
        return None
    try:
        words = Words.unsealed(urlsafe_b64decode(value.encode() + b"=" * (-len(value) % 4)))
    except (NotBase64, ValueError, WordsDoNotMatch):
        return None
    return words if value == urlsafe_b64encode(words.sealed).decode().rstrip("=") else None


def forget_cookie(secure: bool) -> str:
    """The `Set-Cookie` value that makes a browser forget its words."""
    return _set(_WORDS, "", secure, max_age=0)


def session_cookie(token: str, secure: bool) -> str:
    """The `Set-Cookie` value of a new staff session; it ends with the browser's."""
    return _set(_SESSION, token, secure, max_age=None)


def read_session(cookies: str | Mapping[str, str] | None, secure: bool) -> str | None:
    """The staff session's token in a request's cookies, unchecked: ask `Sessions` about it."""
    return _find(cookies, _SESSION, secure)


def end_session_cookie(secure: bool) -> str:
    """The `Set-Cookie` value that makes a browser forget its staff session."""
    return _set(_SESSION, "", secure, max_age=0)


def _name(kind: tuple[str, str], secure: bool) -> str:
    return f"__Host-{kind[0]}" if secure else kind[0]


def _set(kind: tuple[str, str], value: str, secure: bool, max_age: int | None) -> str:
    parts = [f"{_name(kind, secure)}={value}", "Path=/", "HttpOnly", f"SameSite={kind[1]}"]
    if secure:
        parts.append("Secure")
    if max_age is not None:
        parts.append(f"Max-Age={max_age}")
    return "; ".join(parts)


def _find(
    cookies: str | Mapping[str, str] | None, kind: tuple[str, str], secure: bool
) -> str | None:
    if cookies is None:
        return None
    if isinstance(cookies, str):
        pairs = (part.strip().partition("=") for part in cookies.split(";"))
        # Reversed, so that of two cookies of one name the first counts, as browsers order them.
        cookies = {name: value for name, _, value in reversed(list(pairs))}
    value = cookies.get(_name(kind, secure))
    return value if value and len(value) <= LONGEST_VALUE else None
