"""A browser that writes down everything it hears and checks every frame (tests/storms/memory.py).

A promise that breaks is kept and raised at the test's next step, for it breaks in a reader's task.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from html import unescape
from typing import Any, Final, Self

import msgspec
from httpx2 import AsyncClient, Response
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Origin

from rooms.kernel import Command
from rooms.speaking import Speak
from server.live import protocol
from tests.storms.memory import Frame, Memory, Numbers
from tests.wire_schema import assert_from_server
from web.forms import fresh_key

AGENT: Final = "Mozilla/5.0 (recording; Candlelight-storm)"
WAIT_SECONDS: Final = 10.0


class RecordingClient:
    """One person's browser: a cookie jar, a socket, and a memory. `staff` is a session's token."""

    def __init__(self, address: str, room: str, name: str, *, staff: str = "") -> None:
        self.name = name
        self.room = room
        self.frames: list[tuple[float, Frame]] = []
        self.memory = Memory(staff=bool(staff))
        self.asked: dict[str, Command] = {}
        self.unanswered: dict[str, Command] = {}
        self.answers: dict[str, Numbers] = {}
        self.refusals: dict[str, Frame] = {}
        self.complaints: list[str] = []
        self.ports: set[int] = set()
        self.closed_with: int | None = None
        self._as = "facilitator" if staff else "member"
        self._query = {"as": "staff"} if staff else {}
        self._address = address
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._keys: list[str] = []
        self._caught_up = asyncio.Event()
        self._news = asyncio.Event()
        self._broken: list[str] = []
        self.http = AsyncClient(
            base_url=address,
            trust_env=False,
            cookies={"sid": staff} if staff else None,
            headers={"User-Agent": AGENT, "Sec-Fetch-Site": "same-origin", "Origin": address},
        )

    @property
    def me(self) -> int:
        """One's own MemberId, once a snapshot has told it."""
        return self.memory.me

    @property
    def numbers(self) -> Numbers:
        """How far each stream was heard."""
        return self.memory.numbers

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hang_up()
        await self.http.aclose()

    # Over HTTP, as a browser does.

    async def post(self, path: str, **fields: str) -> Response:
        """Send a form."""
        return await self.http.post(path, data=fields)

    async def join(self, pseudonym: str | None = None, **fields: str) -> None:
        """Read the threshold, accept the rules, and come in."""
        page = await self.http.get(f"/rooms/{self.room}/join", params=self._query)
        form = {**hidden(page.text), "own": pseudonym or self.name, "rules": "1", **fields}
        answer = await self.post(f"/rooms/{self.room}/join", **form)
        assert answer.status_code == 303, (answer.status_code, answer.text)
        assert "/live" in answer.headers["location"], answer.headers["location"]

    async def leave(self) -> None:
        """Leave by the form; the socket goes with the page."""
        await self.post(f"/rooms/{self.room}/live/leave", **self._query, key=fresh_key())
        await self.hang_up()

    # Over the socket.

    async def enter(self) -> None:
        """Open the socket and catch up: from the numbers heard so far, or with a fresh snapshot.
        What was never answered is asked again with its old key."""
        await self._open()
        self._caught_up.clear()
        self.memory.away()
        resume = self.memory.resume()
        await self.send({"frame": "enter", "room": self.room, "as": self._as, **resume})
        await self.until(self._caught_up.is_set)
        for key, command in list(self.unanswered.items()):
            await self.ask(command, key)

    async def come_back(self) -> None:
        """`enter`, as often as it takes; like a browser whose server is away."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                with suppress(OSError, ConnectionClosed, InvalidHandshake, EOFError):
                    await self.enter()
                    return
                await asyncio.sleep(0.01)

    async def hang_up(self) -> None:
        """Close the socket, as a page that goes away does."""
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await self._reader

    async def ask(self, command: Command, key: str = "") -> str:
        """Send a command under a key, fresh or given, and do not wait; the key."""
        key = key or fresh_key()
        self.asked[key] = self.unanswered[key] = command
        number = len(self._keys)
        self._keys.append(key)
        raw = msgspec.to_builtins(command)
        await self.send(
            {"frame": "do", "id": number, "key": key, "room": self.room, "command": raw}
        )
        return key

    async def do(self, command: Command, key: str = "") -> Numbers:
        """Send a command and wait until it is durable; its numbers. Fails on a refusal."""
        key = await self.ask(command, key)
        await self.until(lambda: key in self.answers or key in self.refusals)
        assert key in self.answers, self.refusals
        return self.answers[key]

    async def is_refused(self, command: Command) -> str:
        """Send a command and wait for its refusal; the code."""
        key = await self.ask(command)
        await self.until(lambda: key in self.answers or key in self.refusals)
        assert key in self.refusals, self.answers
        return str(self.refusals[key]["code"])

    async def send(self, frame: Mapping[str, Any] | str) -> None:
        """Send anything; a text is sent as it is."""
        assert self._socket is not None
        text = frame if isinstance(frame, str) else msgspec.json.encode(frame).decode()
        await self._socket.send(text)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until frames have made it so. Raises ConnectionClosed, or what broke a promise."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not condition():
                self.check()
                if self._reader is None or self._reader.done():
                    raise EOFError(self.name)
                self._news.clear()
                await self._news.wait()
        self.check()

    async def hears_up_to(self, number: int) -> None:
        """Wait until the room's event with this number was heard."""
        await self.until(lambda: self.numbers["room"] >= number)

    async def is_hung_up(self) -> None:
        """Wait until the server has closed the socket."""
        assert self._reader is not None
        await asyncio.wait_for(asyncio.shield(self._reader), WAIT_SECONDS)

    def is_answered(self) -> bool:
        """Whether everything asked so far was done or refused for good."""
        return not self.unanswered

    def check(self) -> None:
        """Raise what broke a promise, if anything did."""
        assert not self._broken, (self.name, self._broken)

    def history(self, stream: str = "room") -> dict[int, Frame]:
        """Everything heard of a stream, by its numbers."""
        return self.memory.heard.get(stream, {})

    def assert_answers_are_kept(self) -> None:
        """I3, for the words this client has said: each is heard once, where its answer said."""
        self.check()
        said = Counter(e["text"] for e in self.history().values() if e["type"] == "Said")
        for key, numbers in self.answers.items():
            command = self.asked[key]
            if isinstance(command, Speak):
                heard = self.history()[numbers["room"]]
                assert heard["text"] == command.text, f"I3: {command.text} is not at {numbers}"
                assert said[command.text] == 1, f"I3: {command.text} was said {said[command.text]}x"

    async def _open(self) -> None:
        await self.hang_up()
        cookie = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        self._socket = await connect(
            self._address.replace("http", "ws") + "/socket",
            origin=Origin(self._address),
            additional_headers={"Cookie": cookie},
            user_agent_header=AGENT,
            compression=None,
            proxy=None,
        )
        self.ports.add(self._socket.local_address[1])
        self._reader = asyncio.create_task(self._read(self._socket))
        await self.send({"frame": "hello", "version": protocol.VERSION})

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for message in socket:
                for line in str(message).split("\n"):
                    frame = msgspec.json.decode(line)
                    self.frames.append((time.monotonic(), frame))
                    try:
                        assert_from_server(frame)
                        self._take(frame)
                    except AssertionError as broken:
                        self._broken.append(str(broken))
                self._news.set()
        except ConnectionClosed:
            pass
        finally:
            self.closed_with = socket.close_code
            self._news.set()

    def _take(self, frame: Frame) -> None:
        match frame["frame"]:
            case "snapshot" | "happened" | "heartbeat":
                self.memory.take(frame)
                if frame["frame"] == "heartbeat":
                    self._caught_up.set()
            case "done":
                key = self._keys[frame["re"]]
                self.unanswered.pop(key, None)
                before = self.answers.setdefault(key, frame["numbers"])
                assert before == frame["numbers"], "I3: one key, two answers"
            case "refused" if frame["re"] is not None:
                key = self._keys[frame["re"]]
                assert key not in self.answers, "I3: acknowledged, and then refused"
                self.refusals[key] = frame
                if not frame["retry"]:
                    self.unanswered.pop(key, None)
            case "refused":
                self.complaints.append(frame["code"])


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    fields = {}
    for tag in re.findall(r'<input type="hidden"[^>]*>', page):
        if found := re.search(r'name="([^"]*)" value="([^"]*)"', tag):
            fields[found[1]] = unescape(found[2])
    return fields
