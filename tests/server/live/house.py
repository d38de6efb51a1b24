"""A node on real files, with clocks that a test moves by hand and people who listen.

Each page they open is a `Listener` (tests/server/live/listener.py), which checks the promises I1,
I2 and I5. I3 (what was acknowledged is in the history, once) and I4 (all histories agree) are asked
of the whole house at its end, by `assert_promises`.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from rooms.arriving import Join
from rooms.kernel import Command
from rooms.meetings import CloseMeeting, OpenMeeting
from rooms.refusals import Refused
from rooms.room import MemberId, Mode, Role, Room
from rooms.speaking import Speak
from server.lexicons import shipped_screen
from server.live.host import Clock, Host, Numbers, Who
from server.live.hosts import Hosts
from server.live.outbox import Carry, Outbox
from server.people.directory import Directory
from server.storage.appends import Row
from server.storage.database import Database
from server.storage.keys import KeyRing
from server.storage.sqlstore import SqlStore
from tests.server.live.listener import Frame, Listener
from tests.server.storage.samples import fresh_database

START: Final = 1_800_000_000.0
"""A Friday morning, in seconds since the epoch."""
ADA: Final = Who("ad" * 32)
BO: Final = Who("b0" * 32)
FAY: Final = Who("fa" * 32, Role.FACILITATOR)
KIM: Final = Who("c1" * 32, Role.FACILITATOR)
NAMES: Final = {
    ADA.tag: "Amber Finch",
    BO.tag: "Slow River",
    FAY.tag: "Brave Otter",
    KIM.tag: "Copper Moth",
}


class Hands:
    """The two clocks, moved by hand."""

    def __init__(self) -> None:
        self.wall = START
        self.mono = 1_000.0

    def pass_(self, seconds: float) -> None:
        """Time passes, for both."""
        self.wall += seconds
        self.mono += seconds


class PausedStore(SqlStore):
    """The real Store, whose reading of the log a test can hold at a moment of its choice."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = asyncio.Event()

    async def page(
        self, room: str, from_n: int, wanted: Sequence[tuple[int, int]], limit: int
    ) -> list[Row]:
        """See `Store.page`; waits while the gate is shut."""
        self.asked.set()
        await self.gate.wait()
        return await super().page(room, from_n, wanted, limit)


class House:
    """One node: a data folder, a keys folder, and the engine on them, which can be restarted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hands = Hands()
        self.room = ""
        self.carry: dict[str, Carry] = {}
        self.listeners: list[Listener] = []
        self.acked: list[tuple[Numbers, Command]] = []
        self._keys_drawn = itertools.count()
        self._wake()

    def _wake(self) -> None:
        self.database = fresh_database(self.folder)
        self.keys = KeyRing(self.folder / "keys")
        self.store = PausedStore(self.database)
        clock = Clock(lambda: self.hands.wall, lambda: self.hands.mono)
        self.hosts = Hosts(
            self.database, self.store, self.keys, clock, keep_hours=24, screen=shipped_screen()
        )
        wall: Callable[[], float] = lambda: self.hands.wall  # noqa: E731 - one clock for all
        self.directory = Directory(self.database, self.keys, wall)
        self.outbox = Outbox(self.database, self.store, self.keys, self.hosts, wall, self.carry)

    async def found(self, name: str = "Tuesday Lantern") -> str:
        """Found a room with its ground rules; the first one is the house's own."""
        card = await self.directory.create_room(name, "A peer meeting.", "Everybody has a turn.")
        await self.outbox.run_once()
        self.room = self.room or card.id
        return card.id

    # What people do.

    def key(self) -> str:
        """A fresh key."""
        return f"key-{next(self._keys_drawn):08}"

    async def do(self, who: Who, command: Command, key: str = "", room: str = "") -> Numbers:
        """Carry out a command in somebody's name; its numbers, once it is durable."""
        key = key or self.key()
        numbers = await self.hosts.submit(room or self.room, who, command, key)
        self.acked.append((numbers, command))
        return numbers

    async def refuses(self, who: Who, command: Command, key: str = "") -> Refused:
        """The refusal that a command gets."""
        try:
            numbers = await self.hosts.submit(self.room, who, command, key or self.key())
        except Refused as refused:
            return refused
        raise AssertionError(f"{type(command).__name__} was not refused but got {numbers}")

    async def says(self, who: Who, *texts: str) -> Numbers:
        """Somebody says things; the numbers of the last."""
        numbers: Numbers = {}
        for text in texts:
            numbers = await self.do(who, Speak(text=text))
        return numbers

    async def talks(self, count: int, start: int = 0) -> list[str]:
        """Bo says many things while time passes quickly; what they are."""
        texts = [f"line {start + n}" for n in range(count)]
        futures = []
        for n, text in enumerate(texts):
            if n % 10 == 0:
                self.hands.pass_(60)
            futures.append(self.hosts.submit(self.room, BO, Speak(text=text), self.key()))
        await asyncio.gather(*futures)
        self.hands.pass_(60)
        await self.settles()
        return texts

    async def joins(self, who: Who, **more: Any) -> Listener:
        """Somebody comes in under their own name, accepting the rules, and opens the page."""
        room = (await self.state()).public
        join = Join(pseudonym=NAMES[who.tag], rules=room.rules.version, **more)
        await self.do(who, join)
        return await self.enters(who)

    async def opens(self, mode: Mode = Mode.OPEN) -> Listener:
        """Fay comes in and opens the meeting."""
        page = await self.joins(FAY)
        await self.do(FAY, OpenMeeting(mode=mode))
        return page

    async def closes(self) -> None:
        """Fay closes the meeting, and its snapshot is kept."""
        await self.do(FAY, CloseMeeting())
        await self.settles()

    # Their pages.

    async def enters(self, who: Who, old: Listener | None = None) -> Listener:
        """Somebody opens the page; with `old` they go on from what that one has heard."""
        page = Listener(who, old.numbers if old else None)
        epoch, after = (old.epoch, old.numbers) if old else (None, None)
        if old is not None:
            page.me, page.epoch = old.me, old.epoch
            page.heard = {stream: dict(known) for stream, known in old.heard.items()}
        page.connection = await self.hosts.entering.enter(self.room, who, page, epoch, after)
        self.listeners.append(page)
        await self.settles()
        return page

    async def hangs_up(self, *pages: Listener) -> None:
        """Pages go away, as a phone does that falls asleep."""
        for page in pages:
            assert page.connection is not None
            self.hosts.hub.detach(page.connection)
        await self.settles()

    # The house itself.

    async def host(self) -> Host:
        """The live room's Host."""
        return await self.hosts.host(self.room)

    async def state(self) -> Room:
        """The live room."""
        return (await self.host()).room

    async def member(self, who: Who) -> MemberId:
        """Somebody's MemberId."""
        return (await self.state()).core.tags[who.tag]

    async def here(self) -> dict[str, bool]:
        """Who is at the table, and whether connected."""
        people = (await self.state()).public.people
        return {person.pseudonym: person.here for person in people.values()}

    async def settles(self) -> None:
        """Let everything that is under way come to its end."""
        for _ in range(3):
            while self.hosts._tasks:
                await asyncio.gather(*self.hosts._tasks, return_exceptions=True)
            await self.hosts._ledger.fence()
            await asyncio.sleep(0)

    async def ticks(self, seconds: float = 1.0) -> None:
        """Time passes, and the clock does what is due."""
        self.hands.pass_(seconds)
        await self.hosts.tick()
        await self.settles()

    async def restarts(self) -> None:
        """Stop tidily, and start anew on the same files. Every page is gone."""
        await self.hosts.close()
        await self.database.close()
        self._wake()
        await self.hosts.start()
        await self.settles()

    async def is_killed(self) -> None:
        """End without a word: what waits for the disk is lost. Then start anew."""
        tasks = [self.hosts._ledger._task, *self.hosts._tasks, *self.hosts._loading.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.database.close()
        self._wake()
        await self.hosts.start()
        await self.settles()

    async def close(self) -> None:
        """Stop."""
        await self.hosts.close()
        await self.database.close()

    async def disk_is_full(self) -> None:
        """From now on the database file cannot grow."""
        pages = await self.database.read(
            lambda c: c.exec_driver_sql("PRAGMA page_count").scalar_one()
        )
        await self._max_pages(pages)

    async def disk_has_room(self) -> None:
        """Somebody made room on the disk."""
        await self._max_pages(1_000_000)

    async def _max_pages(self, pages: int) -> None:
        statement = f"PRAGMA max_page_count={pages}"
        await self.database.write(lambda c: c.exec_driver_sql(statement).close())

    async def log(self) -> list[Row]:
        """The room's log as it is stored; without a hole."""
        rows = await self.store.rows_after(self.room, 0, 100_000)
        first = rows[0].n if rows else 1
        assert [row.n for row in rows] == list(range(first, first + len(rows))), "a hole"
        return rows

    def assert_promises(self) -> None:
        """I3 and I4: the acknowledged words are in the history once, and all histories agree."""
        history: dict[int, Frame] = {}
        for page in self.listeners:
            for seq, event in page.heard.get("room", {}).items():
                known = history.setdefault(seq, event)
                softened = "Withheld" in (known["type"], event["type"])
                assert known == event or softened, f"I4: two histories of room {seq}"
        said = [event["text"] for event in history.values() if event["type"] == "Said"]
        for numbers, command in self.acked:
            if isinstance(command, Speak) and numbers["room"] in history:
                event = history[numbers["room"]]
                assert event.get("text", command.text) == command.text, "I3: another's number"
                assert said.count(command.text) <= 1, "I3: said twice"


@asynccontextmanager
async def built(folder: Path) -> AsyncIterator[House]:
    """A house with one room, whose promises are checked at the end."""
    house = House(folder)
    await house.found()
    try:
        yield house
        house.assert_promises()
    finally:
        await house.close()
