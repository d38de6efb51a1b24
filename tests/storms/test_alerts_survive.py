"""kill -9 while an alert waits: it stands on the disk with its timers, and calls on after it."""

import asyncio
import random
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from websockets.exceptions import ConnectionClosed

from moderation.alerts import ClaimAlert
from rooms.alert_clock import TIMERS
from rooms.kernel import Command
from rooms.meetings import OpenMeeting
from rooms.room import Mode
from rooms.safety import EMERGENCY, Alert, Stage
from rooms.speaking import Speak
from tests.storms import fast_server
from tests.storms.client import RecordingClient
from tests.storms.nursery import Nursery
from tests.storms.record import Event, read_record
from tests.storms.server import ServerProcess

pytestmark = pytest.mark.storm

LIVES: Final = 21
LONGEST_LIFE: Final = 0.4
"""Seconds of ours in which people are there, at most, before the kill."""
CRY: Final = "I took the whole bottle of pills"
TIMER: Final = TIMERS[EMERGENCY]
LONG_ENOUGH: Final = TIMER.everybody + 1.5 * TIMER.repeat
"""Seconds of the server's own until the widest circle was asked twice."""


async def cries(client: RecordingClient, life: int) -> None:
    """Somebody writes that they are in danger, and the server may be gone at any moment."""
    with suppress(ConnectionClosed):
        await client.ask(Speak(text=f"{CRY} ({client.name} {life})"))


async def tries(client: RecordingClient, command: Command) -> None:
    """Ask for something that may be lost, or not be possible any more."""
    with suppress(ConnectionClosed):
        await client.ask(command)


async def test_an_alert_keeps_its_timers_through_more_than_twenty_kills(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    with capsys.disabled():
        sys.stdout.write(f"\ntest_alerts_survive: seed {seed}\n")
    dice = random.Random(seed)
    with Nursery("tests.storms.fast_server") as nursery:
        server = ServerProcess(tmp_path, breeder=nursery, module="tests.storms.fast_server")
        founded = await server.found("Tuesday")
        room = founded.room.id
        async with (
            server,
            RecordingClient(server.address, room, "Fay", staff=founded.session) as fay,
            RecordingClient(server.address, room, "Ada") as ada,
            RecordingClient(server.address, room, "Bo") as bo,
        ):
            for client in (fay, ada, bo):
                await client.join()
                await client.enter()
                if client is fay:
                    await fay.do(OpenMeeting(mode=Mode.OPEN))
            for client in (ada, bo):
                await client.do(Speak(text=f"{CRY} ({client.name})"))
            await tries(fay, ClaimAlert(member=bo.me))
            begun, life = fast_server.wall(), 0
            while life < LIVES or fast_server.wall() < begun + LONG_ENOUGH:
                life += 1
                if dice.random() < 0.5:
                    await cries(ada, life)
                await asyncio.sleep(dice.uniform(0.0, LONGEST_LIFE))
                server.kill_now()
                await server.restart()
                if dice.random() < 0.6:  # a life that ends before anybody is back
                    await asyncio.sleep(dice.uniform(0.0, LONGEST_LIFE))
                    server.kill_now()
                    await server.restart()
                    life += 1
                await asyncio.gather(*(client.come_back() for client in (fay, ada, bo)))
            heard = dict(fay.history("staff"))
            await server.stop()

        record = await read_record(server.settings, room, fast_server.wall())
        told = list(record.streams["staff"].values())
        assert_it_called_on(record.room.staff.alerts[ada.me], of(told, ada.me))
        owned = [event["type"] for event in of(told, bo.me)]
        assert record.room.own_alert(bo.me) is not None
        assert owned.index("AlertClaimed") < owned.index("AlertReopened"), owned
        for number, event in heard.items():
            assert record.streams["staff"][number] == event
        for client in (ada, bo):
            client.assert_answers_are_kept()


def of(told: list[Event], member: int) -> list[Event]:
    """What the staff were told of the alert about somebody."""
    return [event for event in told if event.get("member") == member]


def assert_it_called_on(alert: Alert, told: list[Event]) -> None:
    """Every circle was asked, in its order, and the last again and again; nothing began anew."""
    kinds = {event["type"] for event in told}
    assert not kinds & {"AlertClosed", "AlertReopened", "AlertLeftToDesk"}
    widened = [event["stage"] for event in told if event["type"] == "AlertWidened"]
    assert widened == sorted(widened), "a circle was asked twice, after a wider one"
    assert widened.count(Stage.EVERYBODY) > 1
    assert (alert.level, alert.owner, alert.stage) == (EMERGENCY, 0, Stage.EVERYBODY)
    assert alert.widened - alert.since >= TIMER.everybody
