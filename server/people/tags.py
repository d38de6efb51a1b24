"""MemberTag: what one Room knows a person by.

A tag is an HMAC, so from two tags nobody without the person's own key can tell whether they are
one person, and the database holds no such key. Somebody acting as staff has a tag that the
deployment's key makes from their Account, so it survives a lost browser and can be taken away.
"""

import hmac
from typing import Final

from server.people.words import PersonKey

MemberTag = bytes
"""32 bytes."""

AccountId = int
"""An Account's number: random, 48 bits, never used again."""

ACCOUNT_ID_BYTES: Final = 8


def member_tag(person_key: PersonKey, room_id: str) -> MemberTag:
    """A guest's tag in one Room: HMAC-SHA256(PersonKey, room id)."""
    return hmac.digest(person_key, room_id.encode(), "sha256")


def staff_tag(secret: bytes, account_id: AccountId, room_id: str) -> MemberTag:
    """The tag in one Room of somebody acting as staff: HMAC-SHA256(secret, account, room id).

    `secret` is the deployment's subkey for staff tags. The account has a fixed width, so no two
    pairs of account and room read as the same bytes.
    """
    account = account_id.to_bytes(ACCOUNT_ID_BYTES)
    return hmac.digest(secret, account + room_id.encode(), "sha256")
