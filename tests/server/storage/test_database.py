"""The door to the database: durable or told so, and no words in any error."""

import asyncio
import sqlite3
import stat
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from server.storage.database import Database
from server.storage.errors import CannotStore, StorageError, StorageUnavailable
from tests.server.storage.samples import files_of

NEEDLE = "only-ada-knows-this"


def run(sql: str, **values: object) -> Callable[[Connection], None]:
    return lambda connection: connection.execute(text(sql), values).close()


def count(connection: Connection) -> int:
    found: int = connection.execute(text("SELECT count(*) FROM words")).scalar_one()
    return found


@pytest.fixture
async def words(database: Database) -> Database:
    await database.write(run("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL)"))
    return database


async def test_what_was_written_is_read(words: Database) -> None:
    await words.write(run("INSERT INTO words VALUES (1, 'hello')"))
    assert await words.read(count) == 1


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("busy_timeout", 5000),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
    ],
)
async def test_every_connection_has_the_promised_settings(
    database: Database, pragma: str, value: object
) -> None:
    def ask(connection: Connection) -> object:
        return connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()

    assert await database.read(ask) == value
    assert await database.write(ask) == value


async def test_a_failing_transaction_leaves_nothing_behind(words: Database) -> None:
    def fail(connection: Connection) -> None:
        run("INSERT INTO words VALUES (1, 'half')")(connection)
        raise LookupError

    with pytest.raises(LookupError):
        await words.write(fail)
    assert await words.read(count) == 0


async def test_a_reader_cannot_write(words: Database) -> None:
    with pytest.raises(StorageError):
        await words.read(run("INSERT INTO words VALUES (1, 'x')"))


async def test_there_is_one_writer_thread_and_it_is_not_the_loops(words: Database) -> None:
    def thread(_: object) -> int:
        return threading.get_ident()

    writers = set(await asyncio.gather(*(words.write(thread) for _ in range(20))))
    readers = set(await asyncio.gather(*(words.read(thread) for _ in range(20))))
    assert len(writers) == 1
    assert len(readers) <= 3
    assert not (writers | {threading.get_ident()}) & readers


async def test_a_reader_sees_one_state_while_others_write(words: Database) -> None:
    reading, written = threading.Event(), threading.Event()

    def look_twice(connection: Connection) -> tuple[int, int]:
        first = count(connection)
        reading.set()
        written.wait(5)
        return first, count(connection)

    looking = asyncio.create_task(words.read(look_twice))
    await asyncio.to_thread(reading.wait, 5)
    await words.write(run("INSERT INTO words VALUES (1, 'new')"))
    written.set()
    assert await looking == (0, 0)
    assert await words.read(count) == 1


def poisons() -> list[Callable[[Connection], None]]:
    insert = "INSERT INTO words VALUES (:id, :word)"
    return [
        run(insert, id=1, word=NEEDLE),  # taken
        run(insert, id=2, word=NEEDLE + "\ud800"),  # not a text
        run(insert, id=2**70, word=NEEDLE),  # too large
        run(insert, id=3, word=[NEEDLE]),  # not a value
        run(f"INSERT INTO nowhere VALUES ('{NEEDLE}')"),  # no such table
    ]


@pytest.mark.parametrize("poison", poisons())
async def test_no_error_carries_what_somebody_wrote(
    words: Database, poison: Callable[[Connection], None]
) -> None:
    await words.write(run("INSERT INTO words VALUES (1, 'first')"))
    with pytest.raises(StorageError) as caught:
        await words.write(poison)
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    printed = "".join(traceback.format_exception(error)) + repr(error) + str(vars(error))
    assert NEEDLE not in printed.replace(Path(__file__).name, "")
    assert "INSERT" not in printed


@pytest.mark.parametrize("poison", poisons()[:4])
async def test_values_that_can_never_be_stored_are_told_apart(
    words: Database, poison: Callable[[Connection], None]
) -> None:
    await words.write(run("INSERT INTO words VALUES (1, 'first')"))
    with pytest.raises(CannotStore):
        await words.write(poison)


async def test_a_full_disk_is_nobodys_fault_and_passes(words: Database) -> None:
    def pages(number: int) -> Callable[[Connection], None]:
        return lambda connection: connection.exec_driver_sql(
            f"PRAGMA max_page_count={number}"
        ).close()

    full = await words.write(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar_one())
    await words.write(pages(full))
    with pytest.raises(StorageUnavailable) as caught:
        await words.write(run("INSERT INTO words VALUES (1, :word)", word="x" * 100_000))
    assert caught.value.code == "SQLITE_FULL"
    assert await words.read(count) == 0
    await words.write(pages(1_000_000))
    await words.write(run("INSERT INTO words VALUES (1, :word)", word="x" * 100_000))
    assert await words.read(count) == 1


async def test_a_write_inside_a_write_fails_whole_and_hurts_nobody_after_it(
    words: Database,
) -> None:
    def nested(connection: Connection) -> None:
        run("INSERT INTO words VALUES (1, 'outer')")(connection)
        words.write_now(run("INSERT INTO words VALUES (2, 'inner')"))

    with pytest.raises(StorageUnavailable):
        await words.write(nested)
    assert await words.read(count) == 0
    await words.write(run("INSERT INTO words VALUES (1, 'x')"))
    assert await words.read(count) == 1


async def test_a_file_locked_by_another_process_is_waited_for_then_refused(
    words: Database,
) -> None:
    other = sqlite3.connect(words.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = asyncio.get_running_loop().time()
    with pytest.raises(StorageUnavailable) as caught:
        await words.write(run("INSERT INTO words VALUES (1, 'x')"))
    waited = asyncio.get_running_loop().time() - started
    assert caught.value.code == "SQLITE_BUSY"
    assert 4 < waited < 7
    assert await words.read(count) == 0  # reading goes on meanwhile
    other.execute("ROLLBACK")
    other.close()
    await words.write(run("INSERT INTO words VALUES (1, 'x')"))


async def test_a_deleted_text_is_in_no_file_after_the_checkpoint(words: Database) -> None:
    await words.write(run("INSERT INTO words VALUES (1, :word)", word=NEEDLE))
    assert NEEDLE.encode() in files_of(words)
    await words.write(run("DELETE FROM words"))
    assert NEEDLE.encode() in files_of(words)
    assert await words.checkpoint()
    assert NEEDLE.encode() not in files_of(words)


async def test_a_checkpoint_that_a_reader_holds_up_says_so_and_soon(words: Database) -> None:
    await words.write(run("INSERT INTO words VALUES (1, 'x')"))
    reader = sqlite3.connect(words.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM words").fetchall()
    await words.write(run("INSERT INTO words VALUES (2, 'x')"))
    async with asyncio.timeout(2):
        assert not await words.checkpoint()
    reader.close()
    assert await words.checkpoint()


async def test_the_file_is_the_owners_alone(database: Database) -> None:
    await database.write(run("CREATE TABLE t (a)"))
    assert stat.S_IMODE(database.path.parent.stat().st_mode) == 0o700
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in database.path.parent.iterdir()}
    assert set(modes.values()) == {0o600}, modes


@pytest.mark.parametrize("url", ["postgresql://db/candlelight", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused_with_a_clear_sentence(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///path"):
        Database(url)


async def test_a_closed_database_refuses_and_may_be_closed_again(words: Database) -> None:
    await words.close()
    await words.close()
    for call in (words.read(count), words.write(count), words.checkpoint()):
        with pytest.raises(StorageUnavailable):
            await call


async def test_closing_finishes_what_was_queued(words: Database) -> None:
    queued = [words.submit_write(run("INSERT INTO words VALUES (:i, 'x')", i=i)) for i in range(50)]
    await words.close()
    assert all(future.exception() is None for future in queued)
    reopened = Database(f"sqlite:///{words.path}")
    assert await reopened.read(count) == 50
    await reopened.close()


@pytest.mark.parametrize("end", ["", "database.close_now()", "raise SystemExit(3)"])
def test_the_process_ends_with_the_database_open_or_closed(tmp_path: Path, end: str) -> None:
    script = (
        "import asyncio\n"
        "from server.storage.database import Database\n"
        f"database = Database('sqlite:///{tmp_path / 'a.db'}')\n"
        "database.write_now(lambda c: c.exec_driver_sql('CREATE TABLE t (a)').close())\n"
        "asyncio.run(database.read(lambda c: c.exec_driver_sql('SELECT * FROM t').all()))\n"
        f"{end}\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, timeout=5, check=False)
    assert done.returncode == (3 if "3" in end else 0)
