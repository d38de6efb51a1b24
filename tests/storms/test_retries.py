"""Answers that are lost on the way: whatever was asked twice was done once, and says so."""

import asyncio
from pathlib import Path

import pytest

from rooms.kernel import Command
from rooms.speaking import Speak
from tests.storms.inside import Inside, serving
from tests.storms.slow import Frame, Tab

pytestmark = pytest.mark.storm

KEY = "the-very-same-key"
CUTS = 8


async def both_tabs(inside: Inside) -> list[Tab]:
    """Two pages of one person."""
    cookie = await inside.person("Heron")
    tabs = [Tab(inside.port, inside.room, cookie) for _ in range(2)]
    for tab in tabs:
        await tab.open()
    return tabs


async def answers(tab: Tab, kind: str, many: int) -> list[Frame]:
    """The next answers of a kind."""
    return [await tab.until(kind) for _ in range(many)]


async def said(inside: Inside, cookie_of: Tab) -> list[str]:
    """Everything said in this meeting, as somebody who comes back now hears it."""
    fresh = Tab(inside.port, inside.room, cookie_of.cookie)
    await fresh.connect()
    fresh.say({"frame": "hello", "version": 1})
    fresh.say({"frame": "enter", "room": inside.room})
    texts: list[str] = []
    while True:
        for one in await fresh.frames():
            if one["frame"] == "happened" and one["event"]["type"] == "Said":
                texts.append(one["event"]["text"])
            if one["frame"] == "heartbeat":
                fresh.vanish()
                return texts


async def test_one_command_ten_times_from_two_pages_is_done_once(tmp_path: Path) -> None:
    async with serving(tmp_path) as inside:
        tabs = await both_tabs(inside)
        command: Command = Speak(text="Once.")
        for _ in range(5):
            for tab in tabs:
                tab.ask(command, KEY)
        done = [one["numbers"] for tab in tabs for one in await answers(tab, "done", 5)]
        assert len(done) == 10
        assert all(numbers == done[0] for numbers in done)
        assert await said(inside, tabs[0]) == ["Once."]
        for tab in tabs:
            tab.vanish()


async def test_one_key_with_other_words_is_a_conflict(tmp_path: Path) -> None:
    async with serving(tmp_path) as inside:
        tabs = await both_tabs(inside)
        tabs[0].ask(Speak(text="These words."), KEY)
        await tabs[0].until("done")
        tabs[1].ask(Speak(text="Other words."), KEY)
        assert (await tabs[1].until("refused"))["code"] == "conflict"
        assert await said(inside, tabs[0]) == ["These words."]
        for tab in tabs:
            tab.vanish()


@pytest.mark.parametrize("pause", [0.0, 0.001, 0.005, 0.02])
async def test_an_answer_that_was_lost_comes_again_and_nothing_is_said_twice(
    tmp_path: Path, pause: float
) -> None:
    async with serving(tmp_path) as inside:
        cookie = await inside.person("Heron")
        for i in range(CUTS):
            tab = Tab(inside.port, inside.room, cookie)
            await tab.open()
            tab.ask(Speak(text=f"Word {i}."), f"{KEY}-{i}")
            await asyncio.sleep(pause)
            tab.vanish()  # before, in the middle of, or after the commit
            again = Tab(inside.port, inside.room, cookie)
            await again.open()
            again.ask(Speak(text=f"Word {i}."), f"{KEY}-{i}")
            first = await again.until("done")
            again.ask(Speak(text=f"Word {i}."), f"{KEY}-{i}")
            assert (await again.until("done"))["numbers"] == first["numbers"]
            again.vanish()
        assert await said(inside, again) == [f"Word {i}." for i in range(CUTS)]
