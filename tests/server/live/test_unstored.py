"""Danger that no disk would take: the staff hear it at once, and it is kept until it is stored."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from typing import Final

import msgspec
import pytest

from moderation.danger import NoteDanger
from rooms.arriving import ChangePseudonym
from rooms.refusals import Refused
from rooms.room import Role
from rooms.safety import Category, Danger, Reason, Subject
from rooms.speaking import Speak
from server.live import unstored
from server.live.host import Numbers, Who
from server.live.protocol import Conflict, NoSuchRoom, Unavailable
from server.live.unstored import Unstored
from tests.server.live.house import ADA, BO, FAY, KIM, House
from tests.server.live.listener import Frame, Listener
from tests.wire_schema import assert_from_server

CRY: Final = "I am going to kill myself tonight"
STRANGER: Final = Who("5a" * 32)
DANGER: Final = Danger(
    level=3,
    category=Category.SUICIDE,
    subject=Subject.SELF,
    because=(Reason(concept="intends", says="says so", end=3),),
)
NOTE: Final = NoteDanger(danger=DANGER)


class Ears:
    """A wire that hears alarms, and hands the rest on to its page."""

    def __init__(self, page: Listener) -> None:
        self.page = page
        self.alarms: list[Frame] = []
        assert page.connection is not None
        page.connection.wire = self

    def send(self, frames: bytes) -> None:
        """See `Wire.send`."""
        for line in frames.split(b"\n"):
            frame = msgspec.json.decode(line)
            if frame["frame"] == "alarm":
                self.alarms.append(frame)
            else:
                self.page.send(line)

    def close(self, code: int) -> None:
        """See `Wire.close`."""
        self.page.close(code)

    async def drained(self) -> None:
        """See `Wire.drained`."""
        await self.page.drained()


class Evening:
    """A meeting that Fay holds with Ada and Bo, and what each of them hears of alarms."""

    def __init__(self, house: House, fay: Listener, ada: Listener, bo: Listener) -> None:
        self.house = house
        self.fay, self.ada, self.bo = Ears(fay), Ears(ada), Ears(bo)
        self._other: sqlite3.Connection | None = None

    @property
    def waiting(self) -> int:
        """How many notes wait for the database."""
        return len(self.house.hosts._unstored)

    async def database_is_away(self) -> None:
        """Another process holds the database: not one word can be stored."""
        await self.house.database.write(
            lambda c: c.exec_driver_sql("PRAGMA busy_timeout=1").close()
        )
        self._other = sqlite3.connect(self.house.database.path)
        self._other.execute("BEGIN IMMEDIATE")

    def database_is_back(self) -> None:
        """It lets go."""
        assert self._other is not None
        self._other.close()
        self._other = None

    async def cries(self, who: Who = ADA, text: str = CRY, key: str = "") -> Refused:
        """Somebody says what cannot be stored; the answer they get."""
        refused = await self.house.refuses(who, Speak(text=text), key)
        await self.house.settles()
        return refused

    def looks(self, notes: Unstored, who: Who = ADA, key: str = "key") -> None:
        """A note about somebody could not be stored."""
        notes.look(self.house.room, who, NOTE, key, ended(Unavailable()))

    def close(self) -> None:
        """The evening is over."""
        if self._other is not None:
            self._other.close()


@pytest.fixture
async def evening(house: House) -> AsyncIterator[Evening]:
    """A meeting, while all is well."""
    evening = Evening(house, await house.opens(), await house.joins(ADA), await house.joins(BO))
    yield evening
    evening.close()


def ended(error: BaseException | None) -> asyncio.Future[Numbers]:
    """A note that has come to its end."""
    future: asyncio.Future[Numbers] = asyncio.get_running_loop().create_future()
    if error is None:
        future.set_result({})
    else:
        future.set_exception(error)
    return future


async def test_the_staff_who_are_here_hear_at_once_what_cannot_be_stored(evening: Evening) -> None:
    await evening.database_is_away()
    refused = await evening.cries()
    assert (refused.code, refused.help) == ("unavailable", 3)
    (alarm,) = evening.fay.alarms
    assert (alarm["room"], alarm["member"]) == (evening.house.room, evening.ada.page.me)
    assert (alarm["pseudonym"], alarm["level"]) == ("Amber Finch", 3)
    assert "says they are going to end their life" in alarm["says"]
    assert CRY not in str(alarm)
    assert evening.ada.alarms == evening.bo.alarms == []


async def test_the_alarm_is_a_frame_that_the_wire_describes(evening: Evening) -> None:
    evening.looks(Unstored(evening.house.hosts))
    for alarm in evening.fay.alarms:
        assert_from_server(alarm)
    assert evening.fay.alarms


async def test_it_is_stored_as_soon_as_it_can_be_and_once(evening: Evening) -> None:
    fay, ada = evening.fay.page, evening.ada.page
    await evening.database_is_away()
    await evening.cries()
    for _ in range(3):
        evening.house.hosts._unstored.try_again()
        await evening.house.settles()
    assert evening.waiting == 1
    assert fay.events("AlertRaised") == []
    evening.database_is_back()
    for _ in range(3):
        await evening.house.ticks()
    assert evening.waiting == 0
    (raised,) = fay.events("AlertRaised")
    assert (raised["member"], raised["level"]) == (ada.me, 3)
    assert [card["level"] for card in ada.events("CardOffered")] == [3]


async def test_one_cry_is_one_alarm_however_often_it_is_tried(evening: Evening) -> None:
    await evening.database_is_away()
    for _ in range(3):
        await evening.cries(key="key-cry-1")
        evening.house.hosts._unstored.try_again()
        await evening.house.settles()
    assert (len(evening.fay.alarms), evening.waiting) == (1, 1)
    await evening.cries(key="key-cry-2")
    assert (len(evening.fay.alarms), evening.waiting) == (2, 2)


async def test_what_a_facilitator_says_of_themselves_is_kept_and_alarms_nobody(
    evening: Evening,
) -> None:
    await evening.database_is_away()
    assert (await evening.cries(FAY)).help == 3
    assert (evening.fay.alarms, evening.waiting) == ([], 1)


async def test_a_name_is_kept_for_its_author_and_alarms_nobody(evening: Evening) -> None:
    await evening.database_is_away()
    await evening.house.refuses(ADA, ChangePseudonym(pseudonym="Want To Die"))
    await evening.house.settles()
    assert (evening.fay.alarms, evening.waiting) == ([], 1)


async def test_a_craving_alarms_nobody_and_is_not_waited_for(evening: Evening) -> None:
    await evening.database_is_away()
    await evening.cries(text="I have such a craving")
    assert (evening.fay.alarms, evening.waiting) == ([], 0)


async def test_the_log_says_nothing_of_whoever_it_was(
    evening: Evening, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await evening.database_is_away()
    await evening.cries()
    assert evening.waiting == 1
    for secret in (CRY, "Amber", ADA.tag, "end their life"):
        assert secret not in caplog.text


# One note, and each end it may come to.


async def test_what_was_stored_waits_no_longer(house: House) -> None:
    notes = Unstored(house.hosts)
    notes.look(house.room, ADA, NOTE, "key", ended(Unavailable()))
    assert len(notes) == 1
    notes.look(house.room, ADA, NOTE, "key", ended(None))
    assert len(notes) == 0


@pytest.mark.parametrize("error", [NoSuchRoom(), Conflict()])
async def test_what_nobody_can_ever_store_does_not_wait(house: House, error: Refused) -> None:
    notes = Unstored(house.hosts)
    notes.look(house.room, ADA, NOTE, "key", ended(error))
    assert len(notes) == 0
    notes.look(house.room, ADA, NOTE, "key", ended(Unavailable()))
    notes.look(house.room, ADA, NOTE, "key", ended(error))
    assert len(notes) == 0


async def test_a_note_that_was_broken_off_waits_and_alarms(evening: Evening) -> None:
    broken_off: asyncio.Future[Numbers] = asyncio.get_running_loop().create_future()
    broken_off.cancel()
    notes = Unstored(evening.house.hosts)
    notes.look(evening.house.room, ADA, NOTE, "key", broken_off)
    assert (len(notes), len(evening.fay.alarms)) == (1, 1)


async def test_a_bug_of_ours_is_logged_by_its_kind_and_the_note_waits(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    notes = Unstored(house.hosts)
    notes.look(house.room, ADA, NOTE, "key", ended(KeyError("what somebody wrote")))
    assert len(notes) == 1
    assert "KeyError" in caplog.text
    assert "what somebody wrote" not in caplog.text


async def test_the_notes_of_two_people_and_two_rooms_are_told_apart(house: House) -> None:
    notes = Unstored(house.hosts)
    other = await house.found("Another Lantern")
    for room, who in ((house.room, ADA), (house.room, BO), (other, ADA)):
        notes.look(room, who, NOTE, "key", ended(Unavailable()))
    assert len(notes) == 3


async def test_somebody_whom_the_room_does_not_know_is_told_of_without_a_name(
    evening: Evening,
) -> None:
    evening.looks(Unstored(evening.house.hosts), STRANGER)
    (alarm,) = evening.fay.alarms
    assert (alarm["member"], alarm["pseudonym"]) == (0, "")


async def test_a_room_that_is_asleep_is_no_hindrance(house: House) -> None:
    assert house.hosts.live("zzzzzz") is None
    notes = Unstored(house.hosts)
    notes.look("zzzzzz", ADA, NOTE, "key", ended(Unavailable()))
    assert len(notes) == 1


async def test_every_facilitator_hears_it_on_every_page(evening: Evening) -> None:
    pages = [evening.fay, Ears(await evening.house.enters(FAY))]
    pages.append(Ears(await evening.house.joins(KIM)))
    evening.looks(Unstored(evening.house.hosts))
    assert [len(page.alarms) for page in pages] == [1, 1, 1]


async def test_another_room_hears_nothing_of_it(evening: Evening) -> None:
    other = await evening.house.found("Another Lantern")
    notes = Unstored(evening.house.hosts)
    notes.look(other, ADA, NOTE, "key", ended(Unavailable()))
    assert (len(notes), evening.fay.alarms) == (1, [])


async def test_only_a_member_is_told_of(evening: Evening) -> None:
    notes = Unstored(evening.house.hosts)
    for role in Role:
        evening.looks(notes, Who(ADA.tag, role), role.value)
    assert (len(evening.fay.alarms), len(notes)) == (1, len(Role))


async def test_the_notes_that_wait_are_bounded_and_the_first_stay(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unstored, "MOST_WAITING", 3)
    notes = Unstored(house.hosts)
    for n in range(5):
        notes.look(house.room, ADA, NOTE, f"key-{n}", ended(Unavailable()))
    assert len(notes) == 3
    for n in range(3):
        notes.look(house.room, ADA, NOTE, f"key-{n}", ended(None))
    assert len(notes) == 0
