"""Numbers for the operator's monitoring, in Prometheus's text format, for this machine alone.

Counts of things and never a name of one: no room, no account, no address. Still, small numbers can
tell who was there when, so the door is on the loopback interface and shut unless it is asked for.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import accumulate
from typing import Final

from sqlalchemy import Connection, func, select

from server.assemble import Parts
from server.settings import SettingRefused
from server.storage.errors import StorageError
from server.storage.measured import BOUNDS_S, Meter
from server.storage.tables import outbox

ADDRESS: Final = "127.0.0.1"
PATH: Final = b"/metrics"
ASK_SECONDS: Final = 5.0
LONGEST_ASK: Final = 4096


@asynccontextmanager
async def served(parts: Parts, port: int) -> AsyncIterator[None]:
    """Answer on `port` of the loopback interface while the block runs; on none where it is 0.

    Raises SettingRefused when nothing can listen there.
    """
    if port == 0:
        yield
        return

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(
            TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError
        ):
            async with asyncio.timeout(ASK_SECONDS):
                ask = await reader.readuntil(b"\r\n\r\n")
                writer.write(await _answer(parts, ask))
                await writer.drain()
        writer.close()

    try:
        server = await asyncio.start_server(answer, ADDRESS, port, limit=LONGEST_ASK)
    except OSError:
        raise SettingRefused(
            f"METRICS_PORT: nothing can listen on {ADDRESS} port {port}."
        ) from None
    async with server:
        yield


async def text(parts: Parts) -> str:
    """Every number, as it is now. A database that is away takes only its own numbers along."""
    hosts, meter = parts.hosts, parts.meter
    lines = [
        *_gauge("connections", "Open WebSockets in rooms.", len(hosts.hub.everybody())),
        *_gauge("rooms_live", "Rooms in memory.", hosts.rooms_live),
        *_gauge("meetings_open", "Meetings that are open.", hosts.meetings_open),
        *_count("commands_stored", "Commands that became durable.", meter.commands),
        *_count("storage_unavailable", "Batches the disk did not take.", meter.unavailable),
        *_batches(meter),
    ]
    with suppress(StorageError):
        waiting, dead = await parts.database.read(_orders)
        lines += _gauge("outbox_waiting", "Orders on their way.", waiting)
        lines += _gauge("outbox_dead", "Orders that were given up.", dead)
    return "\n".join(lines) + "\n"


async def _answer(parts: Parts, ask: bytes) -> bytes:
    if ask.split(b" ", 2)[:2] != [b"GET", PATH]:
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    body = (await text(parts)).encode()
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
        b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(body), body)
    )


def _orders(connection: Connection) -> tuple[int, int]:
    query = select(outbox.c.dead, func.count()).group_by(outbox.c.dead)
    counts = {bool(dead): int(count) for dead, count in connection.execute(query)}
    return counts.get(False, 0), counts.get(True, 0)


def _gauge(name: str, meaning: str, value: int) -> list[str]:
    return [*_head(name, meaning, "gauge"), f"candlelight_{name} {value}"]


def _count(name: str, meaning: str, value: int) -> list[str]:
    name = f"{name}_total"
    return [*_head(name, meaning, "counter"), f"candlelight_{name} {value}"]


def _batches(meter: Meter) -> Iterator[str]:
    name = "ledger_batch_seconds"
    yield from _head(name, "How long batches took to become durable.", "histogram")
    bounds = [f"{bound:g}" for bound in BOUNDS_S] + ["+Inf"]
    sums = list(accumulate(meter.buckets))
    for bound, total in zip(bounds, sums, strict=True):
        yield f'candlelight_{name}_bucket{{le="{bound}"}} {total}'
    yield f"candlelight_{name}_sum {meter.seconds:.6f}"
    yield f"candlelight_{name}_count {sums[-1]}"


def _head(name: str, meaning: str, kind: str) -> list[str]:
    return [f"# HELP candlelight_{name} {meaning}", f"# TYPE candlelight_{name} {kind}"]
