"""A whole server in the test's own process, where a test can count its tasks and reach its clock.

What listens is `web.transport.Server` on its real configuration; `ServerProcess` is for tests that
kill it.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rooms.arriving import AcceptGroundRules, Join
from rooms.meetings import OpenMeeting
from rooms.room import Mode, Role
from server.assemble import Parts, assemble
from server.live.host import Who
from server.people.cookie import words_cookie
from server.people.secrets import PERSON_SALT
from server.people.tags import member_tag
from server.people.words import draw
from server.settings import read_settings
from web.app import application
from web.transport import Server, config

FAY = Who("fa" * 32, Role.FACILITATOR)
"""Holds the room without a browser."""


@dataclass(frozen=True, slots=True)
class Inside:
    """A running server, and the room in which Fay has opened a meeting."""

    parts: Parts
    room: str
    address: str
    port: int

    async def person(self, name: str) -> str:
        """Somebody new at the table; the cookie of their browser."""
        words = draw()
        key = words.person_key(self.parts.secrets.derive(PERSON_SALT))
        who = Who(member_tag(key, self.room).hex(), Role.MEMBER)
        await self.parts.hosts.submit(self.room, who, Join(pseudonym=name, rules=1), "")
        return words_cookie(words, False, secure=False).partition(";")[0]


@asynccontextmanager
async def serving(folder: Path, *, ping: float | None = None) -> AsyncIterator[Inside]:
    """Serve `folder`; `ping` (seconds) shortens the time between signs of life, and for them."""
    settings = read_settings({"DATA_DIR": f"{folder}/data", "KEYS_DIR": f"{folder}/keys"})
    async with assemble(settings) as parts:
        card = await parts.directory.create_room("Tuesday", "About.", "It goes so.")
        await parts.wakes.deliver()
        for command in (Join(pseudonym="Fay"), OpenMeeting(mode=Mode.OPEN)):
            await parts.hosts.submit(card.id, FAY, command, "")
        await parts.hosts.submit(card.id, FAY, AcceptGroundRules(version=1), "")
        listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
        port = listening.getsockname()[1]
        plan = config(application(parts), "127.0.0.1", port)
        if ping is not None:
            plan.ws_ping_interval = plan.ws_ping_timeout = ping
        server = Server(plan)
        server.hub = parts.hosts.hub
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            while not server.started:
                await asyncio.sleep(0.01)
            yield Inside(parts, card.id, f"http://127.0.0.1:{port}", port)
        finally:
            server.should_exit = True
            await running
