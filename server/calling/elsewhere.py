"""Telling staff who are connected in another room that an alert waits in one of theirs."""

from collections.abc import Callable

import msgspec

from rooms.on_call import HearElsewhere
from rooms.orders import TellElsewhere
from server.calling.shifts import eligible
from server.live.hosts import Hosts
from server.people.tags import AccountId
from server.storage.database import Database


class Elsewhere:
    """Carries a TellElsewhere out. `tag_of` is what a room knows an Account by."""

    def __init__(
        self, database: Database, hosts: Hosts, tag_of: Callable[[AccountId, str], str]
    ) -> None:
        self._database = database
        self._hosts = hosts
        self._tag_of = tag_of

    async def tell(self, room: str, body: bytes) -> None:
        """Tell whoever may take it and is here, in another room. Raises StorageUnavailable."""
        order = msgspec.json.decode(body, type=TellElsewhere)
        people = await self._database.read(lambda c: eligible(c, room))
        for host in self._hosts.all_live():
            if host.id == room:
                continue
            for account in people:
                member = host.room.core.tags.get(self._tag_of(account, host.id))
                if member is not None and self._hosts.hub.connections(host.id, member):
                    needed = HearElsewhere(member=member, room=room, level=order.level)
                    await self._hosts.order(host.id, needed)
