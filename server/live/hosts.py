"""The one door to the live rooms: for sockets and forms, for the clock and for the desk."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from rooms.arriving import Join
from rooms.clock import Tick
from rooms.kernel import Command, Internal, NotAMember
from rooms.meetings import CloseMeeting, OpenMeeting
from rooms.presence import HostResumed, Lost, Returned
from rooms.refusals import Refused
from rooms.room import (
    ROOM,
    GroundRules,
    Hold,
    MemberId,
    MemberTag,
    Mode,
    Role,
    Room,
    StreamName,
    view,
)
from server.live import protocol
from server.live.bus import Bus, LocalBus
from server.live.catchup import CatchUp, Seat, resumable
from server.live.cluster import Alone, Cluster
from server.live.host import MACHINERY, Clock, Host, Numbers, Who
from server.live.hub import Connection, Hub, Wire
from server.live.ledger import Generation, Ledger
from server.live.loading import Loaded, Loader, RoomBroken
from server.live.protocol import Unavailable
from server.storage.database import Database
from server.storage.errors import StorageUnavailable
from server.storage.keys import KeyRing
from server.storage.sealing import SealBroken
from server.storage.store import Store

log = logging.getLogger(__name__)

VISIT_SECONDS: Final = 300.0
"""How long a form request counts as presence for somebody whose browser runs no script."""
IDLE_SECONDS: Final = 600.0
"""After how long without anybody a room with no open meeting leaves memory."""
RELOAD_SECONDS: Final = 1.0
"""How long a dropped room rests before it is loaded unasked. Whoever asks loads it at once."""
CHUNK_BYTES: Final = 65_536
"""How much of what somebody missed is sent at once; the rest waits until that has gone out."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What anybody may know of a room before they come in."""

    meeting_open: bool
    opened_at: float | None
    mode: Mode
    hold: Hold
    topic: str
    rules: GroundRules
    facilitators: list[str]


class Hosts:
    """The live rooms of this process. Make and use it inside a running event loop."""

    def __init__(
        self,
        database: Database,
        store: Store,
        keys: KeyRing,
        clock: Clock,
        keep_hours: int,
        cluster: Cluster | None = None,
    ) -> None:
        self.hub = Hub(came=self._came, gone=self._gone)
        self.clock = clock
        self._bus: Bus = LocalBus(self.hub)
        self._cluster: Cluster = cluster or Alone()
        self._store = store
        self._loader = Loader(database, store, keys)
        self._catch_up = CatchUp(store, self._loader)
        self._ledger = Ledger(store, database, self._dropped)
        self._keep_hours = keep_hours
        self._hosts: dict[str, Host] = {}
        self._loading: dict[str, asyncio.Task[Host]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._visits: dict[tuple[str, MemberId], float] = {}

    # The door.

    def submit(self, room: str, who: Who, command: Command, key: str) -> asyncio.Future[Numbers]:
        """Ask for something in somebody's name; the only way in.

        The future resolves to the numbers of the command's own events once they are durable. It
        fails with Refused: the rules said no, or Unavailable, or CannotStore, or NoSuchRoom.
        """
        host = self._hosts.get(room)
        if host is None or not host.generation.alive or isinstance(command, OpenMeeting):
            return self._later(self._submit_slowly(room, who, command, key))
        return self._handled(host, who, command, key)

    def order(self, room: str, command: Internal) -> asyncio.Future[Numbers]:
        """Carry out a command of the machinery: the clock's, presence's, or the desk's."""
        return self.submit(room, MACHINERY, command, "")

    async def glance(self, room: str) -> Glance:
        """What anybody may know of a room. Raises NoSuchRoom or Unavailable."""
        public = (await self.host(room)).room.public
        return Glance(
            meeting_open=public.meeting is not None,
            opened_at=public.meeting.opened_at if public.meeting else None,
            mode=public.mode,
            hold=public.hold,
            topic=public.topic,
            rules=public.rules,
            facilitators=[
                p.pseudonym for p in public.people.values() if p.here and p.role is not Role.MEMBER
            ],
        )

    async def seat(self, room: str, who: Who) -> Seat | None:
        """Somebody's place in a room, for a page without script; None for a stranger.

        Raises NoSuchRoom or Unavailable.
        """
        host = await self.host(room)
        member = host.room.core.tags.get(who.tag)
        if member is None:
            return None
        # A copy of this moment: by the time it is durable, later commands may have been applied.
        room_now = msgspec.msgpack.decode(msgspec.msgpack.encode(host.room), type=Room)
        try:
            await self._settled(host)
        except Unavailable:
            room_now = (await self._load_stored(room)).room
            if member not in room_now.core.members:
                raise
        try:
            return await self._catch_up.seat(host, room_now, member)
        except (StorageUnavailable, SealBroken):
            raise Unavailable() from None

    async def enter(
        self,
        room: str,
        who: Who,
        wire: Wire,
        epoch: str | None,
        after: Numbers | None,
        instead_of: Connection | None = None,
    ) -> Connection:
        """Attach a Wire to somebody's place, and let it catch up.

        `instead_of` is the Wire's former Connection to this room. It ends when the new one is
        there, so that nobody sees a person lost who only asks for what they missed. Raises
        NotAMember, NoSuchRoom or Unavailable, and then nothing new is attached.
        """
        host = await self.host(room)
        member = host.room.core.tags.get(who.tag)
        if member is None:
            raise NotAMember()
        self._visits.pop((room, member), None)
        # First their place at the table: without one there is nothing to hear.
        self._tell(room, Returned(member=member))
        resume = after is not None and epoch == host.epoch and resumable(host.room, member, after)
        state, until, opening = host.room, *self._opening(host, host.room, member)
        connection = self.hub.attach(room, member, wire, until)
        if instead_of is not None:
            self.hub.detach(instead_of)
        try:
            try:
                await self._settled(host)
            except Unavailable:
                # It can be read and not written: what is stored is still theirs to read.
                state = (await self._load_stored(room)).room
                if member not in state.core.members:
                    raise
                until, opening = self._opening(host, state, member)
                connection.streams = frozenset(until)
                resume = after is not None and resume and resumable(state, member, after)
            if resume and after is not None:
                await _paced(wire, self._missed(host, state, after, until))
            else:
                wire.send(opening)
                await wire.drained()
                await _paced(wire, self._history(host, state, member, until))
        except BaseException as error:
            # Also when the page went away meanwhile: a Connection nobody ends is a ghost at the
            # table.
            self.hub.detach(connection)
            if isinstance(error, StorageUnavailable | SealBroken):
                raise Unavailable() from None
            raise
        wire.send(self.heartbeat(host, until))
        self.hub.caught_up(connection, until)
        return connection

    def _opening(self, host: Host, state: Room, member: MemberId) -> tuple[Numbers, bytes]:
        """How far a Member's streams are in a state, and the snapshot that says so."""
        until = {s: state.number(s) for s in state.hears(member)}
        snapshot = protocol.Snapshot(
            room=host.id,
            epoch=host.epoch,
            me=member,
            now=host.now(),
            view=view(state, member),
            numbers=until,
        )
        return until, protocol.encode(snapshot)

    def heartbeat(self, host: Host, numbers: Numbers) -> bytes:
        """Where these streams are."""
        return protocol.encode(
            protocol.Heartbeat(room=host.id, epoch=host.epoch, now=host.now(), numbers=numbers)
        )

    # Presence.

    async def visit(self, room: str, who: Who) -> None:
        """Count a form request as presence. Raises NoSuchRoom or Unavailable."""
        host = await self.host(room)
        member = host.room.core.tags.get(who.tag)
        self._expect(host, member)
        if member is not None:
            self._tell(room, Returned(member=member))

    def _expect(self, host: Host, member: MemberId | None) -> None:
        """Somebody at the table without a Connection is lost unless they are heard of again."""
        if member is not None and not self.hub.connections(host.id, member):
            self._visits[host.id, member] = self.clock.mono() + VISIT_SECONDS

    def left_quickly(self, tag_in: Callable[[str], MemberTag]) -> None:
        """Somebody left in a hurry: every page of theirs closes, in every room, and they are lost
        like a connection is. Nobody sees more than that."""
        for room, host in list(self._hosts.items()):
            member = host.room.core.tags.get(tag_in(room))
            if member is None:
                continue
            self._end(room, member, 4505)
            if self._visits.pop((room, member), None) is not None:
                self._tell(room, Lost(member=member))

    def close_staff(self, tag_in: Callable[[str], MemberTag]) -> None:
        """Somebody's staff session ended: every page of theirs that acts as staff closes."""
        for room, host in list(self._hosts.items()):
            member = host.room.core.tags.get(tag_in(room))
            if member is not None:
                self._end(room, member, 4503)

    def _end(self, room: str, member: MemberId, code: int) -> None:
        """Close every page of somebody's; from here on none of them hears a word."""
        for connection in self.hub.connections(room, member):
            self.hub.detach(connection)
            connection.wire.close(code)

    def _came(self, room: str, member: MemberId) -> None:
        self._tell(room, Returned(member=member))

    def _gone(self, room: str, member: MemberId) -> None:
        self._tell(room, Lost(member=member))

    def _tell(self, room: str, command: Internal) -> None:
        """Presence is best effort: a load counts everybody anew."""
        self.order(room, command).add_done_callback(_retrieved)

    # Time.

    async def tick(self) -> None:
        """Do what is due in every room, here and asleep. Call it about once a second."""
        now = self.clock.mono()
        for (room, member), until in list(self._visits.items()):
            if until <= now:
                del self._visits[room, member]
                if not self.hub.connections(room, member):
                    self._tell(room, Lost(member=member))
        for host in list(self._hosts.values()):
            if host.due() <= host.now():
                self._tell(host.id, Tick())
        for room in await self._store.rooms_due(self.clock.wall()):
            if room not in self._hosts:
                self._tell(room, Tick())
        for host in list(self._hosts.values()):
            empty = host.room.public.meeting is None and not self.hub.connected(host.id)
            if empty and host.touched + IDLE_SECONDS < now:
                await self._unload(host)

    def beat(self) -> None:
        """Tell every Connection where its streams are, so that a lost frame is noticed."""
        beats: dict[tuple[str, frozenset[StreamName]], bytes] = {}
        for connection in self.hub.everybody():
            host = self._hosts.get(connection.room)
            if host is None or connection.catching_up is not None:
                continue
            heard = (connection.room, connection.streams)
            if heard not in beats:
                self.hub.flush(connection.room)  # or the numbers would be ahead of the frames
                beats[heard] = self.heartbeat(host, host.committed(connection.streams))
            connection.wire.send(beats[heard])

    async def start(self) -> None:
        """Load every room with an open meeting, so that its clock goes on."""
        for room in await self._store.open_rooms():
            try:
                await self.host(room)
            except Refused:
                log.error("a room with an open meeting could not be loaded")

    async def close(self) -> None:
        """Store what waits and end."""
        tasks = [*self._tasks, *self._loading.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._ledger.close()

    # Rooms in memory.

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
            loading.add_done_callback(_retrieved)
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
        loaded = await self._load_stored(room)
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
        )
        self._hosts[room] = host
        here = {*self.hub.connected(room), *(m for r, m in self._visits if r == room)}
        host.handle(MACHINERY, HostResumed(connected=sorted(here))).add_done_callback(_retrieved)
        if loaded.forgotten:
            for connection in self.hub.connections(room):
                connection.wire.close(4001)
        return host

    async def _load_stored(self, room: str) -> Loaded:
        """A room as it is stored. Raises NoSuchRoom or Unavailable."""
        try:
            return await self._loader.load(room, self.clock.wall())
        except (StorageUnavailable, SealBroken, RoomBroken, msgspec.MsgspecError) as error:
            log.error("room not loaded: %s", type(error).__name__)
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
                key_for_words = await self._loader.meeting_key(room, dies_on)
                resting = await self._loader.resting_key(room, day.date())
            except StorageUnavailable:
                raise Unavailable() from None
            host.expect_meeting(key_for_words, resting)
        return await self._handled(host, who, command, key)

    def _handled(self, host: Host, who: Who, command: Command, key: str) -> asyncio.Future[Numbers]:
        try:
            future = host.handle(who, command, key)
        except Refused as refused:
            future = asyncio.get_running_loop().create_future()
            future.set_exception(refused)
            if not host.generation.alive:
                self._reload(host.id)
            return future
        if isinstance(command, CloseMeeting | Tick):
            self._later(self._keep_snapshot(host, future))
        if isinstance(command, Join):
            self._expect(host, host.room.core.tags.get(who.tag))
        return future

    async def _settled(self, host: Host) -> None:
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
        await self._settled(host)
        await self._loader.save(host.id, n, state, self.clock.wall())

    async def _missed(
        self, host: Host, state: Room, after: Numbers, until: Numbers
    ) -> AsyncIterator[bytes]:
        async for frame in self._catch_up.missed(host, state, after, until):
            yield frame.data

    async def _history(
        self, host: Host, state: Room, member: MemberId, until: Numbers
    ) -> AsyncIterator[bytes]:
        if ROOM not in until:
            return
        heard_from = state.core.members[member].hears_from
        found = await self._catch_up.messages(host, state, heard_from, until[ROOM])
        for seq, at, event in found:
            _, body = protocol.stored(event, at)
            yield protocol.happened(host.id, ROOM, seq, at, body)

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

        self._later(reload()).add_done_callback(_retrieved)

    def _later(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _paced(wire: Wire, frames: AsyncIterator[bytes]) -> None:
    """Send many frames no faster than they are read, so that a slow phone catches up too."""
    chunk: list[bytes] = []
    size = 0
    async for frame in frames:
        chunk.append(frame)
        size += len(frame)
        if size >= CHUNK_BYTES:
            wire.send(b"\n".join(chunk))
            await wire.drained()
            chunk, size = [], 0
    if chunk:
        wire.send(b"\n".join(chunk))


def _retrieved(future: asyncio.Future[Any]) -> None:
    """Take note of a failure nobody waits for, so that it is not reported as forgotten."""
    if not future.cancelled():
        future.exception()
