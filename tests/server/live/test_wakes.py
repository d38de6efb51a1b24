"""What happens because time passes: in rooms that are awake, asleep, or were away."""

import asyncio
import logging

import pytest

from moderation.actions import MuteMember
from rooms.clock import CALM_HOLD_SECONDS, FACILITATOR_GRACE_SECONDS, MEETING_LONGEST_SECONDS
from rooms.meetings import OpenMeeting, SetTopic
from rooms.room import Hold, Mode
from rooms.speaking import Speak
from rooms.turns import CallNext, RaiseHand
from server.live import wakes as module
from server.live.hosts import IDLE_SECONDS
from server.live.wakes import Wakes
from server.storage.errors import StorageUnavailable
from server.storage.retention import Swept
from tests.server.live.house import ADA, BO, FAY, House

REASON = "Please rest for a while."


async def test_a_mute_ends_on_its_minute(house: House) -> None:
    fay = await house.opens()
    ada = await house.joins(ADA)
    await house.do(FAY, MuteMember(member=ada.me, minutes=5, reason=REASON))
    await house.ticks(299)
    assert ada.events("YourMuteEnded") == []
    await house.ticks(2)
    assert len(ada.events("YourMuteEnded")) == len(fay.events("MuteEnded")) == 1
    await house.says(ADA, "Thank you for waiting")


async def test_a_mute_ends_in_a_room_that_sleeps(house: House) -> None:
    await house.opens()
    ada = await house.joins(ADA, remember=True)
    await house.do(FAY, MuteMember(member=ada.me, minutes=60, reason=REASON))
    await house.closes()
    for page in house.listeners:
        await house.hangs_up(page)
    for _ in range(4):  # kept places are cleared away first
        await house.ticks(IDLE_SECONDS + 1)
    assert house.hosts._hosts == {}
    await house.ticks(3_600)
    assert (await house.state()).staff.muted == {}
    assert await house.store.rooms_due(house.hands.wall + 10**6) == []


async def test_without_a_facilitator_the_room_rests_after_two_minutes(house: House) -> None:
    fay = await house.opens()
    ada = await house.joins(ADA)
    await house.hangs_up(fay)
    await house.ticks(FACILITATOR_GRACE_SECONDS - 1)
    assert (await house.state()).public.hold is Hold.NONE
    await house.ticks(1)
    assert (await house.state()).public.hold is Hold.CALM
    assert (await house.refuses(ADA, Speak(text="Hello"))).code == "room_resting"
    assert ada.events("HoldPlaced") == [{"type": "HoldPlaced", "hold": "calm"}]


async def test_a_facilitator_lost_over_a_restart_has_two_minutes_from_there(
    house: House,
) -> None:
    await house.opens()
    await house.joins(ADA)
    house.hands.pass_(600)
    await house.is_killed()
    ada = await house.enters(ADA)
    await house.ticks(FACILITATOR_GRACE_SECONDS - 1)
    assert (await house.state()).public.hold is Hold.NONE
    await house.ticks(2)
    assert (await house.state()).public.hold is Hold.CALM
    assert len(ada.events("HoldPlaced")) == 1


async def test_a_room_with_an_open_meeting_is_awake_after_a_restart_though_nobody_comes(
    house: House,
) -> None:
    await house.opens()
    await house.restarts()
    assert list(house.hosts._hosts) == [house.room]
    await house.ticks(FACILITATOR_GRACE_SECONDS + 1)
    assert (await house.state()).public.hold is Hold.CALM


async def test_a_meeting_that_rests_for_two_hours_is_closed(house: House) -> None:
    fay = await house.opens()
    ada = await house.joins(ADA)
    await house.hangs_up(fay)
    await house.ticks(FACILITATOR_GRACE_SECONDS)
    await house.ticks(CALM_HOLD_SECONDS - 1)
    assert (await house.state()).public.meeting is not None
    await house.ticks(2)
    assert (await house.state()).public.meeting is None
    assert len(ada.events("MeetingClosed")) == 1
    assert await house.store.open_rooms() == []
    snapshot = await house.store.snapshot(house.room)
    assert snapshot is not None
    assert snapshot.n >= (await house.state()).n - 2


async def test_a_room_that_slept_through_its_deadlines_does_them_all_at_once(
    house: House,
) -> None:
    await house.opens()
    await house.hosts.close()
    await house.database.close()
    house.hands.pass_(MEETING_LONGEST_SECONDS)
    house._wake()
    await house.hosts.tick()
    await house.settles()
    assert (await house.state()).public.meeting is None


async def test_a_lost_person_with_the_floor_gives_it_back_and_keeps_the_first_place(
    house: House,
) -> None:
    await house.opens(Mode.TURNS)
    ada = await house.joins(ADA)
    bo = await house.joins(BO)
    await house.do(ADA, RaiseHand())
    await house.do(BO, RaiseHand())
    await house.do(FAY, CallNext())
    await house.hangs_up(ada)
    await house.ticks(61)
    public = (await house.state()).public
    assert (public.floor, public.hands) == (None, [ada.me, bo.me])


async def test_after_a_tick_nothing_is_due_any_more(house: House) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    await house.do(FAY, MuteMember(member=ada.me, minutes=1, reason=REASON))
    for _ in range(300):
        await house.ticks(30)
        host = await house.host()
        assert host.due() > host.now()
    rows = len(await house.log())
    await house.ticks(0)
    assert len(await house.log()) == rows


# The loop that does it.


class Run:
    """Wakes on a house, and what they swept."""

    def __init__(self, house: House) -> None:
        self.swept = 0
        self.wakes = Wakes(
            house.hosts,
            house.outbox,
            house.database,
            house.keys,
            (),
            (self._sessions,),
            self._wall,
        )
        self.house = house

    def _wall(self) -> float:
        return self.house.hands.wall

    async def _sessions(self) -> None:
        self.swept += 1


async def test_the_clock_runs_and_goes_on_when_a_second_fails(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "TICK_SECONDS", 0.01)
    fay = await house.opens()
    real, failures = house.hosts.tick, [StorageUnavailable("SQLITE_FULL"), ValueError("words")]

    async def tick() -> None:
        if failures:
            raise failures.pop()
        await real()

    monkeypatch.setattr(house.hosts, "tick", tick)
    run = Run(house)
    with caplog.at_level(logging.WARNING):
        run.wakes.start()
        await house.hangs_up(fay)
        house.hands.pass_(FACILITATOR_GRACE_SECONDS + 1)
        async with asyncio.timeout(5):
            while (await house.state()).public.hold is not Hold.CALM:
                await asyncio.sleep(0.01)
        await run.wakes.close()
    assert failures == []
    assert "work of the clock failed: ValueError" in caplog.text
    assert "words" not in caplog.text
    assert run.swept == 1  # retention runs once at the start, and hourly


async def test_the_heartbeat_reaches_every_page(house: House) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    before = ada.kinds().count("heartbeat")
    await Run(house).wakes._beat()
    assert ada.kinds().count("heartbeat") == before + 1


async def test_a_sweep_ends_what_has_reached_its_end_and_names_how_many_are_behind(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await house.joins(FAY)
    between = [row.n for row in await house.log()]
    await house.do(FAY, OpenMeeting(mode=Mode.OPEN))
    await house.joins(ADA)
    await house.says(ADA, "until tomorrow")
    await house.closes()
    house.hands.pass_(3 * 86_400)
    run = Run(house)
    await run.wakes.sweep()
    assert [row.n for row in await house.log()] == between
    assert (await house.host()).room.public.meetings_held == 1
    await house.do(FAY, OpenMeeting())
    await house.do(FAY, SetTopic(topic="again"))

    async def behind(*_: object) -> Swept:
        return Swept(0, [], ["k7m2qx", "p3t9wz"], log_cut=True)

    monkeypatch.setattr(module, "sweep", behind)
    await run.wakes.sweep()
    assert "could not be renewed: 2" in caplog.text
    assert "k7m2qx" not in caplog.text
