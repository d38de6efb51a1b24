"""Catching up: what a Connection hears before it hears what happens now.

A fresh page gets the View and the last messages of its window. One that was away gets every event
it missed, or, where its numbers are not of this room or of this window any more, a fresh page.
Nothing before a Member's own window is ever read here, and words that were taken back or hidden
are not said again: catch-up shows a tombstone in their place.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

from rooms.room import (
    ROOM,
    STAFF,
    MemberId,
    MessageFate,
    MessageState,
    Room,
    Standing,
    StreamName,
    View,
    private,
    view,
)
from rooms.speaking import Said, Withheld
from rooms.threads import PrivatelySaid
from server.live import protocol
from server.live.host import Host, Numbers
from server.live.hub import Frame
from server.live.loading import PAGE, Loader
from server.live.scribe import read, stream_name, stream_number
from server.storage.appends import Row
from server.storage.store import Store

HISTORY: Final = 200
"""Messages a fresh page gets; older ones of the window stay in the log."""

Fates = Mapping[int, MessageState]
"""Author and fate of each message of a meeting, by its number."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message of a window. `text` is None for one that was taken back or hidden."""

    number: int
    member: MemberId
    pseudonym: str
    at: float
    text: str | None
    fate: MessageFate


@dataclass(frozen=True, slots=True)
class PrivateWord:
    """One word of an open private thread; `other` is the other end, `mine` says who wrote it."""

    number: int
    other: MemberId
    mine: bool
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Seat:
    """One Member's own place in a room: all that their page may show."""

    member: MemberId
    standing: Standing
    at_table: bool
    view: View
    numbers: Numbers
    epoch: str
    now: float
    messages: list[Utterance]
    words: list[PrivateWord]


class CatchUp:
    """Reads from the log what somebody may still hear."""

    def __init__(self, store: Store, loader: Loader) -> None:
        self._store = store
        self._loader = loader

    async def missed(
        self, host: Host, fates: Fates, after: Numbers, until: Numbers
    ) -> AsyncIterator[Frame]:
        """The frames of each stream after `after`, up to and with `until`, in the room's order.

        `fates` are the messages of the meeting, taken before anything was waited for: a meeting
        that closes meanwhile forgets which words were taken back or hidden, and this must not.
        """
        wanted = [(stream_number(s), n) for s, n in after.items() if until.get(s, 0) > n]
        if not wanted:
            return
        from_n = await self._begin(host.id)
        while rows := await self._store.page(host.id, from_n, wanted, PAGE):
            from_n = rows[-1].n
            async for row, plain in self._plain(host.id, rows):
                stream = stream_name(row.stream)
                if row.seq <= until.get(stream, 0):
                    yield _frame(host.id, fates, stream, row.seq, plain)

    async def messages(
        self, host: Host, room: Room, heard_from: int, until: int
    ) -> list[tuple[int, float, Said | Withheld]]:
        """The last messages of a window, oldest first: number, time, and what may be shown."""
        fates = room.public.messages
        numbers = [n for n in fates if heard_from < n <= until][-HISTORY:]
        if not numbers:
            return []
        from_n, found = await self._begin(host.id), []
        wanted = [(stream_number(ROOM), numbers[0] - 1)]
        while rows := await self._store.page(host.id, from_n, wanted, PAGE):
            from_n = rows[-1].n
            async for row, plain in self._plain(host.id, rows):
                if row.seq <= until and row.seq in fates:
                    at, event = protocol.recall(plain)
                    if isinstance(event, Said):
                        found.append((row.seq, at, _shown(fates, row.seq, event)))
        return found

    async def words(
        self, host: Host, room: Room, member: MemberId, until: int
    ) -> list[tuple[int, float, PrivatelySaid]]:
        """The words of somebody's open private threads, oldest first: number, time, word.

        A thread may be older than the meeting, so it is looked for in all there is of the room.
        """
        open_ = {other: thread.since for other, thread in room.private(member).threads.items()}
        if not open_:
            return []
        from_n, found = 0, []
        wanted = [(stream_number(private(member)), min(open_.values()))]
        while rows := await self._store.page(host.id, from_n, wanted, PAGE):
            from_n = rows[-1].n
            async for row, plain in self._plain(host.id, rows):
                at, event = protocol.recall(plain)
                if not isinstance(event, PrivatelySaid):
                    continue
                if open_.get(event.other, until) < row.seq <= until:
                    found.append((row.seq, at, event))
        return found[-HISTORY:]

    async def seat(self, host: Host, room: Room, member: MemberId) -> Seat:
        """A Member's place in `room`, the host's state at one durable moment."""
        known = room.core.members[member]
        until = {stream: room.number(stream) for stream in room.hears(member)}
        found: list[tuple[int, float, Said | Withheld]] = []
        if ROOM in until:
            found = await self.messages(host, room, known.hears_from, until[ROOM])
        said = await self.words(host, room, member, until[private(member)])
        return Seat(
            member=member,
            standing=room.standing(member, host.now()),
            at_table=member in room.public.people,
            view=view(room, member),
            numbers=until,
            epoch=host.epoch,
            now=host.now(),
            messages=[_utterance(seq, at, event) for seq, at, event in found],
            words=[PrivateWord(seq, w.other, w.mine, at, w.text) for seq, at, w in said],
        )

    async def _begin(self, room_id: str) -> int:
        """The number before the present meeting's first event; no window begins earlier."""
        place = await self._store.last_meeting(room_id)
        return (place.first_n or 1) - 1 if place else 0

    async def _plain(self, room_id: str, rows: list[Row]) -> AsyncIterator[tuple[Row, bytes]]:
        """The rows that can still be read. A key that has died takes its words along, silently."""
        keys = await self._loader.unwrap({row.key_id for row in rows})
        for row in rows:
            if row.key_id in keys:
                yield row, read(keys[row.key_id], room_id, row)


def window(room: Room, member: MemberId) -> Numbers:
    """The number after which somebody hears each of their streams."""
    known = room.core.members[member]
    begins = {ROOM: known.hears_from, STAFF: known.staff_from}
    return {stream: begins.get(stream, 0) for stream in room.hears(member)}


def resumable(room: Room, member: MemberId, after: Numbers) -> bool:
    """Whether numbers a client brings can be continued: of this meeting, of this window, not from
    the future, and of exactly the streams the Member hears."""
    begins = window(room, member)
    return (
        room.public.meeting is not None
        and after.keys() == begins.keys()
        and all(begins[s] <= n <= room.number(s) for s, n in after.items())
    )


def _frame(room_id: str, fates: Fates, stream: StreamName, seq: int, plain: bytes) -> Frame:
    state = fates.get(seq) if stream == ROOM else None
    if state is None or state.fate is MessageFate.SAID:
        at, body = protocol.recall_raw(plain)
    else:
        at, event = protocol.recall(plain)
        if isinstance(event, Said):
            event = _shown(fates, seq, event)
        _, body = protocol.stored(event, at)
    return Frame(stream, seq, protocol.happened(room_id, stream, seq, at, body))


def _shown(fates: Fates, seq: int, event: Said) -> Said | Withheld:
    """What may be shown of a message now. Moderation is stronger than delivery."""
    state = fates.get(seq)
    if state is None or state.fate is MessageFate.SAID:
        return event
    return Withheld(member=event.member, pseudonym=event.pseudonym, fate=state.fate)


def _utterance(seq: int, at: float, event: Said | Withheld) -> Utterance:
    if isinstance(event, Said):
        return Utterance(seq, event.member, event.pseudonym, at, event.text, MessageFate.SAID)
    return Utterance(seq, event.member, event.pseudonym, at, None, event.fate)
