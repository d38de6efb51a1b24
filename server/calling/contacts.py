"""How staff want to be reached: a mail address, or the push service of a browser.

They are sealed with a key of the deployment and opened for the moment of a call. Members have
nothing of the kind anywhere.
"""

import hmac
import os
import re
from typing import Final, Literal, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, insert, select

from rooms.refusals import Refused
from server.calling.tables import contacts
from server.people.secrets import CONTACTS, CONTACTS_FIELD, Secrets
from server.people.tags import ACCOUNT_ID_BYTES, AccountId
from server.storage.sealing import DIGEST_BYTES, NONCE_BYTES

Channel = Literal["mail", "push"]
MOST_CONTACTS: Final = 6
"""Ways to reach one person."""
_MAIL: Final = re.compile(r"[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9.-]{1,189}")


class ContactUnusable(Refused):
    """No mail address, or no address of a push service."""

    code = "contact_unusable"
    text = "That is not an address we can write to. Please look at it again."


class ChannelOff(Refused):
    """The operator of this deployment calls nobody that way: whoever left an address would wait."""

    code = "channel_off"
    text = "This server calls nobody that way. Ask whoever runs it."


class TooManyContacts(Refused):
    """One person has as many ways to be reached as anybody needs (`limit`)."""

    code = "too_many_contacts"
    text = "That is more than anybody needs. Take one away first."


class PushAddress(msgspec.Struct, frozen=True):
    """What a browser gives a server that may wake it: RFC 8030's address and RFC 8291's keys, both
    in base64url."""

    endpoint: str
    p256dh: str
    auth: str


class Contact(NamedTuple):
    """One way to reach somebody; `id` names it in a form without saying what it is."""

    id: str
    channel: Channel
    address: str


def mail_address(typed: str) -> str:
    """A mail address as it is kept. Raises ContactUnusable, also for one with letters beyond
    ASCII: many mail servers take no message for it (RFC 6531), and a call must arrive."""
    address = typed.strip()
    if len(address) > 254 or not address.isascii() or not _MAIL.fullmatch(address):
        raise ContactUnusable()
    return address


class Contacts:
    """Seals and opens them."""

    def __init__(self, secrets: Secrets) -> None:
        self._cipher = AESGCM(secrets.derive(CONTACTS))
        self._digest = secrets.derive(CONTACTS_FIELD)

    def add(
        self, connection: Connection, account: AccountId, channel: Channel, address: str
    ) -> None:
        """Keep a way to reach somebody, once. Raises TooManyContacts."""
        name = hmac.digest(self._digest, _place(account, channel) + address.encode(), "sha256")
        held = select(contacts.c.digest).where(contacts.c.account_id == account)
        known = list(connection.scalars(held))
        if name[:DIGEST_BYTES] in known:
            return
        if len(known) >= MOST_CONTACTS:
            raise TooManyContacts(limit=MOST_CONTACTS)
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, address.encode(), _place(account, channel))
        connection.execute(
            insert(contacts).values(
                account_id=account,
                channel=channel,
                digest=name[:DIGEST_BYTES],
                sealed=nonce + sealed,
            )
        )

    def of(self, connection: Connection, account: AccountId) -> list[Contact]:
        """How somebody is reached. What another key sealed is passed over."""
        query = select(contacts).where(contacts.c.account_id == account)
        found = []
        for row in connection.execute(query.order_by(contacts.c.channel)):
            nonce, sealed = row.sealed[:NONCE_BYTES], row.sealed[NONCE_BYTES:]
            try:
                plain = self._cipher.decrypt(nonce, sealed, _place(account, row.channel))
            except InvalidTag:
                continue
            found.append(Contact(row.digest.hex(), row.channel, plain.decode()))
        return found

    def remove(self, connection: Connection, account: AccountId, contact: str) -> None:
        """Forget one of somebody's ways to be reached."""
        for row in connection.execute(
            select(contacts.c.digest).where(contacts.c.account_id == account)
        ).all():
            if row.digest.hex() == contact:
                connection.execute(
                    delete(contacts).where(
                        contacts.c.account_id == account, contacts.c.digest == row.digest
                    )
                )


def _place(account: AccountId, channel: str) -> bytes:
    return account.to_bytes(ACCOUNT_ID_BYTES) + channel.encode()
