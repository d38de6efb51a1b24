"""Who is here: by a Connection, or for a while by a form request, and who left in a hurry."""

from collections.abc import Callable
from typing import Final

from rooms.presence import Lost, Returned
from rooms.room import MemberId, MemberTag
from server.live.host import Host, Who
from server.live.live_rooms import LiveRooms

VISIT_SECONDS: Final = 300.0
"""How long a form request counts as presence for somebody whose browser runs no script."""


class Presence:
    """Tells the rooms of this process who is here. Rules hear of it as Internal commands."""

    def __init__(self, hosts: LiveRooms) -> None:
        self._hosts = hosts
        self._visits: dict[tuple[str, MemberId], float] = {}

    async def visit(self, room: str, who: Who) -> None:
        """Count a form request as presence. Raises NoSuchRoom or Unavailable."""
        host = await self._hosts.host(room)
        member = host.room.core.tags.get(who.tag)
        self.expect(host, member)
        if member is not None:
            self._hosts.tell(room, Returned(member=member))

    def expect(self, host: Host, member: MemberId | None) -> None:
        """Somebody at the table without a Connection is lost unless they are heard of again."""
        if member is not None and not self._hosts.hub.connections(host.id, member):
            self._visits[host.id, member] = self._hosts.clock.mono() + VISIT_SECONDS

    def left_quickly(self, tag_in: Callable[[str], MemberTag]) -> None:
        """Somebody left in a hurry: every page of theirs closes, in every room, and they are lost
        like a connection is. Nobody sees more than that."""
        for host in self._hosts.all_live():
            room = host.id
            member = host.room.core.tags.get(tag_in(room))
            if member is None:
                continue
            self._end(room, member, 4505)
            if self._visits.pop((room, member), None) is not None:
                self._hosts.tell(room, Lost(member=member))

    def close_staff(self, tag_in: Callable[[str], MemberTag]) -> None:
        """Somebody's staff session ended: every page of theirs that acts as staff closes."""
        for host in self._hosts.all_live():
            room = host.id
            member = host.room.core.tags.get(tag_in(room))
            if member is not None:
                self._end(room, member, 4503)

    def _end(self, room: str, member: MemberId, code: int) -> None:
        """Close every page of somebody's; from here on none of them hears a word."""
        for connection in self._hosts.hub.connections(room, member):
            self._hosts.hub.detach(connection)
            connection.wire.close(code)

    def came(self, room: str, member: MemberId) -> None:
        """Somebody's first Connection opened."""
        self._hosts.tell(room, Returned(member=member))

    def gone(self, room: str, member: MemberId) -> None:
        """Somebody's last Connection closed."""
        self._hosts.tell(room, Lost(member=member))

    def entered(self, room: str, member: MemberId) -> None:
        """A page with script takes over from the form requests before it."""
        self._visits.pop((room, member), None)

    def here(self, room: str) -> list[MemberId]:
        """The Members of a room who are here, in the order of their ids."""
        visiting = {m for r, m in self._visits if r == room}
        return sorted(visiting.union(self._hosts.hub.connected(room)))

    def expire(self) -> None:
        """Whoever was only heard of by a form, five minutes ago, is lost."""
        now = self._hosts.clock.mono()
        for (room, member), until in list(self._visits.items()):
            if until <= now:
                del self._visits[room, member]
                if not self._hosts.hub.connections(room, member):
                    self._hosts.tell(room, Lost(member=member))
