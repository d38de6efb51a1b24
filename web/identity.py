"""Who somebody is in a room: a guest by the words in their browser, or staff by their session.

Looking never changes anything: no cookie is set here, and a person without words is nobody yet.
"""

from collections.abc import Callable

from starlette.requests import HTTPConnection

from rooms.room import Role
from server.assemble import Parts, role_of
from server.live.host import Who
from server.people.cookie import read_session, read_words
from server.people.secrets import PERSON_SALT
from server.people.sessions import StaffSession
from server.people.tables import EVERY_ROOM
from server.people.tags import member_tag
from server.people.words import PersonKey, Words


class Identity:
    """Reads cookies. One is made from the parts of the server by each module that needs it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._secure = parts.settings.secure
        self._salt = parts.secrets.derive(PERSON_SALT)

    def words(self, connection: HTTPConnection) -> Words | None:
        """The words in this browser, to be shown to their owner."""
        return read_words(connection.headers.get("cookie"), self._secure)

    def guest(self, connection: HTTPConnection) -> PersonKey | None:
        """The person's key; None for a browser without words."""
        words = self.words(connection)
        return None if words is None else self.key_of(words)

    def key_of(self, words: Words) -> PersonKey:
        """The key that words give in this deployment."""
        return words.person_key(self._salt)

    def as_guest(self, key: PersonKey, room_id: str) -> Who:
        """A person as a room knows them."""
        return Who(tag=member_tag(key, room_id).hex(), role=Role.MEMBER)

    async def session(
        self, connection: HTTPConnection, *, used: bool = True
    ) -> StaffSession | None:
        """The staff session of this browser, if it holds. `used=False` does not prolong it."""
        token = read_session(connection.headers.get("cookie"), self._secure)
        return None if token is None else await self._parts.sessions.find(token, used=used)

    async def staff(
        self, connection: HTTPConnection, room_id: str, *, used: bool = True
    ) -> Who | None:
        """Somebody acting as staff in a room; None unless their Account has a role in this one, or
        a moderator's across rooms.

        The role is read from the Account each time and never from what the browser says: whoever
        lost it between two requests has lost it.
        """
        session = await self.session(connection, used=used)
        if session is None:
            return None
        accounts, account = self._parts.accounts, session.account_id
        held = await accounts.roles_in(account, room_id)
        role = role_of(held | await accounts.roles_in(account, EVERY_ROOM))
        if role is Role.MEMBER:
            return None
        return Who(tag=self._parts.staff_tag(session.account_id, room_id), role=role)

    async def who(self, connection: HTTPConnection, room_id: str, as_staff: bool) -> Who | None:
        """Who somebody is in a room; None for a guest without words and for staff without a role.

        Signed-in staff who did not ask to act as staff are a guest like anybody.
        """
        if as_staff:
            return await self.staff(connection, room_id)
        key = self.guest(connection)
        return None if key is None else self.as_guest(key, room_id)

    async def tags(self, connection: HTTPConnection) -> list[Callable[[str], str]]:
        """All that this browser may be: for each, what a given room knows it by."""
        key, session = self.guest(connection), await self.session(connection, used=False)
        found: list[Callable[[str], str]] = []
        if key is not None:
            found.append(lambda room_id: self.as_guest(key, room_id).tag)
        if session is not None:
            found.append(lambda room_id: self._parts.staff_tag(session.account_id, room_id))
        return found
