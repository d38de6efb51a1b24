"""The door to the live rooms: a fault hurts nobody for long."""

import asyncio
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from moderation.actions import MemberMuted, MuteMember
from rooms.kernel import Recorded
from rooms.refusals import Refused
from rooms.room import ROOM, Standing
from rooms.speaking import Speak
from rooms.turns import HandLowered
from server.live import projecting
from server.live.hosts import BROKEN_SECONDS, IDLE_SECONDS
from server.live.protocol import Unavailable
from server.storage.appends import Append
from server.storage.projections import SanctionRow
from tests.server.live.house import ADA, BO, FAY, House


def poison_mutes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on a mute leaves a row that no database can store."""
    real = projecting.project

    def project(recorded: Any, *rest: Any) -> Iterator[Any]:
        if isinstance(recorded.event, MemberMuted):
            yield SanctionRow(house.room, recorded.n, 2**70, "muted", None)
        else:
            yield from real(recorded, *rest)

    monkeypatch.setattr("server.live.host.project", project)


async def outcome(future: asyncio.Future[Any]) -> str:
    try:
        await future
    except Refused as refused:
        return refused.code
    return "done"


# Faults.


async def test_a_command_nobody_can_store_fails_alone_and_the_room_comes_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    fay = await house.opens()
    ada, bo = await house.joins(ADA), await house.joins(BO)
    poison_mutes(house, monkeypatch)
    mute = MuteMember(member=bo.me, minutes=5, reason="Please rest.")
    submit = house.hosts.submit
    futures = [
        submit(house.room, ADA, Speak(text="before"), "key-before"),
        submit(house.room, FAY, mute, "key-poison"),
        submit(house.room, ADA, Speak(text="behind"), "key-behind"),
    ]
    assert [await outcome(f) for f in futures] == ["done", "cannot_store", "unavailable"]
    await house.settles()
    assert [page.closed for page in (fay, ada, bo)] == [None] * 3
    assert (await house.state()).standing(bo.me, 0) is Standing.SPEAKING
    await house.do(ADA, Speak(text="behind"), "key-behind")
    await house.says(BO, "not muted")
    for page in (fay, ada, bo):
        assert page.said() == ["before", "behind", "not muted"]
        assert page.events("MemberMuted") == page.events("YouWereMuted") == []
    assert set((await house.here()).values()) == {True}
    await house.log()


async def test_a_full_disk_is_unavailable_and_then_all_goes_on_without_a_restart(
    house: House,
) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    await house.says(ADA, "before")
    await house.disk_is_full()
    refusals = []
    for n in range(9):
        text = f"{n} " * 900
        code = await outcome(house.hosts.submit(house.room, ADA, Speak(text=text), f"key-full-{n}"))
        refusals.append(code)
    assert "unavailable" in refusals
    said = ada.said()
    # The room can still be read, by whoever comes back.
    again = await house.enters(ADA)
    assert again.said() == said
    assert again.kinds()[-1] == "heartbeat"
    await house.disk_has_room()
    await house.settles()
    await house.says(ADA, "after")
    await house.settles()
    assert ada.said() == [*said, "after"]
    await house.log()


async def test_a_page_that_goes_away_while_the_disk_is_full_drops_the_room_for_nobody(
    house: House,
) -> None:
    await house.opens()
    ada, bo = await house.joins(ADA), await house.joins(BO)
    await house.disk_is_full()
    codes = []
    for n in range(9):
        future = house.hosts.submit(house.room, ADA, Speak(text="x" * 1_900), f"key-full-{n}")
        codes.append(await outcome(future))
    assert codes[-1] == "unavailable"
    house.hosts.hub.detach(bo.connection)  # type: ignore[arg-type]
    await asyncio.sleep(0.05)
    await house.disk_has_room()
    await house.ticks()
    await house.settles()
    await house.says(ADA, "there again")
    assert ada.said()[-1] == "there again"
    assert (await house.here())["Slow River"] is False


async def test_a_database_locked_by_another_process_is_unavailable_and_nothing_is_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    statement = "PRAGMA busy_timeout=50"
    await house.database.write(lambda c: c.exec_driver_sql(statement).close())
    other = sqlite3.connect(house.database.path)
    other.execute("BEGIN IMMEDIATE")
    code = await outcome(house.hosts.submit(house.room, ADA, Speak(text="locked"), "key-locked"))
    assert code == "unavailable"
    other.rollback()
    other.close()
    await house.settles()
    await house.do(ADA, Speak(text="locked"), "key-locked")
    assert ada.said() == ["locked"]


# What anybody may know.


async def test_an_empty_room_leaves_memory_and_comes_back_when_asked(house: House) -> None:
    await house.opens()
    await house.joins(ADA)
    await house.closes()
    for page in house.listeners:
        await house.hangs_up(page)
    before = await house.host()
    await house.ticks(IDLE_SECONDS - 1)
    assert await house.host() is before
    for _ in range(4):  # kept places are cleared away first
        await house.ticks(IDLE_SECONDS + 2)
    assert await house.host() is not before


async def test_a_room_that_could_not_be_stored_does_not_stop_the_clock_of_the_others(
    house: House,
) -> None:
    host = await house.host()
    host.generation.alive = False
    await house.ticks(IDLE_SECONDS + 1)
    await house.ticks(1)
    assert await house.host() is not host


async def break_the_rules(house: House) -> None:
    """Store an event that does not fit the room: a hand goes down that was never up."""
    host = await house.host()
    room = host.room
    lowered = HandLowered(member=4)
    recorded = Recorded(room.n + 1, ROOM, room.number(ROOM) + 1, room.last, lowered)
    row, _ = host._scribe.write(recorded, None, None)
    append = Append(house.room, room.n, room.n + 1, [row], due=room.last)
    await asyncio.to_thread(house.store.append, [append])


async def test_a_room_whose_log_breaks_a_rule_does_not_stop_the_others_at_the_start(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    other = await house.found("Thursday Lantern")
    await house.opens()
    await break_the_rules(house)
    await house.restarts()
    assert (await house.hosts.entering.glance(other)).rules.version == 1
    with pytest.raises(Unavailable):
        await house.hosts.entering.glance(house.room)
    assert "room not loaded: ValueError" in caplog.text
    house.listeners.clear()


async def test_the_clock_leaves_a_dropped_room_in_peace_that_cannot_be_loaded(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.opens()
    await break_the_rules(house)
    house.hands.pass_(86_400)
    (await house.host()).generation.alive = False
    for _ in range(10):
        await house.ticks(1)
    assert caplog.text.count("room not loaded") == 1
    await house.ticks(BROKEN_SECONDS + 1)
    assert caplog.text.count("room not loaded") == 2
    house.listeners.clear()


async def test_a_node_that_does_not_host_a_room_says_so(house: House) -> None:
    class Elsewhere:
        def hosts_here(self, room: str) -> bool:
            return False

    house.hosts._hosts.clear()
    house.hosts._cluster = Elsewhere()
    with pytest.raises(Unavailable):
        await house.hosts.entering.glance(house.room)
