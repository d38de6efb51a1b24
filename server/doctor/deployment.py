"""What the doctor sees in what is stored: help lines, tables, rooms and orders."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import Connection, func, select

from moderation.hotline_check import Problem, check
from rooms.refusals import Refused
from server.doctor import calling
from server.doctor.finding import Finding, broken, look, ok
from server.hotlines import UnreadableHotlines, read_hotlines
from server.live.loading import Loader, RoomBroken
from server.settings import Settings
from server.storage.database import Database
from server.storage.errors import StorageError
from server.storage.keys import KeyRing
from server.storage.migrations import newest, revision
from server.storage.sealing import KEY_BYTES, DataKey, SealBroken
from server.storage.sqlstore import SqlStore
from server.storage.store import new_epoch
from server.storage.tables import heads, log, outbox

LARGE_LOG: Final = 256 * 1024**2
"""Bytes of write-ahead log. It is cut each hour; so much of it means that it is not."""
LATE_SECONDS: Final = 600.0
"""How long an Order may be due before the doctor says that nobody carries it out."""
LOOKS: Final = 3
"""How often a room is tried that seems broken: a running server may have written meanwhile."""


def help_lines(settings: Settings, now: float) -> Iterator[Finding]:
    """Whether the numbers of the operator's own countries were checked lately."""
    try:
        hotlines = read_hotlines(settings.hotlines_file)
    except UnreadableHotlines as why:
        yield broken("help lines", f"{why}. Until this is put right the server does not start.")
        return
    if not settings.countries:
        yield look(
            "help lines",
            "Set COUNTRIES to where your people live, and I can say which numbers want checking.",
        )
        return
    for country in settings.countries:
        if country not in hotlines:
            yield broken(
                "help lines", f"Nothing is known for {country}. Add it in a HOTLINES_FILE."
            )
            continue
        problems = check({country: hotlines[country]}, _day(now))
        yield _of_country(country, problems)


def _of_country(country: str, problems: list[Problem]) -> Finding:
    words = f"Run `candlelight hotlines check {country}`, dial what it lists, and note the day."
    if any(problem.grave for problem in problems):
        return broken("help lines", f"In {country} a button could be pressed in vain. {words}")
    if problems:
        return look("help lines", f"In {country} there are {len(problems)} to look at. {words}")
    return ok("help lines", f"Those of {country} were checked lately.")


async def stored(settings: Settings, now: float) -> list[Finding]:
    """What the database says of itself."""
    path = settings.data_dir.absolute() / "candlelight.db"
    if not path.exists():
        return [look("database", f"There is none at {path} yet. The first start makes it.")]
    try:
        database = Database(settings.database_url)
    except (StorageError, OSError):
        return [
            broken(
                "database",
                f"{path} cannot be opened. Run this as the user of the server; "
                "if a backup is being restored, wait.",
            )
        ]
    try:
        found = await database.read(_schema)
        if found:
            return [found]
        findings = [
            ok("database", "It is whole, and of this release."),
            *_log_size(database),
            *await database.read(lambda c: list(_clock(c, now))),
            *await database.read(lambda c: list(_orders(c, now))),
            *await calling.examine(database, settings, now),
        ]
        if settings.keys_dir.is_dir():
            findings += await _rooms(database, settings, now)
        return findings
    except StorageError as why:
        return [broken("database", f"It cannot be read ({why.code}). Restore the newest backup.")]
    finally:
        await database.close()


def _schema(connection: Connection) -> Finding | None:
    result = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
    if result != "ok":
        return broken("database", "It is damaged. Stop the server and restore the newest backup.")
    at, wanted = revision(connection), newest()
    if at == wanted:
        return None
    return look(
        "database",
        f"Its tables are of release {at or 'none'}, the program's are {wanted}. "
        "Start the server: it makes a copy and brings an older one up to date.",
    )


def _log_size(database: Database) -> Iterator[Finding]:
    beside = database.path.with_name(f"{database.path.name}-wal")
    size = beside.stat().st_size if beside.exists() else 0
    if size > LARGE_LOG:
        yield look(
            "database",
            f"Its write-ahead log has {size // 1024**2:,} MiB and is not cut. "
            "Start the server anew.",
        )


def _clock(connection: Connection, now: float) -> Iterator[Finding]:
    newest_minute = connection.execute(select(func.max(log.c.minute))).scalar()
    if newest_minute is not None and newest_minute > now // 60 + 1:
        yield broken(
            "clock",
            "Things are stored that have yet to happen: the clock went back. Set "
            "it before anybody meets.",
        )


def _orders(connection: Connection, now: float) -> Iterator[Finding]:
    o = outbox.c
    dead = connection.execute(select(func.count()).where(o.dead)).scalar_one()
    late = connection.execute(
        select(func.count()).where(~o.dead, o.due < now - LATE_SECONDS)
    ).scalar_one()
    if dead:
        yield look(
            "outbox",
            f"{dead} orders were given up. What they were to do has not happened: "
            "tell the makers, and look at roles and rooms you changed lately.",
        )
    if late:
        yield look(
            "outbox", f"{late} orders wait for more than ten minutes. Is the server running?"
        )
    if not dead and not late:
        yield ok("outbox", "Nothing is stuck.")


async def _rooms(database: Database, settings: Settings, now: float) -> list[Finding]:
    rooms = await database.read(
        lambda c: list(c.scalars(select(heads.c.room).order_by(heads.c.room)))
    )
    loader = _Looking(database, _Still(database), KeyRing(settings.keys_dir.absolute()))
    lost = [room for room in rooms if not await _loads(loader, room, now)]
    if lost:
        return [
            broken(
                "rooms",
                f"{', '.join(lost)} cannot be opened. Keep a copy of the data "
                "folder, then restore the newest backup.",
            )
        ]
    return [ok("rooms", f"All {len(rooms)} can be opened.")]


async def _loads(loader: Loader, room: str, now: float) -> bool:
    for _ in range(LOOKS):
        try:
            await loader.load(room, now)
        except (RoomBroken, SealBroken, Refused, ValueError):
            continue
        return True
    return False


class _Still(SqlStore):
    """A Store that a look at a room leaves as it was."""

    async def renew_epoch(self, room: str) -> str:
        """An epoch that nobody will ever hear of."""
        return new_epoch()


class _Looking(Loader):
    """Loads rooms without making the key that their Host would write with."""

    async def resting_key(self, room_id: str, today: date) -> DataKey:
        """A key that seals nothing."""
        return DataKey(0, os.urandom(KEY_BYTES))


def _day(now: float) -> date:
    return datetime.fromtimestamp(now, UTC).date()
