"""What others may know without reading the log is written with the events, or not at all."""

import pytest
from sqlalchemy import Table, select

from server.storage.appends import HeadMoved
from server.storage.database import Database
from server.storage.projections import (
    AuditRow,
    MeetingClosedRow,
    MeetingOpenedRow,
    SanctionLifted,
    SanctionRow,
)
from server.storage.sqlstore import SqlStore
from server.storage.tables import audit, meetings, sanctions
from tests.server.storage.samples import ROOM, append

ADA, BO = 2**16 + 4, 2**16 + 5


@pytest.fixture
async def store(database: Database) -> SqlStore:
    made = SqlStore(database)
    await made.create_room_head(ROOM)
    return made


async def rows(database: Database, table: Table) -> list[tuple[object, ...]]:
    found = await database.read(lambda c: c.execute(select(table)).all())
    return [tuple(row) for row in found]


async def test_a_sanction_stands_and_is_lifted(store: SqlStore, database: Database) -> None:
    muted = SanctionRow(ROOM, 1, BO, "muted", until_minute=120)
    banned = SanctionRow(ROOM, 2, BO, "banned", until_minute=None)
    ada_muted = SanctionRow(ROOM, 3, ADA, "muted", until_minute=130)
    store.append([append(0, b"a", b"b", b"c", projected=[muted, banned, ada_muted])])
    store.append([append(3, b"d", projected=[SanctionLifted(ROOM, BO, "muted")])])
    assert await rows(database, sanctions) == [
        (ROOM, 2, BO, "banned", None),
        (ROOM, 3, ADA, "muted", 130),
    ]


async def test_an_action_is_in_the_audit_without_words(store: SqlStore, database: Database) -> None:
    entry = AuditRow(ROOM, 1, "mute", b"f" * 16, b"b" * 16, minute=100, until_minute=110)
    store.append([append(0, b"a", projected=[entry])])
    assert await rows(database, audit) == [(1, ROOM, 1, "mute", b"f" * 16, b"b" * 16, 100, 110)]


async def test_a_meeting_opens_and_closes_with_its_numbers(
    store: SqlStore, database: Database
) -> None:
    store.append([append(0, b"a", projected=[MeetingOpenedRow(ROOM, 3, 100, 8, 1)])])
    store.append([append(1, b"b", projected=[MeetingClosedRow(ROOM, 3, 160, 7, 2, 999)])])
    assert await rows(database, meetings) == [(ROOM, 3, 100, 160, 7, 8, 1, 2, 999)]


async def test_a_refused_append_projects_nothing(store: SqlStore, database: Database) -> None:
    with pytest.raises(HeadMoved):
        store.append([append(7, b"a", projected=[SanctionRow(ROOM, 8, BO, "muted", None)])])
    assert await rows(database, sanctions) == []
