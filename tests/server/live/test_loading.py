"""Making a room live again: exactly as it was, and without what a dead key took along."""

import logging
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection, delete, update

from moderation.actions import MuteMember
from rooms.arriving import Join
from rooms.meetings import CloseMeeting, OpenMeeting
from rooms.room import Mode, Room
from rooms.speaking import Speak
from rooms.turns import RaiseHand
from server.live.loading import Loader, RoomBroken
from server.live.protocol import NoSuchRoom, Unavailable
from server.storage.retention import sweep
from server.storage.tables import heads, log
from tests.server.live.house import ADA, BO, FAY, House

DAY = 86_400.0


def loader(house: House) -> Loader:
    return Loader(house.database, house.store, house.keys)


def encoded(room: Room) -> bytes:
    return msgspec.msgpack.encode(room)


async def test_a_room_comes_back_as_it_was(house: House) -> None:
    await house.opens(Mode.TURNS)
    ada = await house.joins(ADA, first_meeting=True)
    await house.joins(BO, listening=True)
    await house.do(ADA, RaiseHand())
    await house.do(FAY, MuteMember(member=ada.me, minutes=5, reason="Please rest."))
    await house.settles()
    loaded = await loader(house).load(house.room, house.hands.wall)
    assert encoded(loaded.room) == encoded(await house.state())
    assert not loaded.forgotten


async def test_a_snapshot_and_the_events_after_it_are_the_same_room(house: House) -> None:
    await house.opens()
    await house.joins(ADA)
    await house.says(ADA, "before the snapshot")
    await house.hosts.renew_snapshot(house.room)
    await house.says(ADA, "after the snapshot")
    loaded = await loader(house).load(house.room, house.hands.wall)
    assert encoded(loaded.room) == encoded(await house.state())


async def test_a_snapshot_in_the_middle_of_a_meeting_forgets_no_answered_key(
    house: House,
) -> None:
    await house.opens()
    await house.joins(ADA)
    first = await house.do(ADA, Speak(text="Once"), "key-once")
    await house.hosts.renew_snapshot(house.room)
    await house.restarts()
    assert await house.do(ADA, Speak(text="Once"), "key-once") == first


async def test_long_logs_are_read_in_pages(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.live.loading.PAGE", 3)
    await house.opens()
    await house.joins(ADA)
    numbers = await house.do(ADA, Speak(text="Once"), "key-once")
    for n in range(9):
        await house.says(ADA, f"line {n}")
    await house.restarts()
    assert await house.do(ADA, Speak(text="Once"), "key-once") == numbers


async def test_closing_keeps_a_snapshot_and_forgets_the_strangers_in_it(house: House) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    await house.do(FAY, MuteMember(member=ada.me, minutes=1, reason="Please rest."))
    await house.ticks(120)
    await house.closes()
    snapshot, forgotten = await loader(house)._snapshot(house.room)
    assert not forgotten
    assert snapshot.public.meeting is None
    assert ada.me not in snapshot.privates
    assert f"private:{ada.me}" not in snapshot.numbers


# What a dead key takes along.


async def dies(house: House) -> None:
    """The day of the meeting's key ends while the server is away."""
    await house.hosts.close()
    await house.database.close()
    house.hands.pass_(2 * DAY)
    today = datetime.fromtimestamp(house.hands.wall, UTC).date()
    assert house.keys.destroy_files_before(today)
    house._wake()


async def test_a_room_whose_words_have_died_begins_anew(house: House) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    await house.says(ADA, "never to be read again")
    old = ada.epoch
    await dies(house)
    await house.hosts.start()
    host = await house.host()
    assert host.epoch != old
    assert host.room.public.meeting is None
    assert host.room.public.rules.version == 1  # sealed between meetings, so it is still there
    await house.settles()
    fay = await house.joins(FAY)
    await house.do(FAY, OpenMeeting(mode=Mode.OPEN))
    assert host.room.public.meetings_held == 2
    again = await house.joins(ADA)
    await house.says(ADA, "a new evening")
    assert again.said() == fay.said() == ["a new evening"]
    house.listeners.remove(ada)
    house.acked.clear()


async def test_numbers_from_before_the_loss_get_a_fresh_page(house: House) -> None:
    fay = await house.opens()
    await dies(house)
    await house.hosts.start()
    await house.settles()
    await house.joins(FAY)
    back = await house.enters(FAY, fay)
    assert back.kinds()[0] == "snapshot"
    assert back.epoch != fay.epoch
    house.listeners.clear()


async def test_a_meeting_whose_key_died_under_a_snapshot_is_closed_by_the_clock(
    house: House,
) -> None:
    await house.opens()
    await house.joins(ADA)
    await house.hosts.renew_snapshot(house.room)
    await dies(house)
    await house.hosts.start()
    await house.settles()
    await house.ticks()
    assert (await house.state()).public.meeting is None
    assert await house.store.open_rooms() == []
    house.listeners.clear()


async def test_a_database_without_its_keys_folder_still_lets_its_rooms_begin(
    house: House,
) -> None:
    await house.opens()
    await house.hosts.close()
    await house.database.close()
    for path in (house.folder / "keys").glob("*.key"):
        path.unlink()
    house._wake()
    await house.joins(FAY)
    await house.do(FAY, OpenMeeting())
    assert (await house.state()).public.meetings_held == 2
    house.listeners.clear()


async def test_a_restored_room_without_its_keys_begins_though_its_rows_were_erased(
    house: House,
) -> None:
    await house.opens()
    await house.joins(ADA)
    await house.closes()
    house.hands.pass_(3 * DAY)
    wall = house.hands.wall
    assert (await sweep(house.database, house.keys, house.hosts.renew_snapshot, wall)).erased
    await house.hosts.close()
    await house.database.close()
    for path in (house.folder / "keys").glob("*.key"):
        path.unlink()
    house._wake()
    await house.hosts.start()
    house.listeners.clear()
    page = await house.joins(FAY)
    await house.do(FAY, OpenMeeting(mode=Mode.OPEN))
    await house.says(FAY, "a new evening")
    await house.settles()
    assert page.said() == ["a new evening"]
    assert (await house.state()).public.meetings_held == 2
    await house.restarts()
    assert (await house.state()).public.meeting is not None


# What does not fit together.


async def test_an_unknown_room_is_told_apart_from_one_that_cannot_be_read(house: House) -> None:
    with pytest.raises(NoSuchRoom):
        await loader(house).load("zzzzzz", house.hands.wall)


@pytest.mark.parametrize("harm", ["a hole", "a lost end", "another head"])
async def test_a_log_that_does_not_fit_together_is_not_guessed_at(
    house: House, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    await house.opens()
    await house.joins(ADA)
    await house.says(ADA, "one", "two")
    last = (await house.state()).n

    def break_it(connection: Connection) -> None:
        match harm:
            case "a hole":
                connection.execute(delete(log).where(log.c.room == house.room, log.c.n == last - 1))
            case "a lost end":
                connection.execute(delete(log).where(log.c.room == house.room, log.c.n == last))
            case "another head":
                connection.execute(update(heads).values(n=last + 5))

    await house.database.write(break_it)
    with pytest.raises(RoomBroken):
        await loader(house).load(house.room, house.hands.wall)
    with caplog.at_level(logging.ERROR):
        await house.restarts()
        with pytest.raises(Unavailable):
            await house.hosts.entering.glance(house.room)
    assert "room not loaded: RoomBroken" in caplog.text
    house.listeners.clear()
    house.acked.clear()


async def test_a_changed_byte_is_noticed(house: House) -> None:
    await house.opens()
    statement = update(log).where(log.c.stream == 0).values(body=b"x" * 40)
    await house.database.write(lambda c: c.execute(statement).close())
    await house.restarts()
    with pytest.raises(Unavailable):
        await house.hosts.entering.glance(house.room)


async def test_keys_are_made_once_for_a_room_and_anew_for_each_meeting(house: House) -> None:
    today = datetime.fromtimestamp(house.hands.wall, UTC).date()
    first = await loader(house).resting_key(house.room, today)
    assert await loader(house).resting_key(house.room, today) == first
    meeting = await loader(house).words_key(house.room, "meeting", today + timedelta(days=1))
    assert (await loader(house).unwrap({meeting.id, 10**6})).keys() == {meeting.id}
    again = await loader(house).words_key(house.room, "meeting", today + timedelta(days=1))
    assert again != meeting


async def test_the_words_of_two_meetings_have_two_keys(house: House) -> None:
    await house.opens()
    await house.joins(ADA)
    await house.says(ADA, "the first evening")
    await house.closes()
    await house.do(FAY, OpenMeeting(mode=Mode.OPEN))
    await house.do(ADA, Join(pseudonym="Amber Finch", rules=1))
    await house.says(ADA, "the second evening")
    await house.do(FAY, CloseMeeting())
    keys = [row.key_id for row in await house.log() if row.stream == 0]
    assert len(set(keys)) == 3  # the resting key of the founding, and one for each meeting
    house.listeners.clear()
