"""The staff entrance on a real database file, with a clock that the test turns."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyotp
import pytest
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError
from sqlalchemy import Connection

import server.people.tables
from server.people.accounts import Accounts
from server.people.delays import Delays
from server.people.invitations import Invitations, create_invitation
from server.people.passwords import Passwords
from server.people.secrets import PEPPER, Secrets
from server.people.sessions import Sessions, SessionsEnded
from server.people.sign_in import SignedIn, SignIn
from server.people.tags import AccountId
from server.people.threshold import Enrolment
from server.people.totp import SecondFactors, new_secret
from server.storage.database import Database
from server.storage.metadata import metadata

assert server.people.tables.accounts.metadata is metadata

ROOM = "k7m2qx"
PASSWORD = "seven grey herons walk"


@dataclass
class Clock:
    """Says the time it was told, in seconds."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, *, seconds: float = 0, minutes: float = 0) -> None:
        self.now += seconds + minutes * 60


class CountingHasher(PasswordHasher):
    """Argon2id at its cheapest, which counts how often it runs."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.runs = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.runs += 1
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        try:
            super().verify(hash, password)
        except InvalidHashError:
            self.runs -= 1  # it was no hash, so nothing was computed
            raise
        finally:
            self.runs += 1
        return True


@dataclass
class Person:
    """Somebody of the staff, with their phone in their hand."""

    login: str
    secret: str
    first: SignedIn

    def code(self, now: float) -> str:
        return pyotp.TOTP(self.secret).generate_otp(int(now // 30))


@dataclass
class Office:
    """Every service of staff on one database."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    hasher: CountingHasher = field(default_factory=CountingHasher)
    ended: list[SessionsEnded] = field(default_factory=list)
    lost: list[tuple[AccountId, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.secrets = Secrets(b"k" * 32)
        self.passwords = Passwords({1: self.secrets.derive(PEPPER)}, self.hasher)
        self.factors = SecondFactors(self.secrets)
        self.enrolment = Enrolment(self.secrets)
        self.sessions = Sessions(self.database, self.clock, self.ended.append)
        self.accounts = Accounts(self.database, self.sessions, self.clock, self._note_lost)
        self.delays = Delays(self.clock)
        self.sign_in = SignIn(
            self.database, self.passwords, self.factors, self.sessions, self.clock, self.delays
        )
        self.invitations = Invitations(
            self.database, self.passwords, self.factors, self.enrolment, self.clock
        )

    def _note_lost(self, connection: Connection, account_id: AccountId, room_id: str) -> None:
        assert connection.in_transaction()
        self.lost.append((account_id, room_id))

    async def invite(self, room: str = ROOM, role: str = "facilitator", **more: str) -> str:
        return await create_invitation(
            self.database, room_id=room, role=role, now=self.clock.now, **more
        )

    async def hire(self, login: str) -> Person:
        """Invite somebody, let them accept, and let a minute pass, so that their code is new."""
        secret = new_secret()
        digits = pyotp.TOTP(secret).generate_otp(int(self.clock.now // 30))
        hidden = self.enrolment.seal(secret, self.clock.now)
        code = await self.invite()
        signed_in = await self.invitations.accept(code, login, PASSWORD, hidden, digits)
        self.clock.pass_(minutes=1)
        return Person(login, secret, signed_in)

    async def enter(self, person: Person) -> SignedIn:
        """Sign somebody in with a code that is new, and let a minute pass."""
        signed_in = await self.sign_in.attempt(person.login, PASSWORD, person.code(self.clock.now))
        self.clock.pass_(minutes=1)
        return signed_in


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = Database(f"sqlite:///{tmp_path / 'candlelight.db'}")
    await database.write(metadata.create_all)
    office = Office(database)
    yield office
    office.passwords.close()
    await database.close()
