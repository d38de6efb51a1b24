"""The desk: what lies there to be looked at, by moderators alone.

Reports and worries about somebody with a role, danger in what they write themselves, concerns that
nobody looked at before a meeting ended, and the notes on closed alerts. The words are sealed under
a key of their own: ninety days, and seven where it was a false alarm. Every reading is audited.
"""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from rooms.orders import CaseKind, TellDesk
from rooms.safety import Category, Outcome, Subject
from server.calling.tables import cases
from server.people.secrets import CASE_ACTOR, Secrets
from server.people.tags import ACCOUNT_ID_BYTES, AccountId
from server.storage.database import Database
from server.storage.keys import KeyDestroyed, KeyRing
from server.storage.sealing import DIGEST_BYTES, SealBroken, Sealed, seal, unseal
from server.storage.tables import audit, data_keys

KEPT: Final = timedelta(days=90)
"""How long the words of a case can be read (safety.md, section 1.5)."""
FALSE_ALARM_KEPT: Final = timedelta(days=7)
CASE: Final = "case"
_STREAM: Final = 5
"""The stream number that binds a sealed case to its place; no stream of a room has it."""


class Decision(StrEnum):
    """What a moderator says of a case."""

    DEALT_WITH = "dealt_with"
    NOTHING_TO_DO = "nothing_to_do"
    PASSED_ON = "passed_on"


class Case(NamedTuple):
    """What is known of a case. `about` and `words` are None once their key has died."""

    id: int
    room: str
    kind: CaseKind
    level: int
    category: Category | None
    subject: Subject | None
    outcome: Outcome | None
    minute: int
    about: str | None
    why: str
    words: str | None
    decision: Decision | None


class _Words(msgspec.Struct):
    about: str
    words: str
    why: str = ""
    tag: str = ""


class Desk:
    """Lays cases on the desk, shows them, and closes them."""

    def __init__(
        self,
        database: Database,
        keys: KeyRing,
        secrets: Secrets,
        wall: Callable[[], float],
        tag_of: Callable[[AccountId, str], str],
    ) -> None:
        """`tag_of` is what a room knows an Account by."""
        self._tag_of = tag_of
        self._database = database
        self._keys = keys
        self._actor = secrets.derive(CASE_ACTOR)
        self._wall = wall

    async def lay(self, room: str, body: bytes) -> None:
        """Carry out a TellDesk, once however often it is carried. Raises StorageUnavailable."""
        order = msgspec.json.decode(body, type=TellDesk)
        # Without a number of its own it is known by what it says and when, so that carrying it
        # twice lays it down once.
        number = order.case or int.from_bytes(sha256(room.encode() + body).digest()[:6])
        today = datetime.fromtimestamp(self._wall(), UTC).date()
        kept = FALSE_ALARM_KEPT if order.outcome is Outcome.FALSE_ALARM else KEPT

        def write(connection: Connection) -> None:
            known = select(cases.c.id).where(cases.c.number == number)
            if connection.execute(known).one_or_none() is not None:
                return
            key = self._keys.new_key(room, CASE, today + kept, connection)
            plain = msgspec.json.encode(_Words(order.about, order.words, order.why, order.tag))
            sealed = seal(key, room, number, _STREAM, plain)
            connection.execute(
                insert(cases).values(
                    room=room,
                    number=number,
                    kind=order.kind,
                    level=order.level,
                    category=order.category,
                    subject=order.subject,
                    outcome=order.outcome,
                    minute=int(order.at // 60),
                    key_id=key.id,
                    nonce=sealed.nonce,
                    body=sealed.body,
                    # A note is the end of an alert that a person has closed already.
                    decision=Decision.DEALT_WITH if order.kind is CaseKind.NOTE else None,
                    closed_minute=int(self._wall() // 60) if order.kind is CaseKind.NOTE else None,
                )
            )

        await self._database.write(write)

    async def waiting(self) -> int:
        """How many cases nobody has closed."""
        query = select(cases.c.id).where(cases.c.decision.is_(None))
        return len(await self._database.read(lambda c: c.execute(query).all()))

    async def read(self, account: AccountId) -> list[Case]:
        """All cases but those about the reader, the open ones first, the newest first. The reading
        is audited."""

        def look(connection: Connection) -> list[Case]:
            rows = connection.execute(
                select(cases).order_by(cases.c.decision.is_not(None), cases.c.id.desc())
            ).all()
            read = [(row, self._words(connection, row)) for row in rows]
            shown = [
                self._case(row, words) for row, words in read if not self._mine(account, row, words)
            ]
            self._note(connection, account, "cases_read", len(shown))
            return shown

        return await self._database.write(look)

    async def close(self, account: AccountId, case: int, decision: Decision) -> None:
        """Close a case. Closing it again changes nothing. Nobody closes one about themselves."""

        def write(connection: Connection) -> None:
            row = connection.execute(select(cases).where(cases.c.id == case)).one_or_none()
            if row is None or self._mine(account, row, self._words(connection, row)):
                return
            closed = connection.execute(
                update(cases)
                .where(cases.c.id == case, cases.c.decision.is_(None))
                .values(decision=decision, closed_minute=int(self._wall() // 60))
            ).rowcount
            if closed:
                self._note(connection, account, "case_closed", case)

        await self._database.write(write)

    async def sweep(self) -> int:
        """Forget cases whose key has died; answers how many there were."""
        dead = cases.c.key_id.not_in(select(data_keys.c.id))
        return await self._database.write(lambda c: c.execute(delete(cases).where(dead)).rowcount)

    def _words(self, connection: Connection, row) -> _Words | None:  # type: ignore[no-untyped-def]
        """What is sealed in a row of `cases`; None once its key has died."""
        try:
            key = self._keys.unwrap(row.key_id, connection)
            plain = unseal(key, row.room, row.number, _STREAM, Sealed(row.nonce, row.body))
            return msgspec.json.decode(plain, type=_Words)
        except (KeyDestroyed, SealBroken, msgspec.MsgspecError):
            return None

    def _mine(self, account: AccountId, row, words: _Words | None) -> bool:  # type: ignore[no-untyped-def]
        return words is not None and words.tag == self._tag_of(account, row.room)

    def _case(self, row, words: _Words | None) -> Case:  # type: ignore[no-untyped-def]  # of `cases`
        return Case(
            row.id,
            row.room,
            CaseKind(row.kind),
            row.level,
            Category(row.category) if row.category else None,
            Subject(row.subject) if row.subject else None,
            Outcome(row.outcome) if row.outcome else None,
            row.minute,
            words.about if words else None,
            words.why if words else "",
            words.words if words else None,
            Decision(row.decision) if row.decision else None,
        )

    def _note(self, connection: Connection, account: AccountId, kind: str, n: int) -> None:
        """Who looked, as a keyed digest: the audit names nobody."""
        actor = hmac.digest(self._actor, account.to_bytes(ACCOUNT_ID_BYTES), "sha256")
        connection.execute(
            insert(audit).values(
                room="",
                n=n,
                kind=kind,
                actor=actor[:DIGEST_BYTES],
                target=None,
                minute=int(self._wall() // 60),
                until_minute=None,
            )
        )
