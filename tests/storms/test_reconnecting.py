"""Everybody gone at once and back at once, and two thousand who only pass by: nothing is left."""

import asyncio
import gc
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from rooms.speaking import Speak
from rooms.turns import RaiseHand
from tests.storms.inside import FAY, Inside, serving
from tests.storms.slow import Tab

pytestmark = pytest.mark.storm

TABS = 300
PEOPLE = (
    "Heron Kite Wren Robin Finch Linnet Plover Curlew Dunlin Avocet "
    "Gannet Puffin Fulmar Petrel Merlin Osprey Harrier Buzzard Kestrel Hobby"
).split()
VISITS, GLANCES = 200, 1_800
"""Those who come into the room take a commit each for coming and going; the others take none."""


def left_over() -> tuple[int, int]:
    """Tasks and open files of this process."""
    return len(asyncio.all_tasks()), len(list(Path("/proc/self/fd").iterdir()))


async def settled(wanted: tuple[int, int]) -> tuple[int, int]:
    """What is left over once it is no more than wanted, or after five seconds."""
    end = time.monotonic() + 5
    while any(now > before for now, before in zip(left_over(), wanted, strict=True)):
        if time.monotonic() > end:
            break
        await asyncio.sleep(0.05)
    return left_over()


async def test_three_hundred_pages_that_come_back_at_once_hear_what_they_missed(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path) as inside:
        cookies = [await inside.person(name) for name in PEOPLE]
        tabs = [Tab(inside.port, inside.room, cookies[i % len(PEOPLE)]) for i in range(TABS)]
        places = await asyncio.gather(*map(first_place, tabs))
        for tab in tabs:
            tab.vanish()
        await inside.parts.hosts.submit(inside.room, FAY, Speak(text="You were away."), "")

        questions = 0

        def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            nonlocal questions
            questions += statement.startswith("SELECT")

        event.listen(Engine, "before_cursor_execute", count)
        began = time.monotonic()
        try:
            missed = await asyncio.gather(*map(back_at_once, tabs, places))
        finally:
            event.remove(Engine, "before_cursor_execute", count)
        assert time.monotonic() - began < 20
        assert all("You were away." in heard for heard in missed)
        assert questions < 4 * TABS  # where the window begins, a page, and an empty page
        for tab in tabs:
            tab.vanish()


async def first_place(tab: Tab) -> dict[str, object]:
    """Open a tab, and answer where it has to go on from."""
    heartbeat = await tab.open()
    return {"epoch": heartbeat["epoch"], "after": heartbeat["numbers"]}


async def back_at_once(tab: Tab, place: dict[str, object]) -> str:
    """Come back and catch up; everything heard meanwhile."""
    await tab.connect()
    tab.say({"frame": "hello", "version": 1})
    tab.say({"frame": "enter", "room": tab.room, **place})
    heard: list[str] = []
    while True:
        for one in await tab.frames():
            heard.append(str(one))
            if one["frame"] == "heartbeat":
                return "".join(heard)


async def test_two_thousand_who_connect_speak_and_vanish_leave_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path) as inside:
        cookie = await inside.person("Heron")
        await visit(inside, cookie, 20)  # caches fill, threads start
        await glance(inside, cookie, 20)
        base = await settled((0, 0))
        gc.collect()
        objects = len(gc.get_objects())
        await visit(inside, cookie, VISITS)
        await glance(inside, cookie, GLANCES)
        assert await settled(base) <= base
        assert not inside.parts.hosts.hub.everybody()
        gc.collect()
        assert len(gc.get_objects()) < objects * 1.01


async def visit(inside: Inside, cookie: str, times: int) -> None:
    """Enter, and vanish with a command under way."""
    for i in range(times):
        tab = Tab(inside.port, inside.room, cookie)
        await tab.open()
        tab.ask(RaiseHand(), f"a-visitors-key-{i}")
        tab.vanish()


async def glance(inside: Inside, cookie: str, times: int) -> None:
    """Connect, say hello, and vanish with the door half open."""
    for _ in range(times):
        tab = Tab(inside.port, inside.room, cookie)
        await tab.connect()
        tab.say({"frame": "hello", "version": 1})
        tab.say({"frame": "enter", "room": "zzzzzz"})
        tab.vanish()
