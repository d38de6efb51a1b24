"""Coming in and looking in: each sees as much of a room as is theirs."""

import asyncio

import pytest

from rooms.kernel import NotAMember
from rooms.room import Hold
from rooms.speaking import Speak
from server.live.protocol import NoSuchRoom
from tests.server.live.house import ADA, House
from tests.server.live.listener import Listener


async def test_strangers_and_unknown_rooms_are_told_so_and_nothing_is_attached(
    house: House,
) -> None:
    page = Listener(ADA)
    with pytest.raises(NotAMember):
        await house.hosts.entering.enter(house.room, ADA, page, None, None)
    with pytest.raises(NoSuchRoom):
        await house.hosts.entering.enter("zzzzzz", ADA, page, None, None)
    with pytest.raises(NoSuchRoom):
        await house.hosts.submit("zzzzzz", ADA, Speak(text="Hello"), "key-nowhere")
    assert await house.hosts.entering.seat(house.room, ADA) is None
    assert house.hosts.hub.everybody() == []


async def test_a_page_that_goes_away_while_it_catches_up_leaves_no_ghost(house: House) -> None:
    await house.opens()
    page = await house.joins(ADA)
    await house.says(ADA, "Hello")
    await house.hangs_up(page)
    house.store.gate.clear()
    late = Listener(ADA)
    task = asyncio.create_task(house.hosts.entering.enter(house.room, ADA, late, None, None))
    await house.store.asked.wait()
    assert house.hosts.hub.connections(house.room, page.me) != []
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    house.store.gate.set()
    await house.settles()
    assert house.hosts.hub.connections(house.room, page.me) == []
    assert (await house.here())["Amber Finch"] is False


async def test_a_glance_tells_who_holds_the_room_and_no_member(house: House) -> None:
    closed = await house.hosts.entering.glance(house.room)
    assert not closed.meeting_open
    assert closed.rules.version == 1
    await house.opens()
    await house.joins(ADA)
    glance = await house.hosts.entering.glance(house.room)
    assert glance.meeting_open
    assert (glance.facilitators, glance.hold) == (["Brave Otter"], Hold.NONE)


async def test_a_seat_shows_ones_own_part_and_the_last_messages(house: House) -> None:
    await house.opens()
    page = await house.joins(ADA)
    await house.says(ADA, "Hello")
    seat = await house.hosts.entering.seat(house.room, ADA)
    assert seat is not None
    assert set(seat.view) == {"room", f"private:{page.me}"}
    assert [(m.text, m.pseudonym) for m in seat.messages] == [("Hello", "Amber Finch")]
    assert seat.numbers == page.numbers
