"""The outbox: what was decided together with a transaction and is done after it, at least once.

An Order waits as a sealed row. The worker takes it for a while (a lease), carries it out, and
forgets it; when that fails it comes back later, ever later, and at last stays where an operator
sees it. A killed process loses nothing: its leases end.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Final

import msgspec
from sqlalchemy import Connection, insert

from rooms.kernel import Internal
from server.live.hosts import Hosts
from server.live.protocol import INTERNALS
from server.storage.database import Database
from server.storage.keys import KeyDestroyed, KeyRing
from server.storage.sealing import ORDER, SealBroken, Sealed, seal, unseal
from server.storage.snapshots import resting_key
from server.storage.store import LeasedOrder, Store
from server.storage.tables import outbox

log = logging.getLogger(__name__)

LEASE_SECONDS: Final = 30.0
BATCH: Final = 50
FIRST_RETRY_SECONDS: Final = 2.0
LONGEST_RETRY_SECONDS: Final = 300.0
ATTEMPTS: Final = 20
"""After so many failures (more than an hour) an Order is a dead letter that `doctor` shows."""

TO_ROOM: Final = "to_room"
"""The kind of an Order from the desk to a room: an Internal command."""

Carry = Callable[[str, bytes], Awaitable[None]]
"""Carries out an Order of one kind for a room; raises when it should be tried again."""

_internals: msgspec.json.Decoder[Internal] = msgspec.json.Decoder(reduce(or_, INTERNALS))


def post(connection: Connection, keys: KeyRing, room: str, command: Internal, now: float) -> None:
    """Post a command of the desk to a room, inside the desk's own transaction.

    What the desk decides and what the room hears of it are one thing: neither happens alone.
    """
    key = resting_key(keys, room, datetime.fromtimestamp(now, UTC).date(), connection)
    sealed = seal(key, room, 0, ORDER, msgspec.json.encode(command))
    connection.execute(
        insert(outbox).values(
            kind=TO_ROOM,
            room=room,
            n=0,
            key_id=key.id,
            nonce=sealed.nonce,
            body=sealed.body,
            due=now,
            attempts=0,
            leased_until=0.0,
            dead=False,
        )
    )


class Outbox:
    """The worker. `carry` has one function for each kind of Order besides the desk's own."""

    def __init__(
        self,
        database: Database,
        store: Store,
        keys: KeyRing,
        hosts: Hosts,
        wall: Callable[[], float],
        carry: Mapping[str, Carry] | None = None,
    ) -> None:
        self._database = database
        self._store = store
        self._keys = keys
        self._hosts = hosts
        self._wall = wall
        self._carrying = asyncio.Lock()
        self._carry = {TO_ROOM: self._to_room, **(carry or {})}

    async def run_once(self) -> int:
        """Carry out all that is due, after what is being carried out already; answers how many
        Orders there were."""
        async with self._carrying:
            return await self._run()

    async def _run(self) -> int:
        orders = await self._store.take_orders(self._wall(), LEASE_SECONDS, BATCH)
        for order in orders:
            try:
                await self._carry[order.kind](order.room, await self._open(order))
            except (KeyDestroyed, SealBroken, KeyError, msgspec.MsgspecError) as error:
                log.error("order can never be carried out: %s", type(error).__name__)
                await self._store.order_failed(order.id, None)
            except Exception as error:  # noqa: BLE001 - one Order's bug must not stop the others
                log.warning("order will be tried again: %s", type(error).__name__)
                await self._store.order_failed(order.id, self._retry_at(order.attempts))
            else:
                await self._store.order_done(order.id)
        return len(orders)

    def _retry_at(self, attempts: int) -> float | None:
        if attempts >= ATTEMPTS:
            return None
        return self._wall() + min(
            FIRST_RETRY_SECONDS * 2.0 ** (attempts - 1), LONGEST_RETRY_SECONDS
        )

    async def _open(self, order: LeasedOrder) -> bytes:
        def find(connection: Connection) -> bytes:
            key = self._keys.unwrap(order.key_id, connection)
            return unseal(key, order.room, order.n, ORDER, Sealed(order.nonce, order.body))

        return await self._database.read(find)

    async def _to_room(self, room: str, body: bytes) -> None:
        await self._hosts.order(room, _internals.decode(body))
