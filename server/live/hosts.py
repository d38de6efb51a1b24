"""The one door to the live rooms: for sockets and forms, for the clock and for the desk."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf
from typing import Any, Final

import msgspec

from moderation.danger import DangerSaid, NoteDanger
from moderation.screening.screen import Screen
from rooms.arriving import Join
from rooms.clock import Tick
from rooms.kernel import Command, Internal
from rooms.meetings import CloseMeeting, OpenMeeting
from rooms.on_call import ComeOnCall
from rooms.presence import HostResumed
from rooms.refusals import Refused
from rooms.room import ROOM, Role
from rooms.safety import NONE, Level
from rooms.speaking import Speak
from rooms.threads import OpenThread
from server.live.bus import Bus, LocalBus
from server.live.catchup import CatchUp
from server.live.cluster import Alone, Cluster
from server.live.entering import Entering
from server.live.host import MACHINERY, Clock, Host, Numbers, Who
from server.live.hub import Hub
from server.live.ledger import Generation, Ledger
from server.live.loading import Loaded, Loader
from server.live.presence import Presence
from server.live.protocol import Unavailable
from server.live.screening import Screening
from server.live.unstored import Unstored
from server.storage.database import Database
from server.storage.errors import StorageUnavailable
from server.storage.keys import KeyRing
from server.storage.sealing import DataKey
from server.storage.store import Store

log = logging.getLogger(__name__)

IDLE_SECONDS: Final = 600.0
"""After how long without anybody a room with no open meeting leaves memory."""
BROKEN_SECONDS: Final = 60.0
"""How long the clock leaves a room in peace that could not be loaded. People may ask at once."""
SOON_SECONDS: Final = 3_600.0
"""Rooms with a deadline so near are loaded at start; every alert has one (rooms/alert_clock.py)."""
RELOAD_SECONDS: Final = 1.0
"""How long a dropped room rests before it is loaded unasked. Whoever asks loads it at once."""


class Hosts:
    """The live rooms of this process. Make and use it inside a running event loop."""

    def __init__(
        self,
        database: Database,
        store: Store,
        keys: KeyRing,
        clock: Clock,
        keep_hours: int,
        screen: Screen,
        cluster: Cluster | None = None,
    ) -> None:
        self.clock = clock
        self.presence = Presence(self)
        self.hub = Hub(came=self.presence.came, gone=self.presence.gone)
        self._bus: Bus = LocalBus(self.hub)
        self._cluster: Cluster = cluster or Alone()
        self._store = store
        self._loader = Loader(database, store, keys)
        self.entering = Entering(self, self.presence, CatchUp(store, self._loader))
        self._ledger = Ledger(store, database, self._dropped)
        self._keep_hours = keep_hours
        self._screening = Screening(screen, clock.mono)
        self._unstored = Unstored(self)
        self.on_call: Callable[[str], bool] = lambda room: False
        self._hosts: dict[str, Host] = {}
        self._loading: dict[str, asyncio.Task[Host]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._broken: dict[str, float] = {}

    # The door.

    def submit(self, room: str, who: Who, command: Command, key: str) -> asyncio.Future[Numbers]:
        """Ask for something in somebody's name; the only way in.

        The future resolves to the numbers of the command's own events once they are durable. It
        fails with Refused: the rules said no, or Unavailable, or CannotStore, or NoSuchRoom.

        Every text is looked at first. Danger is noted before budget, role and rule, and whether or
        not the command is accepted; a refusal carries its level.
        """
        look = self._screening.look(room, who.tag, command)
        if look is None:
            return self._submit(room, who, command, key)
        note = NoteDanger(danger=look.danger, card_only=look.card_only)
        noted = f"{key}#danger" if key else ""
        if look.card_only:  # at the door nobody is known before they are in
            future = self._submit(room, who, command, key)
            future.add_done_callback(lambda _: self._note(room, who, note, noted))
        else:
            self._note(room, who, note, noted)
            future = self._submit(room, who, command, key)
            if isinstance(command, Speak) and look.danger.level:
                future.add_done_callback(lambda done: self._said(room, who, done, noted))
        if future.done():  # whoever waits for it hears of it before any callback does
            _carrying_help(look.danger.level, future)
        else:
            future.add_done_callback(partial(_carrying_help, look.danger.level))
        return future

    def heed(self, room: str, who: Who, command: Command, key: str) -> Level:
        """Look at what is refused before it comes to the door, as too fast for its Connection.

        Danger is noted all the same. Returns its level, which the refusal carries.
        """
        look = self._screening.look(room, who.tag, command)
        if look is None or look.card_only:
            return NONE
        note = NoteDanger(danger=look.danger, card_only=False)
        self._note(room, who, note, f"{key}#danger" if key else "")
        return look.danger.level

    def heed_stranger(self, command: Command) -> Level:
        """The level of what somebody sends whom the room does not know, as with a browser that has
        lost their words. It cannot be noted for anybody; they are shown who can help."""
        look = self._screening.look_at_stranger(command)
        return NONE if look is None else look.danger.level

    def _submit(self, room: str, who: Who, command: Command, key: str) -> asyncio.Future[Numbers]:
        host = self._hosts.get(room)
        slow = isinstance(command, OpenMeeting | OpenThread)
        if host is None or not host.generation.alive or slow:
            return self._later(self._submit_slowly(room, who, command, key))
        return self._handled(host, who, command, key)

    def note(self, room: str, who: Who, note: Internal, key: str) -> asyncio.Future[Numbers]:
        """See `LiveRooms.note`."""
        return self._submit(room, who, note, key)

    def _note(self, room: str, who: Who, note: NoteDanger, key: str) -> None:
        """Note danger. What cannot be stored is told to the staff who are here, and kept until it
        can be."""
        future = self.note(room, who, note, key)
        if not note.danger.level:
            future.add_done_callback(retrieved)  # a craving: a quiet link, and no harm without it
            return
        future.add_done_callback(partial(self._unstored.look, room, who, note, key))

    def _said(self, room: str, who: Who, done: asyncio.Future[Numbers], key: str) -> None:
        """The words of an alert were said: let the facilitators see which message it is."""
        if not done.cancelled() and done.exception() is None and ROOM in done.result():
            link = DangerSaid(message=done.result()[ROOM])
            self._submit(room, who, link, f"{key}-said" if key else "").add_done_callback(retrieved)

    def order(self, room: str, command: Internal) -> asyncio.Future[Numbers]:
        """Carry out a command of the machinery: the clock's, presence's, or the desk's."""
        return self.submit(room, MACHINERY, command, "")

    def tell(self, room: str, command: Internal) -> None:
        """An order nobody waits for: presence and the clock are best effort, as a load counts
        everybody anew."""
        self.order(room, command).add_done_callback(retrieved)

    # Time.

    async def tick(self) -> None:
        """Do what is due in every room, here and asleep. Call it about once a second."""
        now = self.clock.mono()
        self.presence.expire()
        self._screening.tidy()
        self._unstored.try_again()
        living = [host for host in self.all_live() if host.generation.alive]
        for host in living:
            if host.due() <= host.now():
                self.tell(host.id, Tick())
        awake = {host.id for host in living}
        for room in await self._store.rooms_due(self.clock.wall()):
            if room not in awake and self._broken.get(room, -inf) + BROKEN_SECONDS < now:
                self.tell(room, Tick())
        for host in self.all_live():
            quiet = host.room.public.meeting is None and not host.room.staff.alerts
            empty = quiet and not self.hub.connected(host.id)
            if empty and host.touched + IDLE_SECONDS < now:
                await self._unload(host)

    async def start(self) -> None:
        """Load every room with an open meeting, or with a deadline near, so that its clock goes on
        and whoever is on call finds the alerts that outlived their meeting."""
        soon = await self._store.rooms_due(self.clock.wall() + SOON_SECONDS)
        for room in dict.fromkeys([*await self._store.open_rooms(), *soon]):
            try:
                await self.host(room)
            except Refused:
                log.error("a room with an open meeting or alert could not be loaded")

    async def close(self) -> None:
        """Store what waits and end."""
        tasks = [*self._tasks, *self._loading.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._ledger.close()

    # Rooms in memory.

    def live(self, room: str) -> Host | None:
        """The room's Host, if it is in memory."""
        return self._hosts.get(room)

    def all_live(self) -> list[Host]:
        """Every Host in memory."""
        return list(self._hosts.values())

    @property
    def rooms_live(self) -> int:
        """How many rooms are in memory."""
        return len(self._hosts)

    @property
    def meetings_open(self) -> int:
        """How many of them have an open meeting."""
        return sum(host.room.public.meeting is not None for host in self._hosts.values())

    async def host(self, room: str) -> Host:
        """The live Room. Raises NoSuchRoom, or Unavailable when it cannot be loaded now."""
        host = self._hosts.get(room)
        if host is not None and host.generation.alive:
            return host
        if not self._cluster.hosts_here(room):
            raise Unavailable()
        loading = self._loading.get(room)
        if loading is None:
            loading = self._loading[room] = asyncio.create_task(self._load(room))
            loading.add_done_callback(lambda _: self._loading.pop(room, None))
            loading.add_done_callback(retrieved)
        return await asyncio.shield(loading)

    async def renew_snapshot(self, room: str) -> None:
        """Store a fresh snapshot of a room, for retention. Raises Unavailable or NoSuchRoom."""
        host = await self.host(room)
        day = datetime.fromtimestamp(self.clock.wall(), UTC).date()
        resting = await self._loader.resting_key(room, day)
        host.renew_resting(resting)
        await self._save(host)

    async def _load(self, room: str) -> Host:
        await self._ledger.fence()
        loaded = await self.load_stored(room)
        host = Host(
            loaded.room,
            loaded.epoch,
            loaded.scribe,
            loaded.resting,
            loaded.stored,
            self._ledger,
            self._bus,
            self.clock,
            self._keep_hours * 60,
            self._is_on_call,
        )
        self._hosts[room] = host
        here = self.presence.here(room)
        host.handle(MACHINERY, HostResumed(connected=here)).add_done_callback(retrieved)
        if loaded.forgotten:
            for connection in self.hub.connections(room):
                connection.wire.close(4001)
        return host

    def _is_on_call(self, room: str) -> bool:
        return self.on_call(room)

    async def load_stored(self, room: str) -> Loaded:
        """A room as it is stored. Raises NoSuchRoom or Unavailable."""
        try:
            return await self._loader.load(room, self.clock.wall())
        except Refused:
            raise
        except Exception as error:  # noqa: BLE001 - one room that cannot be read stops no other
            log.error("room not loaded: %s", type(error).__name__)
            self._broken[room] = self.clock.mono()
            raise Unavailable() from None

    async def _unload(self, host: Host) -> None:
        touched = host.touched
        await self._ledger.fence()
        empty = not self.hub.connected(host.id) and host.touched == touched
        if empty and self._hosts.get(host.id) is host:
            host.generation.alive = False
            del self._hosts[host.id]

    async def _submit_slowly(self, room: str, who: Who, command: Command, key: str) -> Numbers:
        host = await self.host(room)
        state = host.room
        leads = state.role(state.core.tags.get(who.tag, 0)) is Role.FACILITATOR
        if isinstance(command, OpenMeeting) and leads and state.public.meeting is None:
            # A key must be durable before its first use, and `handle` cannot wait for a disk.
            day = datetime.fromtimestamp(self.clock.wall(), UTC)
            dies_on = (day + timedelta(hours=self._keep_hours)).date()
            try:
                key_for_words = await self._loader.words_key(room, "meeting", dies_on)
                resting = await self._loader.resting_key(room, day.date())
            except StorageUnavailable:
                raise Unavailable() from None
            host.expect_meeting(key_for_words, resting)
        thread_key = None
        if isinstance(command, OpenThread):
            day = datetime.fromtimestamp(self.clock.wall(), UTC)
            dies_on = (day + timedelta(hours=self._keep_hours)).date()
            try:
                thread_key = await self._loader.words_key(room, "thread", dies_on)
            except StorageUnavailable:
                raise Unavailable() from None
        return await self._handled(host, who, command, key, thread_key)

    def _handled(
        self,
        host: Host,
        who: Who,
        command: Command,
        key: str,
        thread_key: DataKey | None = None,
    ) -> asyncio.Future[Numbers]:
        try:
            future = host.handle(who, command, key, thread_key)
        except Refused as refused:
            future = asyncio.get_running_loop().create_future()
            future.set_exception(refused)
            if not host.generation.alive:
                self._reload(host.id)
            return future
        if isinstance(command, CloseMeeting | Tick):
            self._later(self._keep_snapshot(host, future))
        if isinstance(command, Join | ComeOnCall):
            self.presence.expect(host, host.room.core.tags.get(who.tag))
        return future

    async def settled(self, host: Host) -> None:
        """Wait until everything decided so far is durable. Raises Unavailable when it was not."""
        await self._ledger.fence()
        if not host.generation.alive:
            raise Unavailable()

    async def _keep_snapshot(self, host: Host, future: asyncio.Future[Numbers]) -> None:
        """Closing a meeting forces a snapshot, so that its rows can go when their time ends."""
        try:
            await future
            if host.room.public.meeting is None:
                await self._save(host)
        except (Refused, StorageUnavailable):
            return  # retention asks again

    async def _save(self, host: Host) -> None:
        host.room.forget_strangers()
        n, state = host.room.n, msgspec.msgpack.encode(host.room)
        await self.settled(host)
        await self._loader.save(host.id, n, state, self.clock.wall())

    # Faults.

    def _dropped(self, generation: Generation, error: Exception) -> None:
        log.error("room dropped: %s", type(error).__name__)
        self._reload(generation.room)

    def _reload(self, room: str) -> None:
        """Load a room again, after a moment: where the disk is at fault, asking at once would only
        ask a thousand times."""

        async def reload() -> None:
            await asyncio.sleep(RELOAD_SECONDS)
            await self.host(room)

        self._later(reload()).add_done_callback(retrieved)

    def _later(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _carrying_help(level: Level, future: asyncio.Future[Numbers]) -> None:
    """Whatever is refused, its author is told that help is there."""
    error = None if future.cancelled() else future.exception()
    if isinstance(error, Refused):
        error.help = level


def retrieved(future: asyncio.Future[Any]) -> None:
    """Take note of a failure nobody waits for, so that it is not reported as forgotten."""
    if not future.cancelled():
        future.exception()
