"""Yesterday's backup comes back: rooms go on, numbers mean nothing, and the dead stay dead."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, Select, func, select

from rooms.arriving import AcceptGroundRules, Join
from rooms.meetings import CloseMeeting, OpenMeeting
from rooms.room import Mode, Role
from rooms.speaking import Speak
from server.assemble import Parts, assemble
from server.live.host import Clock, Who
from server.live.scribe import read
from server.people.invitations import create_invitation
from server.people.sessions import begin
from server.people.tables import accounts, invitations, sessions
from server.restoring import restore
from server.settings import Settings, read_settings
from server.storage.backups import BackupRefused, back_up
from server.storage.keys import KeyDestroyed, KeyRing
from server.storage.migrations import NewerSchema
from server.storage.sqlstore import SqlStore
from tests.server.storage.test_upgrading import next_release

START = 1_800_000_000.0
DAY = 86_400.0
FAY = Who("fa" * 32, Role.FACILITATOR)
WORDS = "only-ada-knows-this"


class Place:
    """A deployment that is started and stopped, with a clock that a test moves."""

    def __init__(self, folder: Path) -> None:
        self.settings: Settings = read_settings(
            {"DATA_DIR": f"{folder}/data", "KEYS_DIR": f"{folder}/keys"}
        )
        self.database = folder / "data" / "candlelight.db"
        self.copies = folder / "copies"
        self.now = START

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Parts]:
        def read() -> float:
            return self.now

        async with assemble(self.settings, Clock(read, read)) as parts:
            yield parts

    async def meeting(self) -> str:
        """A room in which Fay says something; answers the room."""
        async with self.open() as parts:
            card = await parts.directory.create_room("Tuesday Lantern", "About.", "It runs.")
            await parts.wakes.deliver()
            for command in (
                Join(pseudonym="Brave Otter"),
                OpenMeeting(mode=Mode.OPEN),
                AcceptGroundRules(version=1),
                Speak(text=WORDS),
            ):
                await parts.hosts.submit(card.id, FAY, command, "")
        return card.id

    def back_up(self) -> Path:
        return back_up(self.database, self.copies, self.now)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


async def said(parts: Parts, room: str) -> list[str | None]:
    """What Fay's page shows of the meeting."""
    seat = await parts.hosts.entering.seat(room, FAY)
    assert seat is not None
    return [message.text for message in seat.messages]


def _number(query: Select[int], connection: Connection) -> int:
    return connection.execute(query).scalar_one()


async def readable(place: Place, parts: Parts, room: str) -> tuple[bytes, int]:
    """All that the keys still open of what is stored, and how many rows they do not."""
    keys = KeyRing(place.settings.keys_dir)
    found, dead = b"", 0
    for row in await SqlStore(parts.database).rows_after(room, 0, 1000):
        try:
            key = await parts.database.read(partial(keys.unwrap, row.key_id))
            found += read(key, room, row)
        except KeyDestroyed:
            dead += 1
    return found, dead


async def test_todays_backup_brings_the_words_back_and_every_room_a_new_epoch(
    place: Place,
) -> None:
    room = await place.meeting()
    async with place.open() as parts:
        before = (await parts.hosts.host(room)).epoch
        backup = await asyncio.to_thread(place.back_up)
        await parts.hosts.submit(room, FAY, Speak(text="said after the backup"), "")
    done = await restore(backup, place.database, START, replace=True)
    assert done.rooms == 1
    async with place.open() as parts:
        assert (await parts.hosts.host(room)).epoch != before
        assert await said(parts, room) == [WORDS]
        assert WORDS.encode() in (await readable(place, parts, room))[0]


async def test_yesterdays_backup_does_not_bring_back_what_was_destroyed(place: Place) -> None:
    room = await place.meeting()
    backup = place.back_up()
    async with place.open() as parts:
        await parts.hosts.submit(room, FAY, CloseMeeting(), "")
    place.now += 3 * DAY
    async with place.open() as parts:
        await parts.wakes.sweep()
    await restore(backup, place.database, place.now, replace=True)
    async with place.open() as parts:
        plain, dead = await readable(place, parts, room)
        assert dead > 0, "the sealed rows are back, and their key is not"
        assert WORDS.encode() not in plain
        host = await parts.hosts.host(room)
        assert host.room.public.meetings_held == 1
        await parts.hosts.submit(room, FAY, Join(pseudonym="Brave Otter"), "")
        assert WORDS not in str(await said(parts, room))


async def test_nothing_that_opened_a_door_comes_back(place: Place) -> None:
    room = await place.meeting()
    async with place.open() as parts:
        await create_invitation(parts.database, room_id=room, role="facilitator", now=START)

        def hire(connection: Connection) -> None:
            connection.execute(
                accounts.insert().values(
                    id=7, login="fay", password_hash="1:x", totp_sealed=b"", last_totp_step=0
                )
            )
            begin(connection, 7, START)

        await parts.database.write(hire)
    await restore(place.back_up(), place.database, START, replace=True)
    async with place.open() as parts:
        for table, left in ((sessions, 0), (invitations, 0), (accounts, 1)):
            count = select(func.count()).select_from(table)
            assert await parts.database.read(partial(_number, count)) == left


async def test_a_running_server_is_not_replaced_under_its_feet(place: Place) -> None:
    await place.meeting()
    backup = place.back_up()
    async with place.open():
        with pytest.raises(BackupRefused, match="Stop it first"):
            await restore(backup, place.database, START, replace=True)


async def test_a_database_that_is_there_is_replaced_only_when_asked_and_put_aside(
    place: Place,
) -> None:
    await place.meeting()
    backup = place.back_up()
    with pytest.raises(BackupRefused, match="--replace"):
        await restore(backup, place.database, START)
    done = await restore(backup, place.database, START, replace=True)
    assert done.replaced == place.database.with_name("replaced-20270115T080000Z.db")
    with closing(sqlite3.connect(done.replaced)) as old:
        assert old.execute("SELECT count(*) FROM log").fetchone()[0] > 3
    assert stat.S_IMODE(place.database.stat().st_mode) == 0o600


async def test_a_backup_comes_back_on_an_empty_machine(place: Place, tmp_path: Path) -> None:
    room = await place.meeting()
    backup = place.back_up()
    fresh = tmp_path / "fresh" / "candlelight.db"
    done = await restore(backup, fresh, START)
    assert (done.rooms, done.replaced) == (1, None)
    assert [path.name for path in fresh.parent.iterdir()] == ["candlelight.db"]
    with closing(sqlite3.connect(fresh)) as opened:
        assert (room,) in opened.execute("SELECT room FROM heads").fetchall()


async def test_a_changed_backup_changes_nothing(place: Place) -> None:
    await place.meeting()
    backup = place.back_up()
    with backup.open("ab") as file:
        file.write(b"?")
    before = place.database.read_bytes()
    with pytest.raises(BackupRefused, match="not as it was made"):
        await restore(backup, place.database, START, replace=True)
    assert place.database.read_bytes() == before


async def test_an_older_backup_is_upgraded_and_a_newer_one_refused(
    place: Place, tmp_path: Path
) -> None:
    await place.meeting()
    older = place.back_up()
    release = next_release(tmp_path / "next")
    await restore(older, place.database, START, replace=True, migrations=release)
    place.now += 1
    newer = place.back_up()
    with closing(sqlite3.connect(newer)) as opened:
        assert "colour" in {row[1] for row in opened.execute("PRAGMA table_info(rooms)")}
    with pytest.raises(NewerSchema):
        await restore(newer, place.database, START + 2, replace=True)
