"""Phones that stop reading: nobody else notices, and they keep neither memory nor the server."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from moderation.budgets import MESSAGES_OF_A_ROOM
from rooms.meetings import OpenMeeting
from rooms.room import Mode
from tests.conformance.house import Door
from tests.storms.client import RecordingClient
from tests.storms.server import ServerProcess
from tests.storms.slow import Tab, joined, let_speak

pytestmark = pytest.mark.storm

SPEAKERS = 20
AT_ONCE = 9
"""What one tab may say in one breath, after it has entered."""
MIB = 1 << 20


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    """A server with an open meeting; the cookie is Fay's."""
    server = ServerProcess(tmp_path)
    founded = await server.found("Tuesday")
    room = founded.room.id
    async with server:
        async with RecordingClient(server.address, room, "Fay", staff=founded.session) as fay:
            await fay.join()
            await fay.enter()
            await fay.do(OpenMeeting(mode=Mode.OPEN))
        yield Door(server, room, "")


@dataclass
class Listening:
    """What one tab heard, and how long each message was on its way (seconds)."""

    tab: Tab
    waits: list[float]

    async def hear(self, sent: dict[str, float], more: int) -> None:
        """Hear as many messages more."""
        while more:
            for one in await self.tab.frames():
                if one["frame"] == "happened" and one["event"]["type"] == "Said":
                    self.waits.append(time.monotonic() - sent[one["event"]["text"][:12]])
                    more -= 1


async def opened(door: Door, cookie: str, *, small: bool = False) -> Tab:
    """A tab that is in the room."""
    tab = Tab(door.port, door.room, cookie, small=small)
    await tab.open()
    return tab


async def evening(door: Door, cookies: Sequence[str], part: str, ears: list[Listening]) -> float:
    """Everybody says what they may; how long a message took, at the 95th percentile (seconds)."""
    sent: dict[str, float] = {}
    tabs = [Tab(door.port, door.room, cookie) for cookie in cookies]
    for ear in ears:
        ear.waits.clear()
    hearing = [asyncio.create_task(ear.hear(sent, len(tabs) * AT_ONCE)) for ear in ears]
    for i, tab in enumerate(tabs):
        await let_speak(tab, f"{part}{i:02}", AT_ONCE, sent)
        await asyncio.sleep(AT_ONCE / MESSAGES_OF_A_ROOM.rate)
    await asyncio.gather(*hearing)
    waits = sorted(wait for ear in ears for wait in ear.waits)
    return waits[len(waits) * 95 // 100]


async def test_nobody_waits_for_a_page_that_reads_too_slowly(door: Door) -> None:
    names = [f"Cy {i}" for i in range(3 * SPEAKERS + 2)]
    ada, bo, *speakers = await joined(door.server, door.room, names)
    ears = [Listening(await opened(door, ada), []) for _ in range(3)]
    await evening(door, speakers[:SPEAKERS], "a", ears)
    before = door.memory()
    usual = await evening(door, speakers[SPEAKERS : 2 * SPEAKERS], "b", ears)

    files, memory = door.open_files(), door.memory()
    growth = memory - before  # what an evening costs without anybody who stalls
    late, gone = [await opened(door, bo, small=True) for _ in range(2)]
    late.stop_reading()
    gone.stop_reading()
    began = time.monotonic()
    stalled = await evening(door, speakers[2 * SPEAKERS :], "c", ears)
    late.read_again()
    assert (await late.until("close"))["code"] == 4008
    assert stalled < usual * 1.2 + 0.05, (usual, stalled)
    assert await asyncio.to_thread(door.until_files, files, 15 - (time.monotonic() - began))
    assert door.memory() - memory - growth < 2 * 2 * MIB
    for tab in (late, gone, *(ear.tab for ear in ears)):
        tab.vanish()


async def test_fifty_stalled_phones_do_not_keep_the_server_from_stopping(door: Door) -> None:
    ada, *speakers = await joined(door.server, door.room, ["Ada", "Bo", "Cy", "Dee", "Eli"])
    tabs = [await opened(door, ada, small=True) for _ in range(50)]
    for tab in tabs:
        tab.stop_reading()
    sent: dict[str, float] = {}
    for i, cookie in enumerate(speakers):
        await let_speak(Tab(door.port, door.room, cookie), f"c{i:02}", AT_ONCE, sent)
    began = time.monotonic()
    assert await door.server.stop() == 0
    assert time.monotonic() - began < 12
    assert "Traceback" not in door.server.log.read_text()
    for tab in tabs:
        tab.vanish()
