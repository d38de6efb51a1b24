"""The one door to the database file: who may touch it, from which thread, and what may come out.

One thread writes and three threads read. The writer holds one connection and begins every
transaction with BEGIN IMMEDIATE, so a lock is met at the start of a transaction and never in its
middle; readers see the last committed state and never wait for the writer (write-ahead log).
"""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar, cast

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError

from server.storage.errors import StorageUnavailable, guarded
from server.storage.occupied import use

T = TypeVar("T")

READERS = 3
BUSY_TIMEOUT_MS = 5000
"""How long a statement waits for another process's lock before `StorageUnavailable`."""
CHECKPOINT_TIMEOUT_MS = 200

PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",  # an acknowledged command survives a power cut, not only a kill
    "busy_timeout": str(BUSY_TIMEOUT_MS),
    "foreign_keys": "ON",
    "secure_delete": "ON",  # deleted rows are overwritten, not only unlinked
    "trusted_schema": "OFF",
    "cell_size_check": "ON",
    "journal_size_limit": str(64 * 1024 * 1024),
}


class Database:
    """A SQLite file, its writer thread and its reader threads.

    `url` is an SQLAlchemy address such as `sqlite:////var/lib/candlelight/candlelight.db`. The file
    is made with mode 0600 and its folder with 0700. Raises `ValueError` for any other database, and
    `StorageUnavailable` while the folder is being restored.
    """

    def __init__(self, url: str) -> None:
        self.path = database_path(url)
        _prepare_file(self.path)
        self._use = use(self.path.parent)
        self._writing = _engine(self.path, begin="BEGIN IMMEDIATE", connections=1)
        self._reading = _engine(self.path, begin="BEGIN", connections=READERS)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="storage-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="storage-reader")
        self._writer_thread = self._writer.submit(threading.get_ident).result()
        self._connection: Connection | None = None  # the writer's, kept from write to write
        self._closed = False

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn(connection)` on one consistent state of the database.

        Raises `StorageUnavailable`, also when `fn` tries to write.
        """

        def look() -> T:
            with self._reading.begin() as connection:
                return fn(connection)

        return await asyncio.wrap_future(self._submit(self._readers, lambda: guarded(look)))

    async def write(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn(connection)` in one transaction; when this returns, its changes are durable.

        If `fn` raises, nothing of it is stored and the exception comes back. If the waiting task is
        cancelled once `fn` has begun, `fn` still runs to its end: cancelled does not mean undone.
        Raises `StorageUnavailable` or `CannotStore`.
        """
        return await asyncio.wrap_future(self.submit_write(fn))

    def submit_write(self, fn: Callable[[Connection], T]) -> Future[T]:
        """Queue `fn` as one transaction of the writer thread; for callers without an event loop."""
        return self.submit(lambda: self.write_now(fn))

    def submit(self, job: Callable[[], T]) -> Future[T]:
        """Queue `job` for the writer thread outside any transaction; it may call `write_now`."""
        return self._submit(self._writer, job)

    def write_now(self, fn: Callable[[Connection], T]) -> T:
        """As `write`, blocking. The writer thread runs it on the spot; a write in a write fails."""
        if threading.get_ident() == self._writer_thread:
            return guarded(lambda: self._write(fn))
        return self.submit_write(fn).result()

    def _write(self, fn: Callable[[Connection], T]) -> T:
        connection = self._writers_connection()
        try:
            with connection.begin():
                return fn(connection)
        except SQLAlchemyError:
            # Whatever state the failure left, the pool rolls it back; the next write begins clean.
            connection.close()
            self._connection = None
            raise

    def _writers_connection(self) -> Connection:
        if self._connection is None:
            self._connection = self._writing.connect()
        return self._connection

    async def checkpoint(self) -> bool:
        """Move the write-ahead log into the file and cut it to nothing.

        Until then a deleted text is still readable in the log. Answers whether the log is empty
        now: a reader in the middle of its transaction can hold it; call again later.
        """
        return await asyncio.wrap_future(self.submit(self._truncate_log))

    def _truncate_log(self) -> bool:
        def truncate() -> bool:
            # A checkpoint cannot run inside a transaction, so it goes round SQLAlchemy's.
            raw = cast(sqlite3.Connection, self._writers_connection().connection.driver_connection)
            # Nor may it wait as long as a statement may: people are talking behind it in the queue.
            raw.execute(f"PRAGMA busy_timeout={CHECKPOINT_TIMEOUT_MS}")
            try:
                held, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            return not held

        return guarded(truncate)

    async def close(self) -> None:
        """Finish what is queued, end every thread and close every connection. May be repeated."""
        await asyncio.to_thread(self.close_now)

    def close_now(self) -> None:
        """As `close`, for callers without an event loop."""
        self._closed = True
        self._readers.shutdown()
        self._writer.shutdown()
        if self._connection is not None:
            self._connection.close()
        self._reading.dispose()
        self._writing.dispose()
        self._use.end()

    def _submit(self, pool: ThreadPoolExecutor, job: Callable[[], T]) -> Future[T]:
        if self._closed:
            raise StorageUnavailable("closed")
        return pool.submit(job)


def _engine(path: Path, *, begin: str, connections: int) -> Engine:
    engine = create_engine(
        f"sqlite+pysqlite:///{path}",
        hide_parameters=True,
        echo=False,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_MS / 1000,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # sqlite3 begins no transaction of its own; `start` below does
        for name, value in PRAGMAS.items():
            raw.execute(f"PRAGMA {name}={value}")
        if begin == "BEGIN":
            raw.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def database_path(url: str) -> Path:
    """The file at an SQLAlchemy address. Raises `ValueError` for any other database."""
    parsed = make_url(url)
    if (
        parsed.get_backend_name() != "sqlite"
        or not parsed.database
        or parsed.database == ":memory:"
    ):
        raise ValueError(
            "Candlelight keeps its data in a SQLite file for now: "
            "give its address as sqlite:///path/to/candlelight.db."
        )
    return Path(parsed.database).absolute()


def _prepare_file(path: Path) -> None:
    """Make the file readable by its owner alone before a first byte of it exists."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
