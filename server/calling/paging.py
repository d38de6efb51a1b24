"""Paging: an Order of a room becomes calls to people, at least once, and never lost unseen.

Calls to one person over one channel that come within a minute are one call with a count: somebody
who is woken must be able to read what for. A call that does not go out is tried again, ever later,
and at last it stays where `doctor` and the on-call page show it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection, and_, case, delete, insert, select, update

from rooms.orders import Call, PageOnCall, RemindStaff
from rooms.safety import Stage
from server.calling.channels import CallFailed, Channel, Notice
from server.calling.contacts import Contacts
from server.calling.shifts import Shifts, eligible, moderators, operators
from server.calling.tables import calls
from server.people.tags import AccountId
from server.storage.database import Database

log = logging.getLogger(__name__)

TOGETHER_SECONDS: Final = 60.0
"""Calls to one person that come so close together are one."""
FIRST_RETRY_SECONDS: Final = 5.0
LONGEST_RETRY_SECONDS: Final = 300.0
CALL_SECONDS: Final = 30.0
"""How long one call may take in all, however the other side answers."""
ATTEMPTS: Final = 12
"""After so many failures (half an hour) a call is a dead letter; the next one tries again."""
EVERYBODY: Final = 0
"""The account of the operator's webhook, which is nobody's own."""
WEBHOOK: Final = "webhook"


class Waiting(NamedTuple):
    """A call on its way, or a dead letter."""

    account_id: AccountId
    channel: str
    times: int
    why: Call
    level: int
    room: str
    waited: int
    attempts: int
    dead: bool


class UnderWay(NamedTuple):
    """A call that goes out just now, and what it says."""

    task: asyncio.Task[None]
    call: Waiting


class Paging:
    """Calls people. `channels` are those the operator has configured, by name; `named` gives a
    room's name for a call, and `tag_of` what a room knows an Account by."""

    def __init__(
        self,
        database: Database,
        shifts: Shifts,
        contacts: Contacts,
        channels: Mapping[str, Channel],
        wall: Callable[[], float],
        named: Callable[[str], Awaitable[str]],
        tag_of: Callable[[AccountId, str], str],
        origin: str,
    ) -> None:
        self._database = database
        self._shifts = shifts
        self._contacts = contacts
        self._channels = channels
        self._wall = wall
        self._named = named
        self._tag_of = tag_of
        self._link = f"{origin}/staff/on-call"
        self._sending: dict[tuple[AccountId, str], UnderWay] = {}

    @property
    def reaches_everybody(self) -> bool:
        """Whether there is a webhook, which stands for all."""
        return WEBHOOK in self._channels

    # What the outbox carries here.

    async def page(self, room: str, body: bytes) -> None:
        """Carry out a PageOnCall. Raises StorageUnavailable."""
        order = msgspec.json.decode(body, type=PageOnCall)

        def write(connection: Connection) -> None:
            self._call(connection, self._whom(connection, room, order), room, order)

        await self._database.write(write)

    def _whom(self, connection: Connection, room: str, order: PageOnCall) -> list[AccountId]:
        """Who is called: those on shift who can be reached, and never the person it is about.

        Where that is nobody, or they did not come, it is everybody who may take it, and the
        operators, who cannot read it but can ring somebody up. What lies on the desk is for
        moderators, as nobody else can read it.
        """
        desk = order.why is Call.REPORT
        may = moderators(connection) if desk else eligible(connection, room)
        on_shift = [
            shift.account_id
            for shift in self._shifts.on_shift(room)
            if (shift.reachable or self.reaches_everybody) and shift.account_id in may
        ]

        def without(people: Iterable[AccountId]) -> list[AccountId]:
            return [a for a in people if not order.about or self._tag_of(a, room) != order.about]

        people = without(on_shift)
        if order.stage is Stage.EVERYBODY or not people:
            people = without(dict.fromkeys([*on_shift, *may, *operators(connection)]))
        return people

    async def remind(self, room: str, body: bytes) -> None:
        """Carry out a RemindStaff: the Account is the one whose tag the room knew."""
        order = msgspec.json.decode(body, type=RemindStaff)

        def write(connection: Connection) -> None:
            people = [a for a in eligible(connection, room) if self._tag_of(a, room) == order.tag]
            reminder = PageOnCall(why=Call.REMINDER)
            self._call(connection, people, room, reminder, webhook=False)

        await self._database.write(write)

    async def test(self, account: AccountId, room: str) -> None:
        """Send somebody a test over every channel they have, and over the webhook."""
        order = PageOnCall(why=Call.TEST)
        await self._database.write(lambda c: self._call(c, [account], room, order))

    def _call(
        self,
        connection: Connection,
        people: Sequence[AccountId] | Mapping[AccountId, None],
        room: str,
        order: PageOnCall,
        *,
        webhook: bool = True,
    ) -> None:
        slots: set[tuple[AccountId, str]] = {
            (account, contact.channel)
            for account in people
            for contact in self._contacts.of(connection, account)
            if contact.channel in self._channels
        }
        if webhook and self.reaches_everybody:
            slots.add((EVERYBODY, WEBHOOK))
        if not slots:
            log.error("a call reaches nobody: no channel, or no address of anybody")
        for slot in slots:
            under_way = self._sending.get(slot)
            out = under_way.call.times if under_way else 0
            _add(connection, *slot, room, order, self._wall(), out)

    # Sending.

    async def begin_due(self) -> int:
        """Begin to send all that is due, each over its own channel; answers how many there are.

        Nobody waits for it: a mail server that says nothing holds up no clock, and no other call.
        """
        now = self._wall()
        query = select(calls).where(calls.c.times > 0, ~calls.c.dead, calls.c.due <= now)
        due = await self._database.read(lambda c: c.execute(query).all())
        for call in map(_waiting, due):
            slot = call.account_id, call.channel
            if slot not in self._sending:
                task = asyncio.create_task(self._send(call))
                self._sending[slot] = UnderWay(task, call)
                task.add_done_callback(partial(self._ended, slot))
        return len(due)

    async def send_due(self) -> int:
        """Send all that is due, and wait until it went out or failed."""
        count = await self.begin_due()
        await asyncio.gather(*self._tasks(), return_exceptions=True)
        return count

    async def close(self) -> None:
        """End what is being sent; it is sent again after the next start."""
        sending = self._tasks()
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [under_way.task for under_way in self._sending.values()]

    def _ended(self, slot: tuple[AccountId, str], task: asyncio.Task[None]) -> None:
        self._sending.pop(slot, None)
        if not task.cancelled() and (bug := task.exception()) is not None:
            log.error("a call could not be looked after: %s", type(bug).__name__)

    async def _send(self, call: Waiting) -> None:
        notice = Notice(
            call.why, call.level, await self._named(call.room), call.times, call.waited, self._link
        )
        channel = self._channels.get(call.channel)
        try:
            if channel is None:
                raise CallFailed()
            addresses = await self._addresses(call)
            if not addresses:
                await self._database.write(lambda c: _dropped(c, call))
                return
            results = await asyncio.gather(
                *(_in_time(channel.send(address, notice)) for _, address in addresses),
                return_exceptions=True,
            )
            gone = [
                contact
                for (contact, _), result in zip(addresses, results, strict=True)
                if isinstance(result, CallFailed) and result.gone
            ]
            reached = not all(isinstance(result, BaseException) for result in results)
            await self._database.write(lambda c: self._forget(c, call.account_id, gone))
            if not reached:
                raise CallFailed()
        except CallFailed:
            log.warning("a call did not go out and will be tried again")
            await self._database.write(lambda c: _failed(c, call, self._wall()))
        else:
            await self._database.write(lambda c: _sent(c, call, self._wall()))

    async def _addresses(self, call: Waiting) -> list[tuple[str, str]]:
        if call.account_id == EVERYBODY:
            return [("", "")]
        held = await self._database.read(lambda c: self._contacts.of(c, call.account_id))
        return [
            (contact.id, contact.address) for contact in held if contact.channel == call.channel
        ]

    def _forget(self, connection: Connection, account: AccountId, gone: Sequence[str]) -> None:
        """A browser that unsubscribed is not called again."""
        for contact in gone:
            self._contacts.remove(connection, account, contact)

    # Looking.

    async def undelivered(self) -> list[Waiting]:
        """Calls that did not go out: those still tried, and dead letters."""
        query = select(calls).where(calls.c.times > 0, calls.c.attempts > 0)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return [_waiting(row) for row in rows]


async def _in_time(sending: Awaitable[None]) -> None:
    """Raises CallFailed, too, where a service answers drop by drop."""
    try:
        async with asyncio.timeout(CALL_SECONDS):
            await sending
    except TimeoutError:
        raise CallFailed() from None


def dead_letters(connection: Connection) -> int:
    """How many calls were given up."""
    return len(connection.execute(select(calls.c.channel).where(calls.c.dead)).all())


def _add(
    connection: Connection,
    account: AccountId,
    channel: str,
    room: str,
    order: PageOnCall,
    now: float,
    out: int,
) -> None:
    """Add a call to what this person is told next over this channel; `out` calls of it go out just
    now."""
    mine = and_(calls.c.account_id == account, calls.c.channel == channel)
    row = connection.execute(select(calls).where(mine)).one_or_none()
    if row is None:
        connection.execute(
            insert(calls).values(
                account_id=account,
                channel=channel,
                times=1,
                why=order.why,
                level=order.level,
                room=room,
                waited=order.waited,
                due=now,
                sent=0.0,
                attempts=0,
                dead=False,
            )
        )
        return
    waiting = row.times > out
    # A real call is never hidden behind a test.
    first = not waiting or order.level > row.level or row.why == Call.TEST
    connection.execute(
        update(calls)
        .where(mine)
        .values(
            times=row.times + 1,
            # The gravest of what came together is what is said.
            why=order.why if first else row.why,
            level=order.level if first else row.level,
            room=room if first else row.room,
            waited=max(order.waited, row.waited if waiting else 0),
            due=row.due if row.times and not row.dead else max(now, row.sent + TOGETHER_SECONDS),
            attempts=0 if row.dead else row.attempts,
            dead=False,
        )
    )


def _sent(connection: Connection, call: Waiting, now: float) -> None:
    """What was sent is done; what came meanwhile is due a minute later."""
    connection.execute(
        update(calls)
        .where(calls.c.account_id == call.account_id, calls.c.channel == call.channel)
        .values(
            # Never below none: another process may have sent the same.
            times=case((calls.c.times > call.times, calls.c.times - call.times), else_=0),
            sent=now,
            due=now + TOGETHER_SECONDS,
            attempts=0,
        )
    )


def _dropped(connection: Connection, call: Waiting) -> None:
    """Somebody has taken away their last address: there is nobody left to call."""
    mine = and_(calls.c.account_id == call.account_id, calls.c.channel == call.channel)
    connection.execute(delete(calls).where(mine))


def _failed(connection: Connection, call: Waiting, now: float) -> None:
    """What did not go out is said the next time, with whatever came meanwhile."""
    attempts = call.attempts + 1
    wait = min(FIRST_RETRY_SECONDS * 2.0**call.attempts, LONGEST_RETRY_SECONDS)
    mine = and_(calls.c.account_id == call.account_id, calls.c.channel == call.channel)
    connection.execute(
        update(calls)
        .where(mine)
        .values(attempts=attempts, due=now + wait, dead=attempts >= ATTEMPTS)
    )
    if call.why is Call.TEST:
        return  # it hides no call that came meanwhile
    connection.execute(
        update(calls)
        .where(mine, calls.c.level <= call.level)
        .values(why=call.why, level=call.level, room=call.room, waited=call.waited)
    )


def _waiting(row) -> Waiting:  # type: ignore[no-untyped-def]  # a row of `calls`
    return Waiting(
        row.account_id,
        row.channel,
        row.times,
        Call(row.why),
        row.level,
        row.room,
        row.waited,
        row.attempts,
        row.dead,
    )
