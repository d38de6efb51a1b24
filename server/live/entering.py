"""Coming in and looking in: a glance from outside, a seat for a page, a Wire that catches up."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import msgspec

from rooms.kernel import NotAMember
from rooms.presence import Returned
from rooms.room import (
    ROOM,
    GroundRules,
    Hold,
    MemberId,
    Mode,
    Role,
    Room,
    StreamName,
    private,
    view,
)
from server.live import protocol
from server.live.catchup import CatchUp, Fates, Seat, resumable
from server.live.host import Host, Numbers, Who
from server.live.hub import Connection, Wire
from server.live.live_rooms import LiveRooms
from server.live.presence import Presence
from server.live.protocol import Unavailable
from server.storage.errors import StorageUnavailable
from server.storage.sealing import SealBroken

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


class Entering:
    """Lets people see a room, each as much of it as is theirs."""

    def __init__(self, hosts: LiveRooms, presence: Presence, catch_up: CatchUp) -> None:
        self._hosts = hosts
        self._presence = presence
        self._catch_up = catch_up

    async def glance(self, room: str) -> Glance:
        """What anybody may know of a room. Raises NoSuchRoom or Unavailable."""
        public = (await self._hosts.host(room)).room.public
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
        host = await self._hosts.host(room)
        member = host.room.core.tags.get(who.tag)
        if member is None:
            return None
        # A copy of this moment: by the time it is durable, later commands may have been applied.
        room_now = msgspec.msgpack.decode(msgspec.msgpack.encode(host.room), type=Room)
        try:
            await self._hosts.settled(host)
        except Unavailable:
            room_now = (await self._hosts.load_stored(room)).room
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
        host = await self._hosts.host(room)
        member = host.room.core.tags.get(who.tag)
        if member is None:
            raise NotAMember()
        self._presence.entered(room, member)
        # First their place at the table: without one there is nothing to hear.
        self._hosts.tell(room, Returned(member=member))
        resume = after is not None and epoch == host.epoch and resumable(host.room, member, after)
        state, until, opening = host.room, *self._opening(host, host.room, member)
        fates = state.public.messages
        connection = self._hosts.hub.attach(room, member, wire, until)
        if instead_of is not None:
            self._hosts.hub.detach(instead_of)
        try:
            try:
                await self._hosts.settled(host)
            except Unavailable:
                # It can be read and not written: what is stored is still theirs to read.
                state = (await self._hosts.load_stored(room)).room
                if member not in state.core.members:
                    raise
                until, opening = self._opening(host, state, member)
                fates = state.public.messages
                connection.streams = frozenset(until)
                resume = after is not None and resume and resumable(state, member, after)
            if resume and after is not None:
                await _paced(wire, self._missed(host, fates, after, until))
            else:
                wire.send(opening)
                await wire.drained()
                await _paced(wire, self._history(host, state, member, until))
        except BaseException as error:
            # Also when the page went away meanwhile: a Connection nobody ends is a ghost at the
            # table.
            self._hosts.hub.detach(connection)
            if isinstance(error, StorageUnavailable | SealBroken):
                raise Unavailable() from None
            raise
        wire.send(self.heartbeat(host, until))
        self._hosts.hub.caught_up(connection, until)
        return connection

    def beat(self) -> None:
        """Tell every Connection where its streams are, so that a lost frame is noticed."""
        beats: dict[tuple[str, frozenset[StreamName]], bytes] = {}
        for connection in self._hosts.hub.everybody():
            host = self._hosts.live(connection.room)
            if host is None or connection.catching_up is not None:
                continue
            heard = (connection.room, connection.streams)
            if heard not in beats:
                self._hosts.hub.flush(
                    connection.room
                )  # or the numbers would be ahead of the frames
                beats[heard] = self.heartbeat(host, host.committed(connection.streams))
            connection.wire.send(beats[heard])

    def heartbeat(self, host: Host, numbers: Numbers) -> bytes:
        """Where these streams are."""
        return protocol.encode(
            protocol.Heartbeat(room=host.id, epoch=host.epoch, now=host.now(), numbers=numbers)
        )

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

    async def _missed(
        self, host: Host, fates: Fates, after: Numbers, until: Numbers
    ) -> AsyncIterator[bytes]:
        async for frame in self._catch_up.missed(host, fates, after, until):
            yield frame.data

    async def _history(
        self, host: Host, state: Room, member: MemberId, until: Numbers
    ) -> AsyncIterator[bytes]:
        own = private(member)
        for seq, at, word in await self._catch_up.words(host, state, member, until[own]):
            _, body = protocol.stored(word, at)
            yield protocol.happened(host.id, own, seq, at, body)
        if ROOM not in until:
            return
        heard_from = state.core.members[member].hears_from
        found = await self._catch_up.messages(host, state, heard_from, until[ROOM])
        for seq, at, event in found:
            _, body = protocol.stored(event, at)
            yield protocol.happened(host.id, ROOM, seq, at, body)


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
