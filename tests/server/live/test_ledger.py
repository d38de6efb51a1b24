"""The Ledger: an answer means durable, a failure hurts nobody else, and no hole ever appears."""

import asyncio
import random
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from server.live import ledger as module
from server.live.ledger import Failure, Generation, Ledger, Pending
from server.storage.appends import Append, HeadMoved
from server.storage.database import Database
from server.storage.errors import CannotStore, StorageUnavailable
from server.storage.projections import SanctionRow
from server.storage.sqlstore import SqlStore
from tests.server.storage.samples import OTHER_ROOM, ROOM, append, fresh_database, row

THIRD_ROOM = "w8n4rb"
POISON = SanctionRow(ROOM, 1, 2**70, "muted", None)
"""No database can store this member's number."""


class Watched(SqlStore):
    """The real Store, noting the size of every batch it is given."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.batches: list[int] = []

    def append(self, batch: Sequence[Append]) -> None:
        self.batches.append(len(batch))
        super().append(batch)


class Node:
    """A Ledger on a real file, and Hosts so simple that a test can be one."""

    def __init__(self, folder: Path) -> None:
        self.database = fresh_database(folder)
        self.store = Watched(self.database)
        self.answers: dict[str, str] = {}
        self.dropped: list[tuple[str, type[Exception]]] = []
        self.heads: dict[str, int] = {}
        self.generations: dict[str, Generation] = {}
        self.ledger = Ledger(self.store, self.database, self._drop)

    def _drop(self, generation: Generation, error: Exception) -> None:
        self.dropped.append((generation.room, type(error)))

    async def load(self, room: str) -> None:
        """As a Host does: wait until what was queued is through, then read where the room is."""
        await self.ledger.fence()
        await self.store.create_room_head(room)
        head = await self.store.head(room)
        assert head is not None
        self.heads[room], self.generations[room] = head.n, Generation(room)

    def say(self, name: str, room: str = ROOM, *, poison: bool = False) -> None:
        """Decide one command on the room's newest state, applied whether committed or not."""
        n = self.heads[room]
        self.heads[room] = n + 1
        command = append(n, name.encode(), room=room, projected=[POISON] if poison else [])
        self.queue(name, command, self.generations[room])

    def queue(self, name: str, command: Append, generation: Generation) -> None:
        def committed() -> None:
            self.answers[name] = "committed"

        def failed(failure: Failure) -> None:
            self.answers[name] = failure

        self.ledger.append(Pending(command, generation, committed, failed))

    async def log(self, room: str = ROOM) -> list[str]:
        rows = await self.store.rows_after(room, 0, 100_000)
        assert [found.n for found in rows] == list(range(1, len(rows) + 1)), "a hole"
        return [found.body.decode() for found in rows]

    async def max_pages(self, pages: int | None = None) -> None:
        """Let the disk be full at this size; None: at the size the file has now."""
        if pages is None:
            pages = await self.database.read(
                lambda c: c.exec_driver_sql("PRAGMA page_count").scalar_one()
            )
        statement = f"PRAGMA max_page_count={pages}"
        await self.database.write(lambda c: c.exec_driver_sql(statement).close())


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    made = Node(tmp_path)
    for room in (ROOM, OTHER_ROOM, THIRD_ROOM):
        await made.load(room)
    yield made
    await made.ledger.close()
    await made.database.close()


async def test_when_a_member_is_answered_the_words_are_on_the_disk(node: Node) -> None:
    stored: list[int] = []

    def committed() -> None:
        reader = sqlite3.connect(node.database.path)
        stored.append(reader.execute("SELECT count(*) FROM log").fetchone()[0])
        reader.close()

    node.ledger.append(Pending(append(0, b"hello"), node.generations[ROOM], committed, pytest.fail))
    assert stored == []
    await node.ledger.fence()
    assert stored == [1]


async def test_what_gathers_while_one_batch_is_written_goes_into_the_next(node: Node) -> None:
    for i in range(500):
        node.say(f"{i}")
    assert node.answers == {}
    await node.ledger.fence()
    assert list(node.answers) == [f"{i}" for i in range(500)]
    assert set(node.answers.values()) == {"committed"}
    assert node.store.batches == [500]
    assert await node.log() == [f"{i}" for i in range(500)]


async def test_commands_given_during_a_write_wait_for_it_and_go_together(node: Node) -> None:
    node.say("first")
    while not node.store.batches:
        await asyncio.sleep(0)
    node.say("second")
    node.say("third")
    await node.ledger.fence()
    assert node.store.batches == [1, 2]


async def test_a_full_disk_with_the_next_batch_already_decided_leaves_no_hole(node: Node) -> None:
    node.say("before")
    await node.ledger.fence()
    await node.max_pages()
    for i in range(200):
        node.say(f"k{i}" + "x" * 500)
    while len(node.store.batches) < 2:
        await asyncio.sleep(0)
    node.say("k+1")  # decided on what will never be
    await node.ledger.fence()
    assert node.answers.pop("before") == "committed"
    assert set(node.answers.values()) == {"unavailable"}
    assert await node.log() == ["before"]
    assert node.dropped == [(ROOM, StorageUnavailable)]

    await node.max_pages(1_000_000)
    node.say("still the old generation")
    await node.load(ROOM)
    node.say("after")
    await node.ledger.fence()
    assert node.answers["still the old generation"] == "unavailable"
    assert await node.log() == ["before", "after"]


async def test_one_poisoned_command_among_innocents_is_alone_to_blame(node: Node) -> None:
    node.say("bo before")
    node.say("other", OTHER_ROOM)
    node.say("poison", poison=True)
    node.say("bo after")
    node.say("other again", OTHER_ROOM)
    await node.ledger.fence()
    assert node.answers == {
        "bo before": "committed",
        "poison": "cannot_store",
        "bo after": "unavailable",
        "other": "committed",
        "other again": "committed",
    }
    assert await node.log() == ["bo before"]
    assert await node.log(OTHER_ROOM) == ["other", "other again"]
    assert node.dropped == [(ROOM, CannotStore)]


async def test_a_poisoned_command_is_tried_twice_alone_before_it_is_blamed(node: Node) -> None:
    node.say("poison", poison=True)
    await node.ledger.fence()
    assert node.store.batches == [1, 1]
    assert node.answers == {"poison": "cannot_store"}


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_is_poisoned_each_room_keeps_exactly_what_came_before(
    node: Node, seed: int
) -> None:
    dice = random.Random(seed)
    rooms = [ROOM, OTHER_ROOM, THIRD_ROOM]
    expected: dict[str, str] = {}
    kept: dict[str, list[str]] = {room: [] for room in rooms}
    broken: set[str] = set()
    for i in range(40):
        room, poison = dice.choice(rooms), dice.random() < 0.07
        node.say(f"{i}", room, poison=poison)
        expected[f"{i}"] = (
            "unavailable" if room in broken else "cannot_store" if poison else "committed"
        )
        if poison:
            broken.add(room)
        elif room not in broken:
            kept[room].append(f"{i}")
        if dice.random() < 0.1:
            await asyncio.sleep(0)
    await node.ledger.fence()
    assert node.answers == expected
    assert {room: await node.log(room) for room in rooms} == kept
    assert {room for room, _ in node.dropped} == broken


async def test_a_second_host_of_a_room_is_refused_and_nobody_else_notices(node: Node) -> None:
    node.store.append([append(0, b"from elsewhere")])
    node.say("mine")
    node.say("mine too")
    node.say("other", OTHER_ROOM)
    await node.ledger.fence()
    assert node.answers == {
        "mine": "unavailable",
        "mine too": "unavailable",
        "other": "committed",
    }
    assert node.dropped == [(ROOM, HeadMoved)]
    await node.load(ROOM)
    node.say("mine")
    await node.ledger.fence()
    assert await node.log() == ["from elsewhere", "mine"]


async def test_a_dropped_generation_is_refused_unsent(node: Node) -> None:
    node.say("queued")
    node.generations[ROOM].alive = False
    node.say("late")
    await node.ledger.fence()
    assert node.answers == {"queued": "unavailable", "late": "unavailable"}
    assert node.store.batches == []


async def test_a_fence_waits_for_what_was_before_it(node: Node) -> None:
    for i in range(50):
        node.say(f"{i}")
    fence = node.ledger.fence()
    assert not fence.done()
    await fence
    assert len(await node.log()) == 50
    await node.ledger.fence()


async def test_more_waiting_than_the_limit_is_refused_at_once(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITING_LIMIT", 3)
    for i in range(3):
        node.say(f"{i}")
    node.say("one too many", OTHER_ROOM)
    await asyncio.sleep(0)
    assert node.answers == {"one too many": "unavailable"}
    await node.ledger.fence()
    assert await node.log() == ["0", "1", "2"]
    assert node.dropped == [(OTHER_ROOM, StorageUnavailable)]


def test_ten_thousand_may_wait() -> None:
    assert module.WAITING_LIMIT == 10_000


async def test_a_locked_file_is_waited_for_once_and_not_once_for_each_room(node: Node) -> None:
    other = sqlite3.connect(node.database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = asyncio.get_running_loop().time()
    for room in (ROOM, OTHER_ROOM, THIRD_ROOM):
        node.say(room, room)
        node.say(room + " again", room)
    await node.ledger.fence()
    assert asyncio.get_running_loop().time() - started < 7
    other.execute("ROLLBACK")
    other.close()
    assert set(node.answers.values()) == {"unavailable"}
    assert len(node.answers) == 6
    assert len(node.dropped) == 3


async def test_a_bug_in_one_host_does_not_end_the_writer(node: Node) -> None:
    def bug() -> None:
        raise LookupError

    node.ledger.append(Pending(append(0, b"a"), node.generations[ROOM], bug, pytest.fail))
    node.say("other", OTHER_ROOM)
    await node.ledger.fence()
    await asyncio.sleep(0)
    assert node.answers == {"other": "committed"}
    assert node.dropped == [(ROOM, LookupError)]
    node.say("other again", OTHER_ROOM)
    await node.ledger.fence()
    assert await node.log(OTHER_ROOM) == ["other", "other again"]


async def test_closing_stores_what_waits_and_refuses_what_comes(node: Node) -> None:
    node.say("in time")
    closing = asyncio.create_task(node.ledger.close())
    await asyncio.sleep(0)
    node.say("too late")
    await closing
    await asyncio.sleep(0)
    assert node.answers == {"in time": "committed", "too late": "unavailable"}
    await node.ledger.fence()
    await node.ledger.close()


async def test_with_the_database_gone_every_command_is_answered(node: Node) -> None:
    await node.database.close()
    node.say("a")
    node.say("b", OTHER_ROOM)
    await node.ledger.fence()
    assert node.answers == {"a": "unavailable", "b": "unavailable"}


async def test_a_command_of_many_events_is_stored_whole(node: Node) -> None:
    command = Append(ROOM, 0, 3, [row(1), row(2, stream=1, seq=1), row(3, stream=2, seq=1)])
    node.queue("mute", command, node.generations[ROOM])
    await node.ledger.fence()
    assert len(await node.log()) == 3


@pytest.mark.parametrize("end", ["await ledger.close()", "raise SystemExit(3)", "pass"])
def test_the_process_ends_whether_the_ledger_was_closed_or_not(tmp_path: Path, end: str) -> None:
    script = f"""
import asyncio
from pathlib import Path
from server.live.ledger import Generation, Ledger, Pending
from server.storage.sqlstore import SqlStore
from tests.server.storage.samples import ROOM, append, fresh_database

async def main():
    database = fresh_database(Path({str(tmp_path)!r}))
    store = SqlStore(database)
    await store.create_room_head(ROOM)
    ledger = Ledger(store, database, print)
    ledger.append(Pending(append(0, b"a"), Generation(ROOM), lambda: None, print))
    await asyncio.sleep(0)
    {end}

asyncio.run(main())
"""
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, timeout=5, check=False)
    assert done.returncode == (3 if "3" in end else 0)
