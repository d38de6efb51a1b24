"""The outbox: what was decided together happens together, at least once, or is seen not to."""

import logging
from itertools import pairwise

import pytest
from sqlalchemy import func, select, update

from rooms.meetings import FoundRoom, SetTopic
from rooms.presence import RoleTaken
from rooms.room import Role
from server.live import outbox as module
from server.live.outbox import ATTEMPTS, FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS, post
from server.live.protocol import Unavailable
from server.storage.tables import outbox
from tests.server.live.house import ADA, FAY, House

KIND = "told_desk"


async def posts(house: House, room: str = "") -> None:
    """The desk takes Fay's role."""
    order = RoleTaken(tag=FAY.tag)
    await house.database.write(
        lambda c: post(c, house.keys, room or house.room, order, house.hands.wall)
    )


async def waiting(house: House) -> int:
    count = select(func.count()).select_from(outbox)
    return await house.database.read(lambda c: c.execute(count).scalar_one())


async def test_a_role_that_was_taken_reaches_the_room_once(house: House) -> None:
    fay = await house.opens()
    ada = await house.joins(ADA)
    await posts(house)
    assert await house.outbox.run_once() == 1
    await house.settles()
    assert len(ada.events("Left")) == 1
    assert ada.events("HoldPlaced") == [{"type": "HoldPlaced", "hold": "calm"}]
    assert (await house.refuses(FAY, SetTopic(topic="Still here?"))).code == "not_allowed"
    assert fay.connection is not None
    assert "staff" not in fay.connection.streams
    assert "room" not in fay.connection.streams
    assert (await house.outbox.run_once(), await waiting(house)) == (0, 0)


async def test_nothing_is_posted_when_the_desks_own_transaction_fails(house: House) -> None:
    def fails(connection: object) -> None:
        post(connection, house.keys, house.room, RoleTaken(tag=FAY.tag), 0.0)  # type: ignore[arg-type]
        raise LookupError

    with pytest.raises(LookupError):
        await house.database.write(fails)
    assert await waiting(house) == 0


async def test_an_order_is_sealed_where_it_waits(house: House) -> None:
    await posts(house)
    row = await house.database.read(lambda c: c.execute(select(outbox)).one())
    assert FAY.tag.encode() not in row.body
    assert b"RoleTaken" not in row.body


async def test_a_killed_worker_leaves_its_orders_to_the_next_one(house: House) -> None:
    fay = await house.opens()
    await posts(house)
    taken = await house.store.take_orders(house.hands.wall, module.LEASE_SECONDS, 10)
    assert len(taken) == 1
    await house.is_killed()
    assert await house.outbox.run_once() == 0
    house.hands.pass_(module.LEASE_SECONDS)
    assert await house.outbox.run_once() == 1
    assert (await house.state()).role(fay.me) is Role.MEMBER


async def test_an_order_that_fails_is_tried_again_ever_later_and_at_last_kept_visible(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[float] = []

    async def fails(room: str, body: bytes) -> None:
        tried.append(house.hands.wall)
        raise Unavailable

    house.outbox._carry[KIND] = fails
    await posts(house)
    await house.database.write(lambda c: c.execute(update(outbox).values(kind=KIND)).close())
    with caplog.at_level(logging.WARNING):
        while not await house.store.dead_orders():
            assert await house.outbox.run_once() == 1
            due = await house.database.read(lambda c: c.execute(select(outbox.c.due)).scalar_one())
            house.hands.pass_(max(0.0, due - house.hands.wall - 0.5))
            assert await house.outbox.run_once() == 0
            house.hands.pass_(0.5)
    pauses = [later - earlier for earlier, later in pairwise(tried)]
    assert len(tried) == ATTEMPTS
    assert pauses[:4] == [FIRST_RETRY_SECONDS * factor for factor in (1, 2, 4, 8)]
    assert max(pauses) == LONGEST_RETRY_SECONDS
    assert sum(pauses) > 3_600
    house.hands.pass_(86_400)
    assert await house.outbox.run_once() == 0
    assert [(kind, room) for _, kind, room in await house.store.dead_orders()] == [
        (KIND, house.room)
    ]
    assert "order will be tried again: Unavailable" in caplog.text


async def test_a_bug_in_one_order_stops_no_other(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    fay = await house.opens()

    async def broken(room: str, body: bytes) -> None:
        raise RuntimeError("words of the order")

    house.outbox._carry[KIND] = broken
    await posts(house)
    await house.database.write(lambda c: c.execute(update(outbox).values(kind=KIND)).close())
    await posts(house)
    with caplog.at_level(logging.WARNING):
        assert await house.outbox.run_once() == 2
    assert (await house.state()).role(fay.me) is Role.MEMBER
    assert await waiting(house) == 1
    assert "words of the order" not in caplog.text


@pytest.mark.parametrize("harm", ["unknown kind", "broken seal", "dead key"])
async def test_an_order_nobody_can_carry_out_is_given_up_at_once(house: House, harm: str) -> None:
    await posts(house)
    harms: dict[str, dict[str, object]] = {
        "unknown kind": {"kind": "unheard_of"},
        "broken seal": {"body": b"x" * 40},
        "dead key": {"key_id": 10**6},
    }
    await house.database.write(lambda c: c.execute(update(outbox).values(harms[harm])).close())
    await house.outbox.run_once()
    assert len(await house.store.dead_orders()) == 1


async def test_an_order_delivered_twice_founds_no_room_twice(house: House) -> None:
    for _ in range(2):
        await house.hosts.order(house.room, FoundRoom(rules=["Another rule."]))
    assert (await house.state()).public.rules.version == 1
