"""What a live room hears in the lines of the dev set is what `candlelight screen` says of them."""

import asyncio
import io
from collections.abc import Sequence
from typing import Final

import msgspec
import pytest

from bench.recall import LANGUAGES, lines
from rooms.presence import Leave
from rooms.speaking import Speak
from server.commands.screening import Looked, answers
from tests.web.sockets import Site

EACH_SECONDS: Final = 1 / 40
"""How much time passes with every message: all of them share the budget of one room."""
TOGETHER: Final = 12
"""People who are in the room at the same time."""
SYLLABLES: Final = ("ba", "do", "fe", "gu", "ki", "lo", "mu", "ne", "pa", "ro")


def dev_set() -> list[list[str]]:
    """What each line's author says, one after the other, in all languages."""
    parts = [(part, language) for part in ("known", "unread") for language in LANGUAGES]
    return [[*line.before, line.text] for part in parts for line in lines(*part)]


def by_command(texts: Sequence[str]) -> int:
    """The highest level that `candlelight screen` gives to any of these, each with those before."""
    asked = [{"text": text, "lang": "en", "before": texts[:n]} for n, text in enumerate(texts)]
    written = b"\n".join(map(msgspec.json.encode, asked))
    levels = [a.crisis.level for a in answers(io.BytesIO(written)) if isinstance(a, Looked)]
    assert len(levels) == len(texts)
    return max(levels)


async def in_the_room(site: Site, number: int, texts: Sequence[str]) -> int:
    """The level of the card that somebody new gets who says this; 0 for none."""
    name = "".join(SYLLABLES[int(digit)] for digit in f"{number:04d}").capitalize()
    words, _ = await site.guest(name)
    async with site.client(words) as client:
        await (await client.hello()).enter()
        for text in texts:
            site.house.wall.now += EACH_SECONDS
            said = await client.do(Speak(text=text))
            assert said["frame"] == "done", said
        await client.do(Leave())
        happened = [frame["event"] for frame in client.frames if frame["frame"] == "happened"]
    return max((e["level"] for e in happened if e["type"] == "CardOffered"), default=0)


@pytest.mark.storm
async def test_the_room_and_the_command_hear_the_same_in_every_line(site: Site) -> None:
    said = dev_set()
    assert len(said) >= 1_600
    levels = [by_command(texts) for texts in said]
    heard: dict[int, int] = {}

    async def some(begin: int) -> None:
        for number in range(begin, len(said), TOGETHER):
            heard[number] = await in_the_room(site, number, said[number])

    await asyncio.gather(*(some(begin) for begin in range(TOGETHER)))
    differ = [
        (texts, heard[number], levels[number])
        for number, texts in enumerate(said)
        if heard[number] != levels[number]
    ]
    assert differ == []
    assert sum(level > 0 for level in heard.values()) > len(said) / 4
