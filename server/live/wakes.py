"""What keeps time for the process: the second's tick, the outbox, retention, the heartbeat."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from server.collector import collect_in_a_quiet_moment
from server.live.hosts import Hosts
from server.live.outbox import Outbox
from server.live.protocol import HEARTBEAT_SECONDS
from server.storage.database import Database
from server.storage.errors import StorageUnavailable
from server.storage.keys import KeyRing
from server.storage.retention import sweep

log = logging.getLogger(__name__)

TICK_SECONDS: Final = 1.0
SWEEP_SECONDS: Final = 3_600.0


class Wakes:
    """Runs what is due, again and again, until closed. Make it inside a running event loop.

    `each_second` is done after the outbox, `each_sweep` with every round of retention. `settled`
    waits for what was begun each second and goes on without the clock, such as a call to somebody.
    """

    def __init__(
        self,
        hosts: Hosts,
        outbox: Outbox,
        database: Database,
        keys: KeyRing,
        each_second: Sequence[Callable[[], Awaitable[object]]],
        each_sweep: Sequence[Callable[[], Awaitable[object]]],
        wall: Callable[[], float],
        settled: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self._settled = settled
        self._hosts = hosts
        self._outbox = outbox
        self._database = database
        self._keys = keys
        self._each_second = each_second
        self._each_sweep = each_sweep
        self._wall = wall
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        for name, seconds, work in (
            ("tick", TICK_SECONDS, self._tick),
            ("heartbeat", HEARTBEAT_SECONDS, self._beat),
            ("retention", SWEEP_SECONDS, self.sweep),
        ):
            self._tasks.append(asyncio.create_task(_again(seconds, work), name=name))

    async def close(self) -> None:
        """End after what is being done now."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def deliver(self) -> None:
        """Carry out what waits in the outbox now, without waiting for the next second, and wait
        until it is done."""
        await self._deliver()
        if self._settled is not None:
            await self._settled()

    async def _deliver(self) -> None:
        await self._outbox.run_once()
        for work in self._each_second:
            await work()

    async def sweep(self) -> None:
        """Let what has reached its end, end."""
        for work in self._each_sweep:
            await work()
        collect_in_a_quiet_moment(len(self._hosts.hub.everybody()))
        swept = await sweep(self._database, self._keys, self._hosts.renew_snapshot, self._wall())
        if swept.behind:
            log.error("rooms whose snapshot could not be renewed: %d", len(swept.behind))

    async def _tick(self) -> None:
        await self._hosts.tick()
        await self._deliver()

    async def _beat(self) -> None:
        self._hosts.entering.beat()


async def _again(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work now and again after each pause. A failure is noted by its type and not the end:
    a database that is away comes back, and the clock must be running then."""
    while True:
        try:
            await work()
        except StorageUnavailable:
            log.warning("the database cannot be used at the moment")
        except Exception as bug:  # noqa: BLE001 - the clock of every room hangs on this loop
            log.error("work of the clock failed: %s", type(bug).__name__)
        await asyncio.sleep(seconds)
