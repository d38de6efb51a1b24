"""The codes in links that open a door once: 128 bits, of which the table knows the SHA-256 alone.

A link carries its code behind the `#`, where it reaches no server and no log; without script it is
typed.
"""

import os
from base64 import b32decode, b32encode
from hashlib import sha256
from typing import Final

CODE_BYTES: Final = 16
_LETTERS_PER_GROUP: Final = 4


def draw() -> str:
    """A new code in small letters and the digits 2 to 7, in fours, to be read out and typed."""
    letters = b32encode(os.urandom(CODE_BYTES)).decode().rstrip("=").lower()
    groups = range(0, len(letters), _LETTERS_PER_GROUP)
    return "-".join(letters[at : at + _LETTERS_PER_GROUP] for at in groups)


def hash_of(typed: str) -> str:
    """SHA-256 of a typed code in hex; of nothing, which no code has, when it cannot be one.

    Case, hyphens and spaces do not matter, and neither does 0 for o or 1 for l.
    """
    letters = "".join(c for c in typed if c.isascii() and c.isalnum()).upper()
    try:
        code = b32decode(letters + "=" * (-len(letters) % 8), map01="L")
    except ValueError:
        return sha256().hexdigest()
    return sha256(code).hexdigest()
