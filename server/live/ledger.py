"""The Ledger: the one writer of a process. First durable, then heard.

Commands are decided faster than a disk can promise anything, so what they yield waits here, and
all that has gathered while one transaction was written goes into the next: a batch is as large as
the moment needs, without a timer.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from server.storage.appends import Append, HeadMoved
from server.storage.database import Database
from server.storage.errors import StorageUnavailable
from server.storage.store import Store

WAITING_LIMIT = 10_000
"""Commands that may wait for the disk before new ones are refused at once."""

Failure = Literal["unavailable", "cannot_store"]
"""`unavailable`: try again, it may work. `cannot_store`: this very command never will."""


@dataclass(slots=True, eq=False)
class Generation:
    """One loading of a Room. Dropped for good when anything decided in it could not be stored."""

    room: str
    alive: bool = True


@dataclass(slots=True, eq=False)
class Pending:
    """One command's events on their way to the disk, and whom to tell. Told exactly once."""

    append: Append
    generation: Generation
    committed: Callable[[], None]
    failed: Callable[[Failure], None]
    told: bool = field(default=False, init=False)


class Ledger:
    """Takes what Hosts append, in order, and makes it durable in batches.

    `dropped` is called once for each Generation that ends here, with what ended it, soon after the
    command at fault was refused: the Host loads the Room anew and the operator hears of it. All
    callbacks run on the event loop, a room's in the order of its commands. Make it inside a running
    event loop.
    """

    def __init__(
        self, store: Store, database: Database, dropped: Callable[[Generation, Exception], None]
    ) -> None:
        self._store = store
        self._database = database
        self._dropped = dropped
        self._loop = asyncio.get_running_loop()
        self._waiting: list[Pending | asyncio.Future[None]] = []
        self._wake = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._run(), name="ledger")

    def append(self, pending: Pending) -> None:
        """Queue one command's events; returns at once, the answer comes by callback.

        Refused as unavailable when the Generation is dropped, the Ledger is closing, or more than
        `WAITING_LIMIT` commands wait: a queue without an end only hides that the disk is gone.
        """
        if self._closing or not pending.generation.alive:
            self._loop.call_soon(self._refuse, pending, "unavailable")
        elif len(self._waiting) >= WAITING_LIMIT:
            self._drop(pending.generation, StorageUnavailable("too many waiting"))
            self._loop.call_soon(self._refuse, pending, "unavailable")
        else:
            self._waiting.append(pending)
            self._wake.set()

    def fence(self) -> asyncio.Future[None]:
        """Resolves when everything queued before it is stored or refused."""
        fence = self._loop.create_future()
        if self._task.done():
            fence.set_result(None)
        else:
            self._waiting.append(fence)
            self._wake.set()
        return fence

    async def close(self) -> None:
        """Store what waits, refuse what comes, and end."""
        self._closing = True
        self._wake.set()
        await self._task

    async def _run(self) -> None:
        while self._waiting or not self._closing:
            await self._wake.wait()
            self._wake.clear()
            taken, self._waiting = self._waiting, []
            batch = [one for one in taken if isinstance(one, Pending)]
            try:
                await self._store_all(batch)
            except StorageUnavailable as error:
                # The disk is at fault and no command is: a smaller batch makes it no larger, and
                # each further attempt could wait seconds for a lock while rooms stand still.
                for pending in batch:
                    if not pending.told:
                        self._drop(pending.generation, error)
                        self._refuse(pending, "unavailable")
            for one in taken:
                if isinstance(one, asyncio.Future) and not one.done():
                    one.set_result(None)

    async def _store_all(self, batch: Sequence[Pending]) -> None:
        """Store `batch`, split where it fails: by room, then command by command in order.

        What precedes a failing command is stored; it alone is tried twice; what follows it in its
        Generation was decided on a state that never came to be, and is refused unsent. Raises
        `StorageUnavailable`.
        """
        batch = self._refuse_dropped(batch)
        error = await self._attempt(batch)
        if error is None:
            return
        parts = list(_by_room(batch))
        if len(parts) == 1:
            parts = [[pending] for pending in batch]
        if len(parts) > 1:
            for part in parts:
                await self._store_all(part)
        elif again := await self._attempt(batch):
            self._drop(batch[0].generation, again)
            moved = isinstance(again, HeadMoved)
            self._refuse(batch[0], "unavailable" if moved else "cannot_store")

    async def _attempt(self, batch: Sequence[Pending]) -> Exception | None:
        """Store `batch` in one transaction and tell everybody, or answer why not."""
        if not batch:
            return None
        appends = [pending.append for pending in batch]
        try:
            await asyncio.wrap_future(self._database.submit(lambda: self._store.append(appends)))
        except StorageUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - any bug of one command must not end the writer
            return error
        for pending in batch:
            self._tell(pending, pending.committed)
        return None

    def _refuse_dropped(self, batch: Sequence[Pending]) -> Sequence[Pending]:
        living = [pending for pending in batch if pending.generation.alive]
        if len(living) != len(batch):
            for pending in batch:
                if not pending.generation.alive:
                    self._refuse(pending, "unavailable")
        return living

    def _refuse(self, pending: Pending, failure: Failure) -> None:
        self._tell(pending, lambda: pending.failed(failure))

    def _tell(self, pending: Pending, callback: Callable[[], None]) -> None:
        pending.told = True
        try:
            callback()
        except Exception as error:  # noqa: BLE001 - a bug in one Host must not end the others' writer
            self._drop(pending.generation, error)

    def _drop(self, generation: Generation, error: Exception) -> None:
        if generation.alive:
            generation.alive = False
            self._loop.call_soon(self._dropped, generation, error)


def _by_room(batch: Sequence[Pending]) -> Iterator[list[Pending]]:
    """The batch room by room; within a room the order stays (sorting is stable)."""
    by_room = sorted(batch, key=_room)
    return (list(part) for _, part in groupby(by_room, key=_room))


def _room(pending: Pending) -> str:
    return pending.append.room
