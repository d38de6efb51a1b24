"""One live Room: an answer means durable, a key makes a retry safe, and time goes only forward."""

import asyncio
import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from moderation.budgets import MESSAGES_OF_A_PERSON
from rooms.arriving import ChooseListening, Join
from rooms.kernel import At, Made
from rooms.meetings import CloseMeeting, OpenMeeting
from rooms.room import Mode, Room
from rooms.speaking import Speak
from rooms.turns import RaiseHand
from server.live.protocol import Unavailable
from server.storage.tables import data_keys, heads, wakes
from tests.server.live.house import ADA, BO, FAY, House

NEEDLE = "the words of somebody"

# An answer means durable.


async def test_nothing_is_heard_or_answered_before_it_is_durable(house: House) -> None:
    await house.opens()
    page = await house.joins(ADA)
    before = len(page.frames)
    stored: list[int] = []
    real = page.send

    def watch(frames: bytes) -> None:
        connection = house.database._reading.connect()
        with connection:
            stored.append(connection.scalar(select(heads.c.n)) or 0)
        real(frames)

    page.send = watch  # type: ignore[method-assign]
    future = house.hosts.submit(house.room, ADA, Speak(text="Hello"), "key-of-ada")
    n = (await house.state()).n
    await asyncio.sleep(0)
    assert not future.done()
    assert len(page.frames) == before
    await future
    await house.settles()
    assert page.said() == ["Hello"]
    assert stored == [n]


async def test_what_was_acknowledged_survives_a_kill_and_what_was_not_is_lost_or_whole(
    house: House,
) -> None:
    await house.opens()
    page = await house.joins(ADA)
    await house.says(ADA, "kept")
    house.hosts.submit(house.room, ADA, Speak(text="on its way"), "key-on-its-way")
    await house.is_killed()
    after = await house.enters(ADA, page)
    assert after.said() in ([], ["on its way"])
    numbers = await house.do(ADA, Speak(text="on its way"), "key-on-its-way")
    fresh = await house.enters(ADA)
    assert fresh.said() == ["kept", "on its way"]
    assert fresh.heard["room"][numbers["room"]]["text"] == "on its way"


@pytest.mark.parametrize("restart", [False, True])
async def test_a_retry_with_the_same_key_gets_the_same_answer(house: House, restart: bool) -> None:
    await house.opens()
    await house.joins(ADA)
    first = await house.do(ADA, Speak(text="Once"), "key-once")
    if restart:
        await house.restarts()
    assert await house.do(ADA, Speak(text="Once"), "key-once") == first
    refused = await house.refuses(ADA, Speak(text="Twice"), "key-once")
    assert refused.code == "conflict"
    assert (await house.enters(ADA)).said() == ["Once"]


@pytest.mark.parametrize("restart", [False, True])
async def test_coming_in_again_with_the_same_key_makes_no_second_person(
    house: House, restart: bool
) -> None:
    await house.opens()
    join = Join(pseudonym="Amber Finch", rules=1)
    first = await house.do(ADA, join, "key-join")
    if restart:
        await house.restarts()
    assert await house.do(ADA, join, "key-join") == first
    assert set(first) == {"room", f"private:{await house.member(ADA)}"}
    assert list(await house.here()) == ["Brave Otter", "Amber Finch"]


@pytest.mark.parametrize("restart", [False, True])
async def test_opening_and_closing_again_with_the_same_keys_is_answered_alike(
    house: House, restart: bool
) -> None:
    await house.joins(FAY)
    opened = await house.do(FAY, OpenMeeting(mode=Mode.OPEN), "key-open")
    if restart:
        await house.restarts()
    assert await house.do(FAY, OpenMeeting(mode=Mode.OPEN), "key-open") == opened
    closed = await house.do(FAY, CloseMeeting(), "key-close")
    await house.settles()
    if restart:
        await house.restarts()
    assert await house.do(FAY, CloseMeeting(), "key-close") == closed
    assert (await house.state()).public.meetings_held == 1


async def test_a_key_belongs_to_the_person_who_drew_it(house: House) -> None:
    await house.opens()
    await house.joins(ADA)
    await house.joins(BO)
    await house.do(ADA, Speak(text="Mine"), "key-shared")
    await house.do(BO, Speak(text="Also mine"), "key-shared")
    assert (await house.enters(BO)).said() == ["Mine", "Also mine"]


async def test_only_a_facilitator_who_can_open_a_meeting_makes_a_key(house: House) -> None:
    await house.opens()
    await house.joins(ADA)

    async def keys() -> int:
        count = select(func.count()).select_from(data_keys)
        return await house.database.read(lambda c: c.execute(count).scalar_one())

    before = await keys()
    for who in (ADA, FAY):
        await house.refuses(who, OpenMeeting())
    assert await keys() == before


# Budgets, time and bugs.


async def test_whoever_says_a_lot_at_once_waits_and_loses_nothing(house: House) -> None:
    await house.opens()
    page = await house.joins(ADA)
    many = int(MESSAGES_OF_A_PERSON.burst)
    await house.says(ADA, *(f"line {n}" for n in range(many)))
    refused = await house.refuses(ADA, Speak(text="too much"), "key-too-much")
    assert (refused.code, refused.retry, refused.facts) == ("too_fast", True, {"after": 3})
    house.hands.pass_(3)
    await house.do(ADA, Speak(text="too much"), "key-too-much")
    assert page.said()[-1] == "too much"


async def test_a_repeated_key_costs_no_budget(house: House) -> None:
    await house.opens()
    await house.joins(ADA)
    for _ in range(50):
        await house.do(ADA, Speak(text="Once"), "key-once")
    assert (await house.enters(ADA)).said() == ["Once"]


async def test_the_rooms_time_never_goes_back_whatever_the_clock_does(house: House) -> None:
    await house.opens()
    await house.joins(ADA)
    house.hands.pass_(60)
    before = (await house.host()).now()
    house.hands.wall -= 3_600
    assert (await house.host()).now() == before
    await house.says(ADA, "during the jump")
    await house.restarts()
    assert (await house.host()).now() >= before


async def test_a_bug_in_a_rule_reloads_the_room_and_writes_types_alone(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await house.opens()
    page = await house.joins(ADA)
    await house.says(ADA, "before")

    def broken(self: RaiseHand, room: Room, at: At) -> Iterator[Made]:
        raise RuntimeError(NEEDLE)

    with monkeypatch.context() as patched, caplog.at_level(logging.DEBUG):
        patched.setattr(RaiseHand, "decide", broken)
        refused = await house.refuses(ADA, RaiseHand())
    assert (refused.code, refused.retry) == ("something_broke", True)
    assert NEEDLE not in caplog.text
    assert "RuntimeError in RaiseHand" in caplog.text
    await house.settles()
    assert page.closed is None
    await house.do(ADA, RaiseHand())
    await house.says(ADA, "after")
    assert page.said() == ["before", "after"]


async def test_a_bug_after_the_rule_leaves_nothing_applied(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.opens()
    await house.joins(ADA)

    def broken(*_: object) -> Iterator[object]:
        raise RuntimeError(NEEDLE)

    with monkeypatch.context() as patched:
        patched.setattr("server.live.host.project", broken)
        refused = await house.refuses(ADA, Speak(text="never said"))
    assert refused.code == "something_broke"
    await house.settles()
    await house.says(ADA, "said")
    assert (await house.enters(ADA)).said() == ["said"]


async def test_a_command_that_changes_nothing_is_done_at_once(house: House) -> None:
    await house.opens()
    await house.joins(ADA)
    assert await house.do(ADA, Join(pseudonym="Amber Finch")) == {}


async def test_nothing_new_is_answered_only_when_what_it_found_is_durable(house: House) -> None:
    await house.opens()
    await house.joins(ADA)
    await house.disk_is_full()
    listen = ChooseListening(listening=True)
    words = [Speak(text=f"{n} " + "x" * 1_900) for n in range(9)]
    futures = [
        house.hosts.submit(house.room, ADA, command, house.key())
        for command in [*words, listen, listen]
    ]
    answers = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable] * len(futures)
    await house.disk_has_room()
    await house.settles()
    member = await house.member(ADA)
    assert not (await house.state()).private(member).listening


async def test_commands_that_change_nothing_leave_nothing_in_memory(house: House) -> None:
    await house.opens()
    await house.joins(ADA)
    host = await house.host()
    remembered = len(host._answers)
    for _ in range(100):
        house.hands.pass_(1)
        await house.do(ADA, ChooseListening(listening=False))
    assert len(host._answers) == remembered


async def test_the_deadline_in_clear_tells_no_more_than_the_minute(house: House) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    house.hands.pass_(7.123)
    await house.hangs_up(ada)
    host = await house.host()
    stored = await house.database.read(lambda c: c.scalars(select(wakes.c.due)).one())
    assert stored % 60 == 0
    assert 0 <= stored - host.due() < 60
