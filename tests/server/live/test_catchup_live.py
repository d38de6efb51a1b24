"""Catching up while others go on talking: no word is lost, doubled, or out of order."""

import asyncio

import pytest

from moderation.actions import HideMessage, RemoveMember
from rooms.meetings import CloseMeeting
from rooms.room import ROOM
from rooms.speaking import Retract, Speak
from tests.server.live.house import ADA, BO, FAY, House
from tests.server.live.listener import Listener

REASON = "Please rest for a while."


@pytest.mark.parametrize("fresh", [True, False])
async def test_words_said_during_a_catch_up_are_neither_lost_nor_doubled(
    house: House, fresh: bool
) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    await house.joins(BO)
    await house.hangs_up(ada)
    missed = await house.talks(5)
    house.store.gate.clear()
    house.store.asked.clear()
    entering = asyncio.create_task(house.enters(ADA, None if fresh else ada))
    await house.store.asked.wait()
    meanwhile = await house.talks(7, start=100)
    house.store.gate.set()
    page = await entering
    later = await house.talks(3, start=200)
    assert page.said() == [*missed, *meanwhile, *later]
    numbers = [n for n in page.heard[ROOM] if page.heard[ROOM][n]["type"] == "Said"]
    assert numbers == sorted(numbers)


async def test_words_decided_and_not_yet_stored_when_a_page_opens_are_heard_once(
    house: House,
) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    await house.joins(BO)
    await house.hangs_up(ada)
    future = house.hosts.submit(house.room, BO, Speak(text="in flight"), "key-in-flight")
    page = await house.enters(ADA, ada)
    await future
    assert page.said() == ["in flight"]


async def test_somebody_removed_during_their_catch_up_hears_nothing_after_it(
    house: House,
) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    await house.joins(BO)
    await house.hangs_up(ada)
    await house.says(BO, "missed")
    house.store.gate.clear()
    house.store.asked.clear()
    entering = asyncio.create_task(house.enters(ADA, ada))
    await house.store.asked.wait()
    await house.do(FAY, RemoveMember(member=ada.me, reason=REASON))
    await house.says(BO, "not for Ada")
    house.store.gate.set()
    page = await entering
    assert page.said() == ["missed"]
    assert [event["type"] for event in page.events()][-1] == "YouWereRemovedBecause"


async def test_a_page_that_falls_too_far_behind_while_catching_up_begins_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.live.hub.BACKLOG_LIMIT", 20)
    await house.opens()
    ada, bo = await house.joins(ADA), await house.joins(BO)
    await house.hangs_up(ada)
    await house.says(BO, "missed")
    house.store.gate.clear()
    house.store.asked.clear()
    late = Listener(ADA)
    entering = asyncio.create_task(house.hosts.entering.enter(house.room, ADA, late, None, None))
    await house.store.asked.wait()
    texts = await house.talks(30)
    house.store.gate.set()
    await entering
    assert late.closed == 4008
    assert bo.said() == ["missed", *texts]
    assert house.hosts.hub.connections(house.room, ada.me) == []


async def test_the_heartbeat_after_a_catch_up_says_where_the_streams_are(house: House) -> None:
    fay = await house.opens()
    ada = await house.joins(ADA)
    await house.says(ADA, "Hello")
    house.hosts.entering.beat()
    for page, streams in ((ada, {ROOM, f"private:{ada.me}"}), (fay, {ROOM, "staff"})):
        numbers = page.last("heartbeat")["numbers"]
        assert streams <= set(numbers)
        assert {s: n for s, n in page.numbers.items() if n} == {
            s: n for s, n in numbers.items() if n
        }


async def test_a_heartbeat_is_never_ahead_of_the_frames(house: House) -> None:
    await house.opens()
    page = await house.joins(ADA)
    host = await house.host()
    real = host._bus.publish

    class Hasty:
        """Beats at the worst moment: after the commit, before the tick's frames are written."""

        def publish(self, room: str, steps: object) -> None:
            real(room, steps)  # type: ignore[arg-type]
            house.hosts.entering.beat()

    host._bus = Hasty()
    async with asyncio.timeout(5):
        await house.says(ADA, "Hello")
    assert page.kinds()[-2:] == ["happened", "heartbeat"]


async def test_a_meeting_that_closes_during_a_catch_up_brings_no_hidden_words_back(
    house: House,
) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    await house.joins(BO)
    await house.hangs_up(ada)
    hidden = (await house.says(BO, "hidden"))["room"]
    retracted = (await house.says(BO, "taken back"))["room"]
    await house.says(BO, "said")
    await house.do(FAY, HideMessage(message=hidden, reason=REASON))
    await house.do(BO, Retract(message=retracted))
    house.store.gate.clear()
    house.store.asked.clear()
    entering = asyncio.create_task(house.enters(ADA, ada))
    await house.store.asked.wait()
    await house.do(FAY, CloseMeeting())
    house.store.gate.set()
    page = await entering
    assert page.said() == ["said"]
    assert [event["fate"] for event in page.events("Withheld")] == ["hidden", "retracted"]
