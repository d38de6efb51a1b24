"""Catching up: all since one's own window and nothing before it, in order, without doubles."""

import asyncio

import pytest

from moderation.actions import HideMessage, MuteMember, ReadmitMember, RemoveMember
from rooms.room import ROOM
from rooms.speaking import Retract, Speak
from server.live.catchup import HISTORY
from server.live.host import Numbers
from tests.server.live.house import ADA, BO, FAY, House
from tests.server.live.listener import Listener

REASON = "Please rest for a while."


@pytest.mark.parametrize("missed", [0, 1, 100, 2_000])
async def test_whoever_was_away_hears_exactly_what_they_missed(house: House, missed: int) -> None:
    await house.opens()
    ada, bo = await house.joins(ADA), await house.joins(BO)
    await house.says(BO, "before")
    await house.hangs_up(ada)
    texts = await house.talks(missed)
    back = await house.enters(ADA, ada)
    assert "snapshot" not in back.kinds()
    assert back.said() == texts
    await house.says(BO, "live again")
    assert back.said() == [*texts, "live again"]
    assert back.heard[ROOM].items() >= bo.heard[ROOM].items()
    # A long catch-up goes out in pieces, each when the one before has gone.
    assert back.writes < 20 + missed // 100


async def test_pages_of_the_log_join_without_a_seam(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.live.catchup.PAGE", 7)
    await house.opens()
    ada = await house.joins(ADA)
    await house.joins(BO)
    await house.hangs_up(ada)
    texts = await house.talks(40)
    assert (await house.enters(ADA, ada)).said() == texts


async def test_after_an_hour_away_a_phone_goes_on_where_it_was(house: House) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    await house.joins(BO)
    await house.hangs_up(ada)
    texts = await house.talks(30)
    await house.ticks(3_600)
    back = await house.enters(ADA, ada)
    assert back.said() == texts
    assert len(back.events("Left")) == 1  # their place was cleared away, and given back


def changed(numbers: Numbers, **change: int) -> Numbers:
    return {s: change.get(s.partition(":")[0], n) for s, n in numbers.items()}


@pytest.mark.parametrize(
    "case", ["wrong epoch", "future", "before the window", "other stream", "fewer streams"]
)
async def test_numbers_that_are_not_ones_own_get_a_fresh_page_of_ones_own_window(
    house: House, case: str
) -> None:
    await house.opens()
    await house.joins(BO)
    await house.says(BO, "before Ada came")
    ada = await house.joins(ADA)
    await house.says(BO, "since then")
    epoch, after = ada.epoch, dict(ada.numbers)
    match case:
        case "wrong epoch":
            epoch = "0" * 16
        case "future":
            after[ROOM] += 1
        case "before the window":
            after[ROOM] = 0
        case "other stream":
            after["staff"] = 0
        case "fewer streams":
            del after[ROOM]
    page = Listener(ADA)
    page.connection = await house.hosts.entering.enter(house.room, ADA, page, epoch, after)
    house.listeners.append(page)
    assert page.kinds()[0] == "snapshot"
    assert page.said() == ["since then"]
    assert set(page.last("snapshot")["view"]) == {ROOM, f"private:{ada.me}"}


async def test_another_persons_stream_cannot_be_asked_for(house: House) -> None:
    await house.opens()
    ada, bo = await house.joins(ADA), await house.joins(BO)
    await house.do(FAY, MuteMember(member=bo.me, minutes=5, reason=REASON))
    page = Listener(ADA)
    after = {ROOM: ada.numbers[ROOM], f"private:{bo.me}": 0}
    await house.hosts.entering.enter(house.room, ADA, page, ada.epoch, after)
    assert page.kinds()[0] == "snapshot"
    assert page.events("YouWereMuted") == []


async def test_a_late_joiner_sees_nothing_from_before(house: House) -> None:
    await house.opens()
    await house.joins(BO)
    await house.talks(20)
    ada = await house.joins(ADA)
    assert ada.said() == []
    assert (await house.enters(ADA)).said() == []


async def test_a_fresh_page_gets_the_last_two_hundred_messages(house: House) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    await house.joins(BO)
    await house.hangs_up(ada)
    texts = await house.talks(HISTORY + 30)
    page = await house.enters(ADA)
    assert page.said() == texts[-HISTORY:]


async def test_what_was_taken_back_or_hidden_is_not_said_again(house: House) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    await house.joins(BO)
    await house.hangs_up(ada)
    taken = (await house.says(BO, "taken back"))[ROOM]
    hidden = (await house.says(BO, "hidden"))[ROOM]
    await house.says(BO, "stays")
    await house.do(BO, Retract(message=taken))
    await house.do(FAY, HideMessage(message=hidden, reason=REASON))
    for page in (await house.enters(ADA, ada), await house.enters(ADA)):
        assert page.said() == ["stays"]
        fates = [event["fate"] for event in page.events("Withheld")]
        assert fates == ["retracted", "hidden"]
    seat = await house.hosts.entering.seat(house.room, ADA)
    assert seat is not None
    assert [message.text for message in seat.messages] == [None, None, "stays"]


# Removed, and let in again.


async def test_a_removal_ends_the_room_for_somebody_at_exactly_that_event(house: House) -> None:
    fay = await house.opens()
    ada, bo = await house.joins(ADA), await house.joins(BO)
    submit = house.hosts.submit
    remove = RemoveMember(member=ada.me, reason=REASON)
    futures = [
        submit(house.room, BO, Speak(text="just before"), "key-just-before"),
        submit(house.room, FAY, remove, "key-remove"),
        submit(house.room, BO, Speak(text="just after"), "key-just-after"),
    ]
    await asyncio.gather(*futures)
    await house.settles()
    assert ada.said() == ["just before"]
    assert [event["type"] for event in ada.events()][-1] == "YouWereRemovedBecause"
    assert ada.events("Left") == []
    assert bo.said() == fay.said() == ["just before", "just after"]
    assert len(bo.events("Left")) == 1
    back = await house.enters(ADA, ada)
    assert back.kinds()[0] == "snapshot"
    assert set(back.numbers) == {f"private:{ada.me}"}
    assert back.said() == []


async def test_somebody_let_in_again_hears_from_then_on(house: House) -> None:
    await house.opens()
    ada = await house.joins(ADA)
    await house.joins(BO)
    await house.says(BO, "first")
    await house.do(FAY, RemoveMember(member=ada.me, reason=REASON))
    await house.says(BO, "unheard")
    await house.do(FAY, ReadmitMember(member=ada.me, reason="It is good again."))
    assert ada.said() == ["first"]
    assert len(ada.events("YouWereReadmitted")) == 1
    await house.hangs_up(ada)
    back = await house.joins(ADA)
    await house.says(BO, "heard")
    assert back.said() == ["heard"]
    assert (await house.enters(ADA)).said() == ["heard"]
