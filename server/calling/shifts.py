"""The shift plan: who is on call, for which room, at which hours of the week.

The plan is small and asked with every word that speaks of danger, so it is kept in memory and read
anew when it changes and every minute. Whoever lost the role, or was disabled, is on no shift; and
whoever cannot be reached at all is not counted, for a person is promised somebody who comes.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, insert, or_, select

from rooms.refusals import Refused
from server.calling.tables import contacts, shifts
from server.people.accounts import Account
from server.people.tables import EVERY_ROOM, accounts, roles
from server.people.tags import AccountId
from server.storage.database import Database

MINUTES_OF_DAY: Final = 24 * 60
REFRESH_SECONDS: Final = 60.0
MOST_SHIFTS: Final = 60
"""Shifts one person may have in the plan; a week has fewer."""


class ShiftUnusable(Refused):
    """A shift that is none: a day, a beginning and an end that differ."""

    code = "shift_unusable"
    text = "Choose a day, a beginning and an end that are different."


class NotYourRoom(Refused):
    """The person has no role in the room they want to be on call for."""

    code = "not_your_room"
    text = "You can be on call for rooms you hold, and as a moderator for all."


@dataclass(frozen=True, slots=True)
class Shift:
    """One stretch of the week. `begins` and `ends` are minutes of the day in the deployment's time
    zone; an end at or before the beginning is the next morning. `room` is empty for every room."""

    id: int
    account_id: AccountId
    login: str
    room: str
    weekday: int
    begins: int
    ends: int
    reachable: bool

    def covers(self, weekday: int, minute: int) -> bool:
        """Whether a minute of the week lies in it."""
        length = (self.ends - self.begins) % MINUTES_OF_DAY or MINUTES_OF_DAY
        since = (weekday - self.weekday) % 7 * MINUTES_OF_DAY + minute - self.begins
        return 0 <= since < length or (since + 7 * MINUTES_OF_DAY) < length


class Shifts:
    """The plan. `always` says whether everybody is reached by the webhook of the operator, and
    `channels` over which ways somebody can be called at all."""

    def __init__(
        self,
        database: Database,
        wall: Callable[[], float],
        zone: ZoneInfo,
        *,
        always: bool,
        channels: Collection[str] = ("mail", "push"),
    ) -> None:
        self._database = database
        self._wall = wall
        self._zone = zone
        self._always = always
        self._channels = tuple(channels)
        self._plan: list[Shift] = []
        self._read_at = 0.0

    async def refresh(self) -> None:
        """Read the plan. Raises StorageUnavailable; then the plan stays as it was."""
        self._read_at = self._wall()
        self._plan = await self._database.read(self._read)

    async def refresh_now_and_then(self) -> None:
        """Read the plan anew when a minute has passed: roles are given and taken elsewhere."""
        if self._wall() - self._read_at >= REFRESH_SECONDS:
            await self.refresh()

    @property
    def plan(self) -> list[Shift]:
        """The whole plan, by day and hour."""
        return self._plan

    def on_shift(self, room: str) -> list[Shift]:
        """Who is on call for a room now."""
        if not self._plan:
            return []
        now = datetime.fromtimestamp(self._wall(), self._zone)
        minute = now.hour * 60 + now.minute
        return [
            shift
            for shift in self._plan
            if shift.room in (room, EVERY_ROOM) and shift.covers(now.weekday(), minute)
        ]

    def anybody(self, room: str) -> bool:
        """Whether somebody who can be reached is on call for a room now."""
        return any(self._always or shift.reachable for shift in self.on_shift(room))

    async def add(self, account: Account, room: str, weekday: int, begins: int, ends: int) -> None:
        """Put somebody into the plan. Raises ShiftUnusable, NotYourRoom or StorageUnavailable."""
        hours = 0 <= begins < MINUTES_OF_DAY and 0 <= ends < MINUTES_OF_DAY and begins != ends
        if not hours or not 0 <= weekday < 7:
            raise ShiftUnusable()

        def put(connection: Connection) -> None:
            mine = select(shifts.c.id).where(shifts.c.account_id == account.id)
            if len(connection.execute(mine).all()) >= MOST_SHIFTS:
                raise ShiftUnusable()
            if not connection.execute(select(_holds(account.id, room))).scalar_one():
                raise NotYourRoom()
            connection.execute(
                insert(shifts).values(
                    account_id=account.id, room_id=room, weekday=weekday, begins=begins, ends=ends
                )
            )

        await self._database.write(put)
        await self.refresh()

    async def remove(self, account: Account, shift: int, *, anybody: bool) -> None:
        """Take a shift out of the plan: one's own, or for a moderator `anybody`'s."""
        mine = shifts.c.id == shift
        if not anybody:
            mine = and_(mine, shifts.c.account_id == account.id)
        await self._database.write(lambda c: c.execute(delete(shifts).where(mine)))
        await self.refresh()

    def _read(self, connection: Connection) -> list[Shift]:
        reachable = exists().where(
            contacts.c.account_id == shifts.c.account_id, contacts.c.channel.in_(self._channels)
        )
        query = (
            select(
                shifts.c.id,
                shifts.c.account_id,
                accounts.c.login,
                shifts.c.room_id,
                shifts.c.weekday,
                shifts.c.begins,
                shifts.c.ends,
                reachable,
            )
            .join(accounts, accounts.c.id == shifts.c.account_id)
            .where(
                accounts.c.disabled_minute.is_(None), _holds(shifts.c.account_id, shifts.c.room_id)
            )
            .order_by(shifts.c.weekday, shifts.c.begins, accounts.c.login)
        )
        return [Shift(*row) for row in connection.execute(query)]


def eligible(connection: Connection, room: str) -> list[AccountId]:
    """The Accounts that may take an alert of a room: its facilitators, and moderators."""
    query = (
        select(roles.c.account_id)
        .join(accounts)
        .where(
            accounts.c.disabled_minute.is_(None),
            or_(
                and_(roles.c.room_id == room, roles.c.role == "facilitator"),
                and_(roles.c.room_id == EVERY_ROOM, roles.c.role == "moderator"),
            ),
        )
        .distinct()
    )
    return list(connection.scalars(query))


def operators(connection: Connection) -> list[AccountId]:
    """The Accounts that run the server: they hear of what nobody has taken, and read nothing."""
    return _across_rooms(connection, "operator")


def moderators(connection: Connection) -> list[AccountId]:
    """The Accounts that read the desk."""
    return _across_rooms(connection, "moderator")


def _across_rooms(connection: Connection, role: str) -> list[AccountId]:
    query = (
        select(roles.c.account_id)
        .join(accounts)
        .where(
            accounts.c.disabled_minute.is_(None),
            roles.c.room_id == EVERY_ROOM,
            roles.c.role == role,
        )
    )
    return list(connection.scalars(query))


def _holds(
    account: AccountId | ColumnElement[int], room: str | ColumnElement[str]
) -> ColumnElement[bool]:
    """Whether an Account may be on call for a room."""
    moderator = and_(roles.c.room_id == EVERY_ROOM, roles.c.role == "moderator")
    facilitator = and_(roles.c.room_id == room, roles.c.role == "facilitator")
    return exists().where(roles.c.account_id == account, or_(moderator, facilitator))
