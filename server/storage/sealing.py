"""Sealing: what is written down about a room is readable only with a key that will die.

AES-256-GCM with a random nonce of 12 bytes stored beside the body. A counter as nonce would repeat
after a failed batch or with two writers; a random one may be used 2**32 times under one key before
a repetition is likelier than 2**-32 (NIST SP 800-38D, 8.3), and no meeting comes near that.
"""

import hmac
import os
import struct
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

NONCE_BYTES = 12
KEY_BYTES = 32
DIGEST_BYTES = 16

ORDER = 3
SNAPSHOT = 4
"""Stream numbers no stream has (a MemberId is at least 2**16): they bind orders and snapshots."""


class SealBroken(Exception):
    """The body was not sealed by this key for this place: changed, moved, or another key."""


class Sealed(NamedTuple):
    """A body as it is stored."""

    nonce: bytes
    body: bytes


class DataKey:
    """A key at work: `id` as the rows name it, and two secrets derived from its 32 bytes.

    Sealing and digests never share a secret. Neither is ever shown by `repr`.
    """

    __slots__ = ("cipher", "digest_secret", "id")

    def __init__(self, key_id: int, secret: bytes) -> None:
        self.id = key_id
        self.cipher = AESGCM(_subkey(secret, b"candlelight/seal"))
        self.digest_secret = _subkey(secret, b"candlelight/digest")

    def __repr__(self) -> str:
        return f"DataKey(id={self.id})"


def seal(key: DataKey, room: str, n: int, stream: int, plaintext: bytes) -> Sealed:
    """Seal `plaintext` for the one place (room, n, stream)."""
    nonce = os.urandom(NONCE_BYTES)
    return Sealed(nonce, key.cipher.encrypt(nonce, plaintext, _place(room, n, stream)))


def unseal(key: DataKey, room: str, n: int, stream: int, sealed: Sealed) -> bytes:
    """The plaintext sealed for (room, n, stream). Raises `SealBroken`."""
    try:
        return key.cipher.decrypt(sealed.nonce, sealed.body, _place(room, n, stream))
    except InvalidTag:
        raise SealBroken("A stored body does not fit its key and place.") from None


def digest(key: DataKey, *parts: bytes) -> bytes:
    """16 bytes that name `parts` to the holder of the key and mean nothing to anybody else.

    The first part says what is being named, so that equal bytes of two sorts differ.
    """
    message = b"".join(struct.pack(">I", len(part)) + part for part in parts)
    return hmac.digest(key.digest_secret, message, "sha256")[:DIGEST_BYTES]


def _place(room: str, n: int, stream: int) -> bytes:
    """The associated data: a body copied to another room, number or stream does not open there.

    The name's length stands first and the numbers have fixed widths, so no two places look alike.
    """
    name = room.encode()
    return struct.pack(f">B{len(name)}sQQ", len(name), name, n, stream)


def _subkey(secret: bytes, label: bytes) -> bytes:
    return HKDFExpand(SHA256(), KEY_BYTES, label).derive(secret)
