"""kill -9 in the middle of a burst, again and again: an answer means durable, whatever happens."""

import asyncio
import random
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import pytest
from websockets.exceptions import ConnectionClosed

from rooms.meetings import OpenMeeting
from rooms.room import Mode
from rooms.speaking import Speak
from tests.storms.client import RecordingClient
from tests.storms.memory import assert_same_history
from tests.storms.nursery import Nursery
from tests.storms.record import read_record
from tests.storms.server import ServerProcess

pytestmark = pytest.mark.storm

LIVES: Final = 56
"""More than the fifty kills that are asked for."""
LONGEST_LIFE: Final = 0.04
"""Seconds of a burst before the kill, at most: about as long as the burst takes unharmed."""
AT_ONCE: Final = 8
"""What one person may have unanswered: below the budget of a person and of a Connection."""
NAMES: Final = ("Ada", "Bo", "Cy", "Dee")


async def burst(client: RecordingClient, dice: random.Random, life: int, more: int) -> None:
    """Say `more` things as fast as they can be sent, until the server is gone."""
    try:
        for i in range(more):
            await client.ask(Speak(text=f"{client.name} {life}.{i}"))
            await asyncio.sleep(dice.uniform(0, LONGEST_LIFE / AT_ONCE))
    except ConnectionClosed:
        return


async def test_whatever_was_acknowledged_is_there_exactly_once_after_fifty_kills(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    with capsys.disabled():
        sys.stdout.write(f"\ntest_kill: seed {seed}\n")
    dice = random.Random(seed)
    with Nursery() as nursery:
        server = ServerProcess(tmp_path, breeder=nursery)
        founded = await server.found("Tuesday")
        room = founded.room.id
        async with server, AsyncExitStack() as stack:
            fay = RecordingClient(server.address, room, "Fay", staff=founded.session)
            people = [RecordingClient(server.address, room, name) for name in NAMES]
            for client in (fay, *people):
                await stack.enter_async_context(client)
                await client.join()
                await client.enter()
                if client is fay:
                    await fay.do(OpenMeeting(mode=Mode.OPEN))
            everybody = [fay, *people]

            interrupted = 0
            more = dict.fromkeys(everybody, AT_ONCE)
            for life in range(LIVES):
                answered = sum(len(client.answers) for client in everybody)
                talking = [asyncio.create_task(burst(c, dice, life, more[c])) for c in everybody]
                await asyncio.sleep(dice.uniform(0.0, LONGEST_LIFE))
                server.kill_now()
                await asyncio.gather(*talking)
                await server.restart()
                before = sum(len(client.answers) for client in everybody) - answered
                more = {client: AT_ONCE - len(client.unanswered) for client in everybody}
                interrupted += before > 0 and any(left < AT_ONCE for left in more.values())
                await asyncio.gather(*(client.come_back() for client in everybody))

            for client in everybody:
                await client.until(client.is_answered)
            last = (await fay.do(Speak(text="Fay says good night")))["room"]
            for client in everybody:
                await client.hears_up_to(last)
            began = max(min(client.history()) for client in everybody)
            await server.stop()

        assert interrupted > LIVES // 4, "the kills must hit bursts in their middle"
        assert_same_history({c.name: c.memory for c in everybody}, since=began - 1)
        record = await read_record(server.settings, room, time.time())
        said = Counter(e["text"] for e in record.streams["room"].values() if e["type"] == "Said")
        assert set(said.values()) == {1}, "something was stored twice"
        for client in everybody:
            client.assert_answers_are_kept()
            assert not client.refusals
            for command in client.asked.values():
                if isinstance(command, Speak):
                    assert said[command.text] == 1
            for number, event in client.history().items():
                assert record.streams["room"][number] == event
