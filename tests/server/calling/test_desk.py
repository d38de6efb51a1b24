"""The desk: what lies there, for how long, and that every look at it is written down."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import pytest
from sqlalchemy import select, update

from rooms.orders import CaseKind, TellDesk
from rooms.safety import Category, Outcome, Subject
from server.calling.desk import FALSE_ALARM_KEPT, KEPT, Case, Decision, Desk
from server.calling.tables import cases
from server.people.secrets import Secrets
from server.storage.database import Database
from server.storage.keys import KeyRing
from server.storage.retention import sweep
from server.storage.tables import audit
from tests.server.calling.house import MORNING
from tests.server.storage.samples import OTHER_ROOM, ROOM, files_of, fresh_database

MAX: Final = 7
REPORT: Final = TellDesk(
    kind=CaseKind.REPORT,
    about="Brave Otter",
    why="hurtful",
    words="They laughed at me.",
    case=41,
    at=MORNING,
)
CONCERN: Final = TellDesk(
    kind=CaseKind.UNSEEN,
    about="Quiet Heron",
    level=1,
    category=Category.SUICIDE,
    subject=Subject.SELF,
    at=MORNING,
)
NOTE: Final = TellDesk(
    kind=CaseKind.NOTE,
    about="Amber Finch",
    level=3,
    outcome=Outcome.WITH_SOMEONE,
    words="Her sister came.",
    case=42,
    at=MORNING,
)


class Look(NamedTuple):
    """A line of the audit: what was done, with which or how many, and by whom."""

    kind: str
    n: int
    actor: bytes


class Office:
    """The desk on real files, with a clock that the test turns."""

    def __init__(self, folder: Path) -> None:
        self.now = MORNING
        self.database: Database = fresh_database(folder)
        self.keys = KeyRing(folder / "keys")
        self.desk = Desk(
            self.database,
            self.keys,
            Secrets(b"k" * 32),
            lambda: self.now,
            lambda account, room: f"{account} in {room}",
        )

    async def lays(self, *orders: TellDesk, room: str = ROOM) -> None:
        """The outbox carries these out."""
        for order in orders:
            await self.desk.lay(room, msgspec.json.encode(order))

    async def reads(self) -> list[Case]:
        """Max looks at the desk."""
        return await self.desk.read(MAX)

    async def days_pass(self, kept: timedelta) -> None:
        """Days pass, and retention does its work at the end of the last of them."""
        self.now = MORNING + kept.total_seconds()
        await sweep(self.database, self.keys, _no_room_waits, self.now)

    async def audit(self) -> list[Look]:
        """What was written down."""
        query = select(audit.c.kind, audit.c.n, audit.c.actor).order_by(audit.c.id)
        rows = await self.database.read(lambda c: c.execute(query).all())
        return [Look(*row) for row in rows]


async def _no_room_waits(room: str) -> None:
    raise AssertionError(f"room {room} had nothing to renew")


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    office = Office(tmp_path)
    yield office
    await office.database.close()


async def test_a_report_lies_on_the_desk_with_all_that_is_known(office: Office) -> None:
    await office.lays(REPORT)
    [case] = await office.reads()
    assert case == Case(
        id=case.id,
        room=ROOM,
        kind=CaseKind.REPORT,
        level=0,
        category=None,
        subject=None,
        outcome=None,
        minute=int(MORNING // 60),
        about="Brave Otter",
        why="hurtful",
        words="They laughed at me.",
        decision=None,
    )


async def test_danger_lies_there_with_level_kind_and_whose_life_it_is(office: Office) -> None:
    await office.lays(CONCERN)
    [case] = await office.reads()
    assert (case.level, case.category, case.subject) == (1, Category.SUICIDE, Subject.SELF)


async def test_a_case_is_laid_down_once_however_often_it_is_carried(office: Office) -> None:
    for order in (REPORT, CONCERN):
        await office.lays(order, order)
    assert len(await office.reads()) == 2


async def test_a_case_says_when_it_happened_however_late_it_is_laid_down(office: Office) -> None:
    office.now += 3_600
    await office.lays(REPORT)
    [case] = await office.reads()
    assert case.minute == int(MORNING // 60)


async def test_two_concerns_of_one_moment_are_two_cases(office: Office) -> None:
    await office.lays(CONCERN, msgspec.structs.replace(CONCERN, about="North Window"))
    await office.lays(CONCERN, room=OTHER_ROOM)
    assert len(await office.reads()) == 3


async def test_no_word_of_a_case_lies_readable_in_the_database(office: Office) -> None:
    await office.lays(REPORT)
    for needle in (b"laughed", b"Otter", b"hurtful"):
        assert needle not in files_of(office.database)


async def test_words_moved_to_another_case_do_not_open(office: Office) -> None:
    await office.lays(REPORT)
    await office.database.write(lambda c: c.execute(update(cases).values(number=40)).close())
    [case] = await office.reads()
    assert (case.about, case.words) == (None, None)


async def test_what_is_open_comes_first_and_then_the_newest(office: Office) -> None:
    await office.lays(CONCERN, REPORT)
    newest, oldest = await office.reads()
    assert (newest.about, oldest.about) == ("Brave Otter", "Quiet Heron")
    await office.desk.close(MAX, newest.id, Decision.PASSED_ON)
    assert [case.about for case in await office.reads()] == ["Quiet Heron", "Brave Otter"]


async def test_a_note_needs_nobody_any_more(office: Office) -> None:
    await office.lays(NOTE, REPORT)
    assert await office.desk.waiting() == 1
    note = (await office.reads())[-1]
    assert (note.outcome, note.words) == (Outcome.WITH_SOMEONE, "Her sister came.")
    assert note.decision is Decision.DEALT_WITH


async def test_a_case_is_closed_once_and_by_one_person(office: Office) -> None:
    await office.lays(REPORT)
    [case] = await office.reads()
    await office.desk.close(MAX, case.id, Decision.NOTHING_TO_DO)
    await office.desk.close(8, case.id, Decision.PASSED_ON)
    [closed] = await office.reads()
    assert closed.decision is Decision.NOTHING_TO_DO
    assert await office.desk.waiting() == 0
    assert [row.kind for row in await office.audit()].count("case_closed") == 1


async def test_every_look_is_written_down_and_names_nobody(office: Office) -> None:
    await office.lays(REPORT, CONCERN)
    await office.reads()
    await office.desk.read(8)
    looks = await office.audit()
    assert [(row.kind, row.n) for row in looks] == [("cases_read", 2), ("cases_read", 2)]
    assert looks[0].actor != looks[1].actor
    assert all(len(row.actor) == 16 for row in looks)
    await office.desk.close(MAX, (await office.reads())[0].id, Decision.DEALT_WITH)
    closed = (await office.audit())[-1]
    assert (closed.kind, closed.actor) == ("case_closed", looks[0].actor)


@pytest.mark.parametrize(
    ("order", "kept"),
    [
        (REPORT, KEPT),
        (NOTE, KEPT),
        (msgspec.structs.replace(NOTE, outcome=Outcome.FALSE_ALARM), FALSE_ALARM_KEPT),
    ],
)
async def test_words_are_gone_after_their_time_and_then_the_case_itself(
    office: Office, order: TellDesk, kept: timedelta
) -> None:
    await office.lays(order)
    await office.days_pass(kept)
    assert [case.words for case in await office.reads()] == [order.words]
    await office.days_pass(kept + timedelta(days=1))
    assert [(case.about, case.words) for case in await office.reads()] == [(None, None)]
    assert await office.desk.sweep() == 1
    assert await office.reads() == []


def test_ninety_days_and_seven_are_what_was_promised() -> None:
    assert (KEPT.days, FALSE_ALARM_KEPT.days) == (90, 7)


async def test_sweeping_takes_no_case_whose_words_can_be_read(office: Office) -> None:
    await office.lays(REPORT, NOTE)
    assert await office.desk.sweep() == 0
    assert len(await office.reads()) == 2
