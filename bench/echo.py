"""Rooms that only echo: what fan-out alone costs.

People come in as always; but what somebody says is heard at once, and no rule, seal or ledger is
asked. The socket, its reader and writer, the Hub and the transport are the real ones.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count

from rooms.kernel import Command
from rooms.room import ROOM
from rooms.speaking import Said, Speak
from server.assemble import Parts
from server.live import protocol
from server.live.host import Numbers, Who
from server.live.hosts import Hosts
from server.live.hub import Frame
from server.settings import Settings

Assemble = Callable[[Settings], AbstractAsyncContextManager[Parts]]

AUTHOR = 1 << 40


def echoing(assemble: Assemble) -> Assemble:
    """`assemble`, with rooms that only echo."""

    @asynccontextmanager
    async def assembled(settings: Settings) -> AsyncIterator[Parts]:
        async with assemble(settings) as parts:
            _echo(parts.hosts)
            yield parts

    return assembled


def _echo(hosts: Hosts) -> None:
    """Let `Speak` be heard without being done."""
    submit, numbers = hosts.submit, count(1_000_000)

    def echo(room: str, who: Who, command: Command, key: str) -> asyncio.Future[Numbers]:
        if not isinstance(command, Speak):
            return submit(room, who, command, key)
        number, now = next(numbers), hosts.clock.wall()
        said = Said(member=AUTHOR, pseudonym="Brave Otter", text=command.text)
        frame = protocol.happened(room, ROOM, number, now, protocol.encode(said))
        hosts.hub.publish(room, Frame(ROOM, number, frame))
        # It stays open: a relay answers with the message alone.
        return asyncio.get_running_loop().create_future()

    hosts.submit = echo  # type: ignore[method-assign]
