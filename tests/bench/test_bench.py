"""The bench measures what it says: it ends in numbers, and a server that cheats gives none."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from bench.plan import Broken, Crowd, Load, Member, Sample, generate

ROOT = Path(__file__).parents[2]
QUICK = "--gates-only --rooms 2 --members 3 --window 2 --rounds 1 --seconds 0.3".split()
SAY = '{"text":"%t %f"}'

Relay = Callable[[int, str], Iterable[str]]
"""What is passed on for the message with this number: the texts of the frames."""


def last_line(suite: str) -> dict[str, dict[str, float]]:
    """What a suite says last, run as `./dev bench` runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", suite, *QUICK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return result


@asynccontextmanager
async def relaying(relay: Relay) -> AsyncIterator[int]:
    """A server in which everybody hears what `relay` makes of each message; its port."""
    everybody: set[ServerConnection] = set()
    count = 0

    async def chat(connection: ServerConnection) -> None:
        nonlocal count
        everybody.add(connection)
        async for text in connection:
            assert isinstance(text, str)
            count += 1
            for heard in relay(count, text):
                for member in list(everybody):
                    await member.send(heard)

    async with serve(chat, "127.0.0.1", 0, compression=None) as server:
        yield server.sockets[0].getsockname()[1]


async def measure(relay: Relay, load: Load) -> Sample:
    """What the generator says of such a server."""
    crowd = Crowd(SAY, {"only": [Member("/only")] * 3})
    async with relaying(relay) as port:
        return await asyncio.to_thread(generate, crowd, load, port, 0)


def test_the_fan_out_ends_with_its_two_ratios() -> None:
    result = last_line("fanout")["fanout"]
    assert set(result) == {"ratio_c_tick", "ratio_naive_starlette"}
    assert all(ratio > 0 for ratio in result.values())


def test_the_pipeline_ends_with_its_ratios_and_its_speed() -> None:
    result = last_line("pipeline")["pipeline"]
    assert set(result) == {"ratio_c_tick", "ratio_naive", "messages_per_s"}
    assert all(value > 0 for value in result.values())


async def test_everybody_is_counted_at_a_given_rate() -> None:
    sample = await measure(lambda _, text: [text], Load(rate=100, seconds=0.5, warmup=0.1))
    assert sample.errors == 0
    assert sample.deliveries_per_s == pytest.approx(3 * sample.messages_per_s, rel=0.2)


async def test_a_message_is_found_among_other_lines_of_its_frame() -> None:
    sample = await measure(
        lambda n, text: [f"some line {n}\n{text}\nanother line"],
        Load(window=2, seconds=0.3, warmup=0),
    )
    assert sample.errors == 0
    assert sample.messages_per_s > 10


@pytest.mark.parametrize(
    ("cheat", "relay"),
    [
        ("a message said twice", lambda n, text: [text] * (1 + (n == 20))),
        ("a message lost", lambda n, text: [text] * (n != 20)),
        ("a message of another room", lambda n, text: [text, text.replace("~aaaa", "~aaab")]),
    ],
)
async def test_a_server_that_cheats_gives_no_number(cheat: str, relay: Relay) -> None:
    with pytest.raises(Broken):
        await measure(relay, Load(rate=200, seconds=0.3, warmup=0))
