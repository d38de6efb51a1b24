"""What presence and entering need to know of the rooms in memory; `Hosts` is it."""

import asyncio
from typing import Protocol

from rooms.kernel import Internal
from server.live.host import Clock, Host, Numbers, Who
from server.live.hub import Hub
from server.live.loading import Loaded


class LiveRooms(Protocol):
    """The live rooms of this process."""

    @property
    def hub(self) -> Hub:
        """Who hears what."""

    @property
    def clock(self) -> Clock:
        """The clocks of this process."""

    async def host(self, room: str) -> Host:
        """The live Room. Raises NoSuchRoom, or Unavailable when it cannot be loaded now."""

    def live(self, room: str) -> Host | None:
        """The room's Host, if it is in memory."""

    def all_live(self) -> list[Host]:
        """Every Host in memory."""

    async def settled(self, host: Host) -> None:
        """Wait until everything decided so far is durable. Raises Unavailable when it was not."""

    async def load_stored(self, room: str) -> Loaded:
        """A room as it is stored. Raises NoSuchRoom or Unavailable."""

    def tell(self, room: str, command: Internal) -> None:
        """An order nobody waits for."""

    def note(self, room: str, who: Who, note: Internal, key: str) -> asyncio.Future[Numbers]:
        """Carry out a note about somebody, in their name."""
