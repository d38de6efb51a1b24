"""Rooms that only echo, in the place of the live ones: what fan-out alone costs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import cast

from rooms.kernel import Command
from rooms.room import ROOM
from rooms.speaking import Said, Speak
from server.assemble import Parts
from server.live import protocol
from server.live.host import Clock, Numbers, Who
from server.live.hosts import Hosts
from server.live.hub import Connection, Frame, Hub, Wire
from server.settings import Settings

Assemble = Callable[[Settings], AbstractAsyncContextManager[Parts]]


class EchoHosts:
    """As much of `Hosts` as a socket asks for. What somebody says is heard at once by the room."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.hub = Hub(came=lambda _room, _member: None, gone=lambda _room, _member: None)
        self._numbers: dict[str, int] = {}
        self._members: dict[str, int] = {}

    async def enter(self, room: str, who: Who, wire: Wire, *_from: object) -> Connection:
        """Attach a Wire: an empty snapshot, a heartbeat, and nothing to catch up with."""
        member = self._members.setdefault(who.tag, len(self._members) + (1 << 16))
        connection = self.hub.attach(room, member, wire, [ROOM])
        now = self.clock.wall()
        wire.send(
            protocol.encode(
                protocol.Snapshot(room=room, epoch="", me=member, now=now, view={}, numbers={})
            )
        )
        wire.send(protocol.encode(protocol.Heartbeat(room=room, epoch="", now=now, numbers={})))
        self.hub.caught_up(connection, {})
        return connection

    def submit(self, room: str, who: Who, command: Command, _key: str) -> asyncio.Future[Numbers]:
        """Make what is said heard. The future stays open: a relay answers with the message."""
        if isinstance(command, Speak):
            number = self._numbers[room] = self._numbers.get(room, 0) + 1
            member = self._members[who.tag]
            said = Said(member=member, pseudonym="Brave Otter", text=command.text)
            now = self.clock.wall()
            _, body = protocol.stored(said, now)
            frame = protocol.happened(room, ROOM, number, now, body)
            self.hub.publish(room, Frame(ROOM, number, frame))
        return asyncio.get_running_loop().create_future()


def echoing(assemble: Assemble) -> Assemble:
    """`assemble`, with rooms that only echo."""

    @asynccontextmanager
    async def assembled(settings: Settings) -> AsyncIterator[Parts]:
        async with assemble(settings) as parts:
            yield replace(parts, hosts=cast(Hosts, EchoHosts(parts.hosts.clock)))

    return assembled
