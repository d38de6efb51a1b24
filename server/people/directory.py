"""The directory: which rooms there are, and what each says of itself before anybody comes in."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, select

from rooms.meetings import FoundRoom
from server.live.outbox import post
from server.people.tables import help_room
from server.storage.database import Database
from server.storage.keys import KeyRing
from server.storage.store import new_epoch
from server.storage.tables import heads, rooms

SLUG_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that cannot be taken for each other when somebody reads them out."""
SLUG_LENGTH: Final = 6

FIRST_RULES: Final = (
    "What is said here stays here.",
    "Speak from your own life. No advice unless someone asks.",
    "No names, phone numbers, addresses, or where to buy anything.",
    "Having used is never a reason to be sent away.",
)
"""The ground rules a new room begins with; its facilitators change them as they like."""


@dataclass(frozen=True, slots=True)
class RoomCard:
    """What a room says of itself. `audience` is `adults` or `young`.

    `mandated_reporter` says whether its facilitators must by law report some of what they read.
    """

    id: str
    name: str
    kind: str
    language: str
    audience: str
    about: str
    how_it_runs: str
    mandated_reporter: bool


class Directory:
    """The rooms of this deployment."""

    def __init__(self, database: Database, keys: KeyRing, wall: Callable[[], float]) -> None:
        self._database = database
        self._keys = keys
        self._wall = wall

    async def rooms(self) -> list[RoomCard]:
        """Every room of a group that is not archived, by name. Raises StorageUnavailable."""
        groups = rooms.c.id.not_in(select(help_room.c.room))
        query = select(*_CARD).where(rooms.c.archived.is_(False), groups).order_by(rooms.c.name)
        found = await self._database.read(lambda c: c.execute(query).all())
        return [RoomCard(*row) for row in found]

    async def room(self, room_id: str) -> RoomCard | None:
        """One room; None where there is none. Raises StorageUnavailable."""
        query = select(*_CARD).where(rooms.c.id == room_id, rooms.c.archived.is_(False))
        row = await self._database.read(lambda c: c.execute(query).one_or_none())
        return RoomCard(*row) if row else None

    async def help_room(self) -> str:
        """The id of the one room where nobody meets, made at the first start: whoever asks for a
        person from a page of Help is looked after there. Raises StorageUnavailable."""
        known = await self._database.read(lambda c: c.scalar(select(help_room.c.room)))
        if known is not None:
            return str(known)
        card = await self.create_room(
            "Help", "For whoever asks for a person.", "Somebody on call writes with you alone."
        )
        await self._database.write(lambda c: c.execute(insert(help_room).values(room=card.id)))
        return card.id

    async def create_room(
        self,
        name: str,
        about: str,
        how_it_runs: str,
        *,
        kind: str = "Peer group",
        language: str = "en",
        audience: str = "adults",
        mandated_reporter: bool = False,
        rules: Sequence[str] = FIRST_RULES,
    ) -> RoomCard:
        """Found a room under a fresh neutral slug. Raises StorageUnavailable or CannotStore.

        Row, head and the room's first ground rules (as an Order) are one transaction.
        """
        slug = "".join(secrets.choice(SLUG_LETTERS) for _ in range(SLUG_LENGTH))
        card = RoomCard(slug, name, kind, language, audience, about, how_it_runs, mandated_reporter)
        now = self._wall()

        def create(connection: Connection) -> None:
            connection.execute(
                insert(rooms).values(
                    id=slug,
                    name=name,
                    kind=kind,
                    language=language,
                    audience=audience,
                    about=about,
                    how_it_runs=how_it_runs,
                    mandated_reporter=mandated_reporter,
                    created_minute=int(now // 60),
                    archived=False,
                )
            )
            connection.execute(insert(heads).values(room=slug, n=0, epoch=new_epoch()))
            post(connection, self._keys, slug, FoundRoom(rules=list(rules)), now)

        await self._database.write(create)
        return card


_CARD = (
    rooms.c.id,
    rooms.c.name,
    rooms.c.kind,
    rooms.c.language,
    rooms.c.audience,
    rooms.c.about,
    rooms.c.how_it_runs,
    rooms.c.mandated_reporter,
)
