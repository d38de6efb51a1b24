"""A house for browsers: the whole server in a thread, whose time a test can move.

It listens on a real socket and has real files. Its rooms are set up through the same door as
everything else (`hosts.submit`), because sixty messages typed into a browser say no more than sixty
messages. The server as an operator runs it is in `deployment.py`.
"""

import asyncio
import itertools
import socket
import threading
import time
from collections.abc import Coroutine
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, TypeVar

import pyotp
import uvloop
from playwright.sync_api import BrowserContext

from rooms.arriving import AcceptGroundRules, Join
from rooms.kernel import Command
from rooms.meetings import OpenMeeting
from rooms.presence import Leave
from rooms.room import MemberId, Mode, Public, Role
from rooms.speaking import Speak
from server.assemble import Parts, assemble
from server.live.host import Clock, Host, Who
from server.people.directory import RoomCard
from server.people.invitations import create_invitation
from server.people.tables import EVERY_ROOM
from server.people.totp import new_secret
from server.settings import read_settings
from web.app import application
from web.transport import Server, config

FAY: Final = Who("fa" * 32, Role.FACILITATOR)
"""A facilitator who is in the room already, without a browser."""
PASSWORD: Final = "seven grey herons walk"
START_SECONDS: Final = 30.0
ANSWER_SECONDS: Final = 15.0

T = TypeVar("T")


class Weather:
    """The page that Leave quickly goes to: another site, with nothing of ours on it."""

    class _Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!doctype html><html lang=en><title>Weather</title><h1>Rain later</h1>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Tests print nothing."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._Page)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.address = f"http://localhost:{self._server.server_address[1]}/weather"

    def stop(self) -> None:
        """Close the site."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class House:
    """The server in a thread of this process. `later` lets time pass for it."""

    def __init__(self, folder: Path, exit_url: str) -> None:
        self.parts: Parts
        self.address = ""
        self._shift = 0.0
        self._settings = read_settings(
            {"DATA_DIR": f"{folder}/data", "KEYS_DIR": f"{folder}/keys", "EXIT_URL": exit_url}
        )
        self._names = itertools.count(1)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(START_SECONDS)
        assert self.address

    def stop(self) -> None:
        """Stop the server as a signal would."""
        self._server.should_exit = True
        self._thread.join()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something inside the server and wait for its answer."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(ANSWER_SECONDS)

    def later(self, seconds: float) -> None:
        """So much time passes for the server, and it does what is due."""
        self._shift += seconds
        self.do(self.parts.hosts.tick())

    def found(self, name: str = "Tuesday Lantern") -> "Room":
        """A room of this house, whose meeting is not open yet."""

        async def found() -> RoomCard:
            card = await self.parts.directory.create_room(
                name, "A peer meeting for anyone.", "Everybody who wants to has a turn."
            )
            # Its ground rules are on their way; the clock's own task may be carrying them just now.
            while not (await self.parts.hosts.entering.glance(card.id)).rules.lines:
                await self.parts.wakes.deliver()
                await asyncio.sleep(0.02)
            return card

        return Room(self, self.do(found()).id)

    def facilitator(self, room: str, context: BrowserContext) -> str:
        """Sign a browser in as somebody new who may hold a room; answers the sign-in name.

        The invitation is real; only its form is not filled in (`test_meeting` does that).
        """
        return self._signed_in(room, "facilitator", context)

    def moderator(self, context: BrowserContext) -> str:
        """The same as a moderator, who may take alerts of every room and reads the desk."""
        return self._signed_in(EVERY_ROOM, "moderator", context)

    def _signed_in(self, room: str, role: str, context: BrowserContext) -> str:
        login = f"holder{next(self._names)}"

        async def accept() -> str:
            secret, now = new_secret(), self.parts.wall()
            code = await create_invitation(self.parts.database, room_id=room, role=role, now=now)
            signed_in = await self.parts.invitations.accept(
                code,
                login=login,
                password=PASSWORD,
                enrolment=self.parts.enrolment.seal(secret, now),
                digits=pyotp.TOTP(secret).at(int(now)),
            )
            return signed_in.token

        context.add_cookies([{"name": "sid", "value": self.do(accept()), "url": self.address}])
        return login

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._serve())
        finally:
            self._ready.set()  # nobody waits for a server that did not start

    async def _serve(self) -> None:
        clock = Clock(lambda: time.time() + self._shift, lambda: time.monotonic() + self._shift)
        async with assemble(self._settings, clock) as parts:
            with socket.create_server(("127.0.0.1", 0)) as listening:
                self._loop = asyncio.get_running_loop()
                self._server = Server(config(application(parts), "127.0.0.1", 0))
                self._server.hub = parts.hosts.hub
                self.parts = parts
                self.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
                self._ready.set()
                await self._server.serve(sockets=[listening])


class Room:
    """One room of a House, and the people in it who have no browser."""

    def __init__(self, house: House, slug: str) -> None:
        self.house = house
        self.slug = slug
        self.live = f"{house.address}/rooms/{slug}/live"
        self._count = itertools.count(1)

    def do(self, who: Who, command: Command, key: str = "") -> dict[str, int]:
        """Somebody does something; the answer is the numbers their events got."""

        async def submit() -> dict[str, int]:
            key_ = key or f"staged-{self.slug}-{next(self._count)}"
            return await self.house.parts.hosts.submit(self.slug, who, command, key_)

        return self.house.do(submit())

    def open(self, mode: Mode = Mode.OPEN, topic: str = "") -> None:
        """Fay comes in and opens a meeting."""
        self.do(FAY, Join(pseudonym="Brave Otter", rules=1))
        self.do(FAY, OpenMeeting(mode=mode, topic=topic))

    def somebody(self, name: str) -> Who:
        """A member comes in, with the rules accepted."""
        who = Who(f"{next(self._count):064x}")
        self.do(who, Join(pseudonym=name, rules=self._public().rules.version))
        return who

    def say(self, who: Who, *lines: str) -> None:
        """Somebody says something."""
        for line in lines:
            self.do(who, Speak(text=line))

    def talk(self, messages: int) -> None:
        """A whole conversation, by as many people as it needs: nobody says ten things at once."""
        names = iter(["Copper Moth", "Amber Finch", "Slow River", "North Window", "Paper Kite",
                      "Tin Whistle", "Kind Lamp", "Blue Heron"])  # fmt: skip
        for begin in range(0, messages, 8):
            who = self.somebody(next(names))
            count = min(8, messages - begin)
            self.say(
                who, *(f"Thought {begin + n + 1}. I walked home slowly." for n in range(count))
            )

    def accept_rules(self, who: Who) -> None:
        """Somebody accepts the rules that hold now."""
        self.do(who, AcceptGroundRules(version=self._public().rules.version))

    def leaves(self, who: Who) -> None:
        """Somebody leaves. When it was the only facilitator, the room rests."""
        self.do(who, Leave())

    def numbers(self) -> list[int]:
        """The numbers of all messages of this meeting."""
        return list(self._public().messages)

    def member(self, name: str) -> MemberId:
        """Who carries this name now."""
        people = self._public().people
        return next(member for member, person in people.items() if person.pseudonym == name)

    def members(self) -> list[str]:
        """The names of everybody the room has a place for, with or without a connection."""
        core = self._host().room.core
        return sorted(known.pseudonym for known in core.members.values() if known.tag != FAY.tag)

    def here(self, name: str) -> bool:
        """Whether the room believes that this person is connected."""
        people = self._public().people.values()
        return any(person.here for person in people if person.pseudonym == name)

    def cut(self, code: int) -> None:
        """Close every Connection of this room with a code."""

        async def close() -> None:
            for connection in self.house.parts.hosts.hub.connections(self.slug):
                connection.wire.close(code)

        self.house.do(close())

    def _host(self) -> Host:
        return self.house.do(self.house.parts.hosts.host(self.slug))

    def _public(self) -> Public:
        return self._host().room.public
