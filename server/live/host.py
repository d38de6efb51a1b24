"""The Host: one live Room in one process. `handle` is a plain function with no await in it."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, isinf
from typing import Final, NamedTuple

import msgspec

from rooms.clock import due
from rooms.kernel import At, Command, Internal, Order, Recorded, carry_out
from rooms.meetings import MeetingClosed, MeetingOpened
from rooms.refusals import Refused
from rooms.room import MemberId, MemberTag, Role, Room, StreamName
from rooms.speaking import Said, Speak
from rooms.threads import ThreadKeyKept
from server.live.bus import Bus, Rehear, Step
from server.live.ledger import Failure, Generation, Ledger, Pending
from server.live.projecting import project
from server.live.protocol import CannotStore, Conflict, SomethingBroke, Unavailable
from server.live.purse import Purse
from server.live.scribe import Mark, Scribe
from server.storage.appends import Append, Row
from server.storage.projections import Projected
from server.storage.sealing import DataKey

log = logging.getLogger(__name__)

Numbers = dict[StreamName, int]
"""The numbers a command's own events got, in the streams its sender hears."""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody at a room's door: their tag there, and the role their Account has in it."""

    tag: MemberTag
    role: Role = Role.MEMBER


MACHINERY = Who("")
"""Who sends Internal commands."""


class Clock(NamedTuple):
    """The two clocks: `wall` in seconds since the epoch, `mono` never goes back."""

    wall: Callable[[], float]
    mono: Callable[[], float]


class Answer(NamedTuple):
    """What an accepted key was answered, and what it came with."""

    body: int
    future: asyncio.Future[Numbers]


_WORDS_ALONE: Final = frozenset({Said})


class Host:
    """Decides, applies, and hands to the Ledger; publishes what the Ledger has made durable.

    Later commands are decided on state that is applied and not yet stored; nobody sees any of it
    before the commit. When a commit fails this Host is dropped whole, and the room loaded again.
    """

    def __init__(
        self,
        room: Room,
        epoch: str,
        scribe: Scribe,
        resting: DataKey,
        stored: dict[bytes, tuple[bytes, Numbers]],
        ledger: Ledger,
        bus: Bus,
        clock: Clock,
        keep_minutes: int,
        on_call: Callable[[str], bool],
    ) -> None:
        self.room = room
        self.epoch = epoch
        self.generation = Generation(scribe.room)
        self.touched = clock.mono()
        self._scribe = scribe
        self._resting = resting
        self._meeting_key: DataKey | None = None
        self._stored = stored
        self._answers: dict[tuple[MemberTag, str], Answer] = {}
        self._purse = Purse()
        self._ledger = ledger
        self._bus = bus
        self._clock = clock
        self._loop = asyncio.get_running_loop()  # asked for once: each time is a system call
        self._base = max(room.last, clock.wall())
        self._mono = clock.mono()
        self._keep_minutes = keep_minutes
        self._on_call = on_call
        self._committed = dict(room.numbers)
        self._due = due(room)

    @property
    def id(self) -> str:
        """The room's slug."""
        return self._scribe.room

    def now(self) -> float:
        """The room's time, in seconds since the epoch. It never goes back, whatever the clock does:
        the last event's time or the wall clock at load, and since then the monotonic clock."""
        return self._base + (self._clock.mono() - self._mono)

    def committed(self, streams: Iterable[StreamName]) -> Numbers:
        """How far these streams are durable, and so heard."""
        return {stream: self._committed.get(stream, 0) for stream in streams}

    def due(self) -> float:
        """The room's next deadline, on the room's own clock; infinity when nothing waits."""
        return self._due

    def renew_resting(self, resting: DataKey) -> None:
        """Seal with another resting key from now on."""
        if self._scribe.key is self._resting:
            self._scribe.key = resting
        self._resting = resting

    def expect_meeting(self, key: DataKey, resting: DataKey) -> None:
        """Take the key that the next meeting's words will be sealed with, durable already, and the
        resting key for what comes after it."""
        self._meeting_key = key
        self.renew_resting(resting)

    def handle(
        self, who: Who, command: Command, key: str = "", thread_key: DataKey | None = None
    ) -> asyncio.Future[Numbers]:
        """Carry out one command and queue its events. The future resolves when they are durable.
        `thread_key` is the key of the private thread it may open, durable already.

        Raises Refused (also Conflict for a key that came with another command). The future may
        fail with Unavailable or CannotStore.
        """
        if not self.generation.alive:
            raise Unavailable()
        self.touched = self._clock.mono()
        body = msgspec.json.encode(command)
        if key and (answer := self._remembered(who.tag, key, body)):
            return answer
        now = self.now()
        if not isinstance(command, Internal):
            self._purse.spend(who.tag, command, now)
        before = self.room.n
        known = self.room.core.tags.get(who.tag, 0)
        # Nearly every command is one of these: what they ask nothing of is spared.
        speaks = type(command) is Speak
        at = At(
            now=now,
            by=known,
            tag=who.tag,
            role=who.role,
            fresh_id=0 if known and speaks else self._fresh_id(),
            on_call=not speaks and self._on_call(self.id),
            thread_key=thread_key.id if thread_key else 0,
        )
        future: asyncio.Future[Numbers] = self._loop.create_future()
        try:
            recorded, orders = carry_out(self.room, command, at)
            if thread_key is not None:
                self._learn(recorded, thread_key)
            by = at.by or self.room.core.tags.get(who.tag, 0)
            numbers = self._numbers(by, recorded)
            if recorded or orders:
                self._queue(before, recorded, orders, by, (who.tag, key, body), numbers, future)
            else:
                self._nothing_new(future)
        except Refused:
            raise
        except Exception as bug:  # noqa: BLE001 - a bug of one rule must not end the room's host
            # The message of an exception may quote what somebody wrote: its type and the type of
            # the command are all that may reach a log.
            log.error("rule failed: %s in %s", type(bug).__name__, type(command).__name__)
            self.generation.alive = False
            raise SomethingBroke() from None
        if key and (recorded or orders):
            self._answers[who.tag, key] = Answer(hash(body), future)
        return future

    def _learn(self, recorded: Sequence[Recorded], thread_key: DataKey) -> None:
        """Seal what is said in a thread that has opened with its own key."""
        for one in recorded:
            if isinstance(one.event, ThreadKeyKept):
                self._scribe.threads[one.event.name] = thread_key

    def _queue(
        self,
        before: int,
        recorded: Sequence[Recorded],
        orders: Sequence[Order],
        by: MemberId,
        sent: tuple[MemberTag, str, bytes],
        numbers: Numbers,
        future: asyncio.Future[Numbers],
    ) -> None:
        """Seal, and hand to the Ledger with the head this was decided on."""
        kinds = {type(one.event) for one in recorded}
        if MeetingOpened in kinds and self._meeting_key:
            self._scribe.key, self._meeting_key = self._meeting_key, None
            self._stored = {}
        closing = MeetingClosed in kinds
        # Who repeats the end of a meeting asks a room between meetings, which has no other key.
        marker = Scribe(self.id, self._resting) if closing else self._scribe
        tag, key, body = sent
        mark = marker.mark(tag, key, body) if key else None
        actor = marker.actor(by)
        rows: list[Row] = []
        steps: list[Step] = []
        projected: list[Projected] = []
        for one in recorded:
            row, frame = self._scribe.write(one, actor, mark)
            rows.append(row)
            if frame is not None:
                steps.append(frame)
            steps += (Rehear(m, self.room.hears(m)) for m in one.event.rehears())
            projected += project(one, self._scribe, by, self._keep_minutes)
        if kinds != _WORDS_ALONE:
            self._due = due(self.room)  # words alone move no deadline, and most events are words
        append = Append(
            room=self.id,
            expected=before,
            new=self.room.n,
            rows=rows,
            orders=[
                self._scribe.order(order, self.room.n, self.now(), self._resting)
                for order in orders
            ],
            projected=projected,
            # By the minute, like every time in clear; in memory the room keeps it to the letter.
            due=None if isinf(self._due) else ceil(self._due / 60) * 60.0,
        )
        if closing:
            self._end_meeting()

        def committed() -> None:
            self._committed.update((r.stream, r.seq) for r in recorded)
            self._bus.publish(self.id, steps)
            if not future.done():
                future.set_result(numbers)

        def failed(failure: Failure) -> None:
            self._answers.pop((tag, key), None)
            if not future.done():
                unavailable = failure == "unavailable"
                future.set_exception(Unavailable() if unavailable else CannotStore())

        self._ledger.append(Pending(append, self.generation, committed, failed))

    def _nothing_new(self, future: asyncio.Future[Numbers]) -> None:
        """Answer a command that changes nothing, once what it found so is durable. It is not
        remembered: no row holds its key, and whoever repeats it asks for nothing again."""

        def answer(_fence: asyncio.Future[None]) -> None:
            if future.done():
                return
            if self.generation.alive:
                future.set_result({})
            else:
                future.set_exception(Unavailable())

        self._ledger.fence().add_done_callback(answer)

    def _end_meeting(self) -> None:
        """What comes after a meeting is sealed with the resting key, and its keys are forgotten."""
        self._scribe.key = self._resting
        self._stored = {}
        self._answers = {}
        self._purse = Purse()

    def _remembered(self, tag: MemberTag, key: str, body: bytes) -> asyncio.Future[Numbers] | None:
        """The answer this key got before; it gets the same again. Raises Conflict."""
        if answer := self._answers.get((tag, key)):
            if answer.body != hash(body):
                raise Conflict()
            return answer.future
        if not self._stored:
            return None
        mark: Mark = self._scribe.mark(tag, key, body)
        if (found := self._stored.get(mark.sent)) is None:
            return None
        if found[0] != mark.body:
            raise Conflict()
        future: asyncio.Future[Numbers] = self._loop.create_future()
        future.set_result(found[1])
        return future

    def _numbers(self, by: MemberId, recorded: Sequence[Recorded]) -> Numbers:
        heard = self.room.hears(by)
        return {r.stream: r.seq for r in recorded if r.stream in heard}

    def _fresh_id(self) -> MemberId:
        while True:
            member = secrets.randbits(48)
            if member >= 1 << 16 and member not in self.room.core.members:
                return member
