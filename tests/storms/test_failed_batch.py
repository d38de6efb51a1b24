"""A batch that cannot be stored, with the next one already decided: nobody hears a word of either,
no hole appears, and everything is said once when the disk is back."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from rooms.meetings import OpenMeeting
from rooms.room import Mode
from rooms.speaking import Speak
from tests.storms.client import RecordingClient
from tests.storms.memory import assert_same_history
from tests.storms.record import read_record
from tests.storms.server import ServerProcess

pytestmark = pytest.mark.storm


@dataclass
class Evening:
    """A server with an open meeting, and three people who hear everything."""

    server: ServerProcess
    room: str
    people: list[RecordingClient]


@pytest.fixture
async def evening(tmp_path: Path) -> AsyncIterator[Evening]:
    server = ServerProcess(tmp_path)
    founded = await server.found("Tuesday")
    room = founded.room.id
    async with server, _client(server, room, "Fay", founded.session) as fay:
        await fay.do(OpenMeeting(mode=Mode.OPEN))
        async with _client(server, room, "Ada") as ada, _client(server, room, "Bo") as bo:
            await bo.do(Speak(text="Bo before"))
            yield Evening(server, room, [fay, ada, bo])


@asynccontextmanager
async def _client(
    server: ServerProcess, room: str, name: str, staff: str = ""
) -> AsyncIterator[RecordingClient]:
    async with RecordingClient(server.address, room, name, staff=staff) as client:
        await client.join()
        await client.enter()
        yield client


@contextmanager
def full_disk(server: ServerProcess) -> Iterator[None]:
    """No file of the server can grow any more: its own limit, set from outside."""
    server.limit_files((server.folder / "data" / "candlelight.db-wal").stat().st_size)
    yield
    server.limit_files(None)


@contextmanager
def locked_file(server: ServerProcess) -> Iterator[None]:
    """Another process holds the database for writing, longer than the server waits for it."""
    other = sqlite3.connect(server.folder / "data" / "candlelight.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@pytest.mark.parametrize("fault", [full_disk, locked_file])
async def test_a_failed_batch_with_the_next_one_decided_leaves_no_hole(
    evening: Evening, fault: Callable[[ServerProcess], AbstractContextManager[None]]
) -> None:
    _, ada, bo = evening.people
    before = [dict(client.numbers) for client in evening.people]
    with fault(evening.server):
        await ada.ask(Speak(text="Ada in the failing batch"))
        await asyncio.sleep(0.01)  # the disk has it now; what follows is decided on its success
        for i in range(3):
            await ada.ask(Speak(text=f"Ada behind it {i}"))
            await bo.ask(Speak(text=f"Bo behind it {i}"))
        for client in (ada, bo):
            await client.until(_all_refused(client))
            assert {refusal["code"] for refusal in client.refusals.values()} == {"unavailable"}
        assert [client.numbers for client in evening.people] == before

    for client in (ada, bo):
        for key, command in list(client.unanswered.items()):
            await client.ask(command, key)
        await client.until(client.is_answered)
    last = (await bo.do(Speak(text="Bo after")))["room"]
    for client in evening.people:
        await client.hears_up_to(last)
        client.assert_answers_are_kept()
    assert_same_history({c.name: c.memory for c in evening.people}, since=before[0]["room"])
    assert len(ada.answers) == 4
    assert len(bo.answers) == 5
    assert await evening.server.stop() == 0

    record = await read_record(evening.server.settings, evening.room, time.time())
    said = [e["text"] for e in record.streams["room"].values() if e["type"] == "Said"]
    assert (said[0], said[-1]) == ("Bo before", "Bo after")
    assert sorted(said[1:-1]) == [
        *(f"Ada behind it {i}" for i in range(3)),
        "Ada in the failing batch",
        *(f"Bo behind it {i}" for i in range(3)),
    ]


def _all_refused(client: RecordingClient) -> Callable[[], bool]:
    return lambda: client.unanswered.keys() <= client.refusals.keys()
