"""The contract of the Bus: every implementation must pass all of it."""

import asyncio
from collections.abc import Callable

import pytest

from rooms.room import ROOM, private
from server.live.bus import Bus, LocalBus, Rehear
from server.live.hub import Frame, Hub
from tests.server.live.test_hub import ADA, BO, SLUG, Page

Opener = Callable[[Hub], Bus]


@pytest.fixture(params=[LocalBus])
def bus(request: pytest.FixtureRequest, hub: Hub) -> Bus:
    opener: Opener = request.param
    return opener(hub)


@pytest.fixture
def hub() -> Hub:
    return Hub(came=lambda room, member: None, gone=lambda room, member: None)


def page(hub: Hub, member: int) -> Page:
    wire = Page()
    hub.caught_up(hub.attach(SLUG, member, wire, [ROOM, private(member)]), {})
    return wire


def frames(first: int, count: int, stream: str = ROOM) -> list[Frame]:
    return [Frame(stream, n, f"{stream}#{n}".encode()) for n in range(first, first + count)]


async def test_frames_of_a_stream_are_heard_in_the_order_they_were_published(
    bus: Bus, hub: Hub
) -> None:
    ada = page(hub, ADA)
    bus.publish(SLUG, frames(1, 3))
    bus.publish(SLUG, frames(4, 2))
    await asyncio.sleep(0)
    assert ada.lines() == [frame.data for frame in frames(1, 5)]


async def test_a_change_of_what_is_heard_keeps_its_place_among_the_frames(
    bus: Bus, hub: Hub
) -> None:
    ada, bo = page(hub, ADA), page(hub, BO)
    own = private(ADA)
    bus.publish(SLUG, [*frames(1, 1), Rehear(ADA, (own,)), *frames(2, 1), *frames(1, 1, own)])
    await asyncio.sleep(0)
    assert ada.lines() == [b"room#1", f"{own}#1".encode()]
    assert bo.lines() == [b"room#1", b"room#2"]


async def test_nothing_is_heard_in_another_room_and_publishing_to_nobody_is_fine(
    bus: Bus, hub: Hub
) -> None:
    ada = page(hub, ADA)
    bus.publish("p3t9wz", [*frames(1, 1), Rehear(ADA, ())])
    bus.publish(SLUG, [])
    await asyncio.sleep(0)
    assert ada.written == []
