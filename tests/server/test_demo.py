"""The demo: a labelled cast that comes in by the same door as everybody, and waits like anybody."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rooms.arriving import Join
from rooms.holds import Freeze, Resume
from rooms.room import Hold, Mode, Role
from server import demo as module
from server.demo import CAST, HOLDER, TOPIC, Demo, make_facilitator
from server.live.host import Who
from server.live.protocol import Unavailable
from tests.web.house import House, built


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.001)
    async with built(tmp_path) as house:
        yield house


async def until_said(house: House, count: int) -> None:
    async with asyncio.timeout(10):
        while len((await house.parts.hosts.host(house.card.id)).room.public.messages) < count:
            house.wall.now += 1
            await asyncio.sleep(0.002)


def test_every_name_says_that_it_is_a_demo() -> None:
    for part in (*CAST, HOLDER):
        assert part.name.endswith("(demo)")
        assert part.lines


async def test_the_demo_opens_with_a_holder_a_topic_and_its_cast(house: House) -> None:
    await Demo(house.parts, house.card).open()
    glance = await house.parts.hosts.entering.glance(house.card.id)
    assert (glance.meeting_open, glance.mode, glance.topic) == (True, Mode.TURNS, TOPIC)
    assert glance.facilitators == [HOLDER.name]
    assert await house.members() == sorted([*(part.name for part in CAST), HOLDER.name])


async def test_a_quiet_demo_has_its_holder_alone(house: House) -> None:
    demo = Demo(house.parts, house.card)
    await demo.open(quiet=True)
    assert await house.members() == [HOLDER.name]
    task = asyncio.create_task(demo.run(quiet=True))
    for _ in range(20):
        house.wall.now += 60
        await house.parts.hosts.tick()
        await asyncio.sleep(0.01)
    public = (await house.parts.hosts.host(house.card.id)).room.public
    assert public.hold is Hold.NONE  # somebody keeps holding the room
    assert len(public.messages) == 1
    task.cancel()


async def test_the_cast_speaks_in_turn_and_everything_goes_through_the_rules(
    house: House,
) -> None:
    demo = Demo(house.parts, house.card)
    await demo.open()
    task = asyncio.create_task(demo.run())
    await until_said(house, 6)
    task.cancel()
    row = await house.parts.hosts.entering.seat(house.card.id, demo._holder)
    assert row is not None
    said = [message.pseudonym for message in row.messages]
    assert said[1:5] == [part.name for part in CAST]


async def test_the_cast_waits_while_somebody_real_rests_the_room(house: House) -> None:
    demo = Demo(house.parts, house.card)
    await demo.open()
    kim = Who("c1" * 32, Role.FACILITATOR)
    hosts, room = house.parts.hosts, house.card.id
    await hosts.submit(room, kim, Join(pseudonym="Copper Otter"), "k")
    await hosts.submit(room, kim, Freeze(), "f")
    task = asyncio.create_task(demo.run())
    await asyncio.sleep(0.1)
    assert len((await hosts.host(room)).room.public.messages) == 1
    await hosts.submit(room, kim, Resume(), "r")
    await until_said(house, 2)
    task.cancel()


async def test_the_cast_goes_on_after_a_moment_without_the_database(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = Demo(house.parts, house.card)
    await demo.open()
    real, away = house.parts.hosts.presence.visit, [True]

    async def visit(room: str, who: Who) -> None:
        if away:
            away.clear()
            raise Unavailable
        await real(room, who)

    monkeypatch.setattr(house.parts.hosts.presence, "visit", visit)
    task = asyncio.create_task(demo.run())
    await until_said(house, 3)
    assert not away
    task.cancel()


async def test_the_demos_facilitator_has_a_role_in_its_room_alone(house: House) -> None:
    account = await make_facilitator(house.parts, house.card)
    assert await house.parts.accounts.roles_in(account, house.card.id) == {"facilitator"}
    assert await house.parts.accounts.roles_in(account, "zzzzzz") == frozenset()
